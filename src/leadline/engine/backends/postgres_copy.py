"""Rows on their way from DuckDB to PostgreSQL and back, as CSV: nothing in which an empty text is a missing one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.engine.backends.postgres_tables import COLUMN_TYPES, column_type
from leadline.engine.backends.rollup_file import Rollup
from leadline.engine.compiler.sql import Query
from leadline.engine.inputs.source import SourceColumn, SourceTable, quote_name, quote_text
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    import duckdb
    import psycopg

_CHUNK_BYTES = 1_000_000
_LONGEST_LINE = 32_000_000
_LONGEST_NAME_BYTES = 63
_RESULT_TYPES = {"points": "BIGINT", "text": "VARCHAR", "truth": "BOOLEAN"}


def copy_table(
    connection: "psycopg.Connection[Any]", local: "duckdb.DuckDBPyConnection", table: SourceTable, folder: Path
) -> tuple[SourceColumn, ...]:
    """Make a temporary table ``source_<kind>`` of a file that DuckDB has read; return its columns.

    Raises:
        ProblemsError: PostgreSQL cannot tell two of its columns apart.
    """
    _refuse_long_names(table)
    forms = [_form(column) for column in table.columns]
    columns = [column for column, _ in forms]
    selected = [f"{expression} AS {quote_name(column.name)}" for column, expression in forms]
    listed = [f"{quote_name(column.name)} {column_type(column.sql_type)}" for column in columns]
    if table.row_column:
        selected.append(quote_name(table.row_column))
        listed.append(f"{quote_name(table.row_column)} bigint")
    _send(connection, local, f"SELECT {', '.join(selected)} FROM {table.relation}", table.relation, listed, folder)
    return tuple(columns)


def copy_rollup(
    connection: "psycopg.Connection[Any]", local: "duckdb.DuckDBPyConnection", rollup: Rollup, folder: Path
) -> None:
    """Make a temporary table of a roll-up that DuckDB can read."""
    key = "bigint" if rollup.has_integers else column_type("VARCHAR")
    listed = [f"lead_id {key}", "signal bigint", "day integer", "n integer"]
    query = f"SELECT lead_id, signal, day, n FROM {rollup.relation}"
    _send(connection, local, query, rollup.relation, listed, folder)


def _send(
    connection: "psycopg.Connection[Any]",
    local: "duckdb.DuckDBPyConnection",
    query: str,
    table: str,
    columns: list[str],
    folder: Path,
) -> None:
    """Make a temporary table of the rows that a query has in DuckDB."""
    file = folder / f"{table}.csv"
    local.execute(
        f"COPY ({query}) TO {quote_text(str(file))}"
        " (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '', FORCE_QUOTE *)"
    )
    connection.execute(f"CREATE TEMP TABLE {table} ({', '.join(columns)})".encode())
    with (
        file.open("rb") as rows,
        connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)".encode()) as copy,
    ):
        while chunk := rows.read(_CHUNK_BYTES):
            copy.write(chunk)
    file.unlink()


def _form(column: SourceColumn) -> tuple[SourceColumn, str]:
    """Return a column of a file as PostgreSQL keeps it, and the expression that gives it that form in DuckDB."""
    name, sql_type = quote_name(column.name), column.sql_type
    if sql_type.endswith("[]") and column.storage == "list":
        escaped = "replace(replace(CAST(entry AS VARCHAR), '\\', '\\\\'), '\"', '\\\"')"
        entries = f"list_transform({name}, lambda entry: CASE WHEN entry IS NULL THEN 'NULL' ELSE '\"' || {escaped} || '\"' END)"
        texts = f"CASE WHEN {name} IS NOT NULL THEN '{{' || array_to_string({entries}, ',') || '}}' END"
        return SourceColumn(column.name, "list", "VARCHAR[]"), texts
    if sql_type.startswith("TIMESTAMP_"):
        return SourceColumn(column.name, "time", "TIMESTAMP"), f"CAST({name} AS TIMESTAMP)"
    if sql_type in COLUMN_TYPES or sql_type.startswith("DECIMAL"):
        return column, name
    return SourceColumn(column.name, "text", "VARCHAR"), f"CAST({name} AS VARCHAR)"


def _refuse_long_names(table: SourceTable) -> None:
    shown: dict[bytes, str] = {}
    for column in table.columns:
        cut = column.name.encode()[:_LONGEST_NAME_BYTES]
        if cut in shown:
            message = (
                f"PostgreSQL cuts names to {_LONGEST_NAME_BYTES} bytes, so that the columns '{shown[cut]}' and"
                f" '{column.name}' have one name there. Rename one."
            )
            raise ProblemsError([Problem(code="duplicate-column", message=message, file=table.path)])
        shown[cut] = column.name


def fetch_result(
    connection: "psycopg.Connection[Any]", local: "duckdb.DuckDBPyConnection", sql: str, query: Query, folder: Path
) -> Path:
    """Write the rows of *sql*, which has the columns of *query* in their order, to a Parquet file."""
    kinds = {f"column_{number}": column.what for number, column in enumerate(query.columns, start=1)}
    texts = ", ".join(name for name, what in kinds.items() if what == "text")
    rows, result = folder / "result.csv", folder / "result.parquet"
    with (
        rows.open("wb") as file,
        connection.cursor().copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, FORCE_QUOTE ({texts}))".encode()) as copy,
    ):
        for data in copy:
            file.write(data)
    types = ", ".join(f"{name}: '{_RESULT_TYPES[what]}'" for name, what in kinds.items())
    local.execute(
        f"COPY (SELECT * FROM read_csv({quote_text(str(rows))}, columns = {{{types}}}, auto_detect = false, header = false,"
        " delim = ',', quote = '\"', escape = '\"', comment = '', nullstr = '', allow_quoted_nulls = false, strict_mode = true,"
        f" encoding = 'utf-8', max_line_size = {_LONGEST_LINE})) TO {quote_text(str(result))} (FORMAT parquet)"
    )
    rows.unlink()
    return result
