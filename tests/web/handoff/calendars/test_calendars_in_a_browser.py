"""The pages of working hours as people use them: in light and dark, on a phone, with a keyboard, and without JavaScript."""

import pytest
from django.urls import reverse
from tests.web.browser import PHONE, expect

from leadline.web.handoff.calendars.actions import save_calendar
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.models import WorkCalendar

pytestmark = pytest.mark.browser
OFFICE = [[["09:00", "12:30"], ["13:30", "17:00"]]] * 5 + [[], []]


@pytest.fixture
def berlin(northwind):
    content = {"timezone": "Europe/Berlin", "hours": OFFICE, "country": "DE", "region": "BE"}
    return save_calendar(northwind, CalendarSaid(name="Berlin office", is_default=True, **content))


def test_a_calendar_is_added_and_shows_what_it_means_while_it_is_filled_in(visit, maria, northwind):
    seen = visit(maria)
    seen.go("/settings/calendars/")
    seen.check_accessibility()
    seen.page.get_by_role("link", name="Add a calendar").click()
    seen.arrive()
    seen.page.get_by_label("Name").fill("Munich office")
    meaning = seen.page.get_by_role("region", name="What it means")

    country = seen.page.get_by_label("Public holidays of (optional)", exact=True)
    country.select_option(label="Germany")
    region = seen.page.get_by_label("Region")
    region.select_option(label="Bayern")
    meaning.get_by_text("Corpus Christi").first.wait_for()
    assert region.evaluate("one => one.value") == "BY", "what was chosen stays when the page shows what it means"

    seen.page.get_by_label("Friday").fill("nine")
    seen.page.get_by_label("Saturday").focus()
    meaning.get_by_text("That cannot be said yet").wait_for()
    seen.page.get_by_role("button", name="Save").click()
    seen.page.get_by_text("“nine” is no stretch of work").first.wait_for()
    seen.check_accessibility()
    seen.shoot("wrong", full=True)

    seen.page.get_by_label("Friday").fill("9-13")
    seen.page.get_by_role("button", name="Save").click()
    seen.page.get_by_text("The calendar “Munich office” was added.").wait_for()
    assert WorkCalendar.objects.get(workspace=northwind).hours[4] == [["09:00", "13:00"]]


def test_the_pages_can_be_used_by_everybody(visit, maria, berlin):
    seen = visit(maria)
    for name, path in (
        ("list", reverse("calendars")),
        ("calendar", reverse("calendar", args=[berlin.pk])),
        ("delete", reverse("calendar-delete", args=[berlin.pk])),
    ):
        seen.check_accessibility(path)
        seen.shoot_every_look(name, full=True)


def test_without_javascript_on_a_phone(visit, maria, northwind):
    seen = visit(maria, javascript=False)
    seen.dress("dark", PHONE)
    seen.go("/settings/calendars/add/")
    seen.page.get_by_label("Name").fill("Austin")
    seen.page.get_by_label("Public holidays of (optional)", exact=True).select_option(label="United States")
    seen.page.get_by_role("button", name="Show what it means").click()

    seen.page.get_by_label("Region").select_option(label="Texas")
    seen.page.get_by_role("button", name="Show what it means").click()
    expect(seen.page.get_by_text("A hand-off that opens now has to be answered by")).to_be_visible()
    seen.page.get_by_role("button", name="Save").click()

    kept = WorkCalendar.objects.get(workspace=northwind)
    assert (kept.name, kept.country, kept.region) == ("Austin", "US", "TX")
