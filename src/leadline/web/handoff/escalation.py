"""What follows when a hand-off stays late: it goes to the next in the turns of its team, and later it comes to the administrators.

Before it is late, its owner is warned; when it becomes late, the owner and the managers are told (`clocks.py`). What follows from there,
each team says for itself: ``gives_on`` and ``raises_after``. Like the clock, it is a job over states of rows: done once, whoever looks.

Giving on takes the locks of routing before it touches a hand-off, in a transaction of its own: as everybody does who routes. A hand-off
is given on once; that it was late stays true, whoever has it. Where nobody else is free it stays where it is.
tests/web/handoff/test_escalation.py holds this.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from leadline.web.handoff.changes import HandOffChange, Tell, change_of, tell_nobody
from leadline.web.handoff.clocks import ROWS_AT_ONCE, mark
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.routing import WAS_LATE, route_on
from leadline.web.playbooks.queries import find_live

SECOND = {"level": 2}
"""What the step of an escalation says when a hand-off comes to the administrators."""
_WAITING = HandOff.State.WAITING


def follow_up(*, now: datetime | None = None, tell: Tell = tell_nobody, most: int = ROWS_AT_ONCE) -> int:
    """Give on late hand-offs, and bring those to the administrators that are late for too long. Return with how many something was done.

    Args:
        now: the moment.
        tell: is handed what became different, in the same transaction.
        most: how many at once of each.
    """
    now = now or timezone.now()
    ids = list(HandOff.objects.filter(state=_WAITING, gives_on=True).order_by("pk").values_list("pk", flat=True)[:most])
    is_late = Q(state=_WAITING, gives_on=True)
    done = {"gives_on": False}
    for pk in ids:
        give_on(pk, is_late, why="late", asked=WAS_LATE, columns=lambda *_: done, now=now, tell=tell, if_nobody=done)
    raised = Q(state=_WAITING, raised_at=None, raise_at__lte=now)
    kinds = (Step.Kind.ESCALATED,)
    return len(ids) + mark(
        raised, lambda _: {"raised_at": now}, kinds, order="raise_at", now=now, tell=tell, most=most, said=SECOND
    )


def give_on(
    pk: int,
    which: Q,
    *,
    why: str,
    asked: str,
    columns: Callable[[HandOff, int], Mapping[str, Any]],
    now: datetime,
    tell: Tell,
    if_nobody: Mapping[str, Any] | None = None,
) -> bool:
    """Give a hand-off to the next in the turns of its team who is free, without whoever has it; return whether it went.

    Args:
        pk: which hand-off.
        which: as what it has to be found still.
        why: what its step says.
        asked: the reason that routing is told.
        columns: what else changes, under the new owner.
        now: the moment.
        tell: is handed what became different.
        if_nobody: what changes where nobody is free.
    """
    with transaction.atomic():
        found = HandOff.objects.filter(which, pk=pk)
        handoff = found.select_related("team", "workspace").first()
        if handoff is None:
            return False  # somebody was faster
        version = find_live(handoff.workspace_id)
        still = found.filter(revision=handoff.revision)
        routed = None
        if version is not None and handoff.team is not None:
            routed = route_on(version, handoff, handoff.team, now=now, asked=asked)
        if routed is None or routed.owner_id is None:
            if if_nobody:
                still.update(**if_nobody)
            return False
        new = {"owner_id": routed.owner_id, "route": routed.stored, "snoozed_until": None}
        new |= columns(handoff, routed.owner_id)
        before = {"owner_id": handoff.owner_id}
        if not still.update(**new, revision=F("revision") + 1):
            transaction.set_rollback(True)  # somebody was faster, and the turn is not used up
            return False
        handoff.refresh_from_db()
        step = Step.objects.create(
            workspace_id=handoff.workspace_id,
            handoff=handoff,
            kind=Step.Kind.ROUTED,
            at=now,
            said={"why": why, "to": str(handoff.owner)},
            before=before,
            revision=handoff.revision,
        )
        changes: list[HandOffChange] = [change_of(handoff, step)]
        tell(changes)
    return True
