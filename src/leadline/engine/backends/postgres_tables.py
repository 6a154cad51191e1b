"""PostgreSQL's own tables as sources: found in the catalog, and looked at through a temporary view.

The view gives every column the form in which the engine reads it: texts ordered by their bytes whatever the database's
collation is, numbers without single precision, times only where a calendar has them, all else as PostgreSQL writes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leadline.engine.inputs.source import SourceColumn, Storage, TableName, quote_name
from leadline.engine.problems import Problem, ProblemsError, suggest

PREFIX = "table:"
Ask = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]

_TABLES = """
SELECT c.oid, n.nspname, c.relname, pg_table_is_visible(c.oid)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname
"""
# A domain is read as what it is a domain of.
_COLUMNS = """
WITH RECURSIVE typed AS (
    SELECT a.attnum, a.attname::text AS name, a.atttypid AS type
    FROM pg_attribute AS a WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT typed.attnum, typed.name, t.typbasetype FROM typed JOIN pg_type AS t ON t.oid = typed.type WHERE t.typtype = 'd'
)
SELECT typed.name, t.typname::text, e.typname::text
FROM typed JOIN pg_type AS t ON t.oid = typed.type
LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE t.typtype <> 'd' ORDER BY typed.attnum
"""
_IN_CALENDAR = "CASE WHEN {0} BETWEEN '0001-01-02' AND '9999-12-30' THEN {0} END"
# PostgreSQL's name of a type: how its values are kept, DuckDB's name of that type, and how it is reached
_FORMS: dict[str, tuple[Storage, str, str]] = {
    "int2": ("number", "SMALLINT", "{0}"),
    "int4": ("number", "INTEGER", "{0}"),
    "int8": ("number", "BIGINT", "{0}"),
    "float4": ("number", "DOUBLE", "{0}::double precision"),
    "float8": ("number", "DOUBLE", "{0}"),
    "numeric": ("number", "DECIMAL", "{0}::numeric"),
    "money": ("number", "DECIMAL", "{0}::numeric"),
    "bool": ("boolean", "BOOLEAN", "{0}"),
    "date": ("date", "DATE", _IN_CALENDAR),
    "timestamp": ("time", "TIMESTAMP", _IN_CALENDAR),
    "timestamptz": ("time", "TIMESTAMP WITH TIME ZONE", _IN_CALENDAR),
}
_ELEMENTS: dict[str, tuple[Storage, str, str]] = {
    "int2": ("list", "BIGINT[]", "{0}::bigint[]"),
    "int4": ("list", "BIGINT[]", "{0}::bigint[]"),
    "int8": ("list", "BIGINT[]", "{0}"),
    "float4": ("list", "DOUBLE[]", "{0}::double precision[]"),
    "float8": ("list", "DOUBLE[]", "{0}"),
    "numeric": ("list", "DECIMAL[]", "{0}::numeric[]"),
    "bool": ("list", "BOOLEAN[]", "{0}"),
}
_AS_TEXT: tuple[Storage, str, str] = ("text", "VARCHAR", '{0}::text COLLATE "C"')
_AS_TEXTS: tuple[Storage, str, str] = ("list", "VARCHAR[]", '{0}::text[] COLLATE "C"')

# DuckDB's names of types, as columns of temporary tables
COLUMN_TYPES = {
    "VARCHAR": 'text COLLATE "C"',
    "DOUBLE": "double precision",
    "FLOAT": "double precision",
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric",
    "HUGEINT": "numeric",
    "UHUGEINT": "numeric",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}


def column_type(sql_type: str) -> str:
    """Return a type of DuckDB as one of PostgreSQL.

    >>> column_type("DECIMAL(18,3)"), column_type("BIGINT[]"), column_type("VARCHAR")
    ('numeric', 'bigint[]', 'text COLLATE "C"')
    """
    if sql_type == "VARCHAR[]":
        return 'text[] COLLATE "C"'
    if sql_type.endswith("[]"):
        return f"{column_type(sql_type[:-2])}[]"
    return "numeric" if sql_type.startswith("DECIMAL") else COLUMN_TYPES[sql_type]


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of the database: its name in SQL, its columns as the engine reads them, and the query that reads them so."""

    name: str
    columns: tuple[SourceColumn, ...]
    query: str


def find_table(ask: Ask, kind: TableName, path: str) -> FoundTable:
    """Return the table that ``table:schema.name`` (or ``table:name``) means.

    Raises:
        ProblemsError: there is none.
    """
    wanted = path.removeprefix(PREFIX).strip()
    schema, name = split_name(wanted)
    tables = ask(_TABLES, ())
    oid, of_schema, of_name = next(
        (
            (oid, of_schema, of_name)
            for oid, of_schema, of_name, is_visible in tables
            if of_name == name and (of_schema == schema if schema is not None else is_visible)
        ),
        (None, "", ""),
    )
    if oid is None:
        there = [
            of_name if is_visible and schema is None else f"{of_schema}.{of_name}"
            for _, of_schema, of_name, is_visible in tables
        ]
        hint = suggest(wanted, there) or " There are no tables that can be seen."
        message = f"The database has no table '{wanted}'.{hint}"
        raise ProblemsError([Problem(code="missing-input", message=message, file=path, where=kind)])
    columns, selected = [], []
    for column, type_name, element in ask(_COLUMNS, (oid,)):
        form = _ELEMENTS.get(element, _AS_TEXTS) if element else _FORMS.get(type_name, _AS_TEXT)
        storage, sql_type, expression = form
        columns.append(SourceColumn(column, storage, sql_type))
        selected.append(f"{expression.format(quote_name(column))} AS {quote_name(column)}")
    qualified = f"{quote_name(of_schema)}.{quote_name(of_name)}"
    return FoundTable(qualified, tuple(columns), f"SELECT {', '.join(selected)} FROM {qualified}")


def split_name(name: str) -> tuple[str | None, str]:
    """Return schema and table of a name; either may stand in double quotes.

    >>> split_name("crm.leads"), split_name("leads"), split_name('crm."my.leads"')
    (('crm', 'leads'), (None, 'leads'), ('crm', 'my.leads'))
    """
    parts = [""]
    is_quoted = False
    for sign in name:
        if sign == '"':
            is_quoted = not is_quoted
        elif sign == "." and not is_quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return (".".join(parts[:-1]) or None), parts[-1]
