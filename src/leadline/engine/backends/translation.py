"""Statements in the dialect of another engine: written once for DuckDB, translated here.

Only our own text is translated, never what a person wrote; names and literals in it are quoted by `inputs.source`.
What other engines *mean* differently is no matter of translation: it is a method of the engine (engine.py).
"""

from functools import lru_cache

import sqlglot
from sqlglot import ErrorLevel, exp

from leadline.engine.compiler.sql import Query


@lru_cache(maxsize=2000)
def translate(sql: str, dialect: str, *, fence: bool = False) -> str:
    """Return a statement of DuckDB's dialect in another; with a *fence* its steps are kept apart.

    >>> translate("SELECT TRIM(a, ' x') AS b FROM t ORDER BY b DESC", "postgres")
    "SELECT TRIM(' x' FROM a) AS b FROM t ORDER BY b DESC NULLS LAST"
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    if fence:
        fence_steps(tree)
    return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)


def column_names(query: Query) -> list[str]:
    """Return plain names for the columns of a result, since engines limit how long a name is and which letters it has."""
    return [f"column_{number}" for number in range(1, len(query.columns) + 1)]


def with_plain_names(query: Query) -> exp.Select:
    """Return the tree of a query whose columns are called as `column_names` says."""
    tree = query.tree.copy()
    for selected, name in zip(tree.expressions, column_names(query), strict=True):
        selected.set("alias", exp.to_identifier(name))
    return tree


def fence_steps(tree: exp.Expr) -> None:
    """Keep the planner from pulling steps into each other.

    TRICKY: it would write the expression of a column wherever a later step reads the column, step after step; the
    query grows without end. ``OFFSET 0`` changes no row and forbids that.
    """
    for step in tree.find_all(exp.CTE, exp.Subquery):
        if isinstance(step.this, exp.Select) and not step.this.args.get("group"):
            step.this.set("offset", exp.Offset(expression=exp.Literal.number(0)))
