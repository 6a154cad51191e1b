"""All files of one run, read at once, so that everything wrong with any of them is told together."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leadline.engine.inputs.csv_files import read_csv_file
from leadline.engine.inputs.json_lines import read_json_lines
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TABLES, SourceTable, TableName
from leadline.engine.inputs.text_files import refuse
from leadline.engine.inputs.typed_files import read_duckdb_table, read_parquet_file
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    import duckdb

CSV_ENDINGS = (".csv", ".tsv", ".txt")
JSON_LINES_ENDINGS = (".jsonl", ".ndjson")
PARQUET_ENDINGS = (".parquet",)
DUCKDB_ENDINGS = (".duckdb", ".db")

_INSTEAD = {
    ".json": "Write one object a line and call it .jsonl.",
    ".xlsx": "Save it from the spreadsheet as 'CSV UTF-8'.",
    ".xls": "Save it from the spreadsheet as 'CSV UTF-8'.",
    ".sqlite": "Export its tables as CSV or Parquet.",
    ".zip": "Unpack it, or pack it with gzip as .csv.gz.",
}


def read_tables(
    connection: "duckdb.DuckDBPyConnection",
    paths: Mapping[TableName, str | Path],
    rejects: Rejects | None = None,
) -> dict[TableName, SourceTable]:
    """Make the views ``source_leads``, ``source_events`` … of files, each read as its ending says.

    CSV (``.csv``, ``.tsv``, ``.txt``) and JSON Lines (``.jsonl``, ``.ndjson``), both also with ``.gz``, are read into
    tables; Parquet (``.parquet``) and tables of DuckDB files (``.duckdb``, ``.db``, with ``#schema.table`` behind it)
    are looked at where they lie. Reading a second time replaces the views.

    Args:
        connection: where the views are made.
        paths: the files by table.
        rejects: collects the rows that cannot be read.

    Raises:
        ProblemsError: with everything that makes a file unusable, of all files at once.
    """
    rejects = Rejects() if rejects is None else rejects
    tables: dict[TableName, SourceTable] = {}
    problems: list[Problem] = []
    for kind in TABLES:
        if kind not in paths:
            continue
        path = str(paths[kind])
        try:
            table = _read(connection, kind, path, rejects)
        except ProblemsError as error:
            problems += error.problems
            continue
        tables[kind] = table
        rejects.name_source(kind, path, partial(getattr, table, "file_row_count"))
    if problems:
        raise ProblemsError(problems)
    return tables


def _read(connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str, rejects: Rejects) -> SourceTable:
    file = path.partition("#")[0].lower()
    if file.endswith(DUCKDB_ENDINGS):
        return read_duckdb_table(connection, kind, path)
    lowered = path.lower()
    unpacked = lowered.removesuffix(".gz")
    if unpacked.endswith(CSV_ENDINGS):
        return read_csv_file(connection, kind, path, rejects)
    if unpacked.endswith(JSON_LINES_ENDINGS):
        return read_json_lines(connection, kind, path, rejects)
    if lowered.endswith(PARQUET_ENDINGS):
        return read_parquet_file(connection, kind, path)
    ending = Path(unpacked).suffix
    endings = ", ".join((*CSV_ENDINGS, *JSON_LINES_ENDINGS, *PARQUET_ENDINGS, *DUCKDB_ENDINGS))
    instead = _INSTEAD.get(ending, "")
    message = f"A file that ends in '{ending}' is not read; these are: {endings} (text also with .gz). {instead}"
    raise refuse("unsupported-file", message.strip(), path)
