"""Days, weeks and months as a workspace's zone has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import IntegerField, QuerySet, Value, When

from leadline.web.handoff.figures.columns import Which
from leadline.web.handoff.models import HandOff

FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(2199, 12, 31)
MOST_DAYS = 371
"""The longest period: 53 weeks."""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of a day to the end of another, in a zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """The moment at which it begins."""
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def until(self) -> datetime:
        """The moment at which it is over: the first that is not in it."""
        return datetime.combine(self.last + _DAY, time.min, self.zone)

    def of(self, handoffs: QuerySet[HandOff]) -> QuerySet[HandOff]:
        """Return those hand-offs that opened in it."""
        return handoffs.filter(opened_at__gte=self.since, opened_at__lt=self.until)

    @property
    def weeks(self) -> list["Period"]:
        """Its weeks, Monday to Sunday; the first and the last may be cut."""
        found, first = [], self.first
        while first <= self.last:
            last = min(first + timedelta(days=6 - first.weekday()), self.last)
            found.append(Period(first, last, self.zone))
            first = last + _DAY
        return found

    @property
    def months(self) -> list["Period"]:
        """Its months; the first and the last may be cut."""
        found, first = [], self.first
        while first <= self.last:
            last = min(month_of(first, self.zone).last, self.last)
            found.append(Period(first, last, self.zone))
            first = last + _DAY
        return found


def last_weeks(today: date, weeks: int, zone: ZoneInfo) -> Period:
    """Return so many weeks up to today; the last is the one that runs."""
    monday = today - timedelta(days=today.weekday())
    return Period(monday - (weeks - 1) * _WEEK, today, zone)


def month_of(today: date, zone: ZoneInfo, *, back: int = 0) -> Period:
    """Return the month of a day, or one so many months before: the whole of it."""
    number = today.year * 12 + today.month - 1 - back
    first, after = (date(one // 12, one % 12 + 1, 1) for one in (number, number + 1))
    return Period(first, after - _DAY, zone)


def place_in(periods: Sequence[Period]) -> Which:
    """Return an expression: in which of some periods, that follow one another, a hand-off opened, counted from 0.

    Before them all it is -1, after them all their number. Boundaries are moments, so that databases need no zones, and a day on which
    the clock is put back has its 25 hours.
    """
    earlier = [When(opened_at__lt=one.until, then=Value(place)) for place, one in enumerate(periods)]
    before = When(opened_at__lt=periods[0].since, then=Value(-1))
    return Which(before, *earlier, default=Value(len(periods)), output_field=IntegerField())
