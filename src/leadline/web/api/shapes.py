"""What the API answers: the shapes, and how rows become them.

Points are decimal numbers with up to four places, exactly what the engine computed (it counts in ten-thousandths). Times are ISO 8601
in UTC with microseconds where there are any, days are dates of the playbook's zone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import PlainSerializer, WithJsonSchema

from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import date_text
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.assessments.reasons import read_reasons
from leadline.web.leads.facts import FieldValue
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome
from leadline.web.playbooks.models import Version


def iso(moment: datetime) -> str:
    """Return a moment as the API writes it.

    >>> iso(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '2026-03-01T09:30:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Value = Annotated[
    Any, WithJsonSchema({"description": "A text, a number, a boolean or a list of texts; null: withdrawn"})
]
Points = dict[str, float]


def points_of(units: Mapping[str, int]) -> Points:
    """Return ten-thousandths as points: the shortest decimal number of each is exact.

    >>> points_of({"fit": 123_456, "heat": -5_000})
    {'fit': 12.3456, 'heat': -0.5}
    """
    return {name: value / POINT for name, value in units.items()}


def _day(number: int | None) -> str | None:
    return None if number is None else date_text(number)


# -- who ------------------------------------------------------------------------------------------------------------


class CompanyName(Schema):
    """A company, as a lead names it."""

    id: int
    name: str
    domain: str


class Reason(Schema):
    """One of the largest contributions."""

    criterion: str
    points: float


class AssessmentOut(Schema):
    """What a version of the playbook says of a lead at a moment."""

    version: int
    as_of: Moment
    is_current: bool
    scores: Points
    contributions: Points
    coverage: Points
    grade: str
    persona: str
    excluded_by: str
    answers: dict[str, str]
    reasons: list[Reason]
    qualifications: list[str]
    stage: str
    next_step: str
    cools_on: Day | None
    turns_on: Day | None
    changes_on: Day | None


class LeadOut(Schema):
    """A lead with what the live version says of it; `assessment` is null before it was assessed."""

    id: int
    name: str
    email: str
    title: str
    country: str
    is_known: bool
    lead_source: str
    first_source: str
    company: CompanyName | None
    first_seen_at: Moment
    last_seen_at: Moment | None
    merged_into: int | None
    assessment: AssessmentOut | None


class IdentityOut(Schema):
    """By what a source recognises a lead."""

    kind: str
    value: str
    is_verified: bool
    source: str


class LeadDetail(LeadOut):
    """A lead with its identities."""

    identities: list[IdentityOut]


class CompanyOut(Schema):
    """A company."""

    id: int
    key: str
    name: str
    domain: str
    industry: str
    country: str
    employees: int | None
    created_at: Moment


def assessment_of(one: Assessment, version: int, *, is_current: bool) -> dict[str, Any]:
    """Return a row of assessments as it is shown."""
    return {
        "version": version,
        "as_of": one.as_of,
        "is_current": is_current,
        "scores": points_of(one.scores),
        "contributions": points_of(one.contributions),
        "coverage": points_of(one.coverage),
        "grade": one.grade,
        "persona": one.persona,
        "excluded_by": one.excluded_by,
        "answers": one.answers,
        "reasons": [{"criterion": name, "points": float(points)} for name, points in read_reasons(one.reasons)],
        "qualifications": one.qualifications,
        "stage": one.stage,
        "next_step": one.next_step,
        "cools_on": _day(one.cools_day),
        "turns_on": _day(one.turns_day),
        "changes_on": _day(one.next_change_day),
    }


def lead_of(lead: Lead, assessment: Assessment | None, version: Version | None) -> dict[str, Any]:
    """Return a lead as it is shown; its company has to be loaded."""
    company = lead.company
    said = None
    if assessment is not None and version is not None:
        said = assessment_of(assessment, version.number, is_current=lead.due_at is None)
    return {
        "id": lead.pk,
        "name": lead.name,
        "email": lead.email,
        "title": lead.title,
        "country": lead.country,
        "is_known": lead.is_known,
        "lead_source": lead.lead_source,
        "first_source": lead.first_source,
        "company": None if company is None else {"id": company.pk, "name": company.name, "domain": company.domain},
        "first_seen_at": lead.first_seen_at,
        "last_seen_at": lead.last_seen_at,
        "merged_into": lead.merged_into_id,
        "assessment": said,
    }


def company_of(company: Company) -> dict[str, Any]:
    """Return a company as it is shown."""
    named = ("key", "name", "domain", "industry", "country", "employees", "created_at")
    return {"id": company.pk} | {name: getattr(company, name) for name in named}


# -- the log --------------------------------------------------------------------------------------------------------


class FactOut(Schema):
    """A dated value of a field, and who said it."""

    id: int
    lead: int | None
    company: int | None
    field: str
    value: Value
    known_at: Moment
    recorded_at: Moment
    source: str
    evidence: str
    by: str


class LoserOut(Schema):
    """A fact that does not hold, and why."""

    fact: FactOut
    because: str


class FieldOut(Schema):
    """What holds of a field, why that, and what else was said."""

    field: str
    value: Value
    because: str
    fact: FactOut | None
    others: list[LoserOut]


class EventOut(Schema):
    """Something that happened."""

    id: int
    lead: int
    source: str
    message_id: str
    kind: str
    name: str
    occurred_at: Moment
    received_at: Moment
    is_bot: bool
    bot_rule: str
    properties: dict[str, Any]
    touch: dict[str, Any]


class OutcomeOut(Schema):
    """What was reported of a lead."""

    id: str
    lead: int
    outcome: str
    at: Moment
    recorded_at: Moment
    reason: str
    qualification: str
    value: str | None
    opportunity_id: str
    source: str
    by: str


def fact_of(fact: Fact) -> dict[str, Any]:
    """Return a fact as it is shown."""
    named = ("field", "value", "known_at", "recorded_at", "source", "evidence", "by")
    about = {"id": fact.pk, "lead": fact.lead_id, "company": fact.company_id}
    return about | {name: getattr(fact, name) for name in named}


def field_of(found: FieldValue) -> dict[str, Any]:
    """Return what holds of a field as it is shown."""
    return {
        "field": found.field,
        "value": found.value,
        "because": found.because,
        "fact": None if found.winner is None else fact_of(found.winner),
        "others": [{"fact": fact_of(one.fact), "because": one.because} for one in found.others],
    }


def event_of(event: Event) -> dict[str, Any]:
    """Return an event as it is shown; its source has to be loaded."""
    named = ("message_id", "kind", "name", "occurred_at", "received_at", "is_bot", "bot_rule", "properties", "touch")
    about = {"id": event.pk, "lead": event.lead_id, "source": event.source.name}
    return about | {name: getattr(event, name) for name in named}


def outcome_of(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it is shown."""
    named = ("outcome", "at", "recorded_at", "reason", "qualification", "opportunity_id", "source", "by")
    value = None if outcome.value is None else str(outcome.value)
    about = {"id": outcome.outcome_id, "lead": outcome.lead_id, "value": value}
    return about | {name: getattr(outcome, name) for name in named}


# -- through time ---------------------------------------------------------------------------------------------------


class SpellOut(Schema):
    """One stay of a lead in a qualification. `id` is the same under every version that finds it."""

    id: str
    lead: int
    version: int
    qualification: str
    number: int
    began_at: Moment
    began_by: str
    hand_raise: str
    ended_at: Moment | None
    ended_by: str
    ended_because: str
    reason: str
    outcome: str
    cools_on: Day | None
    noticed_at: Moment
    scores: Points
    grade: str
    contributions: Points
    first_touch: dict[str, Any]
    last_touch: dict[str, Any]


class MoveOut(Schema):
    """A move of a lead from one stage to another."""

    lead: int
    version: int
    at: Moment
    before: str
    after: str
    because: str
    is_forward: bool


def spell_of(spell: Spell, version: int) -> dict[str, Any]:
    """Return a spell as it is shown, with what was true when it began."""
    named = (
        "qualification", "number", "began_at", "began_by", "hand_raise", "ended_at", "ended_by", "ended_because",
        "reason", "outcome", "noticed_at", "first_touch", "last_touch",
    )  # fmt: skip
    began = int(spell.began_at.timestamp() * 1_000_000)
    evidence = spell.evidence
    return {
        "id": f"{spell.lead_id}-{spell.qualification}-{began}",
        "lead": spell.lead_id,
        "version": version,
        "cools_on": _day(spell.cools_day),
        "scores": points_of(evidence.get("scores", {})),
        "grade": evidence.get("grade", ""),
        "contributions": points_of(evidence.get("contributions", {})),
    } | {name: getattr(spell, name) for name in named}


def move_of(move: StageMove, version: int) -> dict[str, Any]:
    """Return a move as it is shown."""
    named = ("at", "before", "after", "because", "is_forward")
    return {"lead": move.lead_id, "version": version} | {name: getattr(move, name) for name in named}


# -- playbooks ------------------------------------------------------------------------------------------------------


class VersionOut(Schema):
    """A version of the playbook, without its text. `proposal`: the number of the proposal that it was."""

    number: int
    proposal: int | None
    name: str
    state: str
    note: str
    problem: str
    plan_hash: str
    published_at: Moment
    published_by: str | None
    live_at: Moment | None


class VersionDetail(VersionOut):
    """A version with its text and its cases."""

    toml: str
    cases: str


def version_of(version: Version) -> dict[str, Any]:
    """Return a version as it is shown; who published it has to be loaded."""
    named = ("number", "name", "state", "note", "problem", "plan_hash", "published_at", "live_at", "toml", "cases")
    by = None if version.published_by is None else version.published_by.email
    proposal = getattr(version, "proposal", None)
    return {"published_by": by, "proposal": proposal.number if proposal else None} | {
        name: getattr(version, name) for name in named
    }
