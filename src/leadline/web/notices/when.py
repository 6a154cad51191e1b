"""When a mail may leave: at once or with the day's others, and not in quiet hours. Pure: it reads no clock and no database."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def next_digest(after: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """Return the first moment after *after* at which a working day's mail leaves: at *hour* of a local Monday to Friday."""
    day = after.astimezone(zone).date()
    while True:
        leaves = _at(datetime.combine(day, time(hour)), zone)
        if day.weekday() < SATURDAY and leaves > after:
            return leaves
        day += timedelta(days=1)


def after_quiet_hours(moment: datetime, zone: ZoneInfo, quiet: tuple[time, time] | None) -> datetime:
    """Return *moment*, or the end of the quiet hours that it lies in. They may go past midnight; their end is not one of them."""
    if quiet is None:
        return moment
    begins, ends = quiet
    local = moment.astimezone(zone)
    now = local.time()
    is_over_midnight = begins > ends
    is_quiet = (now >= begins or now < ends) if is_over_midnight else begins <= now < ends
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=1) if is_over_midnight and now >= begins else local.date()
    # Where a clock is set back, an hour comes twice: never before the moment itself.
    return max(moment, _at(datetime.combine(day, ends), zone))


def _at(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment of a local time. One that a clock leaves out is that much later, as the standard library has it."""
    return local.replace(tzinfo=zone).astimezone(UTC)
