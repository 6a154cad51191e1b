"""One hand-off as the queue shows it: the clock, why it is here, what was before, what happened, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from leadline.engine.routing import RoutingWords
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import LEADERS, WORKERS
from leadline.web.assessments.models import Assessment
from leadline.web.handoff.actions.deciding import Decision, decisions_of
from leadline.web.handoff.actions.undoing import UNDO_WITHIN, UNDOABLE, find_undoable
from leadline.web.handoff.actions.working import CALL_RESULTS
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.routing import explain_route
from leadline.web.leads.models import Event
from leadline.web.leads.notes import notes_of
from leadline.web.pages.playbook_words import PlaybookWords, say_id
from leadline.web.playbooks.models import Version

MOST_EVENTS = 6
MOST_POINTS = 6
_ORDINALS = {2: "Second", 3: "Third", 4: "Fourth", 5: "Fifth"}
SAID = {
    Step.Kind.OPENED: "Handed over",
    Step.Kind.ROUTED: "Routed",
    Step.Kind.CLAIMED: "Claimed",
    Step.Kind.RELEASED: "Given back",
    Step.Kind.ASSIGNED: "Given to",
    Step.Kind.CALLED: "Called",
    Step.Kind.MET: "Meeting booked",
    Step.Kind.SNOOZED: "Put off",
    Step.Kind.DECIDED: "Decided",
    Step.Kind.WARNED: "Warned: the answer is due soon",
    Step.Kind.BREACHED: "Late: the answer was due",
    Step.Kind.ESCALATED: "Shown to managers",
    Step.Kind.COOLED: "Cooled",
    Step.Kind.WITHDRAWN: "No longer qualified",
    Step.Kind.MERGED: "Merged",
    Step.Kind.REOPENED: "Qualified again",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A criterion that gave points, with its bar from 0 to 100."""

    title: str
    units: int
    percent: float


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step in words."""

    step: Step
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A hand-off with all that the queue shows of it."""

    handoff: HandOff
    past: str
    reasons: Sequence[Reason]
    events: Sequence[Event]
    steps: Sequence[ShownStep]
    route: RoutingWords | None
    decisions: Sequence[Decision]
    colleagues: Sequence[User]
    notes: Sequence[object]
    may_act: bool
    is_mine: bool
    undoable: Step | None
    times: Sequence[tuple[str, str]]


def show_item(handoff: HandOff, version: Version, words: PlaybookWords, member: Membership, *, now: datetime) -> Item:
    """Return a hand-off as the queue shows it."""
    assessment = Assessment.objects.filter(version=version, lead=handoff.lead_id).first()
    events = Event.objects.filter(lead=handoff.lead_id, is_bot=False, kind__in=Event.BEHAVIOUR).defer("raw")
    colleagues = User.objects.filter(
        memberships__workspace=handoff.workspace_id, memberships__role__in=WORKERS, is_active=True
    ).exclude(pk=handoff.owner_id or 0)
    return Item(
        handoff=handoff,
        past=say_past(handoff, words),
        reasons=_reasons(assessment, words),
        events=list(events.select_related("source").order_by("-occurred_at", "-pk")[:MOST_EVENTS]),
        steps=[_step(one, words) for one in handoff.steps.select_related("by").order_by("pk")],
        route=explain_route(handoff),
        decisions=decisions_of(words.playbook),
        colleagues=list(colleagues.order_by("name", "pk")[:50]),
        notes=notes_of(handoff.lead)[:3],
        may_act=member.role in WORKERS and handoff.is_open and may_have(handoff, member),
        is_mine=handoff.owner_id == member.user_id and handoff.state == HandOff.State.CLAIMED,
        undoable=find_undoable(handoff, member.user, now=now) if member.role in WORKERS else None,
        times=snooze_times(now, ZoneInfo(handoff.workspace.timezone)),
    )


def may_have(handoff: HandOff, member: Membership) -> bool:
    """Return whether a person may act on a hand-off: it waits, or is theirs, or they manage."""
    is_theirs = handoff.owner_id == member.user_id or handoff.state == HandOff.State.WAITING
    return is_theirs or member.role in LEADERS


def say_past(handoff: HandOff, words: PlaybookWords) -> str:
    """Return which time it is, and what was decided last: ``Third time, last recycled for “Not now” on 3 March``."""
    if handoff.number < 2:
        return ""
    before = HandOff.objects.filter(lead=handoff.lead_id, opened_at__lt=handoff.opened_at, decided_at__isnull=False)
    last = before.order_by("-decided_at").first()
    text = f"{_ORDINALS.get(handoff.number, f'{handoff.number}.')} time"
    if last is None:
        return text
    decided = last.decided_at
    assert decided is not None
    why = f" for “{say_reason(words, last.state, last.reason)}”" if last.reason else ""
    return f"{text}, last {words.outcome(last.state).lower()}{why} on {decided.day} {decided:%B}"


def say_reason(words: PlaybookWords, decision: str, reason: str) -> str:
    """Return the title of a reason."""
    outcome = next((one for one in words.playbook.outcomes if one.id == decision), None)
    found = next((one for one in outcome.reasons if one.id == reason), None) if outcome else None
    return say_id(reason, found.title if found else None)


def say_why(handoff: HandOff, words: PlaybookWords) -> str:
    """Return in a line why somebody is in the queue: the hand that they raised, or the criteria that gave most."""
    if handoff.is_hand_raise:
        return say_id(handoff.because)
    return " · ".join(words.reasons(handoff.because)[:2])


def snooze_times(now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return until when something can be put off at a click: moments with their names."""
    local = now.astimezone(zone)
    morning = local.replace(hour=9, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=7 - local.weekday())
    found = {
        "In two hours": local + timedelta(hours=2),
        "Tomorrow, 9:00": morning + timedelta(days=1),
        f"Monday, {monday.day} {monday:%B}, 9:00": monday,
        "In two weeks": morning + timedelta(days=14),
    }
    return [(at.isoformat(timespec="minutes"), name) for name, at in found.items()]


def find_last_of(member: Membership, *, now: datetime) -> Step | None:
    """Return what a person did last in the queue, where they can take it back."""
    last = (
        Step.objects.filter(
            workspace=member.workspace_id,
            by=member.user_id,
            at__gte=now - UNDO_WITHIN,
            undone_at=None,
            kind__in=UNDOABLE,
        )
        .select_related("handoff__lead", "handoff__workspace")
        .order_by("-at", "-pk")
        .first()
    )
    if last is None:
        return None
    found = find_undoable(last.handoff, member.user, now=now)
    return last if found == last else None


def say_step(step: Step, words: PlaybookWords) -> str:
    """Return what somebody did, as a word or two: ``Claimed``, ``Recycled``."""
    if step.kind == Step.Kind.DECIDED:
        return words.outcome(str(step.said.get("decision", "")))
    return SAID[Step.Kind(step.kind)]


def _step(step: Step, words: PlaybookWords) -> ShownStep:
    said = step.said
    match step.kind:
        case Step.Kind.DECIDED:
            reason = said.get("reason")
            parts = [say_reason(words, said["decision"], reason) if reason else "", said.get("text", "")]
        case Step.Kind.CALLED:
            parts = [CALL_RESULTS.get(said.get("result", ""), ""), said.get("text", "")]
        case Step.Kind.MET:
            parts = [str(said.get("at", ""))[:16].replace("T", ", "), said.get("place", "")]
        case Step.Kind.ASSIGNED:
            parts = [said.get("to", "")]
        case Step.Kind.RELEASED:
            parts = [said.get("why", "")]
        case _:
            parts = []
    return ShownStep(step, say_step(step, words), ": ".join(one for one in parts if one))


def _reasons(assessment: Assessment | None, words: PlaybookWords) -> list[Reason]:
    if assessment is None:
        return []
    largest = sorted(assessment.contributions.items(), key=lambda one: -abs(one[1]))[:MOST_POINTS]
    most = max((abs(units) for _, units in largest), default=1) or 1
    return [Reason(words.criterion(name), units, 100 * abs(units) / most) for name, units in largest]
