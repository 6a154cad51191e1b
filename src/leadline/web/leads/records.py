"""What is written to the log besides events: facts, outcomes, and leads and companies by what they are called.

All of it in the caller's transaction, within a turn. What was written already is not written again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.attribution import Attribution
from leadline.web.leads.card import refresh_cards, refresh_company_cards
from leadline.web.leads.claims import clean_value, make_claim
from leadline.web.leads.companies import domain_key, find_by_domain, group_key, registrable_domain
from leadline.web.leads.due import make_due
from leadline.web.leads.facts import text_of
from leadline.web.leads.inserts import insert_rows
from leadline.web.leads.models import Company, Fact, Identity, Lead, Outcome
from leadline.web.leads.turn import take_turn
from leadline.web.leads.undo import undo_origin

__all__ = [
    "NewFact",
    "NewOutcome",
    "Recorded",
    "find_lead",
    "find_or_make_company",
    "find_or_make_lead",
    "follow_facts",
    "make_companies",
    "record_facts",
    "record_outcomes",
    "undo_origin",
    "write_facts",
]
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFact:
    """A value that somebody says a field has, of a lead or of a company. None or an empty text takes back what the source said."""

    field: str
    value: Any
    known_at: datetime
    source: str
    lead_id: int | None = None
    company_id: int | None = None
    evidence: str = ""
    by: str = ""
    origin: str = ""
    recorded_at: datetime | None = None
    """When we learned of it, where that is not now."""


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
    """What became of some facts or outcomes: given = stored + unchanged. lead_ids: of whose log grew."""

    stored: int = 0
    unchanged: int = 0
    lead_ids: set[int] = field(default_factory=set)


# -- leads and companies ---------------------------------------------------------------------------------------------


def find_lead(workspace: Workspace, kind: str, value: str) -> Lead | None:
    """Return the lead that has an identity, as it is now: the survivor of its merges."""
    found = Identity.objects.select_related("lead").filter(
        workspace=workspace, kind=kind, value=clean_value(kind, value)
    )
    identity = found.first()
    return None if identity is None else identity.lead


def find_or_make_lead(
    workspace: Workspace,
    *,
    identities: Sequence[tuple[Identity.Kind | str, str]],
    source: str,
    is_verified: bool,
    at: datetime,
    origin: str = "",
    now: datetime | None = None,
) -> tuple[Lead, bool]:
    """Return the lead that identities belong to, as it is now, and whether it was made; the rules are those of messages.

    For many at once, `find_or_make_leads` asks the database once.
    """
    made = find_or_make_leads(
        workspace, [identities], source=source, is_verified=is_verified, at=at, origin=origin, now=now
    )
    return made[0]


def find_or_make_leads(
    workspace: Workspace,
    named: Sequence[Sequence[tuple[Identity.Kind | str, str]]],
    *,
    source: str,
    is_verified: bool,
    at: datetime,
    origin: str = "",
    now: datetime | None = None,
    are_followed: bool = False,
) -> list[tuple[Lead, bool]]:
    """Return for each set of identities the lead that they belong to, as it is now, and whether it was made for it.

    With *are_followed* the caller refreshes their cards and makes them due, as it does when it writes facts of all of them
    (`follow_facts`).

    Raises:
        ValueError: of some there is no identity that can be used; say so to whoever sent it before you call this.
    """
    now = now or timezone.now()
    take_turn(workspace.pk)
    claims = [
        make_claim(identities, source=source, is_verified=is_verified, at=at, origin=origin) for identities in named
    ]
    if any(not claim.strong and claim.anonymous is None for claim in claims):
        raise ValueError("There is no identity by which a lead could be found")
    attribution = Attribution(workspace.pk, claims, now=now)
    placed, seen = [], set[int]()
    for claim in claims:
        place = attribution.place(claim)
        placed.append((place, place.first.is_new and id(place.first) not in seen))
        seen.add(id(place.first))
    attribution.save()
    leads = {place.lead.pk for place, _ in placed}
    if not are_followed:
        refresh_cards(leads)
        make_due(leads, now=now)
    fresh = Lead.objects.in_bulk(leads)
    return [(fresh[place.lead.pk], is_made) for place, is_made in placed]


def find_or_make_company(
    workspace: Workspace,
    *,
    domain: str = "",
    group_id: str = "",
    name: str = "",
    origin: str = "",
    now: datetime | None = None,
) -> tuple[Company, bool]:
    """Return a company by what a source calls it (*group_id*), else by its domain, else by its name; and whether it was made.

    The name is how it is found when nothing else is said; it is no fact: record that yourself, with who says so.

    Raises:
        ValueError: nothing was said by which it could be found.
    """
    take_turn(workspace.pk)
    domain = registrable_domain(domain) if domain else ""
    if group_id.strip():
        key = group_key(group_id.strip())
    elif domain:
        known = find_by_domain(workspace.pk, [domain]).get(domain)
        if known is not None:
            return known, False
        key = domain_key(domain)
    elif name.strip():
        key = "name:" + " ".join(name.lower().split())[:240]
    else:
        raise ValueError("There is nothing by which a company could be found: no domain, no group id, no name")
    return Company.objects.get_or_create(
        workspace=workspace,
        key=key,
        defaults={"domain": domain, "name": " ".join(name.split())[:255], "origin": origin},
    )


def make_companies(workspace: Workspace, domains: Iterable[str], *, origin: str = "") -> None:
    """Make the companies of domains that have none yet, as the address of a lead makes one; many at once."""
    take_turn(workspace.pk)
    wanted = sorted(set(domains))
    for start in range(0, len(wanted), _MOST):
        some = wanted[start : start + _MOST]
        there = find_by_domain(workspace.pk, some)
        Company.objects.bulk_create(
            [
                Company(workspace=workspace, key=domain_key(domain), domain=domain, origin=origin)
                for domain in some
                if domain not in there
            ],
            ignore_conflicts=True,
        )


# -- facts -----------------------------------------------------------------------------------------------------------


def record_facts(
    workspace: Workspace, facts: Iterable[NewFact], *, now: datetime | None = None, source_rank: Sequence[str] = ()
) -> Recorded:
    """Write what is new among facts; who says what they said already says nothing new.

    A lead that was merged into another keeps its facts as its own, and the survivor has them.
    """
    now = now or timezone.now()
    take_turn(workspace.pk)
    rows, unchanged = write_facts(workspace.pk, list(facts), now=now)
    recorded = Recorded(stored=len(rows), unchanged=unchanged)
    recorded.lead_ids = follow_facts(workspace.pk, rows, now=now, source_rank=source_rank)
    make_due(recorded.lead_ids, now=now)
    return recorded


def follow_facts(
    workspace_id: int,
    rows: Iterable[Fact],
    *,
    now: datetime,
    source_rank: Sequence[str] = (),
    also: Iterable[int] = (),
) -> set[int]:
    """Refresh the cards of whom facts were written, and of the leads *also*; return all leads whose log or company's log grew."""
    rows = list(rows)
    leads = {row.lead_id for row in rows if row.lead_id is not None}
    companies = {row.company_id for row in rows if row.company_id is not None}
    if companies:
        domains = refresh_company_cards(companies, source_rank)
        people = Lead.objects.filter(workspace=workspace_id, merged_into=None)
        leads |= set(people.filter(company__in=companies).values_list("pk", flat=True))
        if domains:
            leads |= set(people.filter(company__domain__in=domains).values_list("pk", flat=True))
    refresh_cards(leads | set(also), source_rank)
    return leads


def write_facts(workspace_id: int, facts: Sequence[NewFact], *, now: datetime) -> tuple[list[Fact], int]:
    """Write the facts that say something new; return them and how many say nothing new. No card is refreshed.

    A fact says nothing new when its source's last word at that time was the same. Each lead is compared with what was attributed to
    itself: what another had said before they were merged is that one's, and goes back with it.
    """
    if not facts:
        return [], 0
    leads = _standing(workspace_id, {fact.lead_id for fact in facts if fact.lead_id is not None})
    said = _said_before(facts)
    rows: list[Fact] = []
    for fact in facts:
        row = Fact(
            workspace_id=workspace_id,
            lead_id=leads[fact.lead_id] if fact.lead_id is not None else None,
            first_lead_id=fact.lead_id,
            company_id=fact.company_id,
            field=fact.field,
            value=None if fact.value in ("", []) else fact.value,
            known_at=fact.known_at,
            recorded_at=fact.recorded_at or now,
            source=fact.source,
            evidence=fact.evidence[:1000],
            by=fact.by[:254],
            origin=fact.origin,
        )
        history = said.setdefault((fact.lead_id, fact.company_id, fact.field, fact.source), [])
        if _is_news(row, history):
            history.append(_word(row))
            rows.append(row)
    insert_rows(rows)
    return rows, len(facts) - len(rows)


_Word = tuple[datetime, str, str, str]


def _word(row: Fact) -> _Word:
    return (row.known_at, text_of(row), row.evidence, row.origin)


def _is_news(row: Fact, history: Sequence[_Word]) -> bool:
    """Return whether a fact says something else than its source's last word at that time.

    What another import said is not enough: it may be undone.
    """
    at, text, evidence, origin = _word(row)
    ours = [word for word in history if word[3] in ("", origin)]
    if any(word[:3] == (at, text, evidence) for word in ours):
        return False
    before = [word for word in history if word[0] <= at]
    if not before:
        return bool(text) or bool(history)
    last = max(before)
    return last not in ours or last[1] != text or (bool(evidence) and evidence != last[2])


def _standing(workspace_id: int, ids: set[int]) -> dict[int, int]:
    """Return who each lead is now.

    Raises:
        Lead.DoesNotExist: one is not there, or another workspace's.
    """
    found: dict[int, int] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _MOST):
        rows = Lead.objects.filter(workspace=workspace_id, pk__in=ordered[start : start + _MOST])
        found |= {pk: into or pk for pk, into in rows.values_list("pk", "merged_into_id")}
    if len(found) != len(ids):
        raise Lead.DoesNotExist(f"{len(ids) - len(found)} of the leads that facts are about are not there")
    return found


def _said_before(facts: Sequence[NewFact]) -> dict[tuple[int | None, int | None, str, str], list[_Word]]:
    """Return what the same sources said of the same fields of the same leads and companies."""
    fields = sorted({fact.field for fact in facts})
    sources = sorted({fact.source for fact in facts})
    found: dict[tuple[int | None, int | None, str, str], list[_Word]] = {}
    for column in ("first_lead", "company"):
        ids = sorted({fact.lead_id if column == "first_lead" else fact.company_id for fact in facts} - {None})  # type: ignore[type-var]
        for start in range(0, len(ids), _MOST):
            rows = Fact.objects.filter(
                **{f"{column}__in": ids[start : start + _MOST]}, field__in=fields, source__in=sources
            )
            for row in rows.only(
                "first_lead_id", "company_id", "field", "source", "known_at", "value", "evidence", "origin"
            ):
                key = (row.first_lead_id, row.company_id, row.field, row.source)
                found.setdefault(key, []).append(_word(row))
    return found


# -- outcomes --------------------------------------------------------------------------------------------------------


def record_outcomes(workspace: Workspace, outcomes: Iterable[NewOutcome], *, now: datetime | None = None) -> Recorded:
    """Write outcomes that are not there yet, each once by its id."""
    now = now or timezone.now()
    take_turn(workspace.pk)
    given = list(outcomes)
    leads = _standing(workspace.pk, {one.lead_id for one in given})
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
