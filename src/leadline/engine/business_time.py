"""Working time: when it is, how much of it lies between two moments, and when so much of it has passed.

    A `WorkTime` is a time zone, the stretches of work of each weekday, and a word on which days are off.

What counts is the clock on the wall. An hour that a change to summer time skips is not worked, and one that comes twice is worked twice.
A stretch belongs to the day on which it begins: a night shift from Friday 22:00 to 06:00 is off when Friday is, not when Saturday is.

Moments are integers of microseconds since 1970-01-01T00:00Z, as in `leadline.engine.calendar`. A moment belongs to what begins with it:
at the very end of a stretch nobody works any more.
"""

import bisect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadline.engine.calendar import DAY_US, MAX_DAY, MIN_DAY, SECOND_US, UnknownZoneError, date_of

MINUTE_US = 60 * SECOND_US
DAY_MINUTES = 1_440
_BLOCK_DAYS = 7
_BLOCK_US = _BLOCK_DAYS * DAY_US
_FIRST_US, _END_US = MIN_DAY * DAY_US, (MAX_DAY + 1) * DAY_US
_BLOCKS_OF_A_YEAR = 54
_MOST_BLOCKS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"(\d{1,2}):(\d{2})")

Interval = tuple[int, int]
"""From a moment until before another."""


class BadStretchError(ValueError):
    """A stretch of work that cannot be: it is no time of day, or it does not last."""


class NoWorkingTimeError(ValueError):
    """There is no working time for a whole year, so that nothing is ever due."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Work from a minute of a day until before another: minutes since local midnight by the clock on the wall.

    One that ends before it begins ends on the next day. 1440 is the midnight at the end of the day.

    Raises:
        BadStretchError: a minute is none of a day, or it ends when it begins.
    """

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.begins < DAY_MINUTES or not 0 <= self.ends <= DAY_MINUTES:
            raise BadStretchError("A stretch of work begins from 00:00 to 23:59 and ends at 24:00 at the latest.")
        if self.begins == self.ends:
            raise BadStretchError(f"A stretch of work from {_text(self.begins)} to {_text(self.ends)} does not last.")

    @property
    def until(self) -> int:
        """The minute at which it ends, counted from the midnight before it begins: 1800 is six in the morning after."""
        return self.ends if self.ends > self.begins else self.ends + DAY_MINUTES

    def __str__(self) -> str:
        return f"{_text(self.begins)}–{_text(self.ends)}"


def read_stretch(begins: str, ends: str) -> Stretch:
    """Return a stretch of work that is written as two times of day.

    >>> str(read_stretch("09:00", "12:30")), read_stretch("22:00", "06:00").until
    ('09:00–12:30', 1800)

    Raises:
        BadStretchError: one is no time of day, or it does not last.
    """
    return Stretch(_minute(begins), _minute(ends))


def _minute(text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > DAY_MINUTES:
        raise BadStretchError(f"“{text}” is no time of day; write it as 09:00.")
    return int(found[1]) * 60 + int(found[2])


def _text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _no_day(_day: date) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Block:
    """The working time of seven days in UTC: intervals in order that do not touch, and their sum."""

    intervals: tuple[Interval, ...]
    total_us: int


@dataclass(frozen=True, eq=False)
class WorkTime:
    """When somebody works.

    zone:       the name of a time zone.
    hours:      seven lists of stretches, Monday first. Where two overlap, the time counts once.
    is_day_off: whether on a local date nobody works, whatever its weekday. A set of dates will do: ``days.__contains__``.

    >>> from leadline.engine.calendar import instant_of, instant_text
    >>> office = WorkTime("Europe/Berlin", [[read_stretch("09:00", "17:00")]] * 5 + [[]] * 2)
    >>> friday_at_four = instant_of(datetime(2026, 3, 6, 15, tzinfo=UTC))
    >>> instant_text(office.add_working_time(friday_at_four, 2 * 3600))
    '2026-03-09T09:00:00Z'

    Raises:
        UnknownZoneError: there is no such zone.
        ValueError: there are not seven lists.
    """

    zone: str
    hours: Sequence[Sequence[Stretch]]
    is_day_off: Callable[[date], bool] = _no_day
    _blocks: dict[int, _Block] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        _info_of(self.zone)
        if len(self.hours) != 7:
            raise ValueError(f"A week has seven days, not {len(self.hours)}.")

    def is_working(self, at_us: int) -> bool:
        """Return whether a moment is working time."""
        intervals = self._block(at_us // _BLOCK_US).intervals
        place = bisect.bisect_right(intervals, at_us, key=_begin) - 1
        return place >= 0 and at_us < intervals[place][1]

    def next_working_moment(self, at_us: int) -> int:
        """Return the first moment of working time that is not before *at_us*: itself, when it is one.

        Raises:
            NoWorkingTimeError: there is none for a year.
        """
        return next(begin for begin, _ in self._from(at_us))

    def add_working_time(self, start_us: int, seconds: int) -> int:
        """Return the first moment at which so many seconds have been worked since *start_us*.

        What is due at the end of a day is due then, not in the morning after. No seconds are over at once.

        Raises:
            NoWorkingTimeError: on the way there is none for a year, or it takes longer than there are calendars (the year 2200).
            ValueError: *seconds* is negative.
        """
        if seconds < 0:
            raise ValueError("Working time is added, not taken away.")
        left = seconds * SECOND_US
        if not left:
            return start_us
        for begin, end in self._from(start_us):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise AssertionError("working time does not end")

    def working_seconds_between(self, start_us: int, end_us: int) -> int:
        """Return how many whole seconds are worked from *start_us* until *end_us*; negative when that is before."""
        if end_us < start_us:
            return -self.working_seconds_between(end_us, start_us)
        total = 0
        for number in range(start_us // _BLOCK_US, end_us // _BLOCK_US + 1):
            block = self._block(number)
            if start_us <= number * _BLOCK_US and (number + 1) * _BLOCK_US <= end_us:
                total += block.total_us
            else:
                total += sum(max(0, min(end, end_us) - max(begin, start_us)) for begin, end in block.intervals)
        return total // SECOND_US

    def stretches_between(self, start_us: int, end_us: int) -> list[Interval]:
        """Return when people work from a moment until before another, in order: for who asks about very many moments."""
        blocks = map(self._block, range(start_us // _BLOCK_US, end_us // _BLOCK_US + 1))
        held = ((max(begin, start_us), min(end, end_us)) for block in blocks for begin, end in block.intervals)
        return [(begin, end) for begin, end in held if begin < end]

    def _from(self, start_us: int) -> Iterator[Interval]:
        """Yield the working time from a moment on, without end.

        Raises:
            NoWorkingTimeError: there is none for a year, or the years end of which something is known.
        """
        number, idle = start_us // _BLOCK_US, 0
        while idle < _BLOCKS_OF_A_YEAR and _FIRST_US <= number * _BLOCK_US < _END_US:
            idle += 1
            for begin, end in self._block(number).intervals:
                if end > start_us:
                    idle = 0
                    yield max(begin, start_us), end
            number += 1
        if idle >= _BLOCKS_OF_A_YEAR:
            raise NoWorkingTimeError("Nobody works for a whole year by these hours and days off.")
        raise NoWorkingTimeError("Working time is known from the year 1900 to 2200 only.")

    def _block(self, number: int) -> _Block:
        found = self._blocks.get(number)
        if found is None:
            if len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.clear()
            found = self._blocks[number] = self._make_block(number)
        return found

    def _make_block(self, number: int) -> _Block:
        """Return a block. Its days begin earlier and end later somewhere, and a night shift comes in from the day before."""
        start, end = number * _BLOCK_US, (number + 1) * _BLOCK_US
        walls = list(self._on_the_wall(number * _BLOCK_DAYS - 2, (number + 1) * _BLOCK_DAYS + 1))
        found = sorted(
            (max(begin - add, low), min(until - add, high))
            for low, high, add in _offsets(_info_of(self.zone), start, end)
            for begin, until in walls
            if begin - add < high and until - add > low
        )
        intervals = tuple(_joined(found))
        return _Block(intervals, sum(until - begin for begin, until in intervals))

    def _on_the_wall(self, first: int, last: int) -> Iterator[Interval]:
        """Yield the stretches that begin on some days, in microseconds of a clock that never changes."""
        for day in range(max(first, MIN_DAY), min(last, MAX_DAY) + 1):
            stretches = self.hours[(day + 3) % 7]  # 1970-01-01 was a Thursday
            if stretches and not self.is_day_off(date_of(day)):
                for one in stretches:
                    yield day * DAY_US + one.begins * MINUTE_US, day * DAY_US + one.until * MINUTE_US


def _begin(interval: Interval) -> int:
    return interval[0]


def _joined(intervals: Sequence[Interval]) -> Iterator[Interval]:
    """Yield intervals that are in order of their beginnings, those that touch or overlap as one."""
    current: Interval | None = None
    for begin, end in intervals:
        if current is None:
            current = begin, end
        elif begin <= current[1]:
            current = current[0], max(current[1], end)
        else:
            yield current
            current = begin, end
    if current is not None:
        yield current


def _offsets(info: ZoneInfo, start_us: int, end_us: int) -> Iterator[tuple[int, int, int]]:
    """Yield the parts of a time in which the wall clock is equally far from UTC: from, until before, microseconds ahead.

    TRICKY: `Zone.shifts` will not do. It keeps an offset after the clock went back over midnight, so that days do not run backwards;
    people who work at that hour do work it twice. A day is short enough to halve: no offset ever lasted less than four.
    """
    begin, current = start_us, _offset(info, start_us)
    for step in range(start_us, end_us, DAY_US):
        low, high = step, min(step + DAY_US, end_us)
        if _offset(info, high) == current:
            continue
        while high - low > SECOND_US:
            middle = low + (high - low) // (2 * SECOND_US) * SECOND_US
            low, high = (middle, high) if _offset(info, middle) == current else (low, middle)
        yield begin, high, current
        begin, current = high, _offset(info, high)
    if begin < end_us:
        yield begin, end_us, current


def _info_of(zone: str) -> ZoneInfo:
    """Return a zone without a list of all its shifts, which takes `leadline.engine.calendar` some 50 ms and is not needed here.

    Raises:
        UnknownZoneError: there is none of this name.
    """
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError, ModuleNotFoundError) as error:
        raise UnknownZoneError(zone) from error


def _offset(info: ZoneInfo, at_us: int) -> int:
    offset = (_EPOCH + timedelta(microseconds=at_us)).astimezone(info).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)
