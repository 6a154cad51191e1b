"""What a file became: a relation in DuckDB with known columns, and what each table must have.

No file is read here; the neighbours do that and return a `SourceTable`.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    import duckdb

TableName = Literal["leads", "companies", "events", "facts", "outcomes"]
Storage = Literal["text", "number", "boolean", "date", "time", "list", "other"]

TABLES: tuple[TableName, ...] = ("leads", "companies", "events", "facts", "outcomes")

REQUIRED: dict[TableName, tuple[tuple[str, ...], ...]] = {
    "leads": (("lead_id",),),
    "companies": (("company_id",),),
    "events": (("lead_id",), ("event",), ("occurred_at",)),
    "facts": (("lead_id", "company_id"), ("field",), ("value",), ("known_at",)),
    "outcomes": (("lead_id",), ("outcome",)),
}
"""What a table cannot do without: of each group one column must be there."""

MOST_COLUMNS = 5_000


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of a source.

    name:     as the file writes it, without spaces at its ends.
    storage:  how its values are kept; everything read from CSV or JSON Lines is *text*, exactly as written.
    sql_type: DuckDB's own name of the type.
    """

    name: str
    storage: Storage
    sql_type: str


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """A file or table that can be queried.

    kind:         which of the five tables it is.
    relation:     its name in SQL, such as ``source_leads``; a view.
    columns:      in the order of the file, without *row_column*.
    row_column:   the column of *relation* that numbers the rows for people, or None when rows have no order. In a
                  CSV file it counts as a spreadsheet does (the header is row 1), in JSON Lines it is the line, in
                  Parquet and tables the first row is 1.
    path:         as it was given.
    refused_rows: how many rows of the file could not be read and are not in *relation*.
    """

    kind: TableName
    relation: str
    columns: tuple[SourceColumn, ...]
    row_column: str | None
    path: str
    refused_rows: int = 0
    connection: "duckdb.DuckDBPyConnection" = field(repr=False, compare=False)

    @cached_property
    def row_count(self) -> int:
        """How many rows *relation* has; counted when first asked for."""
        found = self.connection.execute(f"SELECT count(*) FROM {self.relation}").fetchone()
        assert found is not None
        return int(found[0])

    @property
    def file_row_count(self) -> int:
        """How many rows the file has, with those that were refused."""
        return self.row_count + self.refused_rows

    def find_column(self, name: str) -> SourceColumn | None:
        """Return the column of this name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def storage_of(sql_type: str) -> Storage:
    """Return how values of a DuckDB type are kept.

    >>> [storage_of(name) for name in ("VARCHAR", "DECIMAL(18,3)", "TIMESTAMP WITH TIME ZONE", "INTEGER[]", "BLOB")]
    ['text', 'number', 'time', 'list', 'other']
    """
    if sql_type.endswith("]"):
        return "list"
    name = re.split(r"[( ]", sql_type, maxsplit=1)[0]
    if name in {"VARCHAR", "ENUM", "UUID", "JSON"}:
        return "text"
    if name in {"FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"} or name.endswith(("INT", "INTEGER")):
        return "number"
    if name.startswith("TIMESTAMP"):
        return "time"
    return {"BOOLEAN": "boolean", "DATE": "date"}.get(name, "other")  # type: ignore[return-value]


def quote_name(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def choose_row_column(names: Iterable[str]) -> str:
    """Return a name for the column of row numbers that no column of the file has.

    >>> choose_row_column(["lead_id", "_ROW"])
    '__row'
    """
    taken = {name.lower() for name in names}
    chosen = "_row"
    while chosen in taken:
        chosen = f"_{chosen}"
    return chosen


def check_columns(kind: TableName, names: Sequence[str], file: str) -> None:
    """Refuse a table whose columns cannot be told apart, or that lacks one it must have.

    Raises:
        ProblemsError: with all that is wrong.
    """
    problems = [*_find_nameless(names, file), *_find_duplicates(names, file)]
    if len(names) > MOST_COLUMNS:
        message = f"The file has {len(names):,} columns; at most {MOST_COLUMNS:,} are read."
        problems.append(Problem(code="too-large", message=message, file=file))
    problems += [
        Problem(code="missing-column", message=_tell_missing(kind, group, names), file=file)
        for group in REQUIRED[kind]
        if not any(name in names for name in group)
    ]
    if problems:
        raise ProblemsError(problems)


def _find_nameless(names: Sequence[str], file: str) -> Iterable[Problem]:
    for position, name in enumerate(names, start=1):
        if not name:
            message = f"Column {position} of {len(names)} has no name in the header. Name it, or remove it."
            yield Problem(code="missing-column", message=message, file=file)


def _find_duplicates(names: Sequence[str], file: str) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for name in filter(None, names):
        before = seen.get(name.lower())
        if before is None:
            seen[name.lower()] = name
            continue
        same = "stands there twice" if before == name else f"differs from '{before}' only in capital letters"
        yield Problem(code="duplicate-column", message=f"The column '{name}' {same}. Rename one.", file=file)


def _tell_missing(kind: TableName, group: tuple[str, ...], names: Sequence[str]) -> str:
    wanted = " or ".join(f"'{name}'" for name in group)
    nearest = next((found for name in group if (found := _find_nearest(name, names))), None)
    hint = f" Did you mean '{nearest}'? Then rename it." if nearest else ""
    shown = ", ".join(f"'{name}'" for name in names[:12]) + (", …" if len(names) > 12 else "")
    return f"The table '{kind}' needs a column {wanted}.{hint} The file has: {shown or 'no columns'}."


def _find_nearest(wanted: str, names: Sequence[str]) -> str | None:
    """Return the name that is *wanted* but for capitals, spaces and a slip of the finger."""
    plain = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in reversed(names)}
    near = difflib.get_close_matches(wanted, list(plain), n=1, cutoff=0.7)
    return plain[near[0]] if near else None
