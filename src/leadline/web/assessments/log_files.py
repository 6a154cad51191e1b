"""A workspace's whole log as the files that the engine reads: what `leadline score` makes of them is what the app stores.

The same rows as `logs.py` hands to the engine, with all properties of events, and every cell as the text that it means
(`as_written`). tests/web/api/test_pull.py holds scores of the files to the stored ones.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from leadline.engine.reference.cells import Row, as_written
from leadline.engine.reference.infer import EVENT_COLUMNS
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.logs import LeadRow, cell_of, facts_of_companies, facts_of_leads, outcome_rows
from leadline.web.leads.models import Company, Event, Lead

TABLES = ("leads", "companies", "events", "facts", "outcomes")
_AT_ONCE = 500


def log_rows(workspace: Workspace, table: str) -> Iterator[dict[str, str | None]]:
    """Yield the rows of one of `TABLES`, every cell as text; None for what is missing."""
    if table == "companies":
        companies = Company.objects.filter(workspace=workspace).order_by("pk").values_list("pk", flat=True)
        for pk in companies.iterator(_AT_ONCE):
            yield {"company_id": str(pk)}
        return
    for leads in _leads(workspace):
        yield from map(_written, _rows(leads, table))
    if table == "facts":
        ids = list(Company.objects.filter(workspace=workspace).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), _AT_ONCE):
            yield from map(_written, facts_of_companies(set(ids[start : start + _AT_ONCE])))


def _leads(workspace: Workspace) -> Iterator[Sequence[LeadRow]]:
    """Yield the leads that stand for themselves, some at a time."""
    standing = Lead.objects.filter(workspace=workspace, merged_into=None).order_by("pk")
    last = 0
    while some := list(
        standing.filter(pk__gt=last).values_list("pk", "workspace_id", "company_id", "first_seen_at")[:_AT_ONCE]
    ):
        last = some[-1][0]
        yield some


def _rows(leads: Sequence[LeadRow], table: str) -> Iterator[Row] | Sequence[Row]:
    ids = [pk for pk, *_ in leads]
    match table:
        case "leads":
            return [
                {"lead_id": str(pk), "company_id": None if company is None else str(company), "created_at": seen}
                for pk, _, company, seen in leads
            ]
        case "facts":
            return facts_of_leads(leads)
        case "outcomes":
            return outcome_rows(ids)
        case "events":
            return _events(ids)
        case _:
            raise ValueError(f"there is no table {table!r} in a log")


def _events(ids: Sequence[int]) -> Iterator[Row]:
    events = Event.objects.filter(lead__in=ids, kind__in=Event.BEHAVIOUR).order_by("lead", "occurred_at", "pk")
    columns = ("pk", "lead_id", "name", "occurred_at", "received_at", "is_bot", "properties")
    for pk, lead, name, occurred_at, received_at, is_bot, properties in events.values_list(*columns).iterator(2000):
        row: dict[str, Any] = {
            "event_id": str(pk),
            "lead_id": str(lead),
            "event": name,
            "occurred_at": occurred_at,
            "received_at": received_at,
            "is_bot": is_bot,
        }
        yield row | {one: cell_of(value) for one, value in properties.items() if one not in EVENT_COLUMNS}


def _written(row: Row) -> dict[str, str | None]:
    return {name: as_written(cell) or None for name, cell in row.items()}
