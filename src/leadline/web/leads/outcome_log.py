"""The log of outcomes: what people and CRMs report of leads, each once by its id.

All of it in the caller's transaction, within a turn. tests/web/leads/test_records.py guards it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.claims import clean_value
from leadline.web.leads.due import make_due
from leadline.web.leads.fact_log import survivors_of
from leadline.web.leads.models import Event, Identity, Outcome, TakenBack
from leadline.web.leads.turn import take_turn

_MOST = 500
OURS = "leadline"
"""The source of what is decided in the app itself, beside those of CRMs and imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutcome:
    """What somebody reports of a lead. Without an *outcome_id* it is known by what it says: said twice it is one."""

    lead_id: int
    outcome: str
    at: datetime
    source: str
    reason: str = ""
    qualification: str = ""
    value: Decimal | None = None
    opportunity_id: str = ""
    outcome_id: str = ""
    by: str = ""
    origin: str = ""


@dataclass(slots=True)
class Recorded:
    """What became of some facts or outcomes: given = stored + unchanged.

    lead_ids: of whose log grew. reinstated: those of whom a fact put right what they were sent back for.
    """

    stored: int = 0
    unchanged: int = 0
    lead_ids: set[int] = field(default_factory=set)
    reinstated: set[int] = field(default_factory=set)


def record_outcomes(workspace: Workspace, outcomes: Iterable[NewOutcome], *, now: datetime | None = None) -> Recorded:
    """Write outcomes that are not there yet, each once by its id."""
    now = now or timezone.now()
    take_turn(workspace.pk)
    given = list(outcomes)
    leads = survivors_of(workspace.pk, {one.lead_id for one in given})
    of_id: dict[str, NewOutcome] = {}
    for one in given:
        of_id.setdefault(outcome_id_of(one), one)
    ids = sorted(of_id)
    there: set[str] = set()
    for start in range(0, len(ids), _MOST):
        rows = Outcome.objects.filter(workspace=workspace, outcome_id__in=ids[start : start + _MOST])
        there |= set(rows.values_list("outcome_id", flat=True))
    new = {outcome_id: one for outcome_id, one in of_id.items() if outcome_id not in there}
    Outcome.objects.bulk_create(
        [
            Outcome(
                workspace=workspace,
                lead_id=leads[one.lead_id],
                first_lead_id=one.lead_id,
                outcome=one.outcome,
                at=one.at,
                recorded_at=now,
                reason=one.reason,
                qualification=one.qualification,
                value=one.value,
                opportunity_id=one.opportunity_id,
                outcome_id=outcome_id,
                source=one.source,
                by=one.by,
                origin=one.origin,
            )
            for outcome_id, one in new.items()
        ],
        batch_size=_MOST,
    )
    recorded = Recorded(stored=len(new), unchanged=len(given) - len(new))
    recorded.lead_ids = {leads[one.lead_id] for one in new.values()}
    make_due(recorded.lead_ids, now=now)
    return recorded


def take_back_outcome(outcome: Outcome, *, by: str, now: datetime | None = None) -> bool:
    """Take an outcome out of the log, as if it had never been said; return False where somebody was faster.

    That it was said and taken back is kept beside the log (`TakenBack`). Whoever calls it stands for it that nothing else goes with the
    outcome, such as the step of a hand-off. Reported anew it is written anew.
    """
    take_turn(outcome.workspace_id)
    rows = Outcome.objects.filter(pk=outcome.pk)
    found = rows.first()  # merged meanwhile, it is another lead's
    if found is None:
        return False
    keep_taken_back([found], by=by, now=now)
    rows._raw_delete(rows.db)
    make_due([found.lead_id], now=now)
    return True


def keep_taken_back(rows: Iterable[Outcome | Event], *, by: str, now: datetime | None = None) -> None:
    """Keep what leaves the log because it was wrong, with who took it back. In the transaction in which it leaves."""
    TakenBack.objects.bulk_create(_taken_back(one, by, now or timezone.now()) for one in rows)


def _taken_back(one: Outcome | Event, by: str, now: datetime) -> TakenBack:
    kept = TakenBack(
        workspace_id=one.workspace_id,
        lead_id=one.lead_id,
        first_lead_id=one.first_lead_id,
        taken_back_at=now,
        taken_back_by=by[:254],
    )
    if isinstance(one, Event):
        kept.kind, kept.name, kept.at, kept.recorded_at = "event", one.name, one.occurred_at, one.received_at
        kept.known_by, kept.source, kept.said_by = one.message_id, one.source.name, str(one.properties.get("by", ""))
        return kept
    kept.kind, kept.name, kept.at, kept.recorded_at = "outcome", one.outcome, one.at, one.recorded_at
    kept.known_by, kept.source, kept.said_by = one.outcome_id, one.source, one.by
    kept.reason, kept.qualification, kept.value = one.reason, one.qualification, one.value
    kept.opportunity_id = one.opportunity_id
    return kept


def outcome_id_of(outcome: NewOutcome) -> str:
    """Return the id by which an outcome is one: its own, or a hash of what it says."""
    import hashlib
    import json

    if outcome.outcome_id:
        return clean_value(Identity.Kind.CRM, outcome.outcome_id)
    said = [
        outcome.lead_id,
        outcome.outcome,
        outcome.at.timestamp(),
        outcome.source,
        outcome.reason,
        outcome.qualification,
        None if outcome.value is None else str(outcome.value.normalize()),
        outcome.opportunity_id,
    ]
    return "said:" + hashlib.sha256(json.dumps(said).encode()).hexdigest()
