"""The few statements by which a file becomes a relation in DuckDB."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leadline.engine.inputs.source import TableName, quote_name, quote_text

if TYPE_CHECKING:
    import duckdb


def select_csv(path: str, columns: Sequence[str], *, delimiter: str = ",", is_packed: bool, longest_line: int) -> str:
    """Return a query that reads a CSV file with a header, all as text, nothing guessed.

    Every option is named, because whatever DuckDB is not told it finds out by looking at some of the rows.
    """
    types = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in columns)
    options = (
        f"columns = {{{types}}}, auto_detect = false, header = true, skip = 0, delim = {quote_text(delimiter)}, "
        "quote = '\"', escape = '\"', comment = '', nullstr = '', allow_quoted_nulls = true, null_padding = false, "
        "strict_mode = true, ignore_errors = false, encoding = 'utf-8', hive_partitioning = false, "
        f"compression = '{'gzip' if is_packed else 'none'}', max_line_size = {longest_line}"
    )
    return f"SELECT * FROM read_csv({quote_path(path)}, {options})"


def make_table(connection: "duckdb.DuckDBPyConnection", table: str, query: str) -> None:
    """Make a table of what a query gives, in its order even where the connection says otherwise.

    TRICKY: without the order, row numbers in the rejects would point at other rows.
    """
    with _ordered(connection):
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS {query}")


def make_view(
    connection: "duckdb.DuckDBPyConnection", kind: TableName, columns: Sequence[str], row: str, of: str
) -> None:
    """Make the view ``source_<kind>``: the columns, then the expression *row* (or nothing) of the relation *of*."""
    selected = [*map(quote_name, columns), *([row] if row else [])]
    connection.execute(f"CREATE OR REPLACE VIEW source_{kind} AS SELECT {', '.join(selected)} FROM {of}")


def quote_path(path: str) -> str:
    """Return a path as an SQL literal that means this one file, whatever signs its name has."""
    return quote_text(re.sub(r"([*?\[])", r"[\1]", str(Path(path).absolute())))


@contextmanager
def _ordered(connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    (is_ordered,) = connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone() or (True,)
    if is_ordered:
        yield
        return
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute("SET preserve_insertion_order = false")
