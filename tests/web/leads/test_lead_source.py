"""The lead source: one meaning, whoever says it and wherever it stands."""

from datetime import timedelta

import pytest
from tests.web.leads.says import BEGIN
from tests.web.leads.test_records import lead_of, say

from leadline.web.leads.lead_source import came_from, lead_source
from leadline.web.leads.models import Lead
from leadline.web.leads.records import record_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(northwind):
    """Of Ann a form and an import say where she came from, of Ben nobody does, of Cy somebody did and took it back."""
    ann, ben, cy = (lead_of(northwind, f"{name}@acme.com")[0] for name in ("ann", "ben", "cy"))
    record_facts(
        northwind,
        [
            say(ann, "webinar", field="lead_source", source="import"),
            say(ann, "paid_search", field="lead_source", source="form", day=1),
            say(cy, "referral", field="lead_source"),
            say(cy, None, field="lead_source", day=1),
        ],
        now=BEGIN + timedelta(days=2),
    )
    return {name: Lead.objects.get(pk=one.pk) for name, one in (("ann", ann), ("ben", ben), ("cy", cy))}


def test_it_is_what_somebody_says_and_else_the_source_through_which_the_lead_came_in(three):
    assert {name: (one.lead_source, one.first_source) for name, one in three.items()} == {
        "ann": ("paid_search", "sheet"),
        "ben": ("sheet", "sheet"),
        "cy": ("sheet", "sheet"),
    }


def test_the_database_says_the_same(three):
    said = {one.pk: one.lead_source for one in three.values()}

    assert dict(Lead.objects.values_list("pk", lead_source())) == said
    assert set(Lead.objects.filter(came_from(["sheet"]))) == {three["ben"], three["cy"]}
    assert set(Lead.objects.filter(came_from(["paid_search", "webinar"]))) == {three["ann"]}
