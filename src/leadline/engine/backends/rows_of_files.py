"""All rows of files, as they stand there: for what is done with rows in plain Python, not for scoring many leads.

tests/engine/amendments/test_files.py guards it.
"""

from collections.abc import Mapping
from typing import Any

from leadline.engine.backends.duckdb import DuckDBEngine
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName, quote_name


def rows_of_files(paths: Mapping[TableName, str], rejects: Rejects | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each file, in its order. Cells of CSV and JSON Lines are texts, those of Parquet typed.

    Raises:
        ProblemsError: a file cannot be read; all that is wrong.
    """
    engine = DuckDBEngine()
    try:
        found: dict[str, list[dict[str, Any]]] = {}
        for kind, source in engine.read(paths, Rejects() if rejects is None else rejects).items():
            names = [column.name for column in source.columns]
            rows = engine.fetch(f"SELECT {', '.join(map(quote_name, names))} FROM {source.relation}")
            found[kind] = [dict(zip(names, row, strict=True)) for row in rows]
        return found
    finally:
        engine.close()
