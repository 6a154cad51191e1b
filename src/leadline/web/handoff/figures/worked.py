"""Working time between very many pairs of moments, to the second."""

from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, Func

from leadline.engine.business_time import WorkTime

_HOUR = 3_600
_SECOND_US = 1_000_000
_MOST_HOURS = 100_000


class Seconds(Func):
    """A moment of a row as whole seconds since 1970: many come out of a database much faster so than as moments."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return it for SQLite, which counts days as broken numbers: to some microseconds, hence the millisecond."""
        template = "CAST((julianday(%(expressions)s) - 2440587.5) * 86400 + 0.001 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return it for PostgreSQL."""
        template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS BIGINT)"
        return super().as_sql(compiler, connection, template=template, **more)


class Worked:
    """How much has been worked until a moment, since one that is the same for all questions: so two answers give what is between.

    Most hours are worked from end to end or not at all: of those only what was worked until they begin is looked up once. Within the
    others the working time itself is asked.
    """

    def __init__(self, work: WorkTime) -> None:
        self._work = work
        self._first: int | None = None
        self._hours: dict[int, tuple[int, int]] = {}

    def until(self, second: int) -> int:
        """Return how many seconds have been worked until a moment, which is in whole seconds since 1970."""
        hour = second // _HOUR
        before, within = self._hours.get(hour) or self._look(hour)
        if within == 0:
            return before
        if within == _HOUR:
            return before + second - hour * _HOUR
        return before + self._between(hour * _HOUR, second)

    def _look(self, hour: int) -> tuple[int, int]:
        if self._first is None:
            self._first = hour
        if len(self._hours) >= _MOST_HOURS:
            self._hours.clear()
        begin = hour * _HOUR
        found = self._hours[hour] = (self._between(self._first * _HOUR, begin), self._between(begin, begin + _HOUR))
        return found

    def _between(self, begin: int, end: int) -> int:
        return self._work.working_seconds_between(begin * _SECOND_US, end * _SECOND_US)


@lru_cache(maxsize=64)
def worked_until(work: WorkTime) -> Worked:
    """Return what answers for a working time. Calendars that say the same share it."""
    return Worked(work)
