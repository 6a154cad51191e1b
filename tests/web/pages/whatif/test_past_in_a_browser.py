"""The what-if over the past as people use it: asked in place, watched, read in the dark and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.browser import DESK, PHONE, expect
from tests.web.pages.whatif.conftest import EDITED

from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past.run import find_out
from leadline.web.leads.models import Outcome
from leadline.web.playbooks.models import Draft

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(draft):
    Draft.objects.update(toml=EDITED.replace('["sql"]', '["mql"]'))
    return draft


def test_it_is_asked_watched_and_read_in_place(visit, maria, draft, people, tmp_path):
    seen = visit(maria)
    seen.go(f"/playbook/drafts/{draft.pk}/what-if/")
    seen.page.get_by_role("link", name="What it would have done").click()
    seen.shoot_every_look("past_unasked")
    seen.check_accessibility()

    seen.page.get_by_label("Over the last").select_option("13 weeks")
    seen.page.get_by_label("Sales can work").fill("1")
    seen.page.get_by_role("button", name="See what it would have done").press("Enter")
    seen.page.get_by_role("progressbar", name="Done").wait_for()
    seen.shoot("past_running")
    seen.check_accessibility()
    past = PastWhatIf.objects.get()
    for at, lead in enumerate(people[:20]):
        day = timezone.now() - timedelta(days=1 + at % 3)
        what = ("accepted", "won")[at % 2]
        Outcome.objects.create(
            workspace=lead.workspace,
            lead=lead,
            first_lead=lead,
            outcome=what,
            outcome_id=str(at),
            source="crm",
            at=day,
            recorded_at=day,
        )
    PastWhatIf.objects.update(lease="ours")
    find_out(past.pk, "ours", tmp_path)
    seen.page.get_by_role("heading", name="Hand-offs a week").wait_for()
    expect(
        seen.page.get_by_role("heading", name="What became of them within 90 days: Marketing qualified")
    ).to_be_visible()

    seen.page.get_by_text("The weeks as numbers").click()
    seen.shoot_every_look("past", full=True)
    seen.check_accessibility()
    seen.dress("light", PHONE)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    heights = seen.page.locator(".whatif tr").evaluate_all("rows => rows.map(one => one.offsetHeight)")
    assert max(heights) < 90, "a column is so narrow that words break up"
    seen.check_accessibility()
    seen.dress("light", DESK)
    expect(seen.page.get_by_role("button", name="Ask again")).to_be_visible()


def test_it_is_read_without_javascript(visit, maria, draft, tmp_path):
    seen = visit(maria, javascript=False)
    seen.go(f"/playbook/drafts/{draft.pk}/what-if/past/")
    seen.page.get_by_role("button", name="See what it would have done").click()
    past = PastWhatIf.objects.get()
    PastWhatIf.objects.update(lease="ours")
    find_out(past.pk, "ours", tmp_path)
    seen.page.get_by_role("link", name="Refresh").click()

    expect(seen.page.get_by_role("heading", name="Hand-offs a week")).to_be_visible()
