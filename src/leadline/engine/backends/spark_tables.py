"""The inputs of Spark: tables of its catalog, Parquet where it lies, and other files by way of DuckDB.

Each becomes a view in which a column has the form that the engine reads: numbers without single precision, texts compared by
their bytes, times only where a calendar has them, all else as Spark writes it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.engine.inputs.source import SourceColumn, SourceTable, Storage, quote_name, quote_text
from leadline.engine.problems import Problem, ProblemsError, suggest

if TYPE_CHECKING:
    import duckdb

PREFIX = "table:"
_GLOB_SIGNS = "*?[]{}\\,:"
_NUMBERS = {"byte": "TINYINT", "short": "SMALLINT", "integer": "INTEGER", "long": "BIGINT", "double": "DOUBLE"}
_FROM_DAY, _TO_DAY = "DATE '0001-01-02'", "DATE '9999-12-30'"
# DuckDB's names of types that Spark reads from Parquet as they are
_READ_AS_THEY_ARE = frozenset(
    {"VARCHAR", "DOUBLE", "FLOAT", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DATE"}
    | {"UTINYINT", "USMALLINT", "UINTEGER", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
)


def quote_spark(name: str) -> str:
    """Return a name as an identifier of Spark."""
    return "`" + name.replace("`", "``") + "`"


def form_of(name: str, data_type: Any) -> tuple[SourceColumn, str]:
    """Return a column of a Spark table as the engine reads it, and the expression that gives it that form."""
    kind, quoted = data_type.typeName(), quote_spark(name)

    def form(storage: Storage, sql_type: str, expression: str = quoted) -> tuple[SourceColumn, str]:
        return SourceColumn(name, storage, sql_type), expression

    match kind:
        case "byte" | "short" | "integer" | "long" | "double":
            return form("number", _NUMBERS[kind])
        case "float":
            return form("number", "DOUBLE", f"CAST({quoted} AS DOUBLE)")
        case "decimal":
            return form("number", f"DECIMAL({data_type.precision},{data_type.scale})")
        case "boolean":
            return form("boolean", "BOOLEAN")
        case "date" | "timestamp" | "timestamp_ntz":
            guarded = f"CASE WHEN CAST({quoted} AS DATE) BETWEEN {_FROM_DAY} AND {_TO_DAY} THEN {quoted} END"
            sql_type = {"date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE"}.get(kind, "TIMESTAMP")
            return form("date" if kind == "date" else "time", sql_type, guarded)
        case "array":
            return form("list", "VARCHAR[]", f"CAST({quoted} AS ARRAY<STRING>)")
        case "struct" | "map":
            return form("text", "VARCHAR", f"TO_JSON({quoted})")
        case "char":
            return form("text", "VARCHAR", f"RTRIM(CAST({quoted} AS STRING))")
        case _:
            return form("text", "VARCHAR", f"COLLATE(CAST({quoted} AS STRING), 'UTF8_BINARY')")


def find_table(session: Any, kind: str, path: str) -> Any:
    """Return the table of the catalog that ``table:name`` means.

    Raises:
        ProblemsError: there is none.
    """
    wanted = path.removeprefix(PREFIX).strip()
    try:
        is_there = session.catalog.tableExists(wanted)
    except Exception as error:  # each version of Spark has another error for a name that it cannot read
        message = f"'{wanted}' cannot be looked up in Spark's catalog: {(str(error).splitlines() or ['?'])[0]}"
        raise ProblemsError([Problem(code="missing-input", message=message, file=path, where=kind)]) from error
    if not is_there:
        hint = suggest(wanted, [table.name for table in session.catalog.listTables()])
        message = f"Spark's catalog has no table '{wanted}'.{hint}"
        raise ProblemsError([Problem(code="missing-input", message=message, file=path, where=kind)])
    return session.table(wanted)


def is_address(path: str) -> bool:
    """Return whether Spark alone can read a path: a storage that is not this machine's, or a folder of Parquet files."""
    return "://" in path or path.startswith("dbfs:/") or (path.lower().endswith(".parquet") and Path(path).is_dir())


def reads_as_it_is(table: SourceTable) -> bool:
    """Return whether Spark understands a Parquet file, and its name, without help."""
    is_parquet = table.path.lower().endswith(".parquet") and not any(
        sign in str(Path(table.path).absolute()) for sign in _GLOB_SIGNS
    )
    types = [column.sql_type for column in table.columns]
    return is_parquet and all(one in _READ_AS_THEY_ARE or one.startswith("DECIMAL") for one in types)


def write_parquet(local: "duckdb.DuckDBPyConnection", table: SourceTable, target: Path) -> None:
    """Write a file that DuckDB has read as Parquet, with types that Spark knows."""
    selected = [f"{_for_spark(column)} AS {quote_name(column.name)}" for column in table.columns]
    if table.row_column:
        selected.append(quote_name(table.row_column))
    query = f"SELECT {', '.join(selected)} FROM {table.relation}"
    local.execute(f"COPY ({query}) TO {quote_text(str(target))} (FORMAT parquet)")


def _for_spark(column: SourceColumn) -> str:
    name, sql_type = quote_name(column.name), column.sql_type
    if sql_type in _READ_AS_THEY_ARE or sql_type.startswith("DECIMAL"):
        return name
    if sql_type.startswith("TIMESTAMP_"):
        return f"CAST({name} AS TIMESTAMP)"
    if sql_type.endswith("[]") and column.storage == "list":
        return f"list_transform({name}, lambda entry: CAST(entry AS VARCHAR))"
    return f"CAST({name} AS VARCHAR)"
