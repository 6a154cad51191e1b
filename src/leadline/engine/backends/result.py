"""The result of a run: rows in the order of lead_id, written as CSV, JSON Lines or Parquet by DuckDB, whatever engine computed it."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.engine.backends.columns_file import FORMATS, FileColumn, check_ending, register_columns
from leadline.engine.compiler.sql import ResultColumn
from leadline.engine.inputs.source import quote_name, quote_text
from leadline.engine.problems import Problem, ProblemsError, how_to_install

if TYPE_CHECKING:
    import duckdb

_BATCH = 10_000


class _Reading:
    """Rows that somebody is reading; when the connection is needed otherwise, the rest waits in memory."""

    def __init__(self, cursor: "duckdb.DuckDBPyConnection") -> None:
        self.cursor: duckdb.DuckDBPyConnection | None = cursor
        self.rest: list[tuple[Any, ...]] = []

    def next_batch(self) -> list[tuple[Any, ...]]:
        """Return some more rows; none when there are no more."""
        if self.cursor is not None:
            return self.cursor.fetchmany(_BATCH)
        batch, self.rest = self.rest, []
        return batch

    def take_rest(self) -> None:
        """Read all that is left now."""
        if self.cursor is not None:
            self.rest, self.cursor = self.cursor.fetchall(), None


class Result:
    """Rows that a query gives; computed when they are asked for, the same each time."""

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        query: str,
        columns: Sequence[ResultColumn],
        *,
        is_ordered: bool = False,
    ) -> None:
        """Take a query. *is_ordered*: its rows come in the order of lead_id already."""
        self.connection = connection
        self.columns = tuple(columns)
        selected = ", ".join(f"{_shown(column)} AS {quote_name(column.name)}" for column in columns)
        self.query = f"SELECT {selected} FROM ({query}) AS assessed"
        self._readings: list[_Reading] = []
        if not is_ordered:
            self.query += f" ORDER BY {quote_name(columns[0].name)}"

    def ids_where_any(self, truths: Sequence[str]) -> list[str]:
        """Return the ids of the leads of whom any of some columns is true."""
        where = " OR ".join(quote_name(name) for name in truths)
        if not where:
            return []
        self._set_aside()
        return [
            lead_id
            for (lead_id,) in self.connection.execute(f"SELECT lead_id FROM ({self.query}) WHERE {where}").fetchall()
        ]

    def put_beside(self, lead_ids: Sequence[str], columns: Mapping[str, FileColumn]) -> None:
        """Add columns to the right that are here, one entry for each of *lead_ids*."""
        given = {"lead_id": FileColumn("text", lead_ids), **columns}
        beside = register_columns(self.connection, "beside", given)
        listed = ", ".join(f"b.{quote_name(name)}" for name in columns)
        self.query = (
            f"SELECT r.*, {listed} FROM ({self.query}) AS r LEFT JOIN ({beside}) AS b ON b.lead_id = r.lead_id"
            " ORDER BY r.lead_id"
        )
        self.columns = (*self.columns, *(ResultColumn(name, column.what) for name, column in columns.items()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows as dictionaries: points as Decimal with four places, truths as bool, texts as str, or None."""
        self._set_aside()
        reading = _Reading(self.connection.execute(self.query))
        self._readings.append(reading)
        names = [column.name for column in self.columns]
        while batch := reading.next_batch():
            for row in batch:
                yield dict(zip(names, row, strict=True))
        self._readings.remove(reading)

    def _set_aside(self) -> None:
        """Take the rest of rows that are being read into memory: a connection holds one result at a time."""
        for reading in self._readings:
            reading.take_rest()

    def write(self, path: str | Path) -> None:
        """Write the rows in the format that the ending of *path* names; the file appears only when it is complete.

        Raises:
            ProblemsError: the ending is none that is written, or the file cannot be written.
        """
        target = Path(path)
        check_ending(target)
        partial = target.with_name(f".{target.name}.part")
        import duckdb

        self._set_aside()
        try:
            self.connection.execute(
                f"COPY ({self.query}) TO {quote_text(str(partial))} ({FORMATS[target.suffix.lower()]})"
            )
            partial.replace(target)
        except (OSError, duckdb.IOException) as error:
            partial.unlink(missing_ok=True)
            message = f"The file cannot be written: {str(error).splitlines()[0]}"
            raise ProblemsError([Problem(code="unreadable-file", message=message, file=str(path))]) from error
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def to_arrow(self) -> Any:
        """Return an Arrow table (needs the extra ``frames``)."""
        _need_frames("pyarrow")
        self._set_aside()
        return self.connection.sql(self.query).to_arrow_table()

    def to_polars(self) -> Any:
        """Return a Polars frame (needs the extra ``frames``)."""
        _need_frames("polars")
        import polars

        return polars.from_arrow(self.to_arrow())

    def to_pandas(self) -> Any:
        """Return a pandas frame (needs the extra ``frames``); points are floats there, since pandas has no decimals."""
        _need_frames("pandas")
        self._set_aside()
        return self.connection.sql(self.query).df()


def _need_frames(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        message = f"{package} is not installed: it comes with the extra 'frames', {how_to_install('frames')}."
        raise ProblemsError([Problem(code="missing-input", message=message)])


def _shown(column: ResultColumn) -> str:
    """Return a column as people get it. Points are whole ten-thousandths inside and decimals with four places outside."""
    name = quote_name(column.name)
    if column.what == "points":
        return f"CAST(CAST({name} AS DECIMAL(14, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS DECIMAL(18, 4))"
    return f"CAST({name} AS BOOLEAN)" if column.what == "truth" else f"CAST({name} AS VARCHAR)"
