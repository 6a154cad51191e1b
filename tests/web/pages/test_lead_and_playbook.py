"""From each line of a lead's explanation one comes to the criterion in the playbook that gave the points, or did not."""

import re

import pytest
from django.urls import reverse

from leadline.web.assessments.models import Assessment

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="/playbook/#(criterion-[\w-]+)"')


def test_each_criterion_of_an_explanation_leads_to_its_place_in_the_playbook(as_maria, people):
    places = set(re.findall(r'id="(criterion-[\w-]+)"', as_maria.get("/playbook/").content.decode()))

    followed = set()
    for lead in people[:12]:
        page = as_maria.get(reverse("lead", args=[lead.pk])).content.decode()
        found = set(LINK.findall(page))
        earned = Assessment.objects.get(lead=lead).contributions
        assert {f"criterion-{name}" for name, points in earned.items() if points} <= found
        followed |= found

    assert followed and followed <= places
