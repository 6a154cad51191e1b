"""Hand-offs and what people did with them, in words: for the queue, the page of a lead, the API and the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.timezone import localtime

from leadline.web.handoff.actions.working import CALL_RESULTS
from leadline.web.handoff.escalation import SECOND
from leadline.web.handoff.models import HandOff, Step
from leadline.web.pages.playbook_words import PlaybookWords, say_id

_ORDINALS = {2: "Second", 3: "Third", 4: "Fourth", 5: "Fifth"}
SAID = {
    Step.Kind.OPENED: "Handed over",
    Step.Kind.ROUTED: "Routed",
    Step.Kind.CLAIMED: "Claimed",
    Step.Kind.RELEASED: "Given back",
    Step.Kind.ASSIGNED: "Given to",
    Step.Kind.CALLED: "Called",
    Step.Kind.MET: "Meeting booked",
    Step.Kind.CANCELLED: "Meeting cancelled",
    Step.Kind.NOTED: "Note written",
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
class ShownStep:
    """A step in words."""

    step: Step
    title: str
    text: str


def say_past(handoff: HandOff, words: PlaybookWords) -> str:
    """Return which time it is, and what was decided last: ``Third time, last recycled for “Not now” on 3 March``."""
    if handoff.number < 2:
        return ""
    before = HandOff.objects.filter(lead=handoff.lead_id, opened_at__lt=handoff.opened_at, decided_at__isnull=False)
    last = before.order_by("-decided_at").first()
    text = say_number(handoff)
    if last is None:
        return text
    decided = last.decided_at
    assert decided is not None
    why = f" for “{say_reason(words, last.state, last.reason)}”" if last.reason else ""
    return f"{text}, last {words.outcome(last.state).lower()}{why} on {localtime(decided):%-d %B}"


def say_number(handoff: HandOff) -> str:
    """Return which time a lead is handed over: ``Third time``."""
    return f"{_ORDINALS.get(handoff.number, f'{handoff.number}.')} time"


def say_reason(words: PlaybookWords, decision: str, reason: str) -> str:
    """Return the title of a reason."""
    return words.reason(decision, reason)


def say_why(handoff: HandOff, words: PlaybookWords) -> str:
    """Return in a line why somebody is in the queue: the hand that they raised, or the criteria that gave most."""
    if handoff.is_hand_raise:
        return say_id(handoff.because)
    return " · ".join(words.reasons(handoff.because)[:2])


def say_step(step: Step, words: PlaybookWords) -> str:
    """Return what somebody did, as a word or two: ``Claimed``, ``Recycled``."""
    if step.kind == Step.Kind.DECIDED:
        return words.outcome(str(step.said.get("decision", "")))
    if step.kind == Step.Kind.MET and step.said.get("meeting"):
        return "Meeting moved"
    if step.kind == Step.Kind.WITHDRAWN and "version" in step.said:
        begin = "No longer qualified" if step.said.get("while") == "claimed" else "Withdrawn"
        return f"{begin} by version {step.said['version']}"
    return SAID.get(Step.Kind(step.kind), say_id(step.kind))


def say_act(step: Step, words: PlaybookWords | None, zone: ZoneInfo | None = None) -> str:
    """Return what somebody did in a line, with what they gave: ``given to Omar``, ``recycled for “Not now”``.

    zone: of moments; None: the current one.
    """
    said = step.said
    match step.kind:
        case Step.Kind.DECIDED:
            decision, reason = str(said.get("decision", "")), said.get("reason")
            title = words.outcome(decision) if words else say_id(decision)
            why = words.reason(decision, reason) if words and reason else say_id(reason or "")
            return title[:1].lower() + title[1:] + (f" for “{why}”" if reason else "")
        case Step.Kind.CALLED:
            return f"call, “{CALL_RESULTS.get(said.get('result', ''), '')}”"
        case Step.Kind.MET | Step.Kind.CANCELLED:
            what = "cancelled, of" if step.kind == Step.Kind.CANCELLED else "moved to" if said.get("meeting") else "on"
            return f"meeting {what} {say_at(said.get('at'), zone)}"
        case Step.Kind.SNOOZED:
            return f"put off until {say_at(said.get('until'), zone)}"
        case Step.Kind.ASSIGNED:
            return f"given to {said.get('to') or 'somebody'}"
        case _:
            return SAID.get(Step.Kind(step.kind), say_id(step.kind)).lower()


def say_undone(step: Step, words: PlaybookWords | None, zone: ZoneInfo | None = None) -> str:
    """Return what was undone, and how the hand-off is now: ``Undone: Maya Mensah, given to Omar. As before, it waits.``"""
    handoff = step.handoff
    if handoff.state == HandOff.State.CLAIMED:
        now = f"{handoff.owner} has it"
    elif handoff.state == HandOff.State.WAITING:
        now = "it waits" + (f" for {handoff.owner}" if handoff.owner else "")
    else:
        title = words.outcome(handoff.state) if words else say_id(handoff.state)
        now = f"it is {title[:1].lower()}{title[1:]}"
    return f"Undone: {handoff.lead}, {say_act(step, words, zone)}. As before, {now}."


def say_at(text: str | None, zone: ZoneInfo | None = None) -> str:
    """Return a moment that a step keeps, as people read it: ``1 December 2026, 10:00``."""
    if not text:
        return "some time"
    local = timezone.localtime(datetime.fromisoformat(text), zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def show_step(step: Step, words: PlaybookWords) -> ShownStep:
    """Return a step in words."""
    said = step.said
    match step.kind:
        case Step.Kind.DECIDED:
            reason = said.get("reason")
            parts = [say_reason(words, said["decision"], reason) if reason else "", said.get("text", "")]
            parts.append(_say_elsewhere(said, words))
        case Step.Kind.CALLED:
            again = f"again on {say_at(said['again'])}" if said.get("again") else ""
            parts = [CALL_RESULTS.get(said.get("result", ""), ""), again, said.get("text", "")]
        case Step.Kind.MET:
            parts = [say_at(said.get("at")), said.get("place", "")]
        case Step.Kind.CANCELLED:
            parts = [say_at(said.get("at"))]
        case Step.Kind.SNOOZED:
            parts = [f"until {say_at(said.get('until'))}"]
        case Step.Kind.ROUTED:
            why = {"late": "its answer was late", "away": "whoever had it is away"}.get(said.get("why", ""))
            parts = [said.get("to", ""), why] if why else []
        case Step.Kind.ESCALATED if said.get("level") == SECOND["level"]:
            parts = ["to administrators, late for too long"]
        case Step.Kind.WITHDRAWN if said.get("why") == "decided-elsewhere":
            parts = ["decided in another system"]
        case Step.Kind.ASSIGNED:
            parts = [said.get("to", "")]
        case Step.Kind.RELEASED:
            parts = [said.get("why", "")]
        case _:
            parts = []
    return ShownStep(step, say_step(step, words), ": ".join(one for one in parts if one))


def _say_elsewhere(said: Mapping[str, Any], words: PlaybookWords) -> str:
    """Return who reported a decision that was not taken in the queue; nothing of one that was."""
    if "source" not in said:
        return ""
    what = "" if said["outcome"] == said["decision"] else f"{words.outcome(said['outcome'])}, "
    return f"{what}reported by {said['told_by'] or said['source']}"
