"""From rows of the database to logs of the engine: what is known of some leads, as a playbook reads it.

The engine reads, not this: rows are handed to `reference.read`, which says what a cell means. Rows that were merged point to the
survivor already. Of events, what somebody did counts (`Event.BEHAVIOUR`); who they are is in facts. What was sent (`raw`) is never
loaded. In the engine a lead is called ``str(lead.pk)`` and a company ``str(company.pk)``.

Some fields follow from others and are stored nowhere: seniority and function from the title (`leads.titles`), email_domain from the
address. Each has the source and the time of the fact that it follows from, and yields to what its source says itself. Words on consent
are read as of one source, so that the latest counts (`leads.consent`).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from leadline.engine.reference.cells import Cell, Row
from leadline.engine.reference.log import Event as LoggedEvent
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.web.leads.consent import is_consent, words_of_one_source
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.models import Event, Fact, Lead, Outcome
from leadline.web.leads.titles import FIELDS, derive_from_titles, find_title_rules
from leadline.web.playbooks.queries import Compiled

_MOST_IDS = 500
"""Leads that are asked for at once: SQLite takes a limited number of values in a query."""

LeadRow = tuple[int, int, int | None, datetime]
"""A lead's id, its workspace's, its company's, and when it was first seen."""


def read_logs_of(compiled: Compiled, lead_ids: Iterable[int]) -> list[LeadLog]:
    """Return the logs of some leads, as a playbook reads them, in the order of their ids as texts."""
    ids = sorted(set(lead_ids))
    logs: list[LeadLog] = []
    for start in range(0, len(ids), _MOST_IDS):
        logs += _read_part(compiled, ids[start : start + _MOST_IDS])
    return sorted(logs, key=lambda one: one.lead_id)


def _read_part(compiled: Compiled, ids: Sequence[int]) -> list[LeadLog]:
    columns = ("pk", "workspace_id", "company_id", "first_seen_at")
    leads: list[LeadRow] = list(Lead.objects.filter(pk__in=ids).values_list(*columns))
    companies = {company for *_, company, _ in leads if company is not None}
    tables: dict[str, Sequence[Row]] = {
        "leads": [
            {"lead_id": str(pk), "company_id": None if company is None else str(company), "created_at": seen}
            for pk, _, company, seen in leads
        ],
        "companies": [{"company_id": str(company)} for company in companies],
        "events": _rows_of_leads(compiled, ids),
        "facts": facts_of_leads(leads) + facts_of_companies(companies),
        "outcomes": outcome_rows(ids),
    }
    return read_logs(compiled.bound, tables).logs


def read_events(compiled: Compiled, events: QuerySet[Event]) -> dict[int, LoggedEvent]:
    """Return some events as a playbook reads them, by their ids."""
    rows = [{**row, "event_id": str(pk)} for pk, row in _event_rows(compiled, events)]
    leads = [{"lead_id": lead} for lead in sorted({str(row["lead_id"]) for row in rows})]
    logs = read_logs(compiled.bound, {"leads": leads, "events": rows}).logs
    return {int(one.event_id): one for log in logs for one in log.events if one.event_id}


def _rows_of_leads(compiled: Compiled, ids: Sequence[int]) -> list[Row]:
    """Return what leads did. Such rows get no `event_id`: a source has one row a message, so the engine need not look for twins."""
    events = Event.objects.filter(lead__in=ids, kind__in=Event.BEHAVIOUR).order_by("lead", "occurred_at", "pk")
    return [row for _, row in _event_rows(compiled, events)]


def _event_rows(compiled: Compiled, events: QuerySet[Event]) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield events by their ids, with the properties that conditions read of them."""
    wanted: dict[str, list[str]] = {}
    of_all: list[str] = []
    for field, names in compiled.plan.event_properties:
        for name in names:
            wanted.setdefault(name, []).append(field.name)
        if "*" in names:
            of_all.append(field.name)
    columns = ("pk", "lead_id", "name", "occurred_at", "received_at", "is_bot", "properties")
    for pk, lead, name, occurred_at, received_at, is_bot, properties in events.values_list(*columns).iterator(2000):
        row: dict[str, Cell] = {
            "lead_id": str(lead),
            "event": name,
            "occurred_at": occurred_at,
            "received_at": received_at,
            "is_bot": is_bot,
        }
        if properties:
            for one in (*wanted.get(name, ()), *of_all):
                if one in properties and one not in row:
                    row[one] = cell_of(properties[one])
        yield pk, row


_FACT_COLUMNS = ("field", "value", "known_at", "recorded_at", "source")
_READ_FOR_OTHERS = ("title", *FIELDS)
"""What seniority and function are made of."""


def facts_of_leads(leads: Sequence[LeadRow]) -> list[Row]:
    """Return what is known of some leads, with what follows from it and is stored nowhere."""
    found = Fact.objects.filter(lead__in=[pk for pk, *_ in leads]).exclude(field=COMPANY_LINK).order_by("pk")
    rows: list[Row] = []
    said: list[Fact] = []
    for lead, *more in found.values_list("lead_id", *_FACT_COLUMNS):
        if not is_consent(more[0]):
            rows.append(_fact_row({"lead_id": str(lead)}, *more))
        if more[0] in _READ_FOR_OTHERS or is_consent(more[0]):
            said.append(Fact(lead_id=lead, **dict(zip(_FACT_COLUMNS, more, strict=True))))
    rules = [rule for workspace in {workspace for _, workspace, *_ in leads} for rule in find_title_rules(workspace)]
    for fact in [*derive_from_titles(said, rules), *words_of_one_source(said)]:
        about: dict[str, Cell] = {"lead_id": str(fact.lead_id)}
        rows.append(_fact_row(about, fact.field, fact.value, fact.known_at, fact.recorded_at, fact.source))
    return rows + _domains(rows)


def _domains(rows: Sequence[Row]) -> list[Row]:
    """Return for each address that some facts say, its domain: what comes after the @, empty where there is none."""
    says_itself = {(row["lead_id"], row["source"]) for row in rows if row["field"] == "email_domain"}
    return [
        {**row, "field": "email_domain", "value": str(row["value"] or "").rpartition("@")[2].strip().lower()}
        for row in rows
        if row["field"] == "email" and (row["lead_id"], row["source"]) not in says_itself
    ]


def facts_of_companies(companies: set[int]) -> list[Row]:
    """Return what is known of some companies."""
    found = Fact.objects.filter(company__in=sorted(companies)).order_by("pk") if companies else Fact.objects.none()
    rows = found.values_list("company_id", *_FACT_COLUMNS)
    return [_fact_row({"company_id": str(company)}, *more) for company, *more in rows]


def _fact_row(about: dict[str, Cell], field: str, value: Any, known_at: Any, recorded_at: Any, source: str) -> Row:
    return {
        **about,
        "field": field,
        "value": cell_of(value),
        "known_at": known_at,
        "recorded_at": recorded_at,
        "source": source,
    }


def outcome_rows(ids: Sequence[int]) -> list[Row]:
    """Return what was reported of some leads."""
    columns = ("lead_id", "outcome", "at", "recorded_at", "reason", "qualification", "source")
    found = Outcome.objects.filter(lead__in=ids).order_by("pk").values_list(*columns)
    return [
        {
            "lead_id": str(lead),
            "outcome": outcome,
            "at": at,
            "recorded_at": recorded_at,
            "reason": reason,
            "qualification": qualification,
            "source": source,
        }
        for lead, outcome, at, recorded_at, reason, qualification, source in found
    ]


def cell_of(value: Any) -> Cell:
    """Return a JSON value as a cell. What a cell cannot be becomes its JSON text: nobody's data stops an assessment."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case list():
            return [
                one if isinstance(one, str | bool | int | float) or one is None else json.dumps(one) for one in value
            ]
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
