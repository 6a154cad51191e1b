"""Hand-offs that wait, as the queue shows them."""

import pytest
from django.db import transaction
from tests.web.handoff.conftest import TOML, ines, nadia
from tests.web.pages.rows import make_lead, qualify
from tests.web.pages.world import make_live

from leadline.web.handoff.models import HandOff
from leadline.web.handoff.opening import reconcile

__all__ = ["ines", "nadia"]  # fixtures


@pytest.fixture
def live(northwind):
    return make_live(northwind, TOML)


def hand_over(version, name, *, rank=0, **more):
    """Return the hand-off of a new lead."""
    lead = make_lead(version.workspace, name)
    qualify(lead, version, rank=rank, reasons="country:30", contributions={"country": 300_000})
    with transaction.atomic():
        reconcile(version, [lead.pk])
    HandOff.objects.filter(lead=lead).update(**more)
    return HandOff.objects.get(lead=lead)


@pytest.fixture
def maya(live):
    return hand_over(live, "Maya Mensah", rank=90)
