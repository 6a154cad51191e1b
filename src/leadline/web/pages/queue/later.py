"""Until when something can be put off at a click: moments of working time, each with its day, and what is lost by then.

tests/web/pages/queue/test_later.py guards it.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadline.engine.business_time import NoWorkingTimeError, WorkTime
from leadline.web.handoff.clocks import due_after

_NINE = timedelta(hours=9)


def snooze_times(
    now: datetime, work: WorkTime, zone: ZoneInfo, *, cools_day: int | None = None
) -> list[tuple[str, str]]:
    """Return moments with their names: in two hours, the next working day, the first of a week to come, and in two weeks.

    Args:
        now: the moment.
        work: when whoever puts it off works.
        zone: in which days and hours are said.
        cools_day: the day on which the lead cools if nothing more happens; a moment that is not before it says so.
    """
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight + timedelta(days=7 - local.weekday())
    soon, next_day = local + timedelta(hours=2), _begins(work, midnight + timedelta(days=1))
    week = _begins(work, monday)
    if week == next_day:
        week = _begins(work, monday + timedelta(days=7))
    tomorrow = next_day.date() == (midnight + timedelta(days=1)).date()
    found = {
        soon: f"In two hours, {soon:%H:%M}",
        next_day: f"Tomorrow, {next_day:%A}, {_clock(next_day)}" if tomorrow else _day(next_day),
        week: _day(week),
        (last := _begins(work, midnight + timedelta(days=14))): f"In two weeks: {_day(last)}",
    }
    cools = None if cools_day is None else date(1970, 1, 1) + timedelta(days=cools_day)
    return [
        (
            at.isoformat(timespec="minutes"),
            name + (f" (cools on {cools.day} {cools:%B})" if cools and at.date() >= cools else ""),
        )
        for at, name in found.items()
    ]


def _begins(work: WorkTime, midnight: datetime) -> datetime:
    """Return the first moment of work on a day or after it; nine o'clock where nobody ever works."""
    try:
        return due_after(work, midnight, 1).astimezone(midnight.tzinfo).replace(second=0, microsecond=0)
    except NoWorkingTimeError:
        return midnight + _NINE


def _day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B}, {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at:%M}"
