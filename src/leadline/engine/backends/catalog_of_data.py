"""What the data has: fields, events and their types, asked of the engine. The rules are those of reference/infer.py."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadline.engine.backends.engine import Engine, Source, is_missing, text_of
from leadline.engine.catalog import Catalog, FieldSpec, FieldType, Part
from leadline.engine.expressions.parse import names_in
from leadline.engine.inputs.source import Storage, TableName, quote_name, quote_text
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.cells import as_written, fixed_type
from leadline.engine.reference.infer import EVENT_COLUMNS, IDS
from leadline.engine.values import infer_type
from leadline.engine.values import is_missing as is_missing_text

Sources = Mapping[TableName, Source]
_STORED: dict[Storage, FieldType] = {
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "list": "list",
}


def catalog_of(
    engine: Engine,
    sources: Sources,
    playbook: Playbook,
    *,
    known_events: Mapping[str, Mapping[str, FieldSpec]] | None = None,
) -> Catalog:
    """Return what there is to speak about. Types are looked for only where the playbook has use for them.

    *known_events*: what a roll-up says of the events that it was counted from; they are then not looked at.
    """
    used = {name for clause in playbook.clauses() for name in names_in(clause.text)}
    events = sources.get("events") if known_events is None else None
    names = _event_names(engine, events) if events else []
    properties = _fields(engine, events, EVENT_COLUMNS, used, {}) if events else {}
    seen = dict.fromkeys(names, properties) if known_events is None else dict(known_events)
    open_parts: dict[Part, bool] = {
        "lead": "leads" not in sources,
        "company": "companies" not in sources,
        "events": not seen,
    }
    found = Catalog(
        lead=_fields(
            engine, sources.get("leads"), IDS, used, _fact_values(engine, sources, "lead_id", "company_id", used)
        ),
        company=_fields(
            engine, sources.get("companies"), IDS, used, _fact_values(engine, sources, "company_id", "lead_id", used)
        ),
        events=seen,
        open_parts=frozenset(part for part, is_open in open_parts.items() if is_open),
        seen_events=frozenset(seen) if seen else None,
    )
    declared = {name: spec.properties for name, spec in playbook.events.items()}
    return found.with_declared(playbook.lead_fields, playbook.company_fields, declared)


def _event_names(engine: Engine, events: Source) -> list[str]:
    column = events.column("event")
    assert column is not None
    rows = engine.fetch(f"SELECT DISTINCT {quote_name('event')} AS name FROM {events.relation}")
    return sorted(name for (cell,) in rows if not is_missing_text(name := as_written(cell)))


def _fields(
    engine: Engine, source: Source | None, no_fields: Iterable[str], used: set[str], facts: Mapping[str, list[str]]
) -> dict[str, FieldSpec]:
    """Return the fields of a table and of the facts about its rows, each with the type that its values show."""
    found: dict[str, FieldSpec] = {}
    for column in source.columns if source else ():
        if column.name in no_fields:
            continue
        kind = _STORED.get(column.storage)
        if column.storage in ("text", "other") and column.name in used:
            assert source is not None
            wanted = quote_name(column.name)
            rows = engine.fetch(
                f"SELECT DISTINCT {wanted} AS written FROM {source.relation} WHERE {wanted} IS NOT NULL"
            )
            kind = _infer([as_written(cell) for (cell,) in rows] + facts.get(column.name, []))
        elif (
            kind is not None
            and column.name in used
            and source is not None
            and not _has_value(engine, source, column.name)
        ):
            kind = _infer(facts.get(column.name, []))
        found[column.name] = fixed_type(column.name) or FieldSpec(kind)
    for name, values in facts.items():
        if name not in found:
            found[name] = fixed_type(name) or FieldSpec(_infer(values))
    return found


def _has_value(engine: Engine, source: Source, name: str) -> bool:
    wanted = quote_name(name)
    return bool(engine.fetch(f"SELECT 1 AS one FROM {source.relation} WHERE {wanted} IS NOT NULL LIMIT 1"))


def _infer(values: list[str]) -> FieldType | None:
    known = [value for value in values if not is_missing_text(value)]
    return infer_type(known) if known else None


def _fact_values(engine: Engine, sources: Sources, one_id: str, other_id: str, used: set[str]) -> dict[str, list[str]]:
    """Return the values of each field that facts about leads (or companies) have; of unused fields only the name."""
    facts = sources.get("facts")
    if facts is None or facts.column(one_id) is None:
        return {}
    only = [f"NOT {is_missing(text_of(column, 's'))}" for name in (one_id,) if (column := facts.column(name))]
    only += [is_missing(text_of(column, "s")) for name in (other_id,) if (column := facts.column(name))]
    where = " AND ".join(only)
    found: dict[str, list[str]] = {}
    rows: list[tuple[Any, ...]] = engine.fetch(
        f"SELECT DISTINCT s.field AS field FROM {facts.relation} AS s WHERE {where}"
    )
    for (cell,) in rows:
        if not is_missing_text(name := as_written(cell)):
            found[name] = []
    wanted = [name for name in found if name in used or name.rpartition(".")[2] in used]
    if wanted:
        listed = ", ".join(quote_text(name) for name in wanted)
        rows = engine.fetch(
            f"SELECT DISTINCT s.field AS field, s.value AS written FROM {facts.relation} AS s WHERE {where} AND s.field IN ({listed})"
        )
        for name, cell in rows:
            found[as_written(name)].append(as_written(cell))
    return found
