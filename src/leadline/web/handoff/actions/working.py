"""What somebody does with a hand-off that is theirs: calls, meetings, and putting it off."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leadline.web.accounts.models import User
from leadline.web.handoff.actions.acting import AlreadyTakenError, NotPossibleError, State, change, get_handoff
from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.models import HandOff, Step

CALL_RESULTS = {
    "reached": "Reached them",
    "no-answer": "No answer",
    "voicemail": "Left a message",
    "call-back": "They asked for a call later",
    "wrong-number": "Wrong number",
}
LONGEST_SNOOZE = timedelta(days=90)
_LAST_YEAR = 2200


def log_call(
    handoff_id: int, *, by: User, result: str, text: str = "", now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Write down a call and how it went. Who calls has the hand-off from then on.

    Args:
        handoff_id: which one.
        by: who called.
        result: one of `CALL_RESULTS`.
        text: what was said, for people.
        now: when.
        tell: is handed what became different.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: there is no such result, or it is in the queue no more.
    """
    if result not in CALL_RESULTS:
        raise NotPossibleError(f"A call ends with one of {', '.join(CALL_RESULTS)}, not with '{result[:40]}'.")
    return _work(handoff_id, Step.Kind.CALLED, by=by, now=now, tell=tell, said={"result": result, "text": text})


def book_meeting(
    handoff_id: int,
    *,
    by: User,
    at: datetime,
    minutes: int = 30,
    place: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> HandOff:
    """Write down a meeting. Who books it has the hand-off from then on.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: it lasts no time, is in no year that anybody works in, or the hand-off is in the queue no more.
    """
    if not 1 <= minutes <= 24 * 60:
        raise NotPossibleError("A meeting lasts from 1 minute to a day.")
    if not 2000 <= at.year <= _LAST_YEAR:
        raise NotPossibleError(f"A meeting is in a year between 2000 and {_LAST_YEAR}.")
    said = {"at": at.isoformat(), "minutes": minutes, "place": place}
    return _work(handoff_id, Step.Kind.MET, by=by, now=now, tell=tell, said=said)


def _work(handoff_id: int, kind: str, *, by: User, said: dict[str, Any], now: datetime | None, tell: Tell) -> HandOff:
    now = now or timezone.now()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        columns: dict[str, Any] = {"touched_at": handoff.touched_at or now, "snoozed_until": None}
        if handoff.state == State.WAITING:
            columns |= {"state": State.CLAIMED, "owner_id": by.pk, "claimed_at": now}
        mine = Q(state=State.WAITING) | Q(state=State.CLAIMED, owner=by)
        change(handoff, kind, by=by, now=now, tell=tell, columns=columns, only=mine, said=said)
    return handoff


def snooze(
    handoff_id: int, *, by: User, until: datetime, now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Put a hand-off off until a moment. It moves down the queue; the promise of an answer stays what it was.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: the moment is over or too far away, or it is in the queue no more.
    """
    now = now or timezone.now()
    if not now < until <= now + LONGEST_SNOOZE:
        raise NotPossibleError(f"Choose a moment from now to {LONGEST_SNOOZE.days} days ahead.")
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        if handoff.state == State.CLAIMED and handoff.owner_id != by.pk:
            raise AlreadyTakenError(f"{handoff.lead} was already taken by {handoff.owner}.", handoff)
        columns = {"snoozed_until": until}
        mine = Q(state=State.WAITING) | Q(state=State.CLAIMED, owner=by)
        said = {"until": until.isoformat()}
        change(handoff, Step.Kind.SNOOZED, by=by, now=now, tell=tell, columns=columns, only=mine, said=said)
    return handoff
