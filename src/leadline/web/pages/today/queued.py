"""Whom to call first where sales works hand-offs: the head of the queue, in the queue's own order, so that there is one answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.db.models import F, Q, QuerySet

from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import Role
from leadline.web.handoff.models import HandOff, Step
from leadline.web.pages.playbook_words import Named, PlaybookWords
from leadline.web.pages.queue.boxes import boxes_of, of_box
from leadline.web.pages.queue.said import say_why
from leadline.web.pages.today.first import MOST
from leadline.web.pages.today.week import Week

State = HandOff.State
_WINDOW = 64


@dataclass(frozen=True, slots=True)
class Queued:
    """A lead to call: its hand-off, why it is there, its grade, and who works another hand-off of the same lead."""

    handoff: HandOff
    why: str
    grade: Named
    worked_by: User | None


@dataclass(frozen=True, slots=True)
class CallFirst:
    """The head of the queue. box: the box that it is the head of; is_own: whether that is somebody's own."""

    rows: list[Queued]
    box: str
    is_own: bool


def has_queue(workspace_id: int, words: PlaybookWords) -> bool:
    """Return whether sales works hand-offs here: the playbook says what is handed over, and something was."""
    return words.playbook.handoff is not None and HandOff.objects.filter(workspace=workspace_id).exists()


def call_first(member: Membership, words: PlaybookWords, week: Week) -> CallFirst:
    """Return whom to call first: for a rep what waits for them, for everybody else all that is handed over, waiting ones first.

    A lead is in it once, and not when somebody called it today.
    """
    is_own = member.role == Role.REP
    box = next(one for one in boxes_of(member, now=week.now) if one.id == ("for-me" if is_own else "all"))
    rows = _take(of_box(member.workspace_id, box, now=week.now), week.now, {})
    if not is_own and len(rows) < MOST:
        rows = _take(_worked(member.workspace_id, week.now), week.now, rows)
    worked_by = _who_works(rows.values())
    return CallFirst(
        [Queued(one, say_why(one, words), words.grade(one.grade), worked_by.get(one.lead_id)) for one in rows.values()],
        box.id,
        is_own,
    )


def _worked(workspace_id: int, now: datetime) -> QuerySet[HandOff]:
    """Return what somebody has claimed and not put off, the first answer that was due first."""
    rows = HandOff.objects.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now), workspace=workspace_id)
    rows = rows.filter(state=State.CLAIMED).select_related("lead__company", "owner", "team")
    return rows.order_by(F("respond_by").asc(nulls_last=True), "pk")


def _take(handoffs: QuerySet[HandOff], now: datetime, found: dict[int, HandOff]) -> dict[int, HandOff]:
    """Return by lead what was found and the first hand-off of each further lead that nobody called today, up to `MOST`.

    It reads on in windows: hardly anybody who was called today still waits, and to ask it of all that wait would take longer.
    """
    found = dict(found)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for start in count(0, _WINDOW):
        window = list(handoffs[start : start + _WINDOW])
        calls = Step.objects.filter(kind=Step.Kind.CALLED, at__gte=midnight, undone_at=None)
        called = set(
            calls.filter(handoff__lead__in=[one.lead_id for one in window]).values_list("handoff__lead", flat=True)
        )
        for one in window:
            if one.lead_id not in called and len(found) < MOST:
                found.setdefault(one.lead_id, one)
        if len(found) == MOST or len(window) < _WINDOW:
            break
    return found


def _who_works(handoffs: Iterable[HandOff]) -> dict[int, User]:
    """Return for leads whose waiting hand-off is not their only one who works another."""
    waiting = [one.lead_id for one in handoffs if one.state == State.WAITING]
    rows = HandOff.objects.filter(lead__in=waiting, state=State.CLAIMED).select_related("owner")
    return {one.lead_id: one.owner for one in rows if one.owner}
