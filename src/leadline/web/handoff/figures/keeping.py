"""How the promise of an answer was kept: in time or late, and how long it took in the working hours of whoever had it.

Answered means claimed: that stops the clock. A hand-off is late when its promise was broken once, whatever came later; one that waits and
is not due yet is neither in time nor late, and neither is one whose spell ended before the answer was due.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
from django.db.models import F, Q, QuerySet, SmallIntegerField, When
from django.db.models.functions import Coalesce

from leadline.engine.statistics import Share, quantile
from leadline.web.accounts.models import Workspace
from leadline.web.handoff.clocks import Calendars, work_time_of
from leadline.web.handoff.figures.columns import Seconds, Which
from leadline.web.handoff.figures.worked import Worked, worked_until
from leadline.web.handoff.models import HandOff
from leadline.web.leads.models import Lead

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


class Known:
    """What figures of several periods have in common, read once: the calendars of a workspace, and into whom its leads were merged."""

    def __init__(self, workspace: Workspace) -> None:
        self.calendars, self.merged = Calendars(workspace), survivors_of(workspace)


_MOMENTS = ("opened_at", "claimed_at", "touched_at", "decided_at")
_IN_TIME, _LATE = 1, 2
_Moments = list[int | None]


def find_kept(workspace: Workspace, handoffs: QuerySet[HandOff], *, now: datetime, known: Known | None = None) -> Kept:
    """Return how hand-offs of a workspace were answered, as of a moment, from one pass over them; *known*: where several are asked for.

    Merges and calendars are looked up once, not joined.
    """
    known = known or Known(workspace)
    calendars, merged = known.calendars, known.merged
    people: set[int] = set()
    answers = {0: 0, _IN_TIME: 0, _LATE: 0}
    by_work = defaultdict[Worked, list[_Moments]](list)

    @cache
    def under_hours_of(owner: int | None, team: int | None) -> list[_Moments]:
        return by_work[worked_until(work_time_of(calendars.of(owner, team)))]

    rows = handoffs.order_by().values_list("lead_id", "owner_id", "team_id", _answer(now), *map(Seconds, _MOMENTS))
    for lead, owner, team, answer, *moments in rows.iterator(chunk_size=5_000):
        people.add(merged.get(lead, lead))
        answers[answer] += 1
        under_hours_of(owner, team).append(moments)
    to_claim, to_touch, to_decision = _durations(by_work)
    return Kept(
        people=len(people),
        answered=Share(answers[_IN_TIME], answers[_IN_TIME] + answers[_LATE]),
        to_claim=to_claim,
        to_touch=to_touch,
        to_decision=to_decision,
    )


def _answer(now: datetime) -> Which:
    """Return an expression: whether a hand-off was answered in time (1) or late (2), or neither (0). None is both."""
    return Which(
        When(in_time(), then=_IN_TIME), When(too_late(now), then=_LATE), default=0, output_field=SmallIntegerField()
    )


def _durations(by_work: Mapping[Worked, Sequence[_Moments]]) -> Iterator[Duration]:
    """Yield for each moment but the first how long it took from the first, over all hand-offs; by_work: each under the hours that count."""
    worked = [work.until(np.array(moments, dtype=float)) for work, moments in by_work.items()]
    every = np.concatenate([np.empty((0, len(_MOMENTS))), *worked])
    for moment in range(1, len(_MOMENTS)):
        taken = every[:, moment] - every[:, 0]
        yield _duration(np.sort(taken[~np.isnan(taken)]).tolist())


def survivors_of(workspace: Workspace) -> dict[int, int]:
    """Return into which lead each merged one went."""
    rows = merged_leads(workspace).values_list("pk", "merged_into")
    return {lead: into for lead, into in rows if into is not None}


def merged_leads(workspace: Workspace) -> QuerySet[Lead]:
    """Return the leads of a workspace that were merged into others. They are few beside all leads.

    TRICKY: ids are greater than 0. Asked whether there is one, SQLite looks at every lead instead of into the index.
    """
    return Lead.objects.filter(workspace=workspace, merged_into__gt=0).order_by()


def _duration(values: Sequence[float]) -> Duration:
    if not values:
        return Duration(0, None, None)
    return Duration(len(values), quantile(values, 0.5), quantile(values, 0.9))
