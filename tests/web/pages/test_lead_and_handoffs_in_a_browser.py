"""The hand-offs on a lead's page in a browser: in every look, in place, and without JavaScript."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.browser import expect
from tests.web.handoff.conftest import TOML
from tests.web.pages.queue.conftest import hand_over
from tests.web.pages.test_lead_and_handoffs import REASON, qualify_again
from tests.web.pages.world import make_live

from leadline.web.handoff import actions
from leadline.web.handoff.models import HandOff

pytestmark = pytest.mark.browser


@pytest.fixture
def live(northwind):
    return make_live(
        northwind, TOML.partition("[[outcomes.recycled.reasons]]")[0] + REASON + TOML.partition('"Not now"\n')[2]
    )


@pytest.fixture
def maya(live, omar):
    """Handed over for the second time."""
    now = timezone.now()
    first = hand_over(live, "Maya Mensah", opened_at=now - timedelta(days=100), owner=omar)
    actions.log_call(first.pk, by=omar, result="reached", text="Wants prices", now=now - timedelta(days=91))
    actions.decide(first.pk, "recycled", reason="timing", by=omar, now=now - timedelta(days=90))
    again = qualify_again(first, ago=timedelta(hours=1))
    HandOff.objects.filter(pk=again.pk).update(respond_by=now + timedelta(hours=3), owner=omar)
    return again


def test_the_card_is_readable_in_every_look_and_opens_in_place(visit, omar, maya):
    seen = visit(omar)
    seen.go(f"/leads/{maya.lead_id}/")
    seen.page.get_by_role("link", name="All 2 hand-offs, step by step").click()
    seen.page.get_by_text("Wants prices").wait_for()
    assert seen.page.url.endswith(f"/leads/{maya.lead_id}/")
    seen.shoot_every_look("lead_handoff", full=True)
    seen.check_accessibility()
    seen.page.get_by_role("button", name="Claim", exact=True).click()
    seen.page.get_by_text("Maya Mensah is yours.").wait_for()
    expect(seen.page.locator("#handoff").get_by_text("Yours")).to_be_visible()
    HandOff.objects.filter(pk=maya.pk).update(
        state="waiting", breached_at=timezone.now(), respond_by=timezone.now() - timedelta(hours=2)
    )
    seen.go(f"/leads/{maya.lead_id}/")
    seen.shoot_every_look("lead_handoff_late")
    seen.check_accessibility()


def test_all_of_it_works_without_javascript(visit, omar, maya):
    seen = visit(omar, javascript=False)
    seen.go(f"/leads/{maya.lead_id}/")
    seen.page.get_by_role("link", name="All 2 hand-offs, step by step").click()
    expect(seen.page.get_by_role("heading", name="Hand-offs of Maya Mensah")).to_be_visible()
    expect(seen.page.get_by_text("Wants prices")).to_be_visible()
    seen.page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Maya Mensah").click()
    seen.page.get_by_role("button", name="Accept", exact=True).click()
    expect(seen.page.get_by_text("Accepted by Omar").first).to_be_visible()
    assert HandOff.objects.get(pk=maya.pk).state == "accepted"
