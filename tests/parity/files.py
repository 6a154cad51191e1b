"""Writes the tables of a scenario as the files that a user would give: CSV, JSON Lines or typed Parquet."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from tests.strategies import Scenario

from leadline.engine.reference.cells import as_written
from leadline.engine.run import Inputs


def write_tables(scenario: Scenario, folder: Path) -> Inputs:
    """Write every table of a scenario and return what `score` is given."""
    writers = {"csv": _write_csv, "jsonl": _write_json_lines, "parquet": _write_parquet}
    paths = {}
    for name, rows in scenario.tables.items():
        kind = scenario.storage if rows else "csv"  # a file of JSON Lines without lines has no columns
        paths[name] = folder / f"{name}.{kind}"
        writers[kind](paths[name], rows, list(rows[0]) if rows else list(NEEDED[name]))
    return Inputs(**{"leads": None, **paths}, naive_zone=scenario.naive_zone)


NEEDED: Mapping[str, tuple[str, ...]] = {
    "leads": ("lead_id",),
    "companies": ("company_id",),
    "events": ("lead_id", "event", "occurred_at"),
    "facts": ("lead_id", "field", "value", "known_at"),
    "outcomes": ("lead_id", "outcome"),
}
"""The columns of a table without rows."""


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(["" if row[name] is None else row[name] for name in names] for row in rows)


def _write_json_lines(path: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Write numbers, truths and arrays as such where that is what the reader makes the same text of."""
    lines = ["{" + ", ".join(f"{json.dumps(name)}: {_json(row[name])}" for name in names) + "}\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")


def _json(cell: str | None) -> str:
    if cell is not None and (cell in ("true", "false") or _is_plain_json(cell)):
        return cell
    return json.dumps(cell, ensure_ascii=False)


def _is_plain_json(cell: str) -> bool:
    """Return whether a text is a JSON number, or an array without spaces."""
    try:
        value = json.loads(cell, parse_constant=lambda _: "")
    except ValueError:
        return False
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return cell == cell.strip() and (is_number or (isinstance(value, list) and " " not in cell))


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    columns = ", ".join(f'"{name}" {_sql_type([row[name] for row in rows])}' for name in names)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE rows ({columns})")
        if rows:
            cells = [[_given(row[name]) for name in names] for row in rows]
            connection.executemany(f"INSERT INTO rows VALUES ({', '.join('?' for _ in names)})", cells)
        connection.execute(f"COPY rows TO '{path}' (FORMAT parquet)")


def _given(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, (bool, int, float, str, list)) else as_written(cell)


def _sql_type(cells: Sequence[Any]) -> str:
    known = next((cell for cell in cells if cell is not None and cell != ""), None)
    match known:
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "DOUBLE"
        case datetime():
            return "TIMESTAMP" if known.tzinfo is None else "TIMESTAMPTZ"
        case date():
            return "DATE"
        case list():
            return "VARCHAR[]"
        case _:
            return "VARCHAR"
