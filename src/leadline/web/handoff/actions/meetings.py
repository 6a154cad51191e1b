"""Meetings: booking one, moving it, cancelling it. Each is a chain of steps, of which the last that stands says how it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leadline.web.accounts.models import User
from leadline.web.handoff.actions.acting import NotPossibleError, State, change, get_handoff
from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.models import HandOff, Step

_LAST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it stands.

    id: that of the step by which it was booked; it stays when it is moved.
    step: what says when and where it is; of one that was cancelled or undone, when it would have been.
    last: its latest step, undone or not.
    sequence: counts what became of it, so that a calendar knows which of two files is newer.
    """

    id: int
    step: Step
    last: Step
    sequence: int
    is_cancelled: bool


def meetings_of(steps: Sequence[Step]) -> list[Meeting]:
    """Return the meetings among the steps of a hand-off, the first booked first."""
    chains: dict[int, list[Step]] = {}
    for step in steps:
        if step.kind in (Step.Kind.MET, Step.Kind.CANCELLED):
            chains.setdefault(step.said.get("meeting") or step.pk, []).append(step)
    found = []
    for pk, chain in chains.items():
        standing = [one for one in chain if one.undone_at is None]
        step = standing[-1] if standing else chain[0]
        sequence = len(chain) - 1 + (len(chain) - len(standing))
        is_cancelled = not standing or step.kind == Step.Kind.CANCELLED
        found.append(Meeting(id=pk, step=step, last=chain[-1], sequence=sequence, is_cancelled=is_cancelled))
    return found


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
    """Write down a meeting that is to come. Who books it has the hand-off from then on; whoever accepted it goes on meeting.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: it begins in the past, lasts no time, is too far ahead, or the hand-off is in the queue no more.
    """
    now = now or timezone.now()
    _check(at, minutes, now)
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        columns = {"touched_at": handoff.touched_at or now, "snoozed_until": None}
        said = {"at": at.isoformat(), "minutes": minutes, "place": place}
        _change(handoff, Step.Kind.MET, by, now, tell, columns, said)
    return handoff


def move_meeting(
    handoff_id: int,
    *,
    meeting: int,
    by: User,
    at: datetime | None = None,
    minutes: int | None = None,
    place: str | None = None,
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> HandOff:
    """Say that a meeting is at another time or place; None: that stays. Whoever has the hand-off may, also after they accepted it.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: as for a new one; or there is no such meeting, it was cancelled, or nothing is said to be otherwise.
    """
    now = now or timezone.now()
    given = {"at": None if at is None else at.isoformat(), "minutes": minutes, "place": place}
    changed = {name: value for name, value in given.items() if value is not None}
    if not changed:
        raise NotPossibleError("Say what is otherwise of the meeting: when it is, how long it lasts, or where.")
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        said = {**_get_meeting(handoff, meeting).step.said, **changed, "meeting": meeting}
        _check(datetime.fromisoformat(said["at"]), said["minutes"], now)
        _change(handoff, Step.Kind.MET, by, now, tell, {}, said)
    return handoff


def cancel_meeting(
    handoff_id: int, *, meeting: int, by: User, now: datetime | None = None, tell: Tell = tell_nobody
) -> HandOff:
    """Say that a meeting does not take place. Whoever has the hand-off may, also after they accepted it.

    Raises:
        AlreadyTakenError: it is somebody else's.
        NotPossibleError: there is no such meeting, or it was cancelled.
    """
    now = now or timezone.now()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        said = {**_get_meeting(handoff, meeting).step.said, "meeting": meeting}
        _change(handoff, Step.Kind.CANCELLED, by, now, tell, {}, said)
    return handoff


def _change(
    handoff: HandOff,
    kind: str,
    by: User,
    now: datetime,
    tell: Tell,
    columns: dict[str, Any],
    said: dict[str, Any],
) -> None:
    if handoff.state == State.WAITING:
        columns = columns | {"state": State.CLAIMED, "owner_id": by.pk, "claimed_at": now}
    mine = Q(state=State.WAITING) | Q(state__in=(State.CLAIMED, State.ACCEPTED), owner=by)
    change(handoff, kind, by=by, now=now, tell=tell, columns=columns, only=mine, said=said)


def _check(at: datetime, minutes: int, now: datetime) -> None:
    if not 1 <= minutes <= 24 * 60:
        raise NotPossibleError("A meeting lasts from 1 minute to a day.")
    if at.year > _LAST_YEAR:
        raise NotPossibleError(f"A meeting is in a year up to {_LAST_YEAR}.")
    if at < now:
        raise NotPossibleError(
            "That moment is over: a meeting is booked ahead. What was said at one that took place is written down as a call or a note."
        )


def _get_meeting(handoff: HandOff, pk: int) -> Meeting:
    steps = list(handoff.steps.order_by("pk"))
    found = next((one for one in meetings_of(steps) if one.id == pk and not one.is_cancelled), None)
    if found is None:
        raise NotPossibleError(f"There is no such meeting with {handoff.lead} any more.")
    return found
