"""Putting off: to moments at which one works, each with its day."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from leadline.web.handoff.clocks import calendar_for, work_time, work_time_of
from leadline.web.handoff.models import HandOff, Seat, WorkCalendar
from leadline.web.pages.queue.later import snooze_times

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = tuple((("09:00", "17:00"),) if day < 5 else () for day in range(7))
SATURDAY = datetime(2026, 11, 28, 20, 30, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)


def office(*off, week=WEEK):
    return work_time("Europe/Berlin", week, "", "", frozenset(off), frozenset())


def names(now, work, **more):
    return [name for _, name in snooze_times(now, work, BERLIN, **more)]


def test_no_moment_but_the_first_is_on_a_day_off():
    assert names(SATURDAY, office()) == [
        "In two hours, 23:30",
        "Monday, 30 November, 9:00",
        "Monday, 7 December, 9:00",
        "In two weeks: Monday, 14 December, 9:00",
    ]
    assert names(WEDNESDAY, office()) == [
        "In two hours, 12:10",
        "Tomorrow, Thursday, 9:00",
        "Monday, 30 November, 9:00",
        "In two weeks: Wednesday, 9 December, 9:00",
    ]
    assert names(WEDNESDAY, office(date(2026, 11, 26), date(2026, 11, 30)))[1:3] == [
        "Friday, 27 November, 9:00",
        "Tuesday, 1 December, 9:00",
    ]


def test_its_values_are_those_moments():
    values = [datetime.fromisoformat(value) for value, _ in snooze_times(SATURDAY, office(), BERLIN)]

    assert values[1] == datetime(2026, 11, 30, 8, tzinfo=UTC) and len(set(values)) == 4


def test_what_has_cooled_by_then_says_so():
    cools = (date(2026, 12, 7) - date(1970, 1, 1)).days
    said = names(SATURDAY, office(), cools_day=cools)

    assert [one.endswith(" (cools on 7 December)") for one in said] == [False, False, True, True]


def test_who_never_works_is_offered_nine_o_clock():
    assert names(SATURDAY, office(week=((),) * 7))[1] == "Tomorrow, Sunday, 9:00"


@pytest.mark.parametrize("has_own", [False, True])
def test_the_queue_offers_the_hours_of_whoever_puts_off(as_omar, omar, maya, northwind, has_own):
    if has_own:
        hours = [[["13:15", "15:00"]]] * 7
        own = WorkCalendar.objects.create(workspace=northwind, name="Mine", timezone="Europe/Berlin", hours=hours)
        Seat.objects.create(workspace=northwind, user=omar, calendar=own)
    page = as_omar.get(reverse("queue")).content.decode()
    offered = re.findall(r'name="until" value="([^"]+)">([^<]+)<', page)
    assert ("Tomorrow, " in offered[1][1] and "13:15" in offered[1][1]) or not has_own
    work = work_time_of(calendar_for(northwind, omar))
    for value, name in offered[1:]:
        at = datetime.fromisoformat(value)
        assert work.is_working(int(at.timestamp()) * 1_000_000) and f"{at:%A}" in name
    as_omar.post(reverse("queue-act", args=[maya.pk, "snooze"]), {"until": offered[1][0]})

    assert HandOff.objects.get().snoozed_until == datetime.fromisoformat(offered[1][0])
