"""Events of a lead that arrived in another order than they happened: from when to when each counts, found by looking at every arrival.

Slow and plain on purpose: only leads of whom something came late go through here, and only where one asks what was known then.
tests/engine/timeline holds it to the reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from leadline.engine.calendar import bucket_of
from leadline.engine.playbook.model import Limit
from leadline.engine.timeline.known import NEVER

Happening = tuple[int, int, int]
"""When an event happened, from when it is there, and its day."""

Wiping = tuple[int, int]
"""When a reset happened, and from when it is there."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From *start_us* to before *end_us* an event of a day counts."""

    start_us: int
    end_us: int
    day: int


@dataclass(frozen=True, slots=True)
class Mark:
    """From *start_us* on the last event is that of a day; None: there is none."""

    start_us: int
    day: int | None


def stretches_by_arrival(happened: Sequence[Happening], wiping: Sequence[Wiping], limit: Limit | None) -> list[Stretch]:
    """Return when which events count, given a limit."""
    found: list[Stretch] = []
    since: dict[int, int] = {}
    for moment in _moments(happened, wiping):
        counted = _counted(happened, wiping, limit, moment)
        ended = [place for place in since if place not in counted]
        found += [Stretch(since.pop(place), moment, happened[place][2]) for place in ended]
        for place in counted:
            since.setdefault(place, moment)
    return found + [Stretch(start, NEVER, happened[place][2]) for place, start in since.items()]


def last_days_by_arrival(happened: Sequence[Happening], wiping: Sequence[Wiping]) -> list[Mark]:
    """Return the last day of an event from each arrival on."""
    return [
        Mark(moment, max((happened[place][2] for place in _counted(happened, wiping, None, moment)), default=None))
        for moment in _moments(happened, wiping)
    ]


def _moments(happened: Sequence[Happening], wiping: Sequence[Wiping]) -> list[int]:
    return sorted({from_us for _, from_us, _ in happened} | {from_us for _, from_us in wiping})


def _counted(happened: Sequence[Happening], wiping: Sequence[Wiping], limit: Limit | None, moment: int) -> list[int]:
    """Return the places of the events that count at a moment; *happened* is in the order in which they happened."""
    wiped_us = max((at_us for at_us, from_us in wiping if from_us <= moment), default=None)
    found: list[int] = []
    in_bucket: dict[int, int] = {}
    for place, (at_us, from_us, day) in enumerate(happened):
        if from_us > moment or (wiped_us is not None and at_us <= wiped_us):
            continue
        if limit is not None:
            bucket = bucket_of(day, limit.per)
            in_bucket[bucket] = in_bucket.get(bucket, 0) + 1
            if in_bucket[bucket] > limit.count:
                continue
        found.append(place)
    return found
