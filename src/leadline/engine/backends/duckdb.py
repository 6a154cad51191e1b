"""DuckDB, in this process: the default engine, for CSV, JSON Lines, Parquet and DuckDB files."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from leadline.engine.backends.engine import Source
from leadline.engine.backends.rollup_file import Rollup, read_head
from leadline.engine.compiler.sql import Query
from leadline.engine.inputs.loading import quote_path
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import SourceTable, TableName
from leadline.engine.inputs.tables import read_tables
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.values import ISO_INSTANT_PATTERN, ISO_NAIVE_PATTERN

_CHUNK = 50_000


class DuckDBEngine:
    """An empty database in memory, into which files are read or looked at."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(self, *, memory: str | None = None, threads: int | None = None) -> None:
        """Open it. *memory* is the most that it may use, such as ``1GB``; what does not fit goes to a temporary folder."""
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET enable_progress_bar = false")
        if threads is not None:
            self.connection.execute(f"SET threads = {int(threads)}")
        if memory is not None:
            try:
                self.connection.execute("SET memory_limit = ?", [memory])
            except duckdb.Error:
                message = f"'{memory}' is no amount of memory: write it like 1GB or 800MB."
                raise ProblemsError([Problem(code="bad-value", message=message, where="--memory")]) from None

    def read(self, paths: Mapping[TableName, str], rejects: Rejects) -> dict[TableName, Source]:
        """Read or attach the files of a run."""
        tables = read_tables(self.connection, paths, rejects)
        return {kind: source_of(table) for kind, table in tables.items()}

    def read_rollup(self, path: str) -> Rollup:
        """Look at the roll-up in a file."""
        head = read_head(self.connection, path)
        relation = f"read_parquet({quote_path(path)}, hive_partitioning = false)"
        types = {name: kind for name, kind, *_ in self.fetch(f"DESCRIBE SELECT * FROM {relation}")}
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW rollup_rows AS SELECT * FROM {relation}")
        return Rollup(path=path, relation="rollup_rows", has_integers=types["lead_id"] == "BIGINT", head=head)

    def run(self, sql: str) -> None:
        """Run a statement."""
        self.connection.execute(sql)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(sql).fetchall()

    def make_view(self, name: str, query: str) -> None:
        """Name a query."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def make_table(self, name: str, query: str) -> None:
        """Keep the rows of a query."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Make a table of rows that are here."""
        listed = ", ".join(f"{column} {sql_type}" for column, sql_type in columns.items())
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({listed})")
        unnested = ", ".join(f"unnest(CAST(? AS {sql_type}[]))" for sql_type in columns.values())
        waiting = iter(rows)
        while chunk := list(islice(waiting, _CHUNK)):
            self.connection.execute(
                f"INSERT INTO {name} SELECT {unnested}", [list(cells) for cells in zip(*chunk, strict=True)]
            )

    def microseconds(self, column: str, sql_type: str) -> str:
        """Return a stored time as microseconds."""
        return f"epoch_us({column})"

    def day_number(self, column: str) -> str:
        """Return a stored date as a day number."""
        return f"CAST({column} - DATE '1970-01-01' AS BIGINT)"

    def finite(self, column: str, sql_type: str) -> str:
        """Return a stored number as a finite double."""
        if sql_type.upper() in ("DOUBLE", "FLOAT", "REAL"):
            return f"CASE WHEN isfinite({column}) THEN CAST({column} AS DOUBLE) END"
        return f"CAST({column} AS DOUBLE)"

    def iso_instant(self, column: str, naive_is_utc: bool) -> str | None:
        """Return an ISO text as microseconds where DuckDB reads it as values.read_instant does."""
        with_zone = f"CASE WHEN regexp_matches({column}, '{ISO_INSTANT_PATTERN}') THEN epoch_us(TRY_CAST({column} AS TIMESTAMPTZ))"
        if not naive_is_utc:
            return f"{with_zone} END"
        return f"{with_zone} WHEN regexp_matches({column}, '{ISO_NAIVE_PATTERN}') THEN epoch_us(TRY_CAST({column} AS TIMESTAMP)) END"

    def by_bytes(self, expression: str) -> str:
        """Return the text itself: DuckDB orders texts by their bytes."""
        return expression

    def hand_over(self, query: Query) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Return the connection and the query that gives the result there."""
        return self.connection, query.sql("duckdb")

    def close(self) -> None:
        """Close the database and forget everything in it."""
        self.connection.close()


def source_of(table: SourceTable) -> Source:
    """Return a table that was read from a file as a source."""
    return Source(table.kind, table.relation, table.columns, table.row_column, str(Path(table.path)))


def engine_version() -> str:
    """Return the version of DuckDB: its hashes, and so the fingerprints of a roll-up, are comparable within one version."""
    return f"duckdb {duckdb.__version__}"
