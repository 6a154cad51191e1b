"""The pages of working hours: what people write is kept as they meant it, and what is wrong stands beside its field."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import member
from tests.web.handoff.teams.world import TOML, seat
from tests.web.pages.world import make_live

from leadline.web.handoff.calendars.actions import NameTakenError, save_calendar
from leadline.web.handoff.calendars.forms import CalendarForm
from leadline.web.handoff.calendars.queries import meaning_of
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.clocks import calendar_for
from leadline.web.handoff.models import DayOff, WorkCalendar

pytestmark = pytest.mark.django_db
OFFICE = [[["09:00", "12:30"], ["13:30", "17:00"]]] * 5 + [[], []]
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-12:30, 13:30-17:00")
WRITTEN = {"name": "Berlin office", "timezone": "Europe/Berlin", "country": "DE", "region": "BE", **WEEK}
FRIDAY = datetime(2026, 11, 27, 14, 45, tzinfo=UTC)


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def said(**changes):
    return CalendarSaid(**({"name": "Berlin", "timezone": "Europe/Berlin", "hours": OFFICE} | changes))


@pytest.fixture
def berlin(northwind):
    return save_calendar(northwind, said(country="DE", region="BE", days_off={date(2026, 12, 24): "Christmas Eve"}))


# -- adding and changing ------------------------------------------------------------------------------------------------


def test_what_is_written_is_kept(as_maria, northwind):
    written = WRITTEN | {
        "saturday": "10-14",
        "sunday": "22.00 – 6.00",
        "days_off": "2026-12-24 Christmas Eve\n\n2026-12-31",
        "worked": "2026-10-03: Trade  fair",
        "is_default": "on",
    }

    answer = as_maria.post(reverse("calendar-add"), written)

    assert answer.status_code == 302 and answer.url == reverse("calendars")
    kept = WorkCalendar.objects.get(workspace=northwind)
    assert (kept.name, kept.timezone, kept.country, kept.region) == ("Berlin office", "Europe/Berlin", "DE", "BE")
    assert kept.is_default and calendar_for(northwind) == kept
    assert kept.hours == [*OFFICE[:5], [["10:00", "14:00"]], [["22:00", "06:00"]]]
    assert sorted(kept.days_off.values_list("day", "name", "is_worked")) == [
        (date(2026, 10, 3), "Trade fair", True),
        (date(2026, 12, 24), "Christmas Eve", False),
        (date(2026, 12, 31), "", False),
    ]


def test_what_a_form_shows_and_is_sent_back_changes_nothing(as_maria, northwind, berlin):
    """Every field of the page, sent as it stands there."""
    before = CalendarSaid.of(berlin)
    form = CalendarForm(workspace=northwind, calendar=berlin)
    shown = {field.html_name: field.value() for field in form}
    shown = {name: value for name, value in shown.items() if value not in (None, False)}

    assert as_maria.post(reverse("calendar", args=[berlin.pk]), shown).status_code == 302
    assert CalendarSaid.of(WorkCalendar.objects.get(pk=berlin.pk)) == before


def test_a_new_default_takes_the_place_of_the_one_before(as_maria, northwind, berlin):
    save_calendar(northwind, CalendarSaid(**{**_content(berlin), "is_default": True}), calendar=berlin)
    as_maria.post(reverse("calendar-add"), WRITTEN | {"is_default": "on"})

    assert list(northwind.calendars.filter(is_default=True).values_list("name", flat=True)) == ["Berlin office"]


def _content(calendar):
    content = CalendarSaid.of(calendar)
    return {name: getattr(content, name) for name in CalendarSaid.__slots__}


def test_the_first_calendar_is_offered_as_everybodys_and_the_second_is_not(as_maria, northwind):
    def is_ticked():
        return (
            "checked"
            in re.search(r'<input[^>]*name="is_default"[^>]*>', as_maria.get(reverse("calendar-add")).content.decode())[
                0
            ]
        )

    assert is_ticked()
    save_calendar(northwind, said())
    assert not is_ticked()


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("name", "", "Give the calendar a name"),
        ("name", "bERLIN", "There is a calendar “bERLIN” already."),
        ("monday", "9 to", "“” is no time of day"),
        ("monday", "nine-five", "“nine” is no time of day"),
        ("tuesday", "09:00", "“09:00” is no stretch of work"),
        ("wednesday", "09:00-13:00, 12:00-17:00", "09:00–13:00 and 12:00–17:00 overlap"),
        ("thursday", "09:00-25:00", "no time of day"),
        ("friday", "09:00-09:00", "does not last"),
        ("timezone", "Europe/Berlinn", "Choose a time zone"),
        ("country", "ZZ", "Choose a country"),
        ("region", "CA", "This is no region of Germany"),
        ("days_off", "24.12.2026 Christmas", "Line 1: “24.12.2026 Christmas” does not begin with a date"),
        ("days_off", "2026-12-24 a\n2026-02-30 b", "Line 2"),
        ("days_off", "2026-12-24 a\n2026-12-24 b", "Line 2: 2026-12-24 stands here twice"),
        ("days_off", f"2026-12-24 {'x' * 101}", "longer than 100"),
        ("days_off", "\n".join(f"{year}-12-24" for year in range(1950, 2051)), "These are 101 days"),
        ("worked", "2026-12-31", "cannot be a day off and be worked"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(as_maria, northwind, berlin, field, text, message):
    answer = as_maria.post(reverse("calendar-add"), {"days_off": "2026-12-31", **WRITTEN, field: text})

    assert answer.status_code == 422
    assert message in " ".join(answer.context["form"].errors[field])
    shown = re.search(rf'<(?:input|select|textarea)[^>]*name="{field}"[^>]*>', answer.content.decode())[0]
    assert f"id_{field}_error" in shown and f'id="id_{field}_error"' in answer.content.decode()
    assert WorkCalendar.objects.get() == berlin


def test_hours_by_which_nobody_works_are_refused(as_maria):
    nobody = WRITTEN | dict.fromkeys(WEEK, "")

    answer = as_maria.post(reverse("calendar-add"), nobody)

    assert answer.status_code == 422
    assert "nobody ever works" in answer.context["form"].errors["monday"][0]


def test_a_name_that_somebody_else_took_meanwhile_is_refused(northwind, berlin):
    with pytest.raises(NameTakenError):
        save_calendar(northwind, said(name="BERLIN"))
    save_calendar(northwind, said(name="BERLIN"), calendar=berlin)


def test_a_calendar_that_was_deleted_meanwhile_does_not_come_back(northwind, berlin):
    WorkCalendar.objects.filter(pk=berlin.pk).delete()
    with pytest.raises(WorkCalendar.DoesNotExist):
        save_calendar(northwind, said(name="Paris"), calendar=berlin)
    assert not WorkCalendar.objects.exists() and not DayOff.objects.exists()


# -- looking before storing ---------------------------------------------------------------------------------------------


def test_looking_shows_what_it_would_mean_and_keeps_nothing(as_maria, northwind):
    make_live(northwind, TOML.replace('otherwise = "inbound"', 'otherwise = "inbound"\nrespond_within = "4h"'))

    answer = as_maria.post(reverse("calendar-add"), WRITTEN | {"preview": "1", "shown_country": "DE"})

    assert answer.status_code == 200
    assert "A hand-off that opens now has to be answered by" in text_of(answer)
    assert "promises an answer within 4 working hours" in text_of(answer)
    assert re.search(r"8 Mar Women.*s Day", text_of(answer)), "it is off in Berlin, and not in the rest of Germany"
    assert not WorkCalendar.objects.exists()


def test_looking_at_another_country_shows_its_regions_and_drops_the_old_one(as_maria):
    looked = WRITTEN | {"country": "US", "shown_country": "DE", "preview": "1"}

    answer = as_maria.post(reverse("calendar-add"), looked)

    assert answer.context["form"].errors == {}
    assert '<option value="CA">California</option>' in answer.content.decode()
    assert "Independence Day" in text_of(answer)


def test_looking_at_hours_that_cannot_be_says_why(as_maria):
    answer = as_maria.post(reverse("calendar-add"), WRITTEN | {"monday": "nine", "preview": "1"})

    assert answer.status_code == 200
    assert "That cannot be said yet: Monday: “nine” is no stretch of work" in text_of(answer)


def test_a_promise_goes_over_the_weekend_and_over_the_companys_own_day(northwind):
    meaning = meaning_of(northwind, said(days_off={date(2026, 11, 30): ""}), now=FRIDAY)

    assert meaning.due == "Tuesday 1 December 2026, 11:45"
    assert (meaning.hours, meaning.is_promised) == (4, False)
    assert [(year, [off.kind for off in days]) for year, days in meaning.years] == [(2026, ["own"]), (2027, [])]


def test_days_off_of_this_and_the_next_year_are_listed_by_kind(northwind):
    content = said(
        country="DE",
        region="BE",
        days_off={date(2026, 12, 24): "Eve", date(2027, 1, 1): ""},
        worked={date(2026, 10, 3): "Fair"},
    )
    years = dict(meaning_of(northwind, content, now=FRIDAY).years)
    kinds = {off.day: (off.name, off.kind) for days in years.values() for off in days}

    assert list(years) == [2026, 2027]
    assert kinds[date(2026, 5, 1)] == ("Labor Day", "holiday")
    assert kinds[date(2026, 10, 3)] == ("German Unity Day", "worked")
    assert kinds[date(2026, 12, 24)] == ("Eve", "own")
    assert kinds[date(2027, 1, 1)] == ("New Year's Day", "own"), (
        "a day without a name of its own has that of the holiday"
    )
    assert [off.day for off in years[2026]] == sorted(off.day for off in years[2026])


# -- the list, and deleting ------------------------------------------------------------------------------------------


def test_the_list_says_hours_holidays_people_and_the_answer(as_maria, northwind, berlin, django_assert_max_num_queries):
    seat(northwind, "Ana", calendar=berlin)
    for number in range(20):
        save_calendar(northwind, said(name=f"Office {number}", days_off={date(2026, 1, 2): ""}))

    with django_assert_max_num_queries(12):
        answer = as_maria.get(reverse("calendars"))

    found = text_of(answer)
    assert "Europe/Berlin · holidays of Germany, Berlin · 1 person" in found
    assert "Monday to Friday: 09:00-12:30, 13:30-17:00" in found
    assert "No calendar is the workspace’s." in found
    assert len(answer.content) < 60_000


def test_without_a_calendar_the_page_says_what_holds(as_maria):
    assert "Monday to Friday, 9:00 to 17:00, in Europe/Berlin" in text_of(as_maria.get(reverse("calendars")))


def test_the_page_of_a_calendar_stays_small(as_maria, northwind, berlin, django_assert_max_num_queries):
    days = {date(2026, 1, 1) + timedelta(number): "Closed for the summer" for number in range(60)}
    save_calendar(northwind, said(country="US", region="CA", days_off=days), calendar=berlin)
    with django_assert_max_num_queries(12):
        answer = as_maria.get(reverse("calendar", args=[berlin.pk]))
    assert len(answer.content) < 60_000
    assert "<option selected>Europe/Berlin</option>" in answer.content.decode()
    assert '<option value="US" selected>United States</option>' in answer.content.decode()


def test_whose_calendar_is_deleted_works_by_the_workspaces(as_maria, northwind, berlin):
    ana = seat(northwind, "Ana", calendar=berlin)
    assert "1 person has it as their own" in text_of(as_maria.get(reverse("calendar-delete", args=[berlin.pk])))

    as_maria.post(reverse("calendar-delete", args=[berlin.pk]))

    ana.refresh_from_db()
    assert ana.calendar is None and not DayOff.objects.exists()


def test_a_manager_may_and_a_rep_and_another_workspace_may_not(as_omar, as_charlie, northwind, berlin):
    manager = Client()
    manager.force_login(member(northwind, "Ines", "manager"))
    where = reverse("calendar", args=[berlin.pk])

    assert manager.post(where, WRITTEN).status_code == 302
    assert as_omar.post(where, WRITTEN | {"name": "Mine"}).status_code == 403
    assert as_charlie.post(where, WRITTEN | {"name": "Mine"}).status_code == 404
    assert as_charlie.post(reverse("calendar-delete", args=[berlin.pk])).status_code == 404
    berlin.refresh_from_db()
    assert berlin.name == "Berlin office"
