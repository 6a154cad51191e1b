"""Which fields, events and properties the data has, and of what type: the catalog that a playbook is bound against.

All rows as they stand in the tables say what there is, also those that are left out later: a type never depends on what
becomes of a row. tests/parity holds every engine to this.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from leadline.engine.catalog import Catalog, FieldSpec, FieldType, Part
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.cells import Cell, Row, as_written, fixed_type
from leadline.engine.values import infer_type, is_missing

IDS = ("lead_id", "company_id")
"""Columns of leads and companies that are no fields."""

EVENT_COLUMNS = ("lead_id", "event", "event_id", "occurred_at", "received_at", "is_bot")
"""Columns of events that are no properties."""


def infer_catalog(playbook: Playbook, tables: Mapping[str, Sequence[Row]]) -> Catalog:
    """Return what there is to speak about.

    - What the playbook declares wins.
    - A typed column keeps its type. A column of text is a number, boolean, date or time only if all its values are,
      over the column and the facts of that field together; ``model.…`` is a number, ``consent.…`` and ``questions.…``
      are text. Without any value the type is unknown: its use decides.
    - A fact makes a field, also one that is no column. It belongs to leads or companies by the one id that it has.
    - An event is a name that occurs; it has all property columns of the table.
    - An input that was not given leaves its part open, and so does a table of events without rows.
    """
    events = tables.get("events") or ()
    facts = [row for row in tables.get("facts") or () if not is_missing(as_written(row.get("field")))]
    properties = _infer_fields(events, EVENT_COLUMNS, ())
    names = dict.fromkeys(as_written(row.get("event")) for row in events)
    parts: dict[Part, bool] = {"company": tables.get("companies") is None, "events": not events}
    found = Catalog(
        lead=_infer_fields(tables["leads"], IDS, _facts_about(facts, "lead_id", "company_id")),
        company=_infer_fields(tables.get("companies") or (), IDS, _facts_about(facts, "company_id", "lead_id")),
        events={name: properties for name in names if not is_missing(name)},
        open_parts=frozenset(part for part, is_open in parts.items() if is_open),
        seen_events=frozenset(names) if events else None,
    )
    declared = {name: spec.properties for name, spec in playbook.events.items()}
    return found.with_declared(playbook.lead_fields, playbook.company_fields, declared)


def _facts_about(facts: Iterable[Row], one_id: str, other_id: str) -> Iterator[Row]:
    return (
        row
        for row in facts
        if not is_missing(as_written(row.get(one_id))) and is_missing(as_written(row.get(other_id)))
    )


def _infer_fields(rows: Iterable[Row], no_fields: Sequence[str], facts: Iterable[Row]) -> dict[str, FieldSpec]:
    cells: dict[str, list[Cell]] = {}
    for row in rows:
        for name, cell in row.items():
            if name not in no_fields:
                cells.setdefault(name, []).append(cell)
    for fact in facts:
        cells.setdefault(as_written(fact["field"]), []).append(as_written(fact.get("value")))
    return {name: fixed_type(name) or FieldSpec(_type_of(column)) for name, column in cells.items()}


def _type_of(cells: Iterable[Cell]) -> FieldType | None:
    known = [cell for cell in cells if not is_missing(as_written(cell))]
    stored = next((kind for cell in known if (kind := _stored_type(cell))), None)
    return stored or (infer_type(as_written(cell) for cell in known) if known else None)


def _stored_type(cell: Cell) -> FieldType | None:
    """Return the type that a cell is stored as; None for text, which may stand for anything."""
    match cell:  # in this order: a truth is an int too, and a moment is a date
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case datetime():
            return "time"
        case date():
            return "date"
        case list():
            return "list"
        case _:
            return None
