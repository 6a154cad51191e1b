"""DuckDB, in this process: the default engine, for CSV, JSON Lines, Parquet and DuckDB files."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from sqlglot import exp

from leadline.engine.backends.engine import Source
from leadline.engine.backends.rollup_file import Rollup, read_head
from leadline.engine.compiler.sql import Query
from leadline.engine.inputs.loading import quote_path
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import SourceTable, TableName, quote_name
from leadline.engine.inputs.tables import read_tables
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.values import ISO_INSTANT_PATTERN, ISO_NAIVE_PATTERN

_CHUNK = 50_000
_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50}
_OUTSIDE_BYTES = 200 << 20
"""About what the process uses beside what DuckDB counts."""


class DuckDBEngine:
    """An empty database in memory, into which files are read or looked at."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(self, *, memory: str | None = None, threads: int | None = None) -> None:
        """Open it. *memory* is the most that it may use, such as ``1GB``; what does not fit goes to a temporary folder."""
        self.connection = duckdb.connect(":memory:")
        self._made: dict[str, str] = {}
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET enable_progress_bar = false")
        # TRICKY: DuckDB 2.0.0 bounds a sum behind a left join to something that it knows to be empty by 0, and then decides
        # comparisons with it wrongly. tests/engine/backends/test_duckdb.py shows it; right before fast.
        self.connection.execute("SET disabled_optimizers = 'statistics_propagation'")
        if threads is not None:
            self.connection.execute(f"SET threads = {int(threads)}")
        self._temporary = TemporaryDirectory(prefix="leadline-", ignore_cleanup_errors=True)
        self.connection.execute("SET temp_directory = ?", [self._temporary.name])
        self.memory_bytes = None if memory is None else self._limit_memory(memory)

    def _limit_memory(self, memory: str) -> int:
        """Keep the whole process to about *memory*: what DuckDB counts is only a part of it. Return what DuckDB may use."""
        try:
            self.connection.execute("SET memory_limit = ?", [memory])
        except duckdb.Error:
            self.close()
            message = f"'{memory}' is no amount of memory: write it like 1GB or 800MB."
            raise ProblemsError([Problem(code="bad-value", message=message, where="--memory")]) from None
        ((shown,),) = self.fetch("SELECT current_setting('memory_limit')")
        number, unit = str(shown).split()
        own = int(float(number) * _UNITS[unit]) - _OUTSIDE_BYTES
        own = max(own, int(float(number) * _UNITS[unit]) // 2)
        self.connection.execute("SET memory_limit = ?", [f"{own}B"])
        return own

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
        self.connection.execute(sql)
        zoned = [column[0] for column in self.connection.description or () if "TIME ZONE" in str(column[1])]
        if not zoned:
            return self.connection.fetchall()
        # TRICKY: DuckDB gives a time with a zone only where pytz is installed, so it is brought here without its zone.
        plain = ", ".join(f"timezone('UTC', {quote_name(name)}) AS {quote_name(name)}" for name in zoned)
        cursor = self.connection.execute(f"SELECT * REPLACE ({plain}) FROM ({sql}) AS zoned")
        names = [column[0] for column in cursor.description or ()]
        return [
            tuple(
                cell.replace(tzinfo=UTC) if name in zoned and cell is not None else cell
                for name, cell in zip(names, row, strict=True)
            )
            for row in cursor.fetchall()
        ]

    def make_view(self, name: str, query: str) -> None:
        """Name a query."""
        self._make_room("VIEW", name)
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def make_table(self, name: str, query: str) -> None:
        """Keep the rows of a query."""
        self._make_room("TABLE", name)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Make a table of rows that are here."""
        listed = ", ".join(f"{column} {sql_type}" for column, sql_type in columns.items())
        self._make_room("TABLE", name)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({listed})")
        unnested = ", ".join(f"unnest(CAST(? AS {sql_type}[]))" for sql_type in columns.values())
        waiting = iter(rows)
        while chunk := list(islice(waiting, _CHUNK)):
            self.connection.execute(
                f"INSERT INTO {name} SELECT {unnested}", [list(cells) for cells in zip(*chunk, strict=True)]
            )

    def _make_room(self, what: str, name: str) -> None:
        """Forget a view where a table is to be, and the other way round: only the like replaces one another."""
        before = self._made.get(name, what)
        if before != what:
            self.connection.execute(f"DROP {before} IF EXISTS temp.{name}")
        self._made[name] = what

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
        """Return the connection and the query that gives the result there, in the order of lead_id.

        What is known of each lead is computed and sorted here, while a row is still narrow. What follows are only columns
        added to those rows, and DuckDB keeps their order.
        """
        tree = query.tree.copy()
        steps = [step.alias for step in tree.ctes]
        before = steps.index("known") + 1
        known = exp.select(exp.Star()).from_("known").order_by("lead_id")
        known.set("with_", exp.With(expressions=[step.pop() for step in tree.ctes[:before]]))
        self.make_table("known", known.sql("duckdb"))
        self.connection.execute("SET preserve_insertion_order = true")
        return self.connection, tree.sql("duckdb")

    def close(self) -> None:
        """Close the database and forget everything in it."""
        self.connection.close()
        self._temporary.cleanup()


def source_of(table: SourceTable) -> Source:
    """Return a table that was read from a file as a source."""
    return Source(table.kind, table.relation, table.columns, table.row_column, str(Path(table.path)))


def engine_version() -> str:
    """Return the version of DuckDB: its hashes, and so the fingerprints of a roll-up, are comparable within one version."""
    return f"duckdb {duckdb.__version__}"
