"""Local days as integers: which day an instant falls on, and when a day begins.

An instant is an integer of microseconds since 1970-01-01T00:00Z, a day an integer of days since 1970-01-01. Engines never
see a time zone: a zone becomes a short list of `Shift`s, and ``day = (instant + shift) // DAY_US``.

TRICKY: in some zones the clock goes back over midnight, so that the date changes, changes back and changes again. A day
begins at the *first* instant that carries its date and ends where the next begins; the shift before such a moment is kept
until the date has caught up. Days therefore never run backwards.
"""

import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_US = 86_400_000_000
SECOND_US = 1_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
MIN_DAY = date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH_DAY
MAX_DAY = date(LAST_YEAR, 12, 31).toordinal() - _EPOCH_DAY


class UnknownZoneError(ValueError):
    """There is no time zone of this name."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From *start_us* on, local days are ``(instant + add_us) // DAY_US``."""

    start_us: int
    add_us: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment of an assessment.

    day:      the local day that ages are counted to.
    until_us: the last microsecond whose events count.
    text:     the moment as people see it: a date, or an instant in UTC.
    """

    day: int
    until_us: int
    text: str

    @property
    def is_whole_day(self) -> bool:
        """Whether all of `day` counts (it was given as a date)."""
        return len(self.text) == 10


class Zone:
    """A time zone as a list of shifts between 1900 and 2200.

    >>> berlin = Zone("Europe/Berlin")
    >>> berlin.day_of(instant_of(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))) == day_number(date(2026, 3, 2))
    True
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._shifts = _shifts(name)
        self._starts = [shift.start_us for shift in self._shifts]
        self._info = ZoneInfo(name)

    def shifts(self, low_us: int, high_us: int) -> list[Shift]:
        """Return the shifts that matter for instants from *low_us* to *high_us*, both included."""
        first = max(0, bisect.bisect_right(self._starts, low_us) - 1)
        last = max(first + 1, bisect.bisect_right(self._starts, high_us))
        return list(self._shifts[first:last])

    def day_of(self, instant_us: int) -> int:
        """Return the local day of an instant."""
        at = max(0, bisect.bisect_right(self._starts, instant_us) - 1)
        return (instant_us + self._shifts[at].add_us) // DAY_US

    def first_instant(self, day: int) -> int:
        """Return the first instant of a local day, or of the next day that exists where a zone skipped it."""
        low = (day - 2) * DAY_US
        high = (day + 2) * DAY_US
        while low < high:  # day_of never falls, so this finds the first instant of the day
            middle = (low + high) // 2
            if self.day_of(middle) >= day:
                high = middle
            else:
                low = middle + 1
        return low

    def instant_of_local(self, local: datetime) -> int:
        """Return the instant of a local time without offset: the earlier of two, when the clock went back."""
        return instant_of(local.replace(tzinfo=self._info, fold=0))

    def end_of_day(self, day: int) -> AsOf:
        """Return the moment "all of this day"."""
        return AsOf(day, self.first_instant(day + 1) - 1, date_text(day))

    def moment(self, instant_us: int) -> AsOf:
        """Return the moment of an instant, itself included."""
        return AsOf(self.day_of(instant_us), instant_us, instant_text(instant_us))


@lru_cache(maxsize=64)
def get_zone(name: str) -> Zone:
    """Return the zone *name*.

    Raises:
        UnknownZoneError: there is none.
    """
    try:
        return Zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, ModuleNotFoundError) as error:
        raise UnknownZoneError(name) from error


def _shifts(name: str) -> tuple[Shift, ...]:
    """Return all shifts of a zone, found by halving every stretch of three days whose ends differ.

    TRICKY: a longer stretch would miss a summer time that was given up again: north-eastern Brazil had one of a week in
    October 2000, and the shortest that ever was lasted four days.
    """
    info = ZoneInfo(name)

    def offset(moment: datetime) -> timedelta:
        found = moment.astimezone(info).utcoffset()
        assert found is not None
        return found

    moment, end = _EPOCH + timedelta(MIN_DAY - 3), _EPOCH + timedelta(MAX_DAY + 3)
    current = offset(moment)
    changes = [(moment, current)]
    while moment < end:
        after = moment + timedelta(3)
        later = offset(after)
        while later != current:
            low, high = moment, after
            while high - low > timedelta(0, 1):
                middle = low + timedelta(0, (high - low) // timedelta(0, 2))
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            moment, current = high, offset(high)
            changes.append((moment, current))
        moment = after
    return _without_returns([(instant_of(at) // SECOND_US, round(by.total_seconds())) for at, by in changes])


def _without_returns(changes: list[tuple[int, int]]) -> tuple[Shift, ...]:
    """Delay each change that would put the date back, until the date has caught up."""
    shifts: list[Shift] = []
    for second, offset in changes:
        start = second
        if shifts:
            before = (second - 1 + shifts[-1].add_us // SECOND_US) // 86_400
            if (second + offset) // 86_400 < before:
                start = before * 86_400 - offset
        shifts.append(Shift(start * SECOND_US, offset * SECOND_US))
    return tuple(shifts)


def day_number(day: date) -> int:
    """Return a date as days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH_DAY


def date_of(day: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(day + _EPOCH_DAY)


def date_text(day: int) -> str:
    """Return a day number as an ISO date.

    >>> date_text(0)
    '1970-01-01'
    """
    return date_of(day).isoformat()


def instant_of(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970-01-01T00:00Z."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def instant_text(instant_us: int) -> str:
    """Return an instant as ISO text in UTC, without a fraction of zero.

    >>> instant_text(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    return (_EPOCH + timedelta(microseconds=instant_us)).replace(tzinfo=None).isoformat() + "Z"


def bucket_of(day: int, per: str) -> int:
    """Return the number of the calendar bucket that *day* lies in; days of one bucket have one number.

    Weeks begin on Monday. ``ever`` is one bucket.

    >>> bucket_of(day_number(date(2026, 3, 1)), "week") + 1 == bucket_of(day_number(date(2026, 3, 2)), "week")
    True
    """
    if per == "day":
        return day
    if per == "week":
        return (day + 3) // 7
    if per == "ever":
        return 0
    months = date_of(day).year * 12 + date_of(day).month - 1
    return months // {"month": 1, "quarter": 3, "year": 12}[per]
