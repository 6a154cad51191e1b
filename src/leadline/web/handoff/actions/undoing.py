"""Taking back the last thing that somebody did with a hand-off: its columns are as before, and what it wrote is gone, a note or an outcome.

It is always the last thing of this person on this hand-off, never one on another; `step_id` says which one somebody saw.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from leadline.web.accounts.models import User
from leadline.web.handoff.actions.acting import NotPossibleError, from_json, get_handoff, raise_changed
from leadline.web.handoff.changes import Tell, change_of, tell_nobody
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.models import Note
from leadline.web.leads.turn import take_turn
from leadline.web.leads.undo import undo_origin

UNDOABLE = (
    Step.Kind.CLAIMED,
    Step.Kind.RELEASED,
    Step.Kind.ASSIGNED,
    Step.Kind.CALLED,
    Step.Kind.MET,
    Step.Kind.CANCELLED,
    Step.Kind.NOTED,
    Step.Kind.SNOOZED,
    Step.Kind.DECIDED,
)
_CLOCK = (Step.Kind.WARNED, Step.Kind.BREACHED, Step.Kind.ESCALATED)
"""What the clock does takes nothing from what somebody did before."""
UNDO_WITHIN = timedelta(hours=1)


def find_undoable(handoff: HandOff, by: User, *, now: datetime) -> Step | None:
    """Return the step that somebody can take back: the last one, if it is theirs, not long ago, and nothing happened since.

    What the clock says and what others note down takes nothing from it.
    """
    others = Q(kind=Step.Kind.NOTED) & ~Q(by=by)
    steps = handoff.steps.filter(undone_at=None).exclude(kind__in=_CLOCK).exclude(others)
    last = steps.order_by("-revision", "-pk").first()
    if last is None or last.by_id != by.pk or last.kind not in UNDOABLE:
        return None
    return last if last.at >= now - UNDO_WITHIN else None


def undo(
    handoff_id: int, *, by: User, step_id: int | None = None, now: datetime | None = None, tell: Tell = tell_nobody
) -> Step:
    """Take back the last thing that *by* did with a hand-off, and return what it was.

    Args:
        handoff_id: of which hand-off.
        by: who takes it back.
        step_id: what they saw that they take back; where something else came last, nothing is undone.
        now: when.
        tell: is handed what became different.

    Raises:
        ChangedError: something happened since.
        NotPossibleError: there is nothing of theirs to take back, or it has qualified again since.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            handoff = get_handoff(handoff_id)
            take_turn(handoff.workspace_id)
            step = find_undoable(handoff, by, now=now)
            if step is None or step_id not in (None, step.pk):
                raise NotPossibleError(
                    f"There is nothing of yours to undo at {handoff.lead}: it was long ago, or something happened since."
                )
            before = {name: from_json(name, value) for name, value in step.before.items()}
            still = HandOff.objects.filter(pk=handoff.pk, revision=handoff.revision)
            if not still.update(**before, revision=F("revision") + 1):
                raise_changed(handoff.pk, by)
            Step.objects.filter(pk=step.pk).update(undone_at=now)
            if step.kind == Step.Kind.DECIDED:
                undo_origin(handoff.workspace, step.origin, now=now)
            if step.kind == Step.Kind.NOTED:
                Note.objects.filter(workspace=handoff.workspace_id, pk=step.said["note"]).delete()
            handoff.refresh_from_db()
            tell([change_of(handoff, step, is_undone=True, at=now)])
    except IntegrityError:
        raise NotPossibleError(
            f"{handoff.lead} has qualified again since, and waits anew: decide that instead."
        ) from None
    step.handoff, step.undone_at = handoff, now
    return step
