"""The rows of single leads, as they stand in the sources: what the reference needs to assess and explain them.

With a lead come its company and, of events and outcomes, also rows of other leads that share an id with one of its own:
which of them counts must not depend on whom one asks about. tests/engine/test_explain.py holds that.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadline.engine.backends.engine import Engine, Source, text_of
from leadline.engine.inputs.source import TableName, quote_name, quote_text
from leadline.engine.reference.cells import Row, as_written
from leadline.engine.values import is_missing

_NEAR = 2_000


def rows_of_leads(
    engine: Engine, sources: Mapping[TableName, Source], lead_ids: Iterable[str]
) -> dict[str, Sequence[Row]]:
    """Return, for each table that was given, the rows that concern these leads."""
    found: dict[str, Sequence[Row]] = {}
    of_leads = set(lead_ids)
    leads = sources["leads"]
    found["leads"] = _rows(engine, leads, _is_among(leads, "lead_id", of_leads))
    companies = {text for row in found["leads"] if not is_missing(text := as_written(row.get("company_id")))}
    for kind, id_column in (("events", "event_id"), ("outcomes", "outcome_id")):
        source = sources.get(kind)  # type: ignore[call-overload]
        if source is not None:
            found[kind] = _rows(engine, source, _with_twins(source, id_column, of_leads))
    if (source := sources.get("companies")) is not None:
        found["companies"] = _rows(engine, source, _is_among(source, "company_id", companies))
    if (source := sources.get("facts")) is not None:
        concerned = (_is_among(source, "lead_id", of_leads), _is_among(source, "company_id", companies))
        found["facts"] = _rows(engine, source, " OR ".join(concerned))
    return found


def ids_like(engine: Engine, leads: Source, wanted: str) -> list[str]:
    """Return ids of leads that begin like *wanted*, in any case of letters, or else some of them."""
    column = leads.column("lead_id")
    assert column is not None
    text = text_of(column, "s")
    for length in (len(wanted), len(wanted) // 2, 0):
        begins = f"LOWER(SUBSTRING({text}, 1, {length})) = {quote_text(wanted[:length].lower())}" if length else "1 = 1"
        query = f"SELECT DISTINCT {text} AS id FROM {leads.relation} AS s WHERE {begins} ORDER BY 1 LIMIT {_NEAR}"
        found = [as_written(cell) for (cell,) in engine.fetch(query) if not is_missing(as_written(cell))]
        if found:
            return found
    return []


def _is_among(source: Source, name: str, ids: Iterable[str]) -> str:
    column = source.column(name)
    listed = ", ".join(quote_text(one) for one in sorted(ids))
    return f"({text_of(column, 's')} IN ({listed}))" if column is not None and listed else "(1 = 0)"


def _with_twins(source: Source, id_column: str, lead_ids: set[str]) -> str:
    own = _is_among(source, "lead_id", lead_ids)
    if source.column(id_column) is None:
        return own
    name = quote_name(id_column)
    own_ids = f"SELECT s.{name} FROM {source.relation} AS s WHERE {own} AND s.{name} IS NOT NULL"
    return f"{own} OR s.{name} IN ({own_ids})"


def _rows(engine: Engine, source: Source, where: str) -> list[dict[str, Any]]:
    names = [column.name for column in source.columns]
    listed = ", ".join(f"s.{quote_name(name)}" for name in names)
    rows = engine.fetch(f"SELECT {listed} FROM {source.relation} AS s WHERE {where}")
    return [dict(zip(names, row, strict=True)) for row in rows]
