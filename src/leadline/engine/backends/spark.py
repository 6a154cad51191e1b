"""Spark: the session that is active, or one on this machine.

All statements run in a session of their own beside it, with its own settings and temporary views; no Python function runs on
a worker. Where Spark runs on this machine, tables between the steps are Parquet files in a temporary folder; on a cluster they stay
with the workers. Needs the extra ``spark`` and Java.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.engine.backends.duckdb import DuckDBEngine
from leadline.engine.backends.engine import Source
from leadline.engine.backends.rollup_file import Rollup
from leadline.engine.backends.spark_tables import (
    PREFIX,
    find_table,
    form_of,
    is_address,
    quote_spark,
    reads_as_it_is,
    write_parquet,
)
from leadline.engine.backends.translation import column_names, translate, with_plain_names
from leadline.engine.compiler.sql import Query
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TABLES, TableName, check_columns, choose_row_column, quote_name, quote_text
from leadline.engine.inputs.tables import read_tables
from leadline.engine.problems import Problem, ProblemsError, how_to_install
from leadline.engine.values import ISO_INSTANT_PATTERN, ISO_NAIVE_PATTERN

if TYPE_CHECKING:
    import duckdb

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
}
_LARGEST = "CAST('1.7976931348623157e308' AS DOUBLE)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS_IN_A_STATEMENT = 5_000
_RESULT_TYPES = {"points": "BIGINT", "text": "VARCHAR", "truth": "BOOLEAN"}


class SparkEngine:
    """A session of Spark."""

    name = "spark"
    dialect = "spark"

    def __init__(self, *, memory: str | None = None) -> None:
        """Take the active session, or start one. *memory* is for that one, and for DuckDB, which writes the result.

        Raises:
            ProblemsError: pyspark or Java is not installed.
        """
        self._local = DuckDBEngine(memory=memory)
        self._folder = tempfile.TemporaryDirectory(prefix="leadline-", ignore_cleanup_errors=True)
        self._count = 0
        try:
            self._parent, self._is_ours = _open_session(memory)
            with telling():
                self.session = self._parent.newSession()
                for name, value in _SETTINGS.items():
                    self.session.conf.set(name, value)
                self._is_here = str(self._parent.sparkContext.master).startswith("local")
        except BaseException:
            self._local.close()
            self._folder.cleanup()
            raise

    # -- inputs ---------------------------------------------------------------------------------------

    def read(self, paths: Mapping[TableName, str], rejects: Rejects) -> dict[TableName, Source]:
        """Look at tables and Parquet, and bring other files."""
        sources: dict[TableName, Source] = {}
        problems: list[Problem] = []
        for kind in TABLES:
            if kind in paths:
                try:
                    sources[kind] = self._read(kind, paths[kind], rejects)
                except ProblemsError as error:
                    problems += error.problems
        if problems:
            raise ProblemsError(problems)
        return sources

    def _read(self, kind: TableName, path: str, rejects: Rejects) -> Source:
        refused, row_column = 0, None
        if path.startswith(PREFIX) or is_address(path):
            with telling(path):
                found = (
                    find_table(self.session, kind, path) if path.startswith(PREFIX) else self.session.read.parquet(path)
                )
                names = list(found.columns)
        else:
            table = read_tables(self._local.connection, {kind: path}, rejects)[kind]
            names, refused, row_column = [column.name for column in table.columns], table.refused_rows, table.row_column
            with telling(path):
                if reads_as_it_is(table):
                    row_column = choose_row_column(names)
                    of_file = self.session.read.parquet(Path(path).absolute().as_uri())
                    found = of_file.selectExpr(*map(quote_spark, names), f"_metadata.row_index + 1 AS {row_column}")
                else:
                    target = self._path(kind)
                    write_parquet(self._local.connection, table, target)
                    found = self._bring(target)
            self._local.run(f"DROP VIEW {table.relation}")
            self._local.run(f"DROP TABLE IF EXISTS {table.relation}_rows")
        check_columns(kind, names, path)
        relation = f"source_{kind}"
        types = {field.name: field.dataType for field in found.schema.fields}
        forms = [form_of(name, types[name]) for name in names]
        selected = [f"{expression} AS {quote_spark(column.name)}" for column, expression in forms]
        with telling(path):
            found.selectExpr(*selected, *([row_column] if row_column else [])).createOrReplaceTempView(relation)
        rejects.name_source(kind, path, partial(self._count_rows, relation, refused))
        return Source(kind, relation, tuple(column for column, _ in forms), row_column, path)

    def _bring(self, file: Path) -> Any:
        """Return a Parquet file of this machine as a table of Spark."""
        if self._is_here:
            return self.session.read.parquet(file.as_uri())
        import pyarrow.parquet

        return self.session.createDataFrame(pyarrow.parquet.read_table(file))

    def read_rollup(self, path: str) -> Rollup:
        """Bring a roll-up."""
        found = self._local.read_rollup(path)
        target = self._path("rollup")
        self._local.run(f"COPY (SELECT * FROM {found.relation}) TO {quote_text(str(target))} (FORMAT parquet)")
        with telling(path):
            self._bring(target).createOrReplaceTempView(found.relation)
        return found

    def _count_rows(self, relation: str, refused: int) -> int:
        ((count,),) = self.fetch(f"SELECT COUNT(*) AS n FROM {relation}")
        return int(count) + refused

    def _path(self, name: str) -> Path:
        self._count += 1
        return Path(self._folder.name) / f"{name}_{self._count}.parquet"

    # -- statements --------------------------------------------------------------------------------------

    def run(self, sql: str) -> None:
        """Run a statement."""
        with telling():
            self.session.sql(translate(sql, self.dialect))

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        TRICKY: Spark gives times in the zone of this machine, twice the same in the hour that is repeated in autumn. They
        come as microseconds instead.
        """
        with telling():
            found = self.session.sql(translate(sql, self.dialect))
            times = {
                number for number, field in enumerate(found.schema.fields) if field.dataType.typeName() == "timestamp"
            }
            if times:
                names = [quote_spark(name) for name in found.columns]
                found = found.selectExpr(
                    *(f"UNIX_MICROS({name})" if number in times else name for number, name in enumerate(names))
                )
            rows = [tuple(row) for row in found.collect()]
        if not times:
            return rows
        return [tuple(_moment(cell) if number in times else cell for number, cell in enumerate(row)) for row in rows]

    def make_view(self, name: str, query: str) -> None:
        """Name a query."""
        with telling():
            self.session.sql(translate(query, self.dialect)).createOrReplaceTempView(name)

    def make_table(self, name: str, query: str) -> None:
        """Keep the rows of a query: computed twice, the rows of one rank could be numbered in another order."""
        with telling():
            self._keep(self.session.sql(translate(query, self.dialect)), name).createOrReplaceTempView(name)

    def _keep(self, found: Any, name: str) -> Any:
        if not self._is_here:
            return found.localCheckpoint(eager=True)
        target = self._path(name).as_uri()
        found.write.parquet(target)
        return self.session.read.schema(found.schema).parquet(target)

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Make a table of rows that are here."""
        self._local.load(name, columns, rows)
        with telling():
            if self._is_here:
                target = self._path(name)
                self._local.run(f"COPY {name} TO {quote_text(str(target))} (FORMAT parquet)")
                found = self.session.read.parquet(target.as_uri())
            else:
                found = self._as_values(name)
            found.createOrReplaceTempView(name)
        self._local.run(f"DROP TABLE {name}")

    def _as_values(self, name: str) -> Any:
        """Return a table of DuckDB as a table of Spark that is written out in statements."""
        described = self._local.fetch(f"DESCRIBE {name}")
        casts = ", ".join(f"CAST({column} AS {sql_type}) AS {column}" for column, sql_type, *_ in described)
        names = ", ".join(column for column, *_ in described)
        texts = ", ".join(f"CAST({column} AS VARCHAR)" for column, *_ in described)
        rows = iter(self._local.fetch(f"SELECT {texts} FROM {name}"))
        nothing = ", ".join("NULL" for _ in described)
        found = self.session.sql(
            translate(f"SELECT {casts} FROM (VALUES ({nothing})) AS v({names}) WHERE 1 = 0", self.dialect)
        )
        while chunk := list(islice(rows, _ROWS_IN_A_STATEMENT)):
            listed = ", ".join(
                f"({', '.join('NULL' if cell is None else quote_text(cell) for cell in row)})" for row in chunk
            )
            more = self.session.sql(translate(f"SELECT {casts} FROM (VALUES {listed}) AS v({names})", self.dialect))
            found = found.unionAll(more)
        return found

    # -- what differs in meaning ----------------------------------------------------------------------------

    def microseconds(self, column: str, sql_type: str) -> str:
        """Return a stored time as microseconds; the session's zone is UTC."""
        return f"UNIX_MICROS(CAST({column} AS TIMESTAMPTZ))"

    def day_number(self, column: str) -> str:
        """Return a stored date as a day number."""
        return f"CAST(UNIX_DATE({column}) AS BIGINT)"

    def finite(self, column: str, sql_type: str) -> str:
        """Return a stored number as a finite double; NaN is greater than all numbers."""
        plain = f"CAST({column} AS DOUBLE)"
        return f"CASE WHEN ABS({column}) <= {_LARGEST} THEN {plain} END" if sql_type == "DOUBLE" else plain

    def iso_instant(self, column: str, naive_is_utc: bool) -> str | None:
        """Return an ISO text as microseconds; Spark cuts decimals off as `values.read_instant` does."""
        patterns = (ISO_INSTANT_PATTERN, ISO_NAIVE_PATTERN)[: 1 + naive_is_utc]
        branches = [f"regexp_matches({column}, '{pattern}')" for pattern in patterns]
        return f"CASE WHEN {' OR '.join(branches)} THEN UNIX_MICROS(TRY_CAST({column} AS TIMESTAMPTZ)) END"

    def by_bytes(self, expression: str) -> str:
        """Return the text itself: Spark orders texts by their bytes."""
        return expression

    # -- the result --------------------------------------------------------------------------------------------

    def hand_over(self, query: Query) -> "tuple[duckdb.DuckDBPyConnection, str]":
        """Compute the result, and return the DuckDB connection and the query that read it here."""
        plain = column_names(query)
        with telling():
            found = self.session.sql(with_plain_names(query).sql(dialect=self.dialect))
            if self._is_here:
                target = self._path("result")
                found.write.parquet(target.as_uri())
                relation = f"read_parquet({quote_text(str(target / '*.parquet'))})"
            else:
                relation = "result_of_spark"
                types = {name: _RESULT_TYPES[column.what] for name, column in zip(plain, query.columns, strict=True)}
                self._local.load(relation, types, map(tuple, found.toLocalIterator()))
        listed = ", ".join(
            f"{name} AS {quote_name(column.name)}" for name, column in zip(plain, query.columns, strict=True)
        )
        return self._local.connection, f"SELECT {listed} FROM {relation}"

    def close(self) -> None:
        """Forget the views; stop Spark if this started it."""
        if self._is_ours:
            self._parent.stop()
        else:
            for table in self.session.catalog.listTables():
                if table.isTemporary:
                    self.session.catalog.dropTempView(table.name)
        self._local.close()
        self._folder.cleanup()


def _open_session(memory: str | None) -> tuple[Any, bool]:
    """Return the active session, or a new one, and whether it is new."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        message = f"Spark needs the extra 'spark': {how_to_install('spark')}."
        raise ProblemsError([Problem(code="engine-failed", message=message, where="--backend")]) from None
    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = (
        SparkSession.builder.master("local[*]")
        .appName("leadline")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", str(os.cpu_count() or 2))
        .config("spark.driver.extraJavaOptions", "-Dlog4j2.level=ERROR")
    )
    if memory is not None:
        builder = builder.config("spark.driver.memory", memory.lower().removesuffix("b"))
    try:
        session = builder.getOrCreate()
    except Exception as error:
        message = f"Spark cannot be started: {_first_line(error)}. It needs Java 17 or later on the path, or JAVA_HOME."
        raise ProblemsError([Problem(code="engine-failed", message=message, where="--backend")]) from error
    session.sparkContext.setLogLevel("ERROR")
    return session, True


@contextmanager
def telling(file: str = "") -> Iterator[None]:
    """Turn what Spark refuses into a problem that a person understands.

    Raises:
        ProblemsError: a statement failed, or Spark is gone.
    """
    try:
        yield
    except ConnectionError as error:
        raise _refuse(f"The connection to Spark is lost: {_first_line(error)}.", file) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j"):
            raise
        raise _refuse(f"Spark stopped a statement: {_first_line(error)}.", file) from error


def _refuse(message: str, file: str) -> ProblemsError:
    return ProblemsError([Problem(code="engine-failed", message=message, file=file)])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
