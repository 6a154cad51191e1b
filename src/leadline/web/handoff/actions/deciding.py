"""What sales decides about a hand-off: it goes into the lead's log as an outcome, and the playbook says what follows from it.

Five refusals are five different things: *rejected* no opportunity now, *recycled* later, *disqualified* never, by who they are,
*excluded* never was a lead, *bad_data* the record cannot be used. So a replay of the log shows the same as the app did.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leadline.engine.playbook.model import BARRING, Playbook, Reason
from leadline.engine.playbook.model import Outcome as OutcomeSpec
from leadline.web.accounts.models import User
from leadline.web.handoff.actions.acting import NotPossibleError, State, change, get_handoff
from leadline.web.handoff.changes import Tell, tell_nobody
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.outcome_log import OURS
from leadline.web.leads.records import NewOutcome, record_outcomes
from leadline.web.leads.turn import take_turn
from leadline.web.playbooks.queries import find_live, get_plan

SOURCE = OURS
REFUSALS = (State.REJECTED, State.RECYCLED, State.DISQUALIFIED, State.EXCLUDED, State.BAD_DATA)


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that can be decided, with the reasons that the playbook gives for it."""

    id: str
    outcome: OutcomeSpec

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """From which one is chosen; none: there is nothing to choose."""
        return self.outcome.reasons


def decisions_of(playbook: Playbook) -> list[Decision]:
    """Return what can be decided by a playbook: all but those that it does not know, such as ``excluded`` where it is not declared."""
    known = {one.id: one for one in playbook.outcomes}
    return [Decision(one, known[one]) for one in (State.ACCEPTED, *REFUSALS) if one in known]


def decide(
    handoff_id: int,
    decision: str,
    *,
    by: User,
    reason: str = "",
    text: str = "",
    is_manager: bool = False,
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> HandOff:
    """Decide a hand-off. Whoever has it may, and managers; of one that waits everybody who works on leads.

    Args:
        handoff_id: which one.
        decision: ``accepted``, ``rejected``, ``recycled``, ``disqualified``, ``excluded`` or ``bad_data``.
        by: who decides.
        reason: one of those that the live playbook gives for the decision; needed where it gives some, except to accept.
        text: more about it, for people.
        is_manager: whether *by* may decide what somebody else has.
        now: when.
        tell: is handed what became different.

    Raises:
        AlreadyTakenError: it is somebody else's, or decided already; the message says whose.
        NotPossibleError: the playbook knows no such decision or reason, or the hand-off is over.
    """
    now = now or timezone.now()
    with transaction.atomic():
        handoff = get_handoff(handoff_id)
        take_turn(handoff.workspace_id)
        is_about_the_lead = _check(handoff, decision, reason)
        whose = Q(state__in=HandOff.OPEN) if is_manager else Q(state=State.WAITING) | Q(state=State.CLAIMED, owner=by)
        columns = {
            "state": decision,
            "owner_id": handoff.owner_id if handoff.state == State.CLAIMED and is_manager else by.pk,
            "claimed_at": handoff.claimed_at or now,
            "decided_at": now,
            "decided_by_id": by.pk,
            "reason": reason,
            "snoozed_until": None,
        }
        said = {"decision": decision, "reason": reason, "text": text}
        step = change(handoff, Step.Kind.DECIDED, by=by, now=now, tell=tell, columns=columns, only=whose, said=said)
        outcome = NewOutcome(
            lead_id=handoff.lead_id,
            outcome=decision,
            at=now,
            source=SOURCE,
            reason=reason,
            qualification="" if is_about_the_lead else handoff.qualification,
            outcome_id=step.origin,
            by=by.email,
            origin=step.origin,
        )
        record_outcomes(handoff.workspace, [outcome], now=now)
    return handoff


def _check(handoff: HandOff, decision: str, reason: str) -> bool:
    """Refuse what the live playbook does not know.

    Returns:
        Whether it is said of the lead and not of this qualification alone: whoever never can be one is none by another road either.

    Raises:
        NotPossibleError: it does not.
    """
    version = find_live(handoff.workspace_id)
    if version is None:
        raise NotPossibleError("No playbook is live, so nothing can be decided by it.")
    known = {one.id: one for one in decisions_of(get_plan(version).playbook)}
    found = known.get(decision)
    if found is None:
        raise NotPossibleError(f"'{decision[:40]}' cannot be decided; what can be is {', '.join(known)}.")
    reasons = [one.id for one in found.reasons]
    if reason and reason not in reasons:
        said = f"one of {', '.join(reasons)}" if reasons else "the playbook gives none"
        raise NotPossibleError(f"'{reason[:40]}' is no reason for it: {said}.")
    if reasons and not reason and decision != State.ACCEPTED:
        raise NotPossibleError(f"Say why: {', '.join(reasons)}.")
    never = any(one.id == reason and one.returns == "never" for one in found.reasons)
    return never or decision in (*BARRING, State.EXCLUDED)
