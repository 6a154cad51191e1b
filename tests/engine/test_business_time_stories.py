"""Stories of response clocks: a lead comes, an answer is promised in so many working hours, and a day is not as the others."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from leadline.engine.business_time import WorkTime, read_stretch
from leadline.engine.calendar import SECOND_US, instant_of

HOUR = 3600


def hours(**days):
    """``hours(mon="09:00-17:00", sat="")``; a day that is not named is as Monday, and the weekend is free."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    said = {name: days.get(name, "" if name in ("sat", "sun") else days["mon"]) for name in names}
    return [[read_stretch(*one.split("-")) for one in said[name].split(", ") if one] for name in names]


class Story:
    """Says when a promise falls due, by the clocks on the wall of one place."""

    def __init__(self, zone, hours, *, off=()):
        self.zone = ZoneInfo(zone)
        self.work = WorkTime(zone, hours, frozenset(off).__contains__)

    def due(self, opened, promised_hours):
        """Return when an answer is due to what *opened* then, as the wall and its offset say it."""
        moment = self.work.add_working_time(self.at(opened), round(promised_hours * HOUR))
        return datetime.fromtimestamp(moment / SECOND_US, self.zone).strftime("%a %d %b %H:%M %z")

    def worked(self, first, last):
        """Return the hours that are worked between two times."""
        return self.work.working_seconds_between(self.at(first), self.at(last)) / HOUR

    def at(self, text):
        told = datetime.fromisoformat(text)
        return instant_of(told if told.tzinfo else told.replace(tzinfo=self.zone))


# -- Berlin: a call centre that never closes, an office with a lunch, Easter -------------------------------------


@pytest.fixture
def berlin_office():
    easter = [date(2026, 4, 3), date(2026, 4, 6)]
    return Story("Europe/Berlin", hours(mon="09:00-12:30, 13:30-17:00", fri="09:00-13:00"), off=easter)


def test_a_lead_at_noon_waits_over_lunch(berlin_office):
    assert berlin_office.due("2026-03-02T12:00", 1) == "Mon 02 Mar 14:00 +0100"
    assert berlin_office.due("2026-03-02T12:45", 1) == "Mon 02 Mar 14:30 +0100", "at lunch the clock stands"


def test_a_lead_on_friday_afternoon_is_answered_after_the_weekend(berlin_office):
    """The clocks are put on in that night; the office does not notice, but UTC does."""
    assert berlin_office.due("2026-03-27T12:00", 4) == "Mon 30 Mar 12:00 +0200"
    assert berlin_office.due("2026-03-28T20:00", 4) == "Mon 30 Mar 14:00 +0200"


def test_easter_takes_four_days(berlin_office):
    """Thursday before Good Friday, an hour before they close; Monday is off too."""
    assert berlin_office.due("2026-04-02T16:00", 4) == "Tue 07 Apr 12:00 +0200"
    assert berlin_office.worked("2026-04-02T17:00", "2026-04-07T09:00") == 0


def test_the_night_in_which_an_hour_is_skipped_has_one_hour_less():
    """Sunday, 29 March: at two it is three."""
    centre = Story("Europe/Berlin", hours(mon="00:00-24:00", sat="00:00-24:00", sun="00:00-24:00"))

    assert centre.due("2026-03-29T01:30", 1) == "Sun 29 Mar 03:30 +0200"
    assert centre.due("2026-03-28T12:00", 24) == "Sun 29 Mar 13:00 +0200"
    assert centre.worked("2026-03-29T00:00", "2026-03-30T00:00") == 23


def test_the_hour_that_comes_twice_is_worked_twice():
    """Sunday, 25 October: at three it is two again. A shift from 22:00 to 06:00 has nine hours, and half past two comes first in summer."""
    nights = Story("Europe/Berlin", hours(mon="22:00-06:00", sat="22:00-06:00", sun="22:00-06:00"))

    assert nights.worked("2026-10-24T22:00", "2026-10-25T06:00") == 9
    assert nights.due("2026-10-24T23:00", 3.5) == "Sun 25 Oct 02:30 +0200"
    assert nights.due("2026-10-24T23:00", 4.5) == "Sun 25 Oct 02:30 +0100"
    assert nights.due("2026-10-25T02:30+02:00", 1) == "Sun 25 Oct 02:30 +0100"


def test_hours_that_do_not_exist_are_not_worked():
    """A stretch inside the skipped hour: that Sunday it is not, and half of one that reaches into it is not."""
    odd = Story("Europe/Berlin", hours(mon="02:00-03:00", sun="02:00-03:00"))
    half = Story("Europe/Berlin", hours(mon="02:30-04:00", sun="02:30-04:00"))

    assert odd.due("2026-03-29T01:00", 0.5) == "Mon 30 Mar 02:30 +0200"
    assert half.due("2026-03-29T01:00", 0.5) == "Sun 29 Mar 03:30 +0200"


# -- New York: Thanksgiving, both changes of the clock ---------------------------------------------------------


@pytest.fixture
def new_york():
    return Story("America/New_York", hours(mon="08:30-18:00", sat="10:00-14:00"), off=[date(2026, 11, 26)])


def test_over_thanksgiving(new_york):
    assert new_york.due("2026-11-25T17:00", 4) == "Fri 27 Nov 11:30 -0500"


def test_the_weekend_on_which_summer_time_ends(new_york):
    """Friday evening to Monday morning is 62 hours and a half then, of which four on Saturday are worked."""
    assert new_york.due("2026-10-30T17:00", 6) == "Mon 02 Nov 09:30 -0500"
    assert new_york.worked("2026-10-30T18:00", "2026-11-02T08:30") == 4


def test_the_weekend_on_which_summer_time_begins(new_york):
    assert new_york.due("2026-03-06T17:30", 5) == "Mon 09 Mar 09:00 -0400"


def test_a_shift_over_the_hour_that_comes_twice():
    """Sunday, 1 November: at two it is one again."""
    nights = Story("America/New_York", hours(mon="00:00-04:00", sun="00:00-04:00"))

    assert nights.worked("2026-11-01T00:00", "2026-11-01T04:00") == 5
    assert nights.due("2026-11-01T00:00", 1.5) == "Sun 01 Nov 01:30 -0400"
    assert nights.due("2026-11-01T00:00", 2.5) == "Sun 01 Nov 01:30 -0500"
    assert nights.worked("2026-03-08T00:00", "2026-03-08T04:00") == 3


# -- Lord Howe: half an hour of summer time. Kolkata: none, and half an hour off the others -----------------


def test_summer_time_of_half_an_hour():
    """Sunday, 5 April: at two it is half past one again. Sunday, 4 October: at two it is half past two."""
    nights = Story("Australia/Lord_Howe", hours(mon="00:00-06:00", sun="00:00-06:00"))

    assert nights.worked("2026-04-05T00:00", "2026-04-05T06:00") == 6.5
    assert nights.due("2026-04-05T00:00", 1.75) == "Sun 05 Apr 01:45 +1100"
    assert nights.due("2026-04-05T00:00", 2.25) == "Sun 05 Apr 01:45 +1030"
    assert nights.worked("2026-10-04T00:00", "2026-10-04T06:00") == 5.5
    assert nights.due("2026-10-04T01:45", 0.5) == "Sun 04 Oct 02:45 +1100"


def test_a_team_in_india_answers_a_lead_from_new_york():
    """A lead in New York on Friday at noon, which is 22:30 in India; Monday is Republic Day."""
    india = Story("Asia/Kolkata", hours(mon="10:00-18:30"), off=[date(2026, 1, 26)])

    assert india.due("2026-01-23T12:00-05:00", 4) == "Tue 27 Jan 14:00 +0530"
    assert india.due("2026-01-23T18:00", 1) == "Tue 27 Jan 10:30 +0530"


def test_a_day_that_never_was_is_not_worked():
    """Samoa went over the date line: after Thursday, 29 December 2011, came Saturday."""
    samoa = Story("Pacific/Apia", hours(mon="09:00-17:00"))

    assert samoa.due("2011-12-29T16:00", 2) == "Mon 02 Jan 10:00 +1400"
