"""The what-if as people use it: with a keyboard, in the dark, on a phone, without JavaScript, and while the worker is at it."""

import pytest
from django.utils import timezone
from tests.web.assessments.whatif.conftest import LIVE, make_draft, run_to_the_end
from tests.web.browser import DESK, PHONE, expect

from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif import run

pytestmark = pytest.mark.browser


@pytest.fixture
def at(draft):
    return f"/playbook/drafts/{draft.pk}/what-if/"


def test_it_is_asked_watched_and_read_in_place(visit, maria, draft, at, in_parts):
    seen = visit(maria)
    seen.go(at)
    seen.shoot_every_look("whatif_unasked")
    seen.check_accessibility()

    seen.page.get_by_role("button", name="See what would change").press("Enter")
    seen.page.get_by_role("progressbar", name="Leads looked at").wait_for()
    run.run_whatifs(seconds=0)
    seen.page.get_by_text("7 of 63").wait_for()
    seen.shoot("whatif_running")
    seen.check_accessibility()
    run_to_the_end(timezone.now())
    seen.page.get_by_role("heading", name="Qualifications", exact=True).wait_for()

    assert seen.path == at
    counts = WhatIf.objects.get().counts
    row = seen.page.get_by_role("row", name="Marketing qualified").first
    assert f"+{counts['qualifications']['mql'][2]}" in row.inner_text()
    seen.shoot_every_look("whatif", full=True)
    seen.check_accessibility()
    seen.dress("light", PHONE)
    heights = seen.page.locator(".whatif tr").evaluate_all("rows => rows.map(one => one.offsetHeight)")
    assert max(heights) < 70, "a column is so narrow that words break up"
    seen.dress("light", DESK)
    seen.page.get_by_role("link", name="Ida").first.click()
    assert seen.page.get_by_role("heading", name="Ida").count()


def test_the_keyboard_stays_where_it_is_while_figures_come(visit, maria, at, in_parts):
    seen = visit(maria)
    seen.go(at)
    seen.page.get_by_role("button", name="See what would change").click()
    seen.page.get_by_role("button", name="Stop").focus()
    run.run_whatifs(seconds=0)
    seen.page.get_by_text("7 of 63").wait_for()

    assert seen.page.evaluate("document.activeElement.id") == "whatif-stop"
    seen.page.keyboard.press("Enter")
    seen.page.get_by_text("It was stopped after 7 of 63 leads").wait_for()
    expect(seen.page.get_by_role("button", name="Ask again")).to_be_visible()


def test_it_works_without_javascript(visit, maria, at, in_parts):
    seen = visit(maria, javascript=False)
    seen.go(at)
    seen.page.get_by_role("button", name="See what would change").click()
    run.run_whatifs(seconds=0)
    seen.page.get_by_role("link", name="Refresh").click()
    expect(seen.page.get_by_text("7 of 63")).to_be_visible()
    run_to_the_end(timezone.now())
    seen.page.get_by_role("link", name="Refresh").click()

    expect(seen.page.get_by_text("would get another qualification, grade or stage")).to_be_visible()
    expect(seen.page.get_by_text("Can decide: 25 → 5 points.").first).to_be_visible()


def test_what_is_wrong_is_told_in_place(visit, maria, northwind, version, now):
    wrong = make_draft(northwind, LIVE.replace("heat >= 40", "heet >= 40"), now)
    seen = visit(maria)
    seen.go(f"/playbook/drafts/{wrong.pk}/what-if/")
    seen.page.get_by_role("button", name="See what would change").click()

    seen.page.get_by_text("cannot be used, so nothing was asked").wait_for()
    seen.shoot("whatif_refused")
    expect(seen.page.get_by_role("alert")).to_have_count(1)


def test_figures_that_are_not_of_now_are_readable_in_every_look(visit, maria, found, at):
    found.toml = LIVE
    found.revision += 1
    found.save()
    seen = visit(maria)
    seen.go(at)

    expect(seen.page.get_by_text("These figures are of an earlier text")).to_be_visible()
    seen.shoot_every_look("whatif_stale")
    seen.check_accessibility()
