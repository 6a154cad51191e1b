"""The table of dialects that a plan is written in, with what each of them means differently.

A translator translates syntax, not meaning. Where a dialect reads the same words otherwise, the tree is changed before it is
written (a *rule*); where it cannot say something at all, it is refused. tests/parity/test_dialects.py goes over this table.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import ErrorLevel, exp
from sqlglot.errors import UnsupportedError

from leadline.engine.problems import Problem, ProblemsError, suggest

Rule = Callable[[exp.Expr], exp.Expr]


class CannotSayError(Exception):
    """A dialect has no way to say something; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One dialect.

    name:         as sqlglot calls it. title: as people call it.
    longest_name: how many bytes the name of a column may have.
    plain_names:  whether names of columns have only letters, digits and '_'.
    rules:        what is changed in each node of the tree, before `EVERYWHERE`.
    materialized: whether steps must be kept from being pulled into each other.
    settings:     what the query sets, since it would mean something else without it.
    notes:        what the reader must know.
    """

    name: str
    title: str
    longest_name: int = 127
    plain_names: bool = False
    rules: tuple[Rule, ...] = ()
    materialized: bool = False
    settings: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


# -- rules ------------------------------------------------------------------------------------------------


def show_control_signs(node: exp.Expr) -> exp.Expr:
    """Write signs that cannot be seen as CHR(n): they would be lost on the way through a terminal or an editor."""
    if not (isinstance(node, exp.Literal) and node.is_string) or all(
        sign.isprintable() or sign > "\x9f" for sign in node.this
    ):
        return node
    parts: list[exp.Expr] = []
    plain = ""
    for sign in node.this:
        if sign.isprintable() or sign > "\x9f":
            plain += sign
            continue
        parts += [exp.Literal.string(plain)] if plain else []
        parts.append(exp.Chr(expressions=[exp.Literal.number(ord(sign))]))
        plain = ""
    parts += [exp.Literal.string(plain)] if plain else []
    return _joined(parts, lambda one, other: exp.DPipe(this=one, expression=other, safe=True))


def write_exact_doubles(node: exp.Expr) -> exp.Expr:
    """Write a double as a text: as a number it would be a decimal first, and not every engine rounds that rightly."""
    if isinstance(node, exp.Cast) and node.is_type(exp.DataType.Type.DOUBLE) and isinstance(node.this, exp.Literal):
        node.set("this", exp.Literal.string(node.this.this))
    return node


def compare_beginnings(node: exp.Expr) -> exp.Expr:
    """Compare the first signs: there is no STARTS_WITH, and LIKE would take '%' and '_' for what they are not."""
    if not isinstance(node, exp.StartsWith):
        return node
    begin = exp.Substring(
        this=node.this, start=exp.Literal.number(1), length=exp.Literal.number(len(node.expression.name))
    )
    return exp.EQ(this=begin, expression=node.expression)


def compare_endings(node: exp.Expr) -> exp.Expr:
    """Ask for an ending by name: RIGHT counts bytes."""
    if isinstance(node, exp.EQ) and isinstance(node.this, exp.Right):
        return exp.EndsWith(this=node.this.this, expression=node.expression)
    return node


def keep_unknown_members(node: exp.Expr) -> exp.Expr:
    """Keep IN unknown for a missing value; it would be false."""
    is_branch = isinstance(node.parent, exp.If)  # where unknown is as good as false
    if not isinstance(node, exp.In) or not node.expressions or is_branch:
        return node
    is_known = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=is_known, true=node.copy())])


def refuse_escapes(node: exp.Expr) -> exp.Expr:
    """Refuse a pattern with a backslash: it means an escape there, and ESCAPE cannot name another sign.

    Raises:
        CannotSayError: there is one.
    """
    if isinstance(node, exp.Escape):
        raise CannotSayError("LIKE with a backslash in its pattern")
    return node


def compare_few(node: exp.Expr) -> exp.Expr:
    """Nest GREATEST and LEAST, which take at most 127 values."""
    most = 100
    if isinstance(node, exp.Anonymous) and node.name in ("GREATEST", "LEAST") and len(node.expressions) > most:
        values = node.expressions
        groups = [values[start : start + most] for start in range(0, len(values), most)]
        nested = [exp.Anonymous(this=node.name, expressions=group) if len(group) > 1 else group[0] for group in groups]
        return exp.Anonymous(this=node.name, expressions=nested)
    return node


def order_by_bytes(node: exp.Expr) -> exp.Expr:
    """Order reasons and outcomes by their bytes, whatever the collation of the database is."""
    if isinstance(node, exp.Ordered) and node.this.name in ("outcome", "reason"):
        node.set("this", exp.Collate(this=node.this, expression=exp.to_identifier("C", quoted=True)))
    return node


def order_days_plainly(node: exp.Expr) -> exp.Expr:
    """Leave out where missing days come in an order: no day is missing, and sums over a window take no such words."""
    if isinstance(node, exp.Ordered) and node.this.name == "day":
        node.set("nulls_first", True)
    return node


def cast_to_short_texts(node: exp.Expr) -> exp.Expr:
    """Cast numbers to texts of a length: TEXT is the longest one there, which grouping and sorting pay for."""
    if isinstance(node, exp.Cast) and node.is_type(exp.DataType.Type.TEXT):
        node.set("to", exp.DataType.build("VARCHAR(255)"))
    return node


def _joined(parts: list[exp.Expr], join: Callable[[exp.Expr, exp.Expr], exp.Expr]) -> exp.Expr:
    found = parts[0]
    for part in parts[1:]:
        found = join(found, part)
    return exp.paren(found) if len(parts) > 1 else found


EVERYWHERE: tuple[Rule, ...] = (show_control_signs, write_exact_doubles)

# -- the table --------------------------------------------------------------------------------------------

_TRINO_NOTES = ("Names of columns are read without regard to case.",)
DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(name="athena", title="Amazon Athena", rules=(compare_few,), notes=_TRINO_NOTES),
        Dialect(
            name="bigquery",
            title="BigQuery",
            longest_name=300,
            plain_names=True,
            rules=(refuse_escapes, order_days_plainly),
        ),
        Dialect(
            name="clickhouse",
            title="ClickHouse",
            rules=(refuse_escapes, compare_endings, keep_unknown_members),
            settings=(("join_use_nulls", 1), ("prefer_column_name_to_alias", 1)),
            notes=("ClickHouse 24.3 or later. Columns that may be missing are Nullable.",),
        ),
        Dialect(name="databricks", title="Databricks", longest_name=255),
        Dialect(name="duckdb", title="DuckDB", longest_name=255),
        Dialect(
            name="postgres",
            title="PostgreSQL",
            longest_name=63,
            materialized=True,
            rules=(order_by_bytes,),
            notes=("PostgreSQL 12 or later.",),
        ),
        Dialect(name="redshift", title="Amazon Redshift", rules=(compare_beginnings, cast_to_short_texts)),
        Dialect(name="snowflake", title="Snowflake", longest_name=255),
        Dialect(name="spark", title="Spark", longest_name=255, notes=("Spark 3.4 or later.",)),
        Dialect(name="trino", title="Trino", rules=(compare_few,), notes=_TRINO_NOTES),
    )
}

REFUSED: dict[str, str] = {
    "fabric": "it has no truth values that could be columns",
    "mysql": "it compares texts without regard to case and reads || as OR, depending on its settings",
    "oracle": "it takes an empty text for a missing one",
    "sqlite": "its LIKE disregards case",
    "tsql": "it has no truth values that could be columns",
}
"""Dialects in which a query would look right and mean something else."""


def get_dialect(name: str) -> Dialect:
    """Return a dialect.

    Raises:
        ProblemsError: there is none of this name, or it cannot say what a plan says.
    """
    if name in DIALECTS:
        return DIALECTS[name]
    if name in REFUSED:
        message = f"A playbook cannot be written in '{name}': {REFUSED[name]}. There is: {', '.join(DIALECTS)}."
        raise ProblemsError([Problem(code="not-on-this-engine", message=message, where="--dialect")])
    message = f"There is no dialect '{name}'.{suggest(name, DIALECTS)}"
    raise ProblemsError([Problem(code="bad-value", message=message, where="--dialect")])


def write_sql(tree: exp.Select, dialect: Dialect) -> str:
    """Return a query in a dialect, laid out to be read.

    Raises:
        ProblemsError: the dialect cannot say something that is in it.
    """
    try:
        for rule in (*dialect.rules, *EVERYWHERE):
            tree = tree.transform(rule)  # type: ignore[assignment]
        if dialect.materialized:
            for step in tree.find_all(exp.CTE):
                step.set("materialized", True)
        sql = tree.sql(
            dialect=dialect.name, pretty=True, max_text_width=110, unsupported_level=ErrorLevel.RAISE, comments=False
        )
    except (CannotSayError, UnsupportedError) as error:
        message = f"{dialect.title} cannot say something that this playbook needs: {error}."
        raise ProblemsError([Problem(code="not-on-this-engine", message=message, where="--dialect")]) from error
    if not any(literal.is_string and "\n" in literal.name for literal in tree.find_all(exp.Literal)):
        sql = _rows_in_lines(sql)
    settings = ", ".join(f"{name} = {value}" for name, value in dialect.settings)
    return f"{sql}\nSETTINGS {settings}" if settings else sql


_CELL = r"(?:CAST\(-?\d+ AS [\w()]+\)|-?\d+)(?: AS \w+)?,?"
_ROW = re.compile(rf"^( +)((?:STRUCT|ROW)?\()\n((?:\1  {_CELL}\n)+)\1\)", re.MULTILINE)
_SELECTED_ROW = re.compile(rf"^( +)()SELECT\n((?:\1  {_CELL}\n)+)", re.MULTILINE)
"""A row of a listed table, laid out with one whole number in each line."""


def _rows_in_lines(sql: str) -> str:
    """Put each row of whole numbers in one line: a table of weights has some hundred rows."""

    def cells(row: re.Match[str]) -> str:
        return " ".join(cell.strip() for cell in row[3].splitlines())

    sql = _ROW.sub(lambda row: f"{row[1]}{row[2]}{cells(row)})", sql)
    return _SELECTED_ROW.sub(lambda row: f"{row[1]}SELECT {cells(row)}\n", sql)
