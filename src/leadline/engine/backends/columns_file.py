"""Writes columns that are here as CSV, JSON Lines or Parquet, by DuckDB; a file appears only when it is complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from leadline.engine.backends.result import FORMATS, check_ending
from leadline.engine.inputs.source import quote_name, quote_text
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING = -(2**63)
What = Literal["text", "points", "truth", "number", "instant", "day"]


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a file.

    what: how it is shown: points are whole ten-thousandths, instants microseconds, days day numbers; `NOTHING` is an empty cell.
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
    import numpy as np

    target = Path(path)
    check_ending(target)
    partial = target.with_name(f".{target.name}.part")
    arrays: dict[str, Any] = {}
    shown: list[str] = []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        joins = []
        for place, (name, column) in enumerate(columns.items()):
            arrays[f"c{place}"] = _as_array(column)
            value = f"d.c{place}"
            if column.words is not None:
                words = {"place": np.arange(len(column.words)), "word": np.array([*column.words], dtype=object)}
                connection.register(f"w{place}", words) if len(column.words) else connection.execute(
                    f"CREATE TEMP TABLE w{place} (place BIGINT, word VARCHAR)"
                )
                joins.append(f"LEFT JOIN w{place} ON w{place}.place = d.c{place}")
                value = f"w{place}.word"
            shown.append(f"{_shown(column.what, value, target.suffix.lower())} AS {quote_name(name)}")
        arrays["row"] = np.arange(len(next(iter(arrays.values()))) if arrays else 0)
        connection.register("d", arrays)
        query = f"SELECT {', '.join(shown)} FROM d {' '.join(joins)} ORDER BY d.row"
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
            return f"CAST({value} AS BOOLEAN)"
        case "number":
            shown = f"CAST({value} AS BIGINT)"
        case "text":
            return f"CAST({value} AS VARCHAR)"
    return f"CASE WHEN {value} <> {NOTHING} THEN {shown} END"
