"""Reading files: CSV, JSON Lines, Parquet and DuckDB files become views with known columns.

    tables = read_tables(connection, {"leads": "leads.csv", "events": "events.parquet"}, rejects)

What cannot be read is refused row by row into `Rejects`, or stops the run when nobody could say what is right. What a
value *means* is not decided here but in `leadline.engine.values`. Only the backends may look behind this package.
"""

from leadline.engine.inputs.formula_cells import FORMULA_STARTS, quote_formula, unquote_formula
from leadline.engine.inputs.rejects import REASONS, Reason, RejectedRow, Rejects
from leadline.engine.inputs.source import REQUIRED, TABLES, SourceColumn, SourceTable, Storage, TableName
from leadline.engine.inputs.tables import read_tables

__all__ = [
    "FORMULA_STARTS",
    "REASONS",
    "REQUIRED",
    "TABLES",
    "Reason",
    "RejectedRow",
    "Rejects",
    "SourceColumn",
    "SourceTable",
    "Storage",
    "TableName",
    "quote_formula",
    "read_tables",
    "unquote_formula",
]
