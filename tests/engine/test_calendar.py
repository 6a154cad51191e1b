"""Local days as integers: days of 23 and 25 hours, midnights that are skipped or come twice, and days that never were."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.calendar import (
    DAY_US,
    MAX_DAY,
    MIN_DAY,
    UnknownZoneError,
    bucket_of,
    date_of,
    date_text,
    day_number,
    get_zone,
    instant_of,
    instant_text,
)

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Recife",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Gaza",
    "Asia/Amman",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Antarctica/Troll",
]
HOUR = 3_600_000_000
zones = st.sampled_from(ZONES).map(get_zone)
days = st.integers(MIN_DAY + 2, MAX_DAY - 2)
instants = st.one_of(
    st.integers(MIN_DAY * DAY_US, MAX_DAY * DAY_US),
    st.integers(0, 30_000).flatmap(lambda day: st.integers(-HOUR, 30 * HOUR).map(lambda add: day * DAY_US + add)),
)


def at(text: str) -> int:
    return instant_of(datetime.fromisoformat(text))


def hours_of(zone_name: str, day: date) -> float:
    zone = get_zone(zone_name)
    first, following = zone.first_instant(day_number(day)), zone.first_instant(day_number(day) + 1)
    return (following - first) / HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/St_Johns", date(2006, 4, 2), 23),
        ("Antarctica/Troll", date(2026, 3, 29), 22),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
        ("Asia/Kathmandu", date(1986, 1, 1), 23.75),
    ],
)
def test_how_long_a_day_is(zone, day, hours):
    assert hours_of(zone, day) == hours


def test_a_day_begins_when_the_clock_skips_midnight():
    """In São Paulo summer time began at midnight: 4 November 2018 begins at one o'clock."""
    zone = get_zone("America/Sao_Paulo")

    assert zone.first_instant(day_number(date(2018, 11, 4))) == at("2018-11-04T01:00:00-02:00")
    assert zone.day_of(at("2018-11-04T01:00:00-02:00") - 1) == day_number(date(2018, 11, 3))


def test_a_midnight_that_comes_twice_begins_its_day_once():
    """In Newfoundland, until 2011, summer time ended a minute past midnight: the date went back for an hour."""
    zone = get_zone("America/St_Johns")
    second = day_number(date(2006, 10, 29))

    assert zone.first_instant(second) == at("2006-10-29T00:00:00-02:30")
    assert zone.day_of(at("2006-10-29T00:00:30-02:30")) == second
    assert zone.day_of(at("2006-10-28T23:30:00-03:30")) == second
    assert zone.day_of(at("2006-10-29T00:00:00-03:30")) == second
    assert hours_of("America/St_Johns", date(2006, 10, 29)) == 25
    assert hours_of("America/St_Johns", date(2006, 10, 28)) == 24


def test_a_day_that_never_was_is_passed_over():
    zone = get_zone("Pacific/Apia")
    last, never = day_number(date(2011, 12, 29)), day_number(date(2011, 12, 30))

    assert zone.day_of(at("2011-12-29T23:59:59-10:00")) == last
    assert zone.day_of(at("2011-12-29T23:59:59-10:00") + 1_000_000) == never + 1
    assert zone.first_instant(never) == zone.first_instant(never + 1)


def test_a_summer_time_of_one_week_is_seen():
    """North-eastern Brazil tried summer time for a week in October 2000."""
    zone = get_zone("America/Recife")

    assert zone.day_of(at("2000-10-12T02:30:00+00:00")) == day_number(date(2000, 10, 12))
    assert zone.day_of(at("2000-10-18T02:30:00+00:00")) == day_number(date(2000, 10, 17))


def test_a_date_means_all_of_its_day_and_an_instant_itself():
    zone = get_zone("Europe/Berlin")

    whole = zone.end_of_day(day_number(date(2026, 3, 2)))
    assert (whole.until_us, whole.is_whole_day, whole.text) == (at("2026-03-03T00:00:00+01:00") - 1, True, "2026-03-02")

    moment = zone.moment(at("2026-03-01T23:30:00+00:00"))
    assert (date_of(moment.day), moment.is_whole_day) == (date(2026, 3, 2), False)
    assert moment.text == "2026-03-01T23:30:00Z"


def test_a_local_time_that_comes_twice_is_the_earlier_one():
    half_past_two = datetime.fromisoformat("2026-10-25T02:30")

    assert get_zone("Europe/Berlin").instant_of_local(half_past_two) == at("2026-10-25T02:30:00+02:00")


def test_a_zone_that_does_not_exist_is_refused():
    for name in ("Europe/Berlinn", "", "../etc/passwd", "Europe"):
        with pytest.raises(UnknownZoneError):
            get_zone(name)


@given(zones, instants)
def test_a_day_is_the_local_date_but_where_the_date_went_back(zone, instant):
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone.name))

    assert zone.day_of(instant) - day_number(local.date()) in (0, 1)


@given(zones, instants, st.integers(0, 3 * DAY_US))
def test_days_never_run_backwards(zone, instant, later):
    assert zone.day_of(instant) <= zone.day_of(instant + later)


@given(zones, days)
def test_a_day_begins_at_its_first_instant(zone, day):
    first = zone.first_instant(day)

    assert zone.day_of(first) >= day
    assert zone.day_of(first - 1) < day


@given(zones, instants, st.integers(0, 400 * DAY_US))
def test_the_shifts_of_a_stretch_give_the_same_days(zone, low, length):
    """This is all that engines know of a zone."""
    for instant in (low, low + length // 3, low + length):
        shift = [one for one in zone.shifts(low, low + length) if one.start_us <= instant][-1:] or zone.shifts(low, low)
        assert (instant + shift[0].add_us) // DAY_US == zone.day_of(instant)


@given(days, st.sampled_from(["day", "week", "month", "quarter", "year", "ever"]))
def test_buckets_begin_where_the_calendar_says(day, per):
    today, before = date_of(day), date_of(day - 1)
    begins = {
        "day": True,
        "week": today.weekday() == 0,
        "month": today.day == 1,
        "quarter": today.day == 1 and today.month in (1, 4, 7, 10),
        "year": (today.day, today.month) == (1, 1),
        "ever": False,
    }[per]

    assert bucket_of(day, per) - bucket_of(day - 1, per) == begins, (before, today)


@given(days)
def test_days_are_dates(day):
    assert day_number(date.fromisoformat(date_text(day))) == day


@given(instants)
def test_instants_are_written_and_read_back(instant):
    assert at(instant_text(instant)) == instant
