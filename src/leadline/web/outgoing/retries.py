"""What follows from an attempt: a pure function of how it went, how many there were, and the time. Knows no database."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long after each failure it is tried again. After the last of them, no more."""
JITTER = 0.1
"""By so much of itself a pause is longer at most, so that what failed together does not come back together."""

State = Literal["due", "sent", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Next:
    """Where a delivery stands after an attempt. next_at: when it is tried again, if it is."""

    state: State
    next_at: datetime


def after_attempt(*, status: int | None, attempts: int, uid: str, now: datetime) -> Next:
    """Return what follows from an attempt.

    status: of the answer; None: there was none. attempts: how many there were, with this one. uid: of the message; it makes the jitter.
    """
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Next("sent", now)
    if status == HTTPStatus.GONE:
        return Next("gone", now)
    if attempts > len(SCHEDULE):
        return Next("failed", now)
    return Next("due", now + pause_after(attempts, uid))


def pause_after(attempts: int, uid: str) -> timedelta:
    """Return how long it waits after so many failures: of one message always the same."""
    drawn = int.from_bytes(hashlib.sha256(f"{uid}:{attempts}".encode()).digest()[:4], "big") / 2**32
    return SCHEDULE[attempts - 1] * (1 + JITTER * drawn)
