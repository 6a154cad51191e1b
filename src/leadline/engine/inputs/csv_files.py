"""CSV files as tables of text, every cell exactly as it is written.

There are two ways through. A file without oddities goes to DuckDB's reader, told everything and left nothing to guess:
under ten seconds for a gigabyte. If the file is odd, or DuckDB stumbles over a single row, the *careful* way reads it
with Python's csv module, refuses what does not fit row by row with its number, and hands DuckDB a clean copy: some
forty seconds for a gigabyte. tests/engine/inputs/test_csv_files.py checks that both ways read the same.

Empty cells are missing, quoted or not. A file of which no row at all can be read stops, and so does a quote that
swallows lines: nobody could say how many rows it cost.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leadline.engine.inputs.csv_dialect import CsvDialect, read_dialect
from leadline.engine.inputs.loading import make_table, make_view, select_csv
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import (
    SourceColumn,
    SourceTable,
    TableName,
    check_columns,
    choose_row_column,
    quote_name,
)
from leadline.engine.inputs.text_files import is_packed, open_bytes, refuse

if TYPE_CHECKING:
    import duckdb

LONGEST_CELL = 1_000_000
_LONGEST_CLEAN_LINE = 16_000_000


def read_csv_file(connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str, rejects: Rejects) -> SourceTable:
    """Read a CSV file into the table ``source_<kind>_rows`` and the view ``source_<kind>``.

    Raises:
        ProblemsError: the file cannot be used.
    """
    dialect = read_dialect(path, kind)
    check_columns(kind, dialect.header, path)
    is_done = not dialect.is_odd and read_fast(connection, kind, path, dialect)
    refused = 0 if is_done else read_carefully(connection, kind, path, dialect, rejects)
    table = SourceTable(
        kind=kind,
        relation=f"source_{kind}",
        columns=tuple(SourceColumn(name, "text", "VARCHAR") for name in dialect.header),
        row_column=choose_row_column(dialect.header),
        path=path,
        refused_rows=refused,
        connection=connection,
    )
    if refused and not table.row_count:
        message = f"Not one of its {refused:,} rows has the {len(dialect.header)} cells of the header."
        raise refuse("unreadable-table", message, path)
    return table


def read_fast(connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str, dialect: CsvDialect) -> bool:
    """Let DuckDB read the file; return whether it read every row and found as many as there are lines."""
    import duckdb

    if "rowid" in {name.lower() for name in dialect.header}:
        return False  # it would hide DuckDB's own rowid, which numbers the rows here
    rows = f"source_{kind}_rows"
    query = select_csv(
        path, dialect.header, delimiter=dialect.delimiter, is_packed=is_packed(path), longest_line=LONGEST_CELL
    )
    try:
        make_table(connection, rows, query)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    (count,) = connection.execute(f"SELECT count(*) FROM {rows}").fetchone() or (0,)
    has_long_rows = count + 1 != dialect.line_count
    if has_long_rows and (not dialect.has_quotes or dialect.has_quoted_ends):
        return False
    make_view(connection, kind, dialect.header, f"rowid + 2 AS {quote_name(choose_row_column(dialect.header))}", rows)
    return True


def read_carefully(
    connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str, dialect: CsvDialect, rejects: Rejects
) -> int:
    """Read the file in Python and give DuckDB a clean copy; return how many rows were refused.

    Raises:
        ProblemsError: a quote is not closed, or a cell is longer than `LONGEST_CELL`.
    """
    columns = [choose_row_column(dialect.header), *dialect.header]
    rows = f"source_{kind}_rows"
    before = rejects.count(kind)
    with tempfile.TemporaryDirectory(prefix="leadline-") as folder, _long_cells():
        clean = Path(folder) / f"{kind}.csv"
        with clean.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(_good_rows(path, kind, dialect, rejects))
        make_table(connection, rows, select_csv(str(clean), columns, is_packed=False, longest_line=_LONGEST_CLEAN_LINE))
    number = quote_name(columns[0])
    make_view(connection, kind, dialect.header, f"CAST({number} AS BIGINT) AS {number}", rows)
    return rejects.count(kind) - before


def _good_rows(path: str, kind: TableName, dialect: CsvDialect, rejects: Rejects) -> Iterator[list[str]]:
    """Yield the rows that have as many cells as the header, each with its number first; refuse the others."""
    width = len(dialect.header)
    number = 0
    is_header = True
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=dialect.delimiter, skipinitialspace=dialect.skips_spaces, strict=True)
        while True:
            begin = reader.line_num + 1
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                _refuse_if_lines_are_lost(error, path, begin, reader.line_num)
                rejects.add(kind, "bad-quote", row=number)
                continue
            if not cells:
                continue
            if is_header:
                is_header = False
            elif len(cells) != width:
                reason = "short-row" if len(cells) < width else "long-row"
                rejects.add(kind, reason, row=number, found=dialect.delimiter.join(cells))
            elif dialect.has_nul and any("\0" in cell for cell in cells):
                rejects.add(kind, "nul-character", row=number, found=dialect.delimiter.join(cells))
            else:
                yield [str(number), *cells]


def _refuse_if_lines_are_lost(error: csv.Error, path: str, begin: int, end: int) -> None:
    """Stop where one bad row may be many."""
    if "field limit" in str(error):
        message = f"A cell has more than {LONGEST_CELL:,} characters. Is a quote not closed?"
        raise refuse("too-large", message, path, line=begin) from error
    if "unexpected end" in str(error):
        message = (
            "A quoted cell that begins in this row is never closed. Close it; a quote inside a cell is written twice."
        )
        raise refuse("unbalanced-quote", message, path, line=begin) from error
    if end > begin:
        message = (
            f"A quoted cell begins in this row, and where it ends, in line {end}, more text follows. Nobody can say "
            "which rows lie between: close the cell; a quote inside a cell is written twice."
        )
        raise refuse("unbalanced-quote", message, path, line=begin) from error


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let Python's csv module read long cells for as long as needed; the limit is one for the whole process."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
