"""Turns tables of text into typed ones, as Parquet has them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from leadline.engine.reference.infer import EVENT_COLUMNS
from leadline.engine.values import infer_type, is_missing, read_boolean, read_list, read_number

Rows = list[dict[str, Any]]


def with_types(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """Return the tables with each column stored as what all its values are; those that mix stay text.

    The columns of facts stay text, since each row may be about another field.
    """
    return {name: rows if name == "facts" else _typed(rows) for name, rows in tables.items()}


def _typed(rows: Rows) -> Rows:
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    found = {name: _column(name, cells) for name, cells in columns.items()}
    return [{name: found[name][index] for name in found} for index in range(len(rows))]


def _column(name: str, cells: list[str | None]) -> list[Any]:
    known = [cell for cell in cells if not is_missing(cell)]
    if name.endswith("_id") or name in ("event", "outcome", "reason") or not known:
        whole = all(cell is None or (cell.isdigit() and str(int(cell)) == cell) for cell in cells) and bool(known)
        return [cell and int(cell) for cell in cells] if whole else cells
    if name in ("tags", "tech", "labels") and all(read_list(str(cell), ";") is not None for cell in known):
        return [None if is_missing(cell) else list(read_list(str(cell), ";") or ()) for cell in cells]
    match infer_type(str(cell) for cell in known):
        case "number":
            return [None if is_missing(cell) else read_number(str(cell)) for cell in cells]
        case "boolean":
            return [None if is_missing(cell) else read_boolean(str(cell)) for cell in cells]
        case "date":
            return [None if is_missing(cell) else date.fromisoformat(str(cell).strip()) for cell in cells]
        case "time":
            return _times(cells)
    if name in EVENT_COLUMNS and name == "is_bot":
        return cells
    return cells


def _times(cells: list[str | None]) -> list[Any]:
    """Return times as moments, if all of them have an offset or none has; a column has one type."""
    moments = [None if is_missing(cell) else datetime.fromisoformat(str(cell).strip()) for cell in cells]
    aware = {moment.tzinfo is not None for moment in moments if moment}
    if len(aware) > 1:
        return list(cells)
    return [moment and (moment.astimezone(UTC) if moment.tzinfo else moment) for moment in moments]
