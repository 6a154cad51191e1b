"""What values the data has: the texts of a field, the fields that any input carries, and the last moment."""

from collections.abc import Mapping
from typing import Any, Literal

from leadline.engine.backends.engine import Engine, Source, is_missing, text_of
from leadline.engine.backends.readings import Readings
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.nodes import Field
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName, quote_name, quote_text
from leadline.engine.reference.cells import CellReader, UnfitError, as_written
from leadline.engine.values import is_missing as is_missing_text

Sources = Mapping[TableName, Source]
_TABLES: dict[str, TableName] = {"lead": "leads", "company": "companies", "event": "events"}
_DATED: dict[TableName, str] = {"events": "occurred_at", "facts": "known_at", "outcomes": "at"}


def text_keys(engine: Engine, sources: Sources, of: Field, spec: FieldSpec, cells: CellReader) -> set[str] | None:
    """Return the texts that a field has, in a column or in facts, as conditions compare them; the entries of lists.

    None when the table that would have it was not given.
    """
    source = sources.get(_TABLES[of.scope])
    if source is None:
        return None
    written: list[Any] = []
    if source.column(of.name) is not None:
        name = quote_name(of.name)
        rows = engine.fetch(f"SELECT DISTINCT {name} AS written FROM {source.relation} WHERE {name} IS NOT NULL")
        written += [cell for (cell,) in rows]
    facts = sources.get("facts")
    if facts is not None and of.scope != "event":
        rows = engine.fetch(
            f"SELECT DISTINCT s.value AS written FROM {facts.relation} AS s WHERE s.field = {quote_text(of.name)}"
        )
        written += [cell for (cell,) in rows]
    found: set[str] = set()
    for cell in written:
        try:
            value = cells.value(cell, spec, of.name)
        except UnfitError:
            continue
        if value is not None:
            found.update(value if isinstance(value, tuple) else (str(value),))
    return found


def columns_and_facts(engine: Engine, sources: Sources, table: Literal["leads", "companies"]) -> list[str]:
    """Return the fields that leads or companies have, as columns or as facts."""
    found = [column.name for column in sources[table].columns]
    facts = sources.get("facts")
    id_column = facts.column("lead_id" if table == "leads" else "company_id") if facts else None
    if facts is not None and id_column is not None:
        where = f"NOT {is_missing(text_of(id_column, 's'))}"
        rows = engine.fetch(f"SELECT DISTINCT s.field AS field FROM {facts.relation} AS s WHERE {where}")
        found += [name for (cell,) in rows if not is_missing_text(name := as_written(cell))]
    return list(dict.fromkeys(found))


def last_instant(engine: Engine, sources: Sources, cells: CellReader, *, until_us: int | None) -> int | None:
    """Return the last instant, not after *until_us*, of any event, fact or outcome; None when nothing is dated."""
    readings = Readings(engine, cells, Rejects())
    found = []
    for table, column in _DATED.items():
        source = sources.get(table)
        if source is None or source.column(column) is None:
            continue
        at, _ = readings.instant(source, column, "s")
        where = "" if until_us is None else f" WHERE {at.value} <= {until_us}"
        ((last,),) = engine.fetch(f"SELECT MAX({at.value}) AS last FROM {source.relation} AS s{at.join}{where}")
        found += [] if last is None else [int(last)]
    return max(found, default=None)
