"""PostgreSQL: tables are read and scored where they lie.

One connection and one transaction, in which all statements see the same state of the tables; nothing is written but temporary
tables and views, and the transaction is rolled back at the end. Files are copied into temporary tables. Needs the extra ``postgres``
and PostgreSQL 14 or later, in UTF-8.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import ErrorLevel

from leadline.engine.backends.duckdb import DuckDBEngine
from leadline.engine.backends.engine import Source
from leadline.engine.backends.postgres_copy import copy_rollup, copy_table, fetch_result
from leadline.engine.backends.postgres_tables import PREFIX, column_type, find_table
from leadline.engine.backends.rollup_file import Rollup
from leadline.engine.backends.translation import column_names, fence_steps, translate, with_plain_names
from leadline.engine.compiler.sql import Query
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TABLES, TableName, check_columns, quote_name, quote_text
from leadline.engine.inputs.tables import read_tables
from leadline.engine.problems import Problem, ProblemsError, how_to_install
from leadline.engine.values import ISO_INSTANT_PATTERN, ISO_NAIVE_PATTERN

if TYPE_CHECKING:
    import duckdb
    import psycopg

OLDEST_VERSION = 140_000
# jit costs seconds for a query of many columns and saves none; a session that waits for Python is not idle.
_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'postgres'",
    "SET extra_float_digits = 1",
    "SET standard_conforming_strings = on",
    "SET client_min_messages = warning",
    "SET idle_in_transaction_session_timeout = 0",
    "SET jit = off",
    "SET work_mem = '256MB'",
    "SET temp_buffers = '64MB'",
)
# What texts are as microseconds; a cast fails for 30 February, so that days are looked at first.
# TRICKY: PostgreSQL rounds a seventh decimal and `values.read_instant` cuts it off; such texts are left to that.
_FUNCTIONS = (
    ("instant_with_offset", ISO_INSTANT_PATTERN, "timestamptz"),
    ("instant_without_offset", ISO_NAIVE_PATTERN, "timestamp"),
)
_LARGEST = "1.7976931348623157e308"
_FUNCTION = """
CREATE FUNCTION pg_temp.{name}(written text) RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT CASE WHEN written ~ '{pattern}' THEN
    CASE WHEN substr(written, 6, 2) BETWEEN '01' AND '12' AND substr(written, 9, 2) >= '01'
        AND substr(written, 9, 2)::int <= CASE
            WHEN substr(written, 6, 2) IN ('04', '06', '09', '11') THEN 30
            WHEN substr(written, 6, 2) <> '02' THEN 31
            WHEN substr(written, 1, 4)::int % 4 = 0 AND (substr(written, 3, 2) <> '00' OR substr(written, 1, 4) = '2000') THEN 29
            ELSE 28 END
    THEN (extract(epoch FROM written::{sql_type}) * 1000000)::bigint END
END $$
"""


class PostgresEngine:
    """A session on a PostgreSQL server."""

    name = "postgres"
    dialect = "postgres"

    def __init__(self, address: str, *, memory: str | None = None) -> None:
        """Connect. *memory* is the most that DuckDB, which reads files and writes the result, may use here.

        Raises:
            ProblemsError: psycopg is not installed, or the server cannot be reached or used.
        """
        self._local = DuckDBEngine(memory=memory)
        self._folder = tempfile.TemporaryDirectory(prefix="leadline-")
        self._made: dict[str, str] = {}
        try:
            self.connection = _connect(address)
        except BaseException:
            self._close_local()
            raise
        try:
            self._set_up()
        except BaseException:
            self.close()
            raise

    def _set_up(self) -> None:
        if self.connection.info.server_version < OLDEST_VERSION:
            found = self.connection.info.parameter_status("server_version")
            raise _refuse(f"The server is PostgreSQL {found}; 14 or later is needed.", "--backend")
        with telling():
            for setting in _SETTINGS:
                self.connection.execute(setting.encode())
            for name, pattern, sql_type in _FUNCTIONS:
                pattern = pattern.replace("{1,9}", "{1,6}")
                self.connection.execute(_FUNCTION.format(name=name, pattern=pattern, sql_type=sql_type).encode())
        encoding = self.connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise _refuse(f"The database keeps texts as {encoding}; only UTF8 has all letters.", "--backend")

    # -- inputs -----------------------------------------------------------------------------------------

    def read(self, paths: Mapping[TableName, str], rejects: Rejects) -> dict[TableName, Source]:
        """Look at tables of the database, and copy files into temporary tables."""
        sources: dict[TableName, Source] = {}
        problems: list[Problem] = []
        for kind in TABLES:
            if kind in paths:
                try:
                    is_table = paths[kind].startswith(PREFIX)
                    sources[kind] = (self._look_at if is_table else self._copy)(kind, paths[kind], rejects)
                except ProblemsError as error:
                    problems += error.problems
        if problems:
            raise ProblemsError(problems)
        return sources

    def _look_at(self, kind: TableName, path: str, rejects: Rejects) -> Source:
        with telling(path):
            found = find_table(self._ask, kind, path)
            check_columns(kind, [column.name for column in found.columns], path)
            relation = f"source_{kind}"
            self._make("VIEW", relation, found.query)
            self.connection.execute(f"SELECT 1 FROM {relation} LIMIT 1".encode())
        rejects.name_source(kind, path, partial(self._count, relation))
        return Source(kind, relation, found.columns, None, path)

    def read_rollup(self, path: str) -> Rollup:
        """Copy a roll-up into a temporary table."""
        found = self._local.read_rollup(path)
        with telling(path):
            copy_rollup(self.connection, self._local.connection, found, Path(self._folder.name))
            self.connection.execute(f"ANALYZE {found.relation}".encode())
        return found

    def _copy(self, kind: TableName, path: str, rejects: Rejects) -> Source:
        table = read_tables(self._local.connection, {kind: path}, rejects)[kind]
        with telling(path):
            columns = copy_table(self.connection, self._local.connection, table, Path(self._folder.name))
            self.connection.execute(f"ANALYZE {table.relation}".encode())
        self._made[table.relation] = "TABLE"
        self._local.run(f"DROP VIEW {table.relation}")
        self._local.run(f"DROP TABLE IF EXISTS {table.relation}_rows")
        refused = table.refused_rows
        rejects.name_source(kind, path, lambda: self._count(table.relation) + refused)
        return Source(kind, table.relation, columns, table.row_column, path)

    def _count(self, relation: str) -> int:
        ((count,),) = self._ask(f"SELECT COUNT(*) FROM {relation}", ())
        return int(count)

    def _ask(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql.encode(), values or None).fetchall()

    # -- statements ---------------------------------------------------------------------------------------

    def run(self, sql: str) -> None:
        """Run a statement."""
        with telling():
            self.connection.execute(translate(sql, self.dialect).encode())

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with telling():
            return self._ask(translate(sql, self.dialect), ())

    def make_view(self, name: str, query: str) -> None:
        """Name a query."""
        with telling():
            self._make("VIEW", name, translate(query, self.dialect, fence=True))

    def make_table(self, name: str, query: str) -> None:
        """Keep the rows of a query."""
        with telling():
            self._make("TABLE", name, translate(query, self.dialect))
            self.connection.execute(f"ANALYZE {name}".encode())

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Make a table of rows that are here."""
        listed = ", ".join(f"{column} {column_type(sql_type)}" for column, sql_type in columns.items())
        with telling():
            self._forget(name)
            self.connection.execute(f"CREATE TEMP TABLE {name} ({listed})".encode())
            self._made[name] = "TABLE"
            with self.connection.cursor().copy(f"COPY {name} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            self.connection.execute(f"ANALYZE {name}".encode())

    def _make(self, what: str, name: str, query: str) -> None:
        self._forget(name)
        self.connection.execute(f"CREATE TEMP {what} {name} AS {query}".encode())
        self._made[name] = what

    def _forget(self, name: str) -> None:
        what = self._made.pop(name, None)
        if what is not None:
            # TRICKY: it may have gone already, with one that it rested on; then its name alone could mean a table of the user's
            self.connection.execute(f"DROP {what} IF EXISTS pg_temp.{name} CASCADE".encode())

    # -- what differs in meaning ------------------------------------------------------------------------------

    def microseconds(self, column: str, sql_type: str) -> str:
        """Return a stored time as microseconds: seconds are exact decimals there."""
        return f"CAST(EXTRACT(EPOCH FROM {column}) * 1000000 AS BIGINT)"

    def day_number(self, column: str) -> str:
        """Return a stored date as a day number."""
        return f"CAST({column} - DATE '1970-01-01' AS BIGINT)"

    def finite(self, column: str, sql_type: str) -> str:
        """Return a stored number as a finite double. A decimal that is too small for a double is an error there, so it is 0."""
        if sql_type.startswith("DECIMAL"):
            tiny = f"WHEN ABS({column}) < 1e-323 THEN CAST(0 AS DOUBLE)"
            return f"CASE {tiny} WHEN ABS({column}) <= {_LARGEST} THEN CAST({column} AS DOUBLE) END"
        if sql_type == "DOUBLE":
            return f"CASE WHEN ABS({column}) <= CAST('{_LARGEST}' AS DOUBLE) THEN {column} END"
        return f"CAST({column} AS DOUBLE)"

    def iso_instant(self, column: str, naive_is_utc: bool) -> str | None:
        """Return an ISO text as microseconds, by functions of this session."""
        with_offset = f"pg_temp.instant_with_offset({column})"
        return f"COALESCE({with_offset}, pg_temp.instant_without_offset({column}))" if naive_is_utc else with_offset

    def by_bytes(self, expression: str) -> str:
        """Return a text in the collation that orders by bytes."""
        return f'({expression}) COLLATE "C"'

    # -- the result ----------------------------------------------------------------------------------------------

    def hand_over(self, query: Query) -> "tuple[duckdb.DuckDBPyConnection, str]":
        """Compute the result, and return the DuckDB connection and the query that read it here."""
        tree = with_plain_names(query)
        fence_steps(tree)
        sql = tree.sql(dialect=self.dialect, unsupported_level=ErrorLevel.RAISE)
        with telling():
            result = fetch_result(self.connection, self._local.connection, sql, query, Path(self._folder.name))
        names = zip(column_names(query), query.columns, strict=True)
        listed = ", ".join(f"{plain} AS {quote_name(column.name)}" for plain, column in names)
        return self._local.connection, f"SELECT {listed} FROM read_parquet({quote_text(str(result))})"

    def close(self) -> None:
        """End the session; the server forgets all temporary tables."""
        self.connection.close()
        self._close_local()

    def _close_local(self) -> None:
        self._local.close()
        self._folder.cleanup()


def _connect(address: str) -> "psycopg.Connection[Any]":
    try:
        import psycopg
    except ImportError:
        message = f"PostgreSQL needs the extra 'postgres': {how_to_install('postgres')}."
        raise ProblemsError([Problem(code="engine-failed", message=message, where="--backend")]) from None
    try:
        connection = psycopg.connect(address, connect_timeout=10, fallback_application_name="leadline")
    except psycopg.OperationalError as error:
        raise _refuse(f"PostgreSQL cannot be reached: {_first_line(error)}", "--backend") from None
    except psycopg.ProgrammingError:  # its message may repeat a password
        message = "This is no address of a database: write it like postgresql://user@host:5432/database."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--backend")]) from None
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = False  # temporary tables are written
    return connection


@contextmanager
def telling(file: str = "") -> Iterator[None]:
    """Turn what the server refuses into a problem that a person understands.

    Raises:
        ProblemsError: a statement failed, or the connection is lost.
    """
    import psycopg
    from psycopg import errors

    try:
        yield
    except errors.InsufficientPrivilege as error:
        hint = (
            " Reading rights on the tables and the right to make temporary ones (TEMPORARY on the database) are needed."
        )
        raise _refuse(f"PostgreSQL does not allow it: {_first_line(error)}.{hint}", file=file) from error
    except errors.ReadOnlySqlTransaction as error:
        message = (
            f"PostgreSQL cannot make temporary tables here: {_first_line(error)}. Is this a standby? Use the primary."
        )
        raise _refuse(message, file=file) from error
    except (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter) as error:
        message = f"PostgreSQL cannot keep a text of this file (the character NUL?): {_first_line(error)}."
        raise ProblemsError([Problem(code="not-on-this-engine", message=message, file=file)]) from error
    except (errors.TooManyColumns, errors.ProgramLimitExceeded, errors.StatementTooComplex) as error:
        message = f"This is too large for PostgreSQL: {_first_line(error)}. The engine duckdb has no such limit."
        raise ProblemsError([Problem(code="not-on-this-engine", message=message, file=file)]) from error
    except psycopg.Error as error:
        lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
        what = "The connection to PostgreSQL is lost" if lost else "PostgreSQL stopped a statement"
        raise _refuse(f"{what}: {_first_line(error)}.", file=file) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _refuse(message: str, where: str = "", *, file: str = "") -> ProblemsError:
    return ProblemsError([Problem(code="engine-failed", message=message, where=where, file=file)])
