"""The prepared tables that a compiled query reads, made from the reference's own logs, in DuckDB.

So the query of a plan, and that of every dialect, is held to the reference apart from how an engine prepares its tables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
from tests.parity.expected import Cells, Expected, ended_spells, points

from leadline.engine.calendar import get_zone
from leadline.engine.compiler.conditions import LIST_SEPARATOR
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.signals import Layout, weight_rows
from leadline.engine.compiler.sql import Query
from leadline.engine.expressions.nodes import Field, Value
from leadline.engine.reference.facts import resolve_facts

_SQL_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "day": "BIGINT", "list": "VARCHAR"}


def prepare(connection: duckdb.DuckDBPyConnection, expected: Expected, plan: Plan, layout: Layout) -> int:
    """Make the tables; return the day before which no event lies."""
    as_of, zone = expected.as_of, get_zone(plan.playbook.timezone)
    fields = (*plan.lead_fields, *plan.company_fields)
    leads, events, outcomes = [], [], []
    properties = {layout.property(field): field for field, _ in plan.event_properties}
    for key, log in enumerate(expected.logs):
        rank = plan.playbook.source_rank
        lead = resolve_facts(log.lead, log.facts, until_us=as_of.until_us, source_rank=rank)
        company = resolve_facts(log.company, log.company_facts, until_us=as_of.until_us, source_rank=rank)
        values = [_cell((company if field.scope == "company" else lead).get(field.name)) for field in fields]
        leads.append([key, log.lead_id, *values])
        for event in log.events:
            if event.at_us <= as_of.until_us and not event.is_bot:
                found = [_cell(_of_kind(event.properties.get(field.name), field)) for field in properties.values()]
                events.append([key, event.name, event.at_us, zone.day_of(event.at_us), *found])
        known = (one for one in log.outcomes if one.at_us <= as_of.until_us)
        outcomes += [[key, one.outcome, one.reason, one.at_us, zone.day_of(one.at_us)] for one in known]
    columns = {layout.field(field): _SQL_TYPES[field.kind] for field in fields}
    kinds = {name: _SQL_TYPES[field.kind] for name, field in properties.items()}
    dated = {"at_us": "BIGINT", "day": "BIGINT"}
    _make(connection, "lead_known", {"lead_key": "BIGINT", "lead_id": "VARCHAR", **columns}, leads)
    _make(connection, "event_known", {"lead_key": "BIGINT", "event": "VARCHAR", **dated, **kinds}, events)
    _make(
        connection,
        "outcome_known",
        {"lead_key": "BIGINT", "outcome": "VARCHAR", "reason": "VARCHAR", **dated},
        outcomes,
    )
    if plan.spells:
        _make(connection, "spell_known", *_ended(expected, plan, layout))
    names, weights = weight_rows(plan, layout)
    _make(connection, "weight", dict.fromkeys(names, "BIGINT"), weights)
    return min((row[3] for row in events), default=as_of.day)


def _ended(expected: Expected, plan: Plan, layout: Layout) -> tuple[dict[str, str], list[list[Any]]]:
    """Return the columns and rows of how many spells had ended before the moment, of those leads of whom any had."""
    columns = {"lead_id": "VARCHAR"} | {layout.names.of("spells", name): "BIGINT" for name in plan.spells}
    rows = []
    for log in expected.logs:
        ended = ended_spells(expected.bound, log, expected.as_of)
        if ended:
            rows.append([log.lead_id, *(ended.get(name, 0) for name in plan.spells)])
    return columns, rows


def _of_kind(value: Value | None, field: Field) -> Value | None:
    """Return a property that has the kind that a condition reads; events may have properties of one name and other kinds."""
    kinds = {"text": str, "number": float, "boolean": bool, "day": int, "list": tuple}
    return value if isinstance(value, kinds[field.kind]) else None


def _cell(value: Value | None) -> Any:
    return (
        f"{LIST_SEPARATOR}{''.join(f'{key}{LIST_SEPARATOR}' for key in value)}" if isinstance(value, tuple) else value
    )


def _make(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    connection.execute(
        f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})"
    )
    if rows:
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in columns)})", rows)


def run(connection: duckdb.DuckDBPyConnection, query: Query, sql: str) -> Iterator[Cells]:
    """Yield the rows of a query as cells of a result, in order of the leads."""
    found = connection.execute(sql).fetchall()
    for row in sorted(found, key=lambda cells: str(cells[0])):
        yield {column.name: _meant(column.what, cell) for column, cell in zip(query.columns, row, strict=True)}


def _meant(what: str, cell: Any) -> Any:
    return points(cell) if what == "points" and cell is not None and not isinstance(cell, Decimal) else cell


def as_rows(cells: Iterable[Cells]) -> list[Cells]:
    """Return cells as a list."""
    return list(cells)
