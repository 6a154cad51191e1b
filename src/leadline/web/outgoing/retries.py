"""What follows from an attempt: a pure function of how it went, how many there were, and the time. Knows no database."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long after each failure it is tried again. After the last of them, no more."""
JITTER = 0.1
"""By so much of itself a pause is longer at most, so that what failed together does not come back together."""

LONGEST_ASKED = timedelta(hours=24)
"""Who asks to be left alone for longer is asked again after this."""
_MAY_ASK = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

State = Literal["due", "sent", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Next:
    """Where a delivery stands after an attempt. next_at: when it is tried again, if it is. rests_until: when its endpoint asked to rest."""

    state: State
    next_at: datetime
    rests_until: datetime | None = None


def after_attempt(*, status: int | None, attempts: int, uid: str, now: datetime, retry_after: str = "") -> Next:
    """Return what follows from an attempt.

    status: of the answer; None: there was none. attempts: how many there were, with this one. uid: of the message; it makes the jitter.
    retry_after: the header of the answer; a pause is never shorter than it asks.
    """
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Next("sent", now)
    if status == HTTPStatus.GONE:
        return Next("gone", now)
    if attempts > len(SCHEDULE):
        return Next("failed", now)
    asked = asked_pause(retry_after, now=now) if status in _MAY_ASK else None
    pause = pause_after(attempts, uid)
    return Next("due", now + max(pause, asked or pause), now + asked if asked else None)


def asked_pause(retry_after: str, *, now: datetime) -> timedelta | None:
    """Return for how long ``Retry-After`` asks to wait, in seconds or until a date, at most `LONGEST_ASKED`. None: it says nothing of use.

    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> asked_pause("90", now=noon), asked_pause("Mon, 02 Mar 2026 13:00:00 GMT", now=noon)
    (datetime.timedelta(seconds=90), datetime.timedelta(seconds=3600))
    >>> asked_pause("99999999999999999999", now=noon), asked_pause("soon", now=noon)
    (datetime.timedelta(days=1), None)
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        pause = timedelta(seconds=min(int(text[:12]), LONGEST_ASKED.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(text)
            pause = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
        except (ValueError, OverflowError, IndexError, TypeError):
            return None
    return min(pause, LONGEST_ASKED) if pause > timedelta(0) else None


def pause_after(attempts: int, uid: str) -> timedelta:
    """Return how long it waits after so many failures: of one message always the same."""
    drawn = int.from_bytes(hashlib.sha256(f"{uid}:{attempts}".encode()).digest()[:4], "big") / 2**32
    return SCHEDULE[attempts - 1] * (1 + JITTER * drawn)
