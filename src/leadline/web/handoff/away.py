"""What is open with somebody while they are away, and what follows when an absence begins.

Nothing moves by itself unless a team says so (``gives_on_away``). Then, once an absence has begun, what waits for its person in that team
and falls due before they are back goes to the next in the turns, with the decision stored and explained like any other of routing. Where
nobody is free it stays, and managers see it in their box. What somebody has claimed stays theirs, since no clock runs for it.

Like the clock, it is a job over states of rows: an absence is followed once, each hand-off moves by a conditional update in a transaction
of its own, and a worker that is killed between two begins again with those that have not moved. tests/web/handoff/test_away.py holds this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.clocks import ROWS_AT_ONCE, clock_columns
from leadline.web.handoff.escalation import give_on
from leadline.web.handoff.models import Absence, HandOff
from leadline.web.handoff.routing import IS_AWAY

_State = HandOff.State


@dataclass(frozen=True, slots=True)
class OpenWhileAway:
    """What is open with the person of an absence. due: waits, and its answer falls due in the absence. others: the rest."""

    due: Sequence[HandOff]
    others: Sequence[HandOff]


def falls_due(absence: Absence, *, now: datetime) -> Q:
    """Return which hand-offs wait for the person of an absence and fall due in it; once it has begun, also those that are late."""
    waits = Q(workspace=absence.workspace_id, owner=absence.seat.user_id, state=_State.WAITING)
    before_they_are_back = waits & Q(respond_by__lt=absence.ends_at)
    return (
        before_they_are_back
        if absence.begins_at <= now
        else before_they_are_back & Q(respond_by__gte=absence.begins_at)
    )


def open_while_away(absence: Absence, *, now: datetime) -> OpenWhileAway:
    """Return what is open with the person of an absence, what is due first in front."""
    rows = HandOff.objects.filter(workspace=absence.workspace_id, owner=absence.seat.user_id, state__in=HandOff.OPEN)
    rows = rows.select_related("lead__company", "team").order_by("respond_by", "pk")
    due = list(rows.filter(falls_due(absence, now=now)))
    known = {one.pk for one in due}
    return OpenWhileAway(due, [one for one in rows if one.pk not in known])


def has_due(absence: Absence, *, now: datetime) -> bool:
    """Return whether something falls due in an absence."""
    return HandOff.objects.filter(falls_due(absence, now=now)).exists()


def with_who_is_away(workspace_id: int, *, now: datetime) -> Q:
    """Return which hand-offs are open with somebody who is away now."""
    away = Absence.objects.filter(workspace=workspace_id, begins_at__lte=now, ends_at__gt=now)
    return Q(state__in=HandOff.OPEN, owner__in=away.values("seat__user"))


def follow_absences(*, now: datetime | None = None, tell: Tell = tell_nobody, most: int = ROWS_AT_ONCE) -> int:
    """Give on what falls due in absences that have begun, where the team says so; return how many absences were followed.

    Args:
        now: the moment.
        tell: is handed what became different, in the same transaction.
        most: how many absences at once.
    """
    now = now or timezone.now()
    begun = Absence.objects.filter(followed_at=None, begins_at__lte=now, ends_at__gt=now).select_related("seat")
    done = 0
    for absence in begun.order_by("begins_at", "pk")[:most]:
        due = falls_due(absence, now=now) & Q(team__gives_on_away=True)
        ids = HandOff.objects.filter(due).order_by("respond_by", "pk").values_list("pk", flat=True)
        for pk in list(ids):
            give_on(pk, due, why="away", asked=IS_AWAY, columns=_clock_of, now=now, tell=tell)
        done += Absence.objects.filter(pk=absence.pk, followed_at=None).update(followed_at=now)
    return done


def _clock_of(handoff: HandOff, owner_id: int) -> dict[str, Any]:
    return clock_columns(handoff, owner_id=owner_id)
