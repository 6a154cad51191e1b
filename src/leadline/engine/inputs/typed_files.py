"""Parquet and DuckDB files: columns that have types already, looked at where they lie and never copied."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from leadline.engine.inputs.loading import make_view, quote_path
from leadline.engine.inputs.source import (
    SourceColumn,
    SourceTable,
    TableName,
    check_columns,
    choose_row_column,
    quote_name,
    quote_text,
    storage_of,
)
from leadline.engine.inputs.text_files import refuse
from leadline.engine.problems import suggest

if TYPE_CHECKING:
    import duckdb


def read_parquet_file(connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str) -> SourceTable:
    """Make the view ``source_<kind>`` of a Parquet file.

    Raises:
        ProblemsError: the file cannot be used.
    """
    _refuse_what_is_not_there(path)
    plain = f"read_parquet({quote_path(path)}, hive_partitioning = false)"
    columns = _describe(connection, plain, path)
    if any(column.name.lower() == "file_row_number" for column in columns):
        return _view(connection, kind, path, columns, plain, "")
    numbered = f"read_parquet({quote_path(path)}, hive_partitioning = false, file_row_number = true)"
    return _view(connection, kind, path, columns, numbered, "file_row_number + 1")


def read_duckdb_table(connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str) -> SourceTable:
    """Make the view ``source_<kind>`` of a table in a DuckDB file, which stays attached, read-only.

    *path* is ``file.duckdb``, whose table is called like the kind, or ``file.duckdb#table`` or
    ``file.duckdb#schema.table``.

    Raises:
        ProblemsError: the file cannot be used.
    """
    import duckdb

    file, _, wanted = path.partition("#")
    _refuse_what_is_not_there(file)
    schema, _, name = (wanted or kind).rpartition(".")
    schema = schema or "main"
    database = f"source_{kind}_file"
    try:
        connection.execute(f"DETACH DATABASE IF EXISTS {database}")
        connection.execute(f"ATTACH {quote_text(file)} AS {database} (READ_ONLY)")
        tables = connection.execute(
            "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_catalog = ?",
            [database],
        ).fetchall()
    except duckdb.Error as error:
        raise refuse("unreadable-table", f"The DuckDB file cannot be opened: {_first_line(error)}", path) from error
    types = {(of_schema, table): kind_of for of_schema, table, kind_of in tables}
    if (schema, name) not in types:
        there = [table if of_schema == "main" else f"{of_schema}.{table}" for of_schema, table in types]
        hint = suggest(wanted or kind, there) or " It has no tables."
        message = f"The DuckDB file has no table '{wanted or kind}'.{hint} Another is named behind '#': {file}#table."
        raise refuse("missing-input", message, path)
    relation = f"{database}.{quote_name(schema)}.{quote_name(name)}"
    columns = _describe(connection, relation, path)
    has_row_ids = types[schema, name] == "BASE TABLE" and "rowid" not in {column.name.lower() for column in columns}
    return _view(connection, kind, path, columns, relation, "rowid + 1" if has_row_ids else "")


def _refuse_what_is_not_there(path: str) -> None:
    if not Path(path).exists():
        raise refuse("unreadable-file", "The file cannot be opened: No such file or directory.", path)
    if Path(path).is_dir():
        raise refuse("unreadable-file", "The file cannot be opened: Is a directory.", path)
    if Path(path).stat().st_size == 0:
        raise refuse("empty-file", "The file is empty.", path)


def _describe(connection: "duckdb.DuckDBPyConnection", relation: str, path: str) -> tuple[SourceColumn, ...]:
    import duckdb

    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise refuse("unreadable-table", f"The file cannot be read: {_first_line(error)}", path) from error
    return tuple(SourceColumn(name, storage_of(sql_type), sql_type) for name, sql_type, *_ in rows)


def _view(
    connection: "duckdb.DuckDBPyConnection",
    kind: TableName,
    path: str,
    columns: tuple[SourceColumn, ...],
    relation: str,
    number: str,
) -> SourceTable:
    names = [column.name for column in columns]
    check_columns(kind, names, path)
    row_column = choose_row_column(names) if number else None
    row = f"{number} AS {quote_name(row_column)}" if row_column else ""
    make_view(connection, kind, names, row, relation)
    return SourceTable(
        kind=kind,
        relation=f"source_{kind}",
        columns=columns,
        row_column=row_column,
        path=path,
        connection=connection,
    )


def _first_line(error: Exception) -> str:
    return re.sub(r"^(\w+ )*Error: ", "", str(error).splitlines()[0])
