"""Giving several hand-offs at once, by managers: all of them or none, and all back or none."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leadline.web.accounts.models import User
from leadline.web.handoff.actions.acting import NotPossibleError, State, change, get_handoff
from leadline.web.handoff.actions.taking import check_works
from leadline.web.handoff.actions.undoing import UNDO_WITHIN, undo
from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.clocks import clock_columns
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.routing import IS_AWAY, WAS_LATE, route_on
from leadline.web.playbooks.queries import find_live

MOST = 100


def share_out(
    workspace_id: int,
    handoff_ids: Collection[int],
    *,
    to: User | None,
    by: User,
    now: datetime | None = None,
    tell: Tell = tell_nobody,
    who_is_away: User | None = None,
) -> str:
    """Give several hand-offs away, and return the name by which `undo_sharing` takes that back.

    Args:
        workspace_id: whose they are.
        handoff_ids: which, at most `MOST`.
        to: who gets them; None: the turns of the team of each decide, without whoever has it.
        by: the manager who gives them, or whoever has them.
        now: when.
        tell: is handed what became different.
        who_is_away: who has them, and is away or will be.

    Raises:
        NotPossibleError: one waits no more, or is not with *who_is_away* any more; *to* does not work on leads; or nobody is free for
            one. Nothing was changed.
    """
    if not handoff_ids or len(handoff_ids) > MOST:
        raise NotPossibleError(f"Choose from 1 to {MOST} hand-offs.")
    now, name = now or timezone.now(), uuid.uuid4().hex
    with transaction.atomic():
        for pk in sorted(set(handoff_ids)):
            handoff = get_handoff(pk)
            if handoff.workspace_id != workspace_id:
                raise NotPossibleError("This hand-off is not there any more.")
            if who_is_away is not None and handoff.owner_id != who_is_away.pk:
                raise NotPossibleError(f"{handoff.lead} is not with {who_is_away} any more, so nothing was changed.")
            if to is not None:
                check_works(handoff, to)
            _give(handoff, to, name, by, now, tell, asked=WAS_LATE if who_is_away is None else IS_AWAY)
    return name


def _give(handoff: HandOff, to: User | None, name: str, by: User, now: datetime, tell: Tell, *, asked: str) -> None:
    columns: dict[str, Any] = {"state": State.WAITING, "claimed_at": None, "snoozed_until": None}
    if to is None:
        version = find_live(handoff.workspace_id)
        routed = route_on(version, handoff, handoff.team, now=now, asked=asked) if version and handoff.team else None
        to = User.objects.filter(pk=routed.owner_id).first() if routed and routed.owner_id else None
        if routed is None or to is None:
            raise NotPossibleError(f"Nobody else is free for {handoff.lead}, so nothing was changed: choose a person.")
        columns |= {"route": routed.stored}
    columns |= {"owner_id": to.pk, **clock_columns(handoff, owner=to)}
    said = {"to": str(to), "batch": name}
    is_open = Q(state__in=HandOff.OPEN)
    change(handoff, Step.Kind.ASSIGNED, by=by, now=now, tell=tell, columns=columns, only=is_open, said=said)


def find_sharing(workspace_id: int, name: str, *, by: User, now: datetime) -> list[Step]:
    """Return the steps by which somebody gave several away, not long ago, as far as they stand."""
    steps = Step.objects.filter(
        workspace=workspace_id, by=by, kind=Step.Kind.ASSIGNED, undone_at=None, at__gte=now - UNDO_WITHIN
    )
    return list(steps.filter(said__batch=name).order_by("handoff")[:MOST])


def undo_sharing(
    workspace_id: int, name: str, *, by: User, now: datetime | None = None, tell: Tell = tell_nobody
) -> int:
    """Take back that several were given away, and return how many they were.

    Raises:
        NotPossibleError: something happened to one since, or it was long ago; all stay as they are.
    """
    now = now or timezone.now()
    with transaction.atomic():
        steps = find_sharing(workspace_id, name, by=by, now=now)
        if not steps:
            raise NotPossibleError("There is nothing of yours to undo: it was long ago, or is undone.")
        for step in steps:
            undo(step.handoff_id, by=by, step_id=step.pk, now=now, tell=tell)
    return len(steps)
