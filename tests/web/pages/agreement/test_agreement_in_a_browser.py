"""The agreement and what sales sends back as people see them: in every look, on a phone, with keys, and without JavaScript."""

import pytest
from django.utils import timezone
from tests.web.browser import expect
from tests.web.pages.returns.conftest import handed

from leadline.web.handoff.models import Promise

pytestmark = pytest.mark.browser


@pytest.fixture
def quarter(live, some, omar, maria, northwind):
    """Enough of ten weeks that bars have all their parts."""
    states = ("accepted", "accepted", "recycled", "rejected", "cooled", "waiting")
    for number in range(120):
        state = states[number % len(states)]
        reason = {"recycled": "timing", "rejected": "no-interest"}.get(state, "")
        handed(
            live,
            f"Lead {number}",
            state,
            days=number * 7 % 80,
            reason=reason,
            owner=omar,
            source=f"source {number % 4}",
        )
    Promise.objects.create(workspace=northwind, per_week=12, from_day="2020-01-06", by=maria, made_at=timezone.now())
    return some


def test_both_pages_are_readable_in_every_look(visit, ines, quarter):
    seen = visit(ines)
    seen.go("/returns/?show=recycled:timing")
    seen.shoot_every_look("returns", full=True)
    seen.check_accessibility()
    seen.go("/agreement/")
    seen.shoot_every_look("agreement", full=True)
    seen.check_accessibility()


def test_a_number_leads_to_its_leads_without_javascript(visit, ines, quarter):
    seen = visit(ines, javascript=False)
    seen.go("/returns/")
    seen.page.get_by_role("link", name="Recycled, Not now").click()
    expect(seen.page.get_by_role("heading", name="Recycled: Not now: 22")).to_be_visible()
    seen.page.get_by_role("link", name="Lead source").click()
    expect(seen.page.get_by_role("heading", name="By lead source")).to_be_visible()

    seen.go("/agreement/")
    seen.page.get_by_role("spinbutton", name="Hand-offs a week").fill("99")
    seen.page.get_by_role("button", name="Promise it").click()
    expect(seen.page.get_by_text("99 hand-offs a week are promised")).to_be_visible()
