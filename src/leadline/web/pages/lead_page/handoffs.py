"""The hand-offs of a lead: whether it is handed over now, to whom and until when; what was before; and all of it, step by step.

The page itself asks once (`handed_over_of`); what happened step by step is a page of its own, which is shown in place (`story_of`).
tests/web/pages/test_lead_and_handoffs.py guards both, and test_my_meetings.py the meetings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from leadline.engine.playbook.outcome_words import what_follows
from leadline.engine.routing import RoutingWords
from leadline.engine.values import text_key
from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import WORKERS
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.routing import explain_route
from leadline.web.handoff.withdrawn import with_withdrawing, withdrawn_by
from leadline.web.leads.models import Lead, Note
from leadline.web.leads.notes import notes_of
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.queue.booked import KEPT, ShownMeeting, by_step, show_meetings, with_meetings
from leadline.web.pages.queue.item import may_have
from leadline.web.pages.queue.said import ShownStep, say_number, say_reason, show_step

MOST_HANDOFFS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHandOff:
    """One that waits or is being worked.

    route: why it went to its owner. may_act: whether who looks may claim or decide it. is_mine: whether they have claimed it.
    withdrawn_by: the version by which the lead is no longer qualified, where it was a version.
    """

    handoff: HandOff
    route: RoutingWords | None
    may_act: bool
    is_mine: bool
    withdrawn_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What the page says of a lead's hand-offs.

    accepted: the last one, where who looks has accepted it: there they go on. ahead: meetings that are not over.
    past: which time it is and what was decided last, in a sentence; of a lead that is not handed over now, how often it was.
    """

    open: Sequence[OpenHandOff]
    accepted: HandOff | None
    ahead: Sequence[ShownMeeting]
    count: int
    past: str


@dataclass(frozen=True, slots=True)
class Told:
    """A hand-off, how it ended, and what happened to it, the first first: steps, and the notes of its time. meetings: by their steps."""

    handoff: HandOff
    ended: str
    entries: Sequence[ShownStep | Note]
    meetings: Mapping[int, ShownMeeting]
    route: RoutingWords | None


def handed_over_of(lead: Lead, words: PlaybookWords, member: Membership) -> HandedOver | None:
    """Return what the page says of a lead's hand-offs; None where there never was one. One query."""
    steps = with_meetings(_all_of([lead.pk]), MOST_HANDOFFS)
    found = list(steps)
    if not found:
        return None
    is_worker = member.role in WORKERS
    waiting = [
        OpenHandOff(
            handoff=one,
            route=explain_route(one),
            may_act=is_worker and may_have(one, member),
            is_mine=one.state == HandOff.State.CLAIMED and one.owner_id == member.user_id,
            withdrawn_by=withdrawn_by(one),
        )
        for one in found
        if one.is_open
    ]
    now = timezone.now()
    meetings = [meeting for one in found if one.state in KEPT for meeting in show_meetings(one, steps[one], member)]
    is_accepted = is_worker and found[0].state == HandOff.State.ACCEPTED and found[0].owner_id == member.user_id
    return HandedOver(
        open=waiting,
        accepted=found[0] if is_accepted else None,
        ahead=sorted((one for one in meetings if one.is_ahead(now)), key=lambda one: one.begins_at),
        count=len(found),
        past=_say_past(found, words),
    )


def story_of(lead: Lead, words: PlaybookWords, member: Membership) -> list[Told]:
    """Return all hand-offs of a lead as somebody sees them, the latest first, those of leads that were merged into it among them."""
    merged = list(Lead.objects.filter(merged_into=lead).values_list("pk", flat=True))
    found = list(_all_of([lead.pk, *merged])[:MOST_HANDOFFS])
    steps: dict[int, list[Step]] = {}
    every = Step.objects.filter(handoff__in=[one.pk for one in found]).exclude(kind=Step.Kind.NOTED)
    for step in every.select_related("by").order_by("pk"):
        steps.setdefault(step.handoff_id, []).append(step)
    notes, until = notes_of(lead), None
    told = []
    for one in found:
        own = [note for note in notes if note.at >= one.opened_at and (until is None or note.at < until)]
        entries: list[ShownStep | Note] = [*own, *(show_step(step, words) for step in steps.get(one.pk, ()))]
        meetings = by_step(show_meetings(one, steps.get(one.pk, ()), member, name="story"))
        told.append(Told(one, say_end(one, words), sorted(entries, key=_moment), meetings, explain_route(one)))
        until = one.opened_at
    return told


def say_end(handoff: HandOff, words: PlaybookWords) -> str:
    """Return how a hand-off ended and what followed: ``Recycled for “No budget” by Omar on 3 March 2026: quiet for 180 days``."""
    if handoff.is_open:
        return ""
    at = handoff.decided_at or handoff.cooled_at
    day = f" on {timezone.localtime(at):%-d %B %Y}" if at else ""
    if handoff.decided_at is None:
        number = withdrawn_by(handoff)
        version = f" by version {number}" if number else ""
        return f"{handoff.get_state_display().capitalize()}{version}{day}"
    why = f" for “{say_reason(words, handoff.state, handoff.reason)}”" if handoff.reason else ""
    by = f" by {handoff.decided_by}" if handoff.decided_by else ""
    outcome = next((one for one in words.playbook.outcomes if one.id == handoff.state), None)
    reason = (
        next((one for one in outcome.reasons if text_key(one.id) == text_key(handoff.reason)), None)
        if outcome
        else None
    )
    follows = "; ".join(what_follows(outcome, reason)) if outcome else ""
    return f"{words.outcome(handoff.state).capitalize()}{why}{by}{day}" + (f": {follows}" if follows else "")


def _all_of(lead_ids: Sequence[int]) -> QuerySet[HandOff]:
    rows = with_withdrawing(HandOff.objects.filter(lead__in=lead_ids)).select_related("owner", "team", "decided_by")
    return rows.order_by("-opened_at", "-pk")


def _say_past(found: Sequence[HandOff], words: PlaybookWords) -> str:
    """Return which time it is and how the one before ended; of a lead that is not handed over now, how the last one ended."""
    ended = [one for one in found if not one.is_open]
    if not ended:
        return ""
    waiting = next((one for one in found if one.is_open), None)
    if waiting is None:
        return say_end(ended[0], words)
    decided = next((one for one in ended if one.decided_at), ended[0])
    last = say_end(decided, words)
    time = f"{say_number(waiting)}, last " if waiting.number > 1 else "Before: "
    return time + last[:1].lower() + last[1:]


def _moment(entry: ShownStep | Note) -> datetime:
    return entry.at if isinstance(entry, Note) else entry.step.at
