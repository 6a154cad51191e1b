"""Writes columns that are here as CSV, JSON Lines or Parquet, by DuckDB; a file appears only when it is complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from leadline.engine.inputs.source import quote_name, quote_text
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

FORMATS = {
    ".csv": "FORMAT csv, HEADER true",
    ".jsonl": "FORMAT json",
    ".ndjson": "FORMAT json",
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
}
NOTHING = -(2**63)
What = Literal["text", "points", "truth", "number", "instant", "day"]


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a file.

    what: how it is shown: points are whole ten-thousandths, instants microseconds, days day numbers; `NOTHING` is an empty cell,
            of truths any number below 0.
    values: a list (None is an empty cell too), or an array. words: for texts, what the values are places of (-1: an empty cell).
    """

    what: What
    values: "Sequence[Any] | NDArray[Any]"
    words: Sequence[str] | None = None


def write_columns(path: str | Path, columns: Mapping[str, FileColumn]) -> None:
    """Write columns of one length as a table in the format that the ending of *path* names.

    Raises:
        ProblemsError: the ending is none that is written, or the file cannot be written.
    """
    import duckdb

    target = Path(path)
    check_ending(target)
    partial = target.with_name(f".{target.name}.part")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # TRICKY: rows keep their order only where one thread looks words up row by row; sorting them would take the memory anew
        connection.execute("SET threads = 1")
        connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        query = register_columns(connection, "d", columns, target.suffix.lower())
        try:
            connection.execute(f"COPY ({query}) TO {quote_text(str(partial))} ({FORMATS[target.suffix.lower()]})")
            partial.replace(target)
        except (OSError, duckdb.IOException) as error:
            partial.unlink(missing_ok=True)
            message = f"The file cannot be written: {str(error).splitlines()[0]}"
            raise ProblemsError([Problem(code="unreadable-file", message=message, file=str(path))]) from error
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def register_columns(
    connection: "duckdb.DuckDBPyConnection", name: str, columns: Mapping[str, FileColumn], ending: str = ""
) -> str:
    """Give a connection columns of one length and return the query that shows them.

    *name* is what the tables made for it begin with; *ending* that of the file that they go to, if any.
    """
    import numpy as np

    arrays: dict[str, Any] = {}
    shown, joins = [], []
    for place, (title, column) in enumerate(columns.items()):
        arrays[f"c{place}"] = _as_array(column)
        value = f"d.c{place}"
        if column.words is not None:
            table = f"{name}_w{place}"
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} (place BIGINT, word VARCHAR)")
            if len(column.words):
                words = {"place": np.arange(len(column.words)), "word": np.array([*column.words], dtype=object)}
                connection.register(f"{table}_given", words)
                connection.execute(f"INSERT INTO {table} SELECT place, word FROM {table}_given")
                connection.unregister(f"{table}_given")
            joins.append(f"LEFT JOIN {table} ON {table}.place = d.c{place}")
            value = f"{table}.word"
        shown.append(f"{_shown(column.what, value, ending)} AS {quote_name(title)}")
    connection.register(name, arrays)
    return f"SELECT {', '.join(shown)} FROM {name} AS d {' '.join(joins)}"


def check_ending(path: Path) -> None:
    """Refuse a file whose ending names no format.

    Raises:
        ProblemsError: it does not.
    """
    if path.suffix.lower() not in FORMATS:
        message = f"Results are written as {', '.join(FORMATS)}, not as '{path.suffix or path.name}'."
        raise ProblemsError([Problem(code="unsupported-file", message=message, file=str(path))])


def _as_array(column: FileColumn) -> "NDArray[Any]":
    import numpy as np

    if isinstance(column.values, np.ndarray):
        return column.values
    if column.what == "text" and column.words is None:
        return np.array([*column.values], dtype=object)
    if column.what == "truth":
        return np.array(column.values, dtype=np.bool_)
    return np.array([NOTHING if value is None else value for value in column.values], dtype=np.int64)


def _shown(what: What, value: str, ending: str) -> str:
    match what:
        case "points":
            shown = f"CAST(CAST({value} AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS DECIMAL(18, 4))"
        case "instant":
            moment = f"make_timestamp(CAST({value} AS BIGINT))"
            shown = (
                f"timezone('UTC', {moment})" if ending == ".parquet" else f"strftime({moment}, '%Y-%m-%dT%H:%M:%S.%fZ')"
            )
        case "day":
            shown = f"DATE '1970-01-01' + CAST({value} AS INTEGER)"
        case "truth":
            return f"CASE WHEN CAST({value} AS BIGINT) >= 0 THEN CAST({value} AS BOOLEAN) END"
        case "number":
            shown = f"CAST({value} AS BIGINT)"
        case "text":
            return f"CAST({value} AS VARCHAR)"
    return f"CASE WHEN {value} <> {NOTHING} THEN {shown} END"
