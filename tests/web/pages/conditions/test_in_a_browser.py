"""A condition as people build it: by keyboard, in the dark, on a phone, and without JavaScript."""

import pytest
from django.core.cache import cache

from leadline.web.assessments.models import Assessment

pytestmark = pytest.mark.browser

WHERE = "/leads/where/?where=fit+%3E%3D+60+and+country+%3D+%27DE%27+and+count(%27page_viewed%27,+%2730d%27)+%3E%3D+2"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def test_the_builder_is_readable_in_every_look(visit, maria, people):
    seen = visit(maria)
    seen.go(WHERE)

    seen.shoot_every_look("condition")
    seen.check_accessibility()


def test_what_is_wrong_is_readable_in_every_look(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/?where=cuontry+%3D+%27DE%27+and+stage+%3D+%27mqk%27")

    seen.shoot_every_look("condition_wrong")
    seen.check_accessibility()


def choose(page, select, value):
    """Choose as a person does, who looks at what the page became before the next choice."""
    with page.expect_response(lambda answer: "/leads/where/" in answer.url):
        page.locator(select).select_option(value)
    page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")


def test_a_chosen_field_offers_its_comparisons_and_a_row_is_added_by_keyboard(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/where/")
    page = seen.page
    choose(page, "#what-0", "event:demo_requested")
    choose(page, "#how-0", "times30")
    page.get_by_role("button", name="Add a row").press("Enter")
    page.locator("#what-1").wait_for()
    choose(page, "#what-1", "fit")
    choose(page, "#how-1", "at-least")
    page.locator("#value-1").fill("10")
    page.locator("#value-1").press("Enter")
    page.wait_for_url("**/leads/?where=**")

    assert "count%28%27demo_requested%27" in page.url
    assert "fit+%3E%3D+10" in page.url


def test_what_is_typed_is_read_as_it_is_typed(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/where/")
    seen.page.get_by_label("The condition").press_sequentially("fti >= 60", delay=5)
    seen.page.get_by_text("Did you mean 'fit'?").wait_for()
    seen.page.get_by_label("The condition").fill("fit >= 60")
    seen.page.get_by_text("It holds when the score fit is at least 60.").wait_for()


def test_without_javascript_a_condition_is_built_and_asked(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.go("/leads/")
    page = seen.page
    page.get_by_role("link", name="Add a condition").click()
    page.get_by_label("What").select_option("fit")
    page.get_by_label("How").select_option("at-least")
    page.get_by_label("Value").fill("80")
    page.get_by_role("button", name="Show leads").first.click()

    wanted = [one for one in Assessment.objects.filter(lead__is_known=True) if one.scores["fit"] >= 800_000]
    assert page.locator("[data-row]").count() == min(25, len(wanted)) > 0
