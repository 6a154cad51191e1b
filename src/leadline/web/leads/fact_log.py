"""The log of facts: only what says something new is written, and what is written is followed up on cards.

What each source had said before is compared by lead and field, so that saying it again costs nothing, in any order of arrival.
tests/web/leads/test_records.py guards it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadline.web.leads.attribution import Attribution
from leadline.web.leads.card import refresh_cards, refresh_company_cards
from leadline.web.leads.claims import Kind
from leadline.web.leads.facts import text_of
from leadline.web.leads.inserts import insert_rows
from leadline.web.leads.models import Company, Fact, Lead

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
    leads = survivors_of(workspace_id, {fact.lead_id for fact in facts if fact.lead_id is not None})
    _check_companies(workspace_id, {fact.company_id for fact in facts if fact.company_id is not None})
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


def survivors_of(workspace_id: int, ids: set[int]) -> dict[int, int]:
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


def _check_companies(workspace_id: int, ids: set[int]) -> None:
    """Refuse facts about companies that are not there, or another workspace's.

    Raises:
        Company.DoesNotExist: one is not.
    """
    ordered, found = sorted(ids), 0
    for start in range(0, len(ordered), _MOST):
        found += Company.objects.filter(workspace=workspace_id, pk__in=ordered[start : start + _MOST]).count()
    if found != len(ids):
        raise Company.DoesNotExist(f"{len(ids) - found} of the companies that facts are about are not there")


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


def withdrawals(attribution: Attribution, *, now: datetime) -> list[NewFact]:
    """Return what takes back the addresses of those who had only said to have them, and which are somebody else's now."""
    return [
        NewFact(
            lead_id=person.lead.pk,
            field="email",
            value=None,
            known_at=now,
            source=source,
            evidence="the address was vouched for of somebody else",
        )
        for person, key, source in attribution.robbed
        if key[0] == Kind.EMAIL
    ]
