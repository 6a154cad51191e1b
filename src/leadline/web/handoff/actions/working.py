"""What somebody does with a hand-off that is theirs, also once accepted: calls, putting it off; and notes, which everybody may write."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leadline.web.accounts.models import User
from leadline.web.handoff.actions.acting import AlreadyTakenError, NotPossibleError, State, change, get_handoff
from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.notes import add_note

CALL_RESULTS = {
    "reached": "Reached them",
    "no-answer": "No answer",
    "voicemail": "Left a message",
    "call-back": "They asked for a call later",
    "wrong-number": "Wrong number",
}
LONGEST_SNOOZE = timedelta(days=90)


def log_call(
    handoff_id: int,
    *,
    by: User,
    result: str,
    text: str = "",
    again: datetime | None = None,
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> HandOff:
    """Write down a call and how it went. Who calls has the hand-off from then on; whoever accepted it goes on calling.

    Args:
        handoff_id: which one.
        by: who called.
        result: one of `CALL_RESULTS`.
        text: what was said, for people.
        again: when one calls again: it is put off until then.
        now: when.
        tell: is handed what became different.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: there is no such result, it is in the queue no more, or *again* is over or too far away.
    """
    now = now or timezone.now()
    if result not in CALL_RESULTS:
        raise NotPossibleError(f"A call ends with one of {', '.join(CALL_RESULTS)}, not with '{result[:40]}'.")
    said = {"result": result, "text": text}
    if again is not None:
        _check_later(again, now)
        said["again"] = again.isoformat()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        columns: dict[str, Any] = {"touched_at": handoff.touched_at or now, "snoozed_until": again}
        if handoff.state == State.WAITING:
            columns |= {"state": State.CLAIMED, "owner_id": by.pk, "claimed_at": now}
        mine = Q(state=State.WAITING) | Q(state__in=(State.CLAIMED, State.ACCEPTED), owner=by)
        change(handoff, Step.Kind.CALLED, by=by, now=now, tell=tell, columns=columns, only=mine, said=said)
    return handoff


def _check_later(until: datetime, now: datetime) -> None:
    """Refuse what is no moment to put something off to.

    Raises:
        NotPossibleError: it is over or too far away.
    """
    if not now < until <= now + LONGEST_SNOOZE:
        raise NotPossibleError(f"Choose a moment from now to {LONGEST_SNOOZE.days} days ahead.")


def snooze(
    handoff_id: int, *, by: User, until: datetime, now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Put a hand-off off until a moment. It moves down the queue; the promise of an answer stays what it was.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: the moment is over or too far away, or it is in the queue no more.
    """
    now = now or timezone.now()
    _check_later(until, now)
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        if handoff.state == State.CLAIMED and handoff.owner_id != by.pk:
            raise AlreadyTakenError(f"{handoff.lead} was already taken by {handoff.owner}.", handoff)
        columns = {"snoozed_until": until}
        mine = Q(state=State.WAITING) | Q(state=State.CLAIMED, owner=by)
        said = {"until": until.isoformat()}
        change(handoff, Step.Kind.SNOOZED, by=by, now=now, tell=tell, columns=columns, only=mine, said=said)
    return handoff


def write_note(
    handoff_id: int, *, by: User, text: str, now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Keep a note with the lead of a hand-off, whoever has it and however it ended.

    Raises:
        NotPossibleError: the hand-off is gone.
    """
    now = now or timezone.now()
    with transaction.atomic():
        list(HandOff.objects.select_for_update().filter(pk=handoff_id))  # so that nobody is faster and the text is lost
        handoff = get_handoff(handoff_id)
        note = add_note(handoff.lead, text, by=by.email, now=now)
        change(handoff, Step.Kind.NOTED, by=by, now=now, tell=tell, columns={}, said={"note": note.pk})
    return handoff
