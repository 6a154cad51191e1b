"""The small contract that every engine keeps: what preparation and plan ask of a database.

Statements of preparation are written once, in the dialect of DuckDB and only with what all engines have, and translated by
the engine. Everything in which engines differ in *meaning* is a method here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from leadline.engine.inputs.source import SourceColumn, Storage, TableName, quote_name

ColumnType = Literal["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"]


@dataclass(frozen=True, slots=True)
class Source:
    """One of the five tables, where the engine can read it.

    relation:   its name in the engine's SQL, as DuckDB would quote it.
    row_column: the column that numbers its rows for people, if there is one.
    path:       as the user gave it.
    """

    kind: TableName
    relation: str
    columns: tuple[SourceColumn, ...]
    row_column: str | None
    path: str

    def column(self, name: str) -> SourceColumn | None:
        """Return the column of a name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def storage(self, name: str) -> Storage | None:
        """Return how a column is stored, or None when there is none."""
        column = self.column(name)
        return None if column is None else column.storage


class Engine(Protocol):
    """A database that can be asked in SQL."""

    name: str
    dialect: str

    def run(self, sql: str) -> None:
        """Run a statement that is written in DuckDB's dialect."""

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query that is written in DuckDB's dialect."""

    def make_view(self, name: str, query: str) -> None:
        """Name a query, for this run only."""

    def make_table(self, name: str, query: str) -> None:
        """Compute a query once and keep its rows, for this run only."""

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Make a table of rows that are here, with columns of these SQL types, for this run only."""

    def microseconds(self, column: str, sql_type: str) -> str:
        """Return a stored time as microseconds since 1970 in UTC; one without a zone is taken as UTC."""

    def day_number(self, column: str) -> str:
        """Return a stored date as days since 1970-01-01."""

    def finite(self, column: str, sql_type: str) -> str:
        """Return a stored number as a double, NULL where it is not finite."""

    def iso_instant(self, column: str, naive_is_utc: bool) -> str | None:
        """Return an ISO text as microseconds in SQL, NULL where the engine cannot be sure; None: it never can."""

    def by_bytes(self, expression: str) -> str:
        """Return a text so that it is ordered by its UTF-8 bytes."""


def text_of(column: SourceColumn, alias: str) -> str:
    """Return a column as text, as written."""
    name = f"{alias}.{quote_name(column.name)}"
    return (
        name
        if column.storage == "text" and column.sql_type.upper() in ("VARCHAR", "TEXT", "STRING")
        else f"CAST({name} AS VARCHAR)"
    )


def is_integer(column: SourceColumn | None) -> bool:
    """Return whether a column holds whole numbers of at most 64 bits."""
    kind = "" if column is None else column.sql_type.upper()
    return kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "INT", "LONG", "SHORT", "BYTE", "INT2", "INT4", "INT8")


_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


def is_missing(text: str) -> str:
    """Return whether a text is NULL or nothing but spaces."""
    spaces = _SPACES.replace("'", "''")
    return f"({text} IS NULL OR TRIM({text}, '{spaces}') = '')"
