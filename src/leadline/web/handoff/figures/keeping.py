"""How the promise of an answer was kept: in time or late, and how long it took in the working hours of whoever had it.

Answered means claimed: that stops the clock. A hand-off is late when its promise was broken once, whatever came later; one that waits and
is not due yet is neither in time nor late, and neither is one whose spell ended before the answer was due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from leadline.engine.statistics import Share, quantile
from leadline.web.accounts.models import Workspace
from leadline.web.handoff.clocks import Calendars, work_time_of
from leadline.web.handoff.figures.worked import Seconds, Worked, worked_until
from leadline.web.handoff.models import HandOff

State = HandOff.State
PERSON = Coalesce("lead__merged_into", "lead")
"""Whose hand-off it is: the lead, or the one that it was merged into."""
_CLOSED = (State.COOLED, State.WITHDRAWN)


def in_time() -> Q:
    """Return which hand-offs were answered in time."""
    return Q(breached_at=None, claimed_at__lte=F("respond_by"))


def too_late(now: datetime) -> Q:
    """Return which hand-offs were answered late, or wait for longer than was promised, or cooled after the answer was due."""
    waits = Q(claimed_at=None, state=State.WAITING, respond_by__lte=now)
    closed = Q(claimed_at=None, state__in=_CLOSED, cooled_at__gt=F("respond_by"))
    return Q(breached_at__isnull=False) | Q(claimed_at__gt=F("respond_by")) | waits | closed


@dataclass(frozen=True, slots=True)
class Duration:
    """How long something took in working time, in seconds. count: for how many it is known; median and ninetieth are None of none."""

    count: int
    median: float | None
    ninetieth: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How some hand-offs were answered. people: distinct leads. answered: in time, of those that were in time or late."""

    people: int
    answered: Share
    to_claim: Duration
    to_touch: Duration
    to_decision: Duration


def find_kept(workspace: Workspace, handoffs: QuerySet[HandOff], *, now: datetime) -> Kept:
    """Return how hand-offs of a workspace were answered, as of a moment."""
    counts = handoffs.aggregate(
        people=Count(PERSON, distinct=True),
        good=Count("pk", filter=in_time()),
        late=Count("pk", filter=too_late(now)),
    )
    to_claim, to_touch, to_decision = _durations(workspace, handoffs)
    return Kept(
        people=counts["people"],
        answered=Share(counts["good"], counts["good"] + counts["late"]),
        to_claim=to_claim,
        to_touch=to_touch,
        to_decision=to_decision,
    )


_MOMENTS = ("opened_at", "claimed_at", "touched_at", "decided_at")


def _durations(workspace: Workspace, handoffs: QuerySet[HandOff]) -> list[Duration]:
    calendars = Calendars(workspace)

    @cache
    def worked_of(owner: int | None) -> Worked:
        return worked_until(work_time_of(calendars.of(owner)))

    taken: tuple[list[int], ...] = ([], [], [])
    rows = handoffs.order_by().values_list("owner_id", *(Seconds(one) for one in _MOMENTS))
    for owner, opened, *moments in rows.iterator(chunk_size=5_000):
        worked = worked_of(owner)
        before = worked.until(opened)
        for found, moment in zip(taken, moments, strict=True):
            if moment is not None:
                found.append(worked.until(moment) - before)
    return [_duration(sorted(one)) for one in taken]


def _duration(values: Sequence[int]) -> Duration:
    if not values:
        return Duration(0, None, None)
    return Duration(len(values), quantile(values, 0.5), quantile(values, 0.9))
