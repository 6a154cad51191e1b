"""Working time: whatever the clocks of the world do, it is what a second-by-second look at the wall would count.

Stories of three zones stand in test_business_time_stories.py.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leadline.engine.business_time import BadStretchError, NoWorkingTimeError, Stretch, WorkTime, read_stretch
from leadline.engine.calendar import DAY_US, SECOND_US, UnknownZoneError, day_number, instant_of

MINUTE = 60
OFFICE = [[Stretch(9 * 60, 17 * 60)]] * 5 + [[], []]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Each zone with days around which its clocks or its calendar jump.
JUMPS = [
    ("UTC", date(2026, 2, 28)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/St_Johns", date(2006, 10, 29)),  # at a minute past midnight the clock went back over it
    ("Asia/Beirut", date(2022, 10, 30)),  # at midnight the clock goes back into the day before
    ("America/Sao_Paulo", date(2018, 11, 4)),  # midnight is skipped
    ("Pacific/Apia", date(2011, 12, 30)),  # the day never was
    ("Pacific/Kwajalein", date(1969, 9, 30)),  # the day before comes twice
    ("Africa/Casablanca", date(2026, 2, 15)),  # two changes in five weeks
    ("Asia/Kolkata", date(2026, 1, 26)),
    ("Pacific/Honolulu", date(2026, 1, 1)),  # a Thursday, as the first of all days: blocks of seven days meet there
    ("Asia/Kathmandu", date(1986, 1, 1)),  # by a quarter of an hour, for good
    ("Africa/Monrovia", date(1972, 1, 7)),  # by 44 minutes and 30 seconds
]
STEP = 30
"""Seconds: every change of a clock and every stretch below lies on a multiple of them."""


@st.composite
def stretches(draw):
    return Stretch(begins := draw(st.integers(0, 1439)), draw(st.integers(0, 1440).filter(lambda one: one != begins)))


@st.composite
def calendars(draw):
    """A zone near one of its jumps, some hours, some days off; and a moment there on a multiple of `STEP` seconds."""
    zone, jump = draw(st.sampled_from(JUMPS))
    hours = draw(st.lists(st.lists(stretches(), max_size=3), min_size=7, max_size=7))
    off = draw(st.frozensets(st.integers(-4, 6).map(lambda add: jump + timedelta(add)), max_size=4))
    start = day_number(jump) * 86_400 + draw(st.integers(-3 * 86_400 // STEP, 3 * 86_400 // STEP)) * STEP
    return WorkTime(zone, hours, off.__contains__), start * SECOND_US


@st.composite
def lengths(draw):
    """Working time in seconds: often little, sometimes weeks."""
    return draw(st.one_of(st.integers(0, 3), st.integers(0, 30_000), st.integers(0, 2_000_000)))


def is_working_on_the_wall(work, at_us):
    """What is meant, said as plainly as can be: look at the wall, and at the stretches that began today and yesterday."""
    wall = (EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(work.zone)).replace(tzinfo=None)
    for days_ago in (0, 1):
        day = wall.date() - timedelta(days_ago)
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall has no zone
        for one in () if work.is_day_off(day) else work.hours[day.weekday()]:
            ends = one.ends if one.ends > one.begins else one.ends + 1440
            if midnight + timedelta(minutes=one.begins) <= wall < midnight + timedelta(minutes=ends):
                return True
    return False


# -- against a walk ---------------------------------------------------------------------------------------------------


@given(calendars(), st.integers(0, 2 * 86_400 // STEP))
def test_it_counts_what_a_walk_counts(drawn, steps):
    work, start = drawn
    walked = [start + step * STEP * SECOND_US for step in range(steps)]

    counted = sum(is_working_on_the_wall(work, at) for at in walked) * STEP
    assert work.working_seconds_between(start, start + steps * STEP * SECOND_US) == counted


@given(calendars(), st.integers(0, DAY_US))
def test_a_moment_is_working_time_when_the_wall_says_so(drawn, add):
    work, start = drawn
    assert work.is_working(start + add) == is_working_on_the_wall(work, start + add)


@given(calendars(), st.integers(1, 86_400 // STEP))
def test_it_adds_what_a_walk_adds(drawn, steps):
    """Step on until so many steps were work: that is when it is due, if three days are enough."""
    work, start = drawn
    at, left = start, steps
    while left and at < start + 3 * DAY_US:
        left -= is_working_on_the_wall(work, at)
        at += STEP * SECOND_US
    assume(not left)

    assert work.add_working_time(start, steps * STEP) == at


# -- laws -----------------------------------------------------------------------------------------------------------------


def has_time(work):
    try:
        work.next_working_moment(0)
    except NoWorkingTimeError:
        return False
    return True


@given(calendars(), lengths(), st.integers(0, SECOND_US))
def test_what_was_added_lies_between(drawn, seconds, fraction):
    work, start = drawn
    assume(has_time(work))
    due = work.add_working_time(start + fraction, seconds)

    assert work.working_seconds_between(start + fraction, due) == seconds
    assert work.working_seconds_between(due, start + fraction) == -seconds
    if seconds:
        assert work.is_working(due - 1), "it is due as soon as it can be"


@given(calendars(), lengths(), lengths())
def test_adding_in_two_parts_is_adding_the_whole(drawn, first, second):
    work, start = drawn
    assume(has_time(work))

    assert work.add_working_time(work.add_working_time(start, first), second) == work.add_working_time(
        start, first + second
    )


@given(calendars(), st.integers(0, 10 * DAY_US), lengths(), lengths())
def test_who_starts_later_or_takes_longer_is_not_due_before(drawn, later, seconds, more):
    work, start = drawn
    assume(has_time(work))

    assert work.add_working_time(start, seconds) <= work.add_working_time(start + later, seconds)
    assert work.add_working_time(start, seconds) <= work.add_working_time(start, seconds + more)


@given(calendars(), st.integers(0, 20 * DAY_US), st.integers(0, 20 * DAY_US))
def test_time_between_adds_up(drawn, first, second):
    work, start = drawn
    middle, end = start + first, start + first + second
    whole = work.working_seconds_between(start, end)

    assert whole - 1 <= work.working_seconds_between(start, middle) + work.working_seconds_between(middle, end) <= whole


@given(calendars(), st.integers(0, 20 * DAY_US))
def test_stretches_are_in_order_and_last_as_long_as_the_time_between(drawn, length):
    work, start = drawn
    found = work.stretches_between(start, start + length)
    moments = [start, *(one for stretch in found for one in stretch), start + length]

    assert moments == sorted(moments)
    assert sum(end - begin for begin, end in found) // SECOND_US == work.working_seconds_between(start, start + length)
    assert all(work.is_working(begin) and not work.is_working(end) for begin, end in found[:-1])


@given(calendars())
def test_the_next_working_moment_is_one_and_none_lies_before(drawn):
    work, start = drawn
    assume(has_time(work))
    found = work.next_working_moment(start)

    assert work.is_working(found)
    assert work.working_seconds_between(start, found) == 0
    assert (found == start) == work.is_working(start)


# -- edges ---------------------------------------------------------------------------------------------------------------


def test_who_never_works_is_told_so_and_not_waited_for():
    never = WorkTime("Europe/Berlin", [[]] * 7)
    always_off = WorkTime("Europe/Berlin", OFFICE, lambda _day: True)
    for work in (never, always_off):
        with pytest.raises(NoWorkingTimeError, match="for a whole year"):
            work.add_working_time(0, 1)
        with pytest.raises(NoWorkingTimeError, match="for a whole year"):
            work.next_working_moment(0)
        assert work.working_seconds_between(0, 400 * DAY_US) == 0
        assert work.add_working_time(7, 0) == 7


def test_one_working_day_a_year_is_enough():
    once = WorkTime("Europe/Berlin", [[Stretch(0, 1440)]] * 7, lambda day: (day.month, day.day) != (6, 1))
    start = instant_of(datetime(2026, 6, 2, tzinfo=UTC))

    due = once.add_working_time(start, 36 * 3600)
    assert due == instant_of(datetime(2028, 6, 1, 10, tzinfo=UTC)), "noon in Berlin, in the second year"


def test_beyond_the_calendars_it_ends_with_a_word():
    office = WorkTime("UTC", OFFICE)
    with pytest.raises(NoWorkingTimeError, match="1900 to 2200"):
        office.add_working_time(instant_of(datetime(2199, 12, 1, tzinfo=UTC)), 365 * 86_400)


def test_stretches_that_overlap_count_once():
    twice = WorkTime("UTC", [[Stretch(540, 1020), Stretch(600, 1080), Stretch(1080, 1140)]] * 7)
    assert twice.working_seconds_between(0, DAY_US) == 10 * 3600


def test_a_night_shift_belongs_to_the_day_on_which_it_begins():
    """Friday, 1 May, is off: nobody comes at 22:00, but who came on Thursday stays until six."""
    nights = WorkTime("UTC", [[Stretch(22 * 60, 6 * 60)]] * 5 + [[], []], frozenset({date(2026, 5, 1)}).__contains__)

    def hours(first, last):
        ends = (instant_of(datetime.fromisoformat(f"2026-{one}:00+00:00")) for one in (first, last))
        return nights.working_seconds_between(*ends) / 3600

    assert hours("05-01T00:00", "05-02T00:00") == 6
    assert hours("05-01T21:00", "05-02T07:00") == 0
    assert hours("05-08T21:00", "05-09T07:00") == 8, "a Friday's shift goes on into Saturday"


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("weekday", range(7))
def test_a_shift_of_22_hours_is_whole_whatever_its_weekday(zone, weekday):
    """Working time is worked out a week at a time; what reaches over its edge is as long as any other."""
    hours = [[Stretch(20 * 60, 18 * 60)] if day == weekday else [] for day in range(7)]
    work = WorkTime(zone, hours)
    for week in range(3):
        start = week * 7 * DAY_US
        assert work.working_seconds_between(start, start + 7 * DAY_US) == 22 * 3600


def test_what_is_due_at_the_end_of_a_day_is_due_then():
    office = WorkTime("UTC", OFFICE)
    monday = instant_of(datetime(2026, 3, 2, 9, tzinfo=UTC))

    assert office.add_working_time(monday, 8 * 3600) == monday + 8 * 3600 * SECOND_US
    assert office.add_working_time(monday, 8 * 3600 + 1) == monday + (24 * 3600 + 1) * SECOND_US


@pytest.mark.parametrize("text", ["9", "09.00", "24:01", "25:00", "12:60", "", " 09:00", "-1:00", "nine"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(BadStretchError, match="no time of day"):
        read_stretch(text, "12:00")


@pytest.mark.parametrize(("begins", "ends"), [(540, 540), (1440, 60), (-1, 60), (60, 1441)])
def test_what_is_no_stretch_is_refused(begins, ends):
    with pytest.raises(BadStretchError):
        Stretch(begins, ends)


def test_a_calendar_needs_seven_days_and_a_zone():
    with pytest.raises(ValueError, match="seven days"):
        WorkTime("UTC", OFFICE[:5])
    for name in ("Europe/Berlinn", "", "../etc/passwd", "Europe"):
        with pytest.raises(UnknownZoneError):
            WorkTime(name, OFFICE)
    with pytest.raises(ValueError, match="not taken away"):
        WorkTime("UTC", OFFICE).add_working_time(0, -MINUTE)
