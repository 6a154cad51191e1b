"""Who has a hand-off: claiming it, giving it back, giving it to somebody."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import WORKERS
from leadline.web.handoff.actions.acting import (
    AlreadyTakenError,
    ChangedError,
    NotPossibleError,
    State,
    change,
    get_handoff,
)
from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.clocks import clock_columns
from leadline.web.handoff.models import HandOff, Step


def claim(handoff_id: int, *, by: User, now: datetime | None = None, tell: Tell = tell_nobody) -> HandOff:
    """Give a waiting hand-off to *by*. It stops the response clock. Who has it already keeps it.

    Raises:
        AlreadyTakenError: somebody else was faster; the message says who.
        NotPossibleError: it waits no more.
    """
    now = now or timezone.now()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        if handoff.state == State.CLAIMED and handoff.owner_id == by.pk:
            return handoff
        columns = {"state": State.CLAIMED, "owner_id": by.pk, "claimed_at": now, "snoozed_until": None}
        waits = Q(state=State.WAITING)
        try:
            change(handoff, Step.Kind.CLAIMED, by=by, now=now, tell=tell, columns=columns, only=waits)
        except ChangedError as error:
            if error.handoff.state == State.CLAIMED and error.handoff.owner_id == by.pk:
                return error.handoff  # they pressed twice at once
            raise
    return handoff


def release(
    handoff_id: int, *, by: User, why: str = "", now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Give a hand-off back to the queue of its team. The promise of an answer stays what it was.

    Raises:
        NotPossibleError: *by* does not have it.
    """
    now = now or timezone.now()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        if handoff.state != State.CLAIMED or handoff.owner_id != by.pk:
            raise NotPossibleError(f"You do not have {handoff.lead}, so you cannot give it back.")
        columns = {"state": State.WAITING, "owner_id": None, "claimed_at": None}
        mine = Q(state=State.CLAIMED, owner=by)
        said = {"why": why} if why else {}
        change(handoff, Step.Kind.RELEASED, by=by, now=now, tell=tell, columns=columns, only=mine, said=said)
    return handoff


def assign(
    handoff_id: int, *, to: User, by: User, is_manager: bool, now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Give a hand-off to somebody, who has to claim it. Its answer is due by their calendar from now on, unless it is late already.

    Whoever has it may give it away, and so may managers; one that waits, everybody.

    Raises:
        AlreadyTakenError: somebody else has it.
        NotPossibleError: *to* does not work hand-offs in this workspace, or it waits no more.
    """
    now = now or timezone.now()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        check_works(handoff, to)
        if handoff.state == State.CLAIMED and handoff.owner_id != by.pk and not is_manager:
            raise AlreadyTakenError(f"{handoff.lead} was already taken by {handoff.owner}.", handoff)
        columns = {
            "state": State.WAITING,
            "owner_id": to.pk,
            "claimed_at": None,
            "snoozed_until": None,
            **clock_columns(handoff, owner=to),
        }
        is_open = Q(state__in=HandOff.OPEN)
        said = {"to": str(to)}
        change(handoff, Step.Kind.ASSIGNED, by=by, now=now, tell=tell, columns=columns, only=is_open, said=said)
    return handoff


def check_works(handoff: HandOff, person: User) -> None:
    """Refuse somebody who does not work on leads in the workspace of a hand-off.

    Raises:
        NotPossibleError: they do not.
    """
    members = Membership.objects.filter(workspace=handoff.workspace_id, user=person, role__in=WORKERS)
    if not members.exists():
        raise NotPossibleError(f"{person} does not work on leads in this workspace.")
