"""When an event occurred, by a clock that can be trusted: ours.

A browser's clock may be years off, but it is off by as much when the event occurs as when it is sent. So what counts is how long
the event waited: occurred = received − (sentAt − timestamp). Without sentAt, or with one that cannot be read, the timestamp counts
as it stands. Nothing occurs after it was received, and nothing before the year 2000.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from leadline.web.capture.tracking.reading import UnusableError
from leadline.web.leads.messages import Json

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def find_occurred_at(event: Mapping[str, Json], sent_at: Json, received_at: datetime) -> datetime:
    """Return when an event occurred.

    Args:
        event: as it came; its `timestamp` counts, else its `originalTimestamp`, else the moment of receipt.
        sent_at: of the request, where the event has none of its own.
        received_at: by our clock.

    Raises:
        UnusableError: its date cannot be read, or lies before the year 2000.
    """
    stamp = event.get("timestamp") or event.get("originalTimestamp")
    if not stamp:
        return received_at
    occurred = read_time(stamp)
    sent = _find_time(event.get("sentAt") or sent_at)
    try:
        if sent is not None:
            occurred = received_at - (sent - occurred)
        occurred = min(occurred.astimezone(UTC), received_at)
    except OverflowError:
        raise _out_of_range(stamp) from None
    if occurred < EARLIEST:
        raise _out_of_range(stamp)
    return occurred


def read_time(value: Json) -> datetime:
    """Read a date as ISO 8601 writes it; one without an offset is UTC.

    Raises:
        UnusableError: it is no such date.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise UnusableError(
            "unreadable-date",
            f"The timestamp {str(value)[:60]!r} cannot be read. Write it as 2026-03-02T09:00:00.000Z.",
        )
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _find_time(value: Json) -> datetime | None:
    """Return a date, None when it is missing or cannot be read."""
    try:
        return read_time(value) if value else None
    except UnusableError:
        return None


def _out_of_range(stamp: Json) -> UnusableError:
    return UnusableError(
        "date-out-of-range",
        f"The timestamp {str(stamp)[:60]!r} lies before {EARLIEST:%Y-%m-%d}, or beyond all calendars.",
    )
