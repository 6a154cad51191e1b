"""The rows of any Parquet file, one after another, as plain values: for who wants the rows and has a meaning for them of his own.

Unlike `leadline.engine.inputs.typed_files` it asks for no columns. The file is read as a stream; tests/engine/test_parquet_rows.py
guards it.
"""

from collections.abc import Iterator
from typing import Any

from leadline.engine.inputs.loading import quote_path
from leadline.engine.inputs.source import quote_name
from leadline.engine.inputs.text_files import refuse

_AT_ONCE = 1_000
_INSTANTS = ("TIMESTAMP WITH TIME ZONE",)
_PLAIN = ("BOOLEAN", "DATE", "FLOAT", "DOUBLE", "VARCHAR")
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)


def read_parquet_names(path: str) -> list[str]:
    """Return the names of the columns.

    Raises:
        ProblemsError: it is no Parquet file.
    """
    return [name for name, _ in _describe(path)]


def read_parquet_rows(path: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows in the order of the file: texts, numbers, booleans, days, naive times, aware times and lists of texts.

    What is of another type (bytes, nested records) comes as its text.

    Raises:
        ProblemsError: the file cannot be read.
    """
    import duckdb

    columns = _describe(path)
    wanted = ", ".join(_select(name, sql_type) for name, sql_type in columns)
    with duckdb.connect() as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
            connection.execute(f"SELECT {wanted} FROM {_relation(path)}")
            while rows := connection.fetchmany(_AT_ONCE):
                yield from rows
        except duckdb.Error as error:
            raise _unreadable(path, error) from error


def _describe(path: str) -> list[tuple[str, str]]:
    import duckdb

    with duckdb.connect() as connection:
        try:
            found = connection.execute(f"DESCRIBE SELECT * FROM {_relation(path)}").fetchall()
        except duckdb.Error as error:
            raise _unreadable(path, error) from error
    return [(name, sql_type) for name, sql_type, *_ in found]


def _relation(path: str) -> str:
    return f"read_parquet({quote_path(path)}, hive_partitioning = false)"


def _select(name: str, sql_type: str) -> str:
    column = quote_name(name)
    if sql_type in (*_PLAIN, *_WHOLE, *_INSTANTS) or sql_type.startswith("TIMESTAMP"):
        return (
            f"{column}::TIMESTAMP AS {column}"
            if sql_type in ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
            else column
        )
    if sql_type.startswith("DECIMAL"):
        return f"{column}::DOUBLE AS {column}" if not sql_type.endswith(",0)") else f"{column}::HUGEINT AS {column}"
    if sql_type.endswith("[]") and not sql_type.endswith("[][]") and not sql_type.startswith("STRUCT"):
        return f"{column}::VARCHAR[] AS {column}"
    return f"{column}::VARCHAR AS {column}"


def _unreadable(path: str, error: Exception) -> Exception:
    return refuse("unreadable-table", f"The Parquet file cannot be read: {str(error).splitlines()[0]}", path)
