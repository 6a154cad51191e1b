"""A condition as an SQL expression tree.

SQL's own three-valued logic is the language's: a comparison with NULL is NULL, AND, OR and NOT follow. Where the two could
part ways the tree says what is meant (`IsTrue` is never NULL). Texts are compared as prepared text keys, lists as texts of
keys between separators, dates as day numbers; no engine ever folds case or reads a date.
"""

from collections.abc import Callable
from typing import assert_never

from sqlglot import exp

from leadline.engine.expressions import nodes as n

LIST_SEPARATOR = "\x1f"
"""Stands before, between and after the keys of a prepared list; inside a key it is replaced, and conditions cannot name it."""

Column = Callable[[n.Term], exp.Expr]
_COMPARE: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def condition_sql(condition: n.Condition, column: Column) -> exp.Expr:
    """Return a condition in SQL; *column* says what each term is."""

    def value(term: n.Term) -> exp.Expr:
        return literal_sql(term) if isinstance(term, n.Literal) else column(term)

    match condition:
        case n.Compare(left, sign, right):
            return _COMPARE[sign](this=value(left), expression=value(right))
        case n.Between(term, low, high):
            return exp.Between(this=value(term), low=value(low), high=value(high))
        case n.Among(term, values, _):
            return exp.In(this=value(term), expressions=[literal_sql(entry) for entry in values])
        case n.Like(term, pattern, _):
            return _like(value(term), pattern)
        case n.TextTest("contains", term, part):
            return _contains(value(term), str(part.value))
        case n.TextTest("starts_with", term, part):
            return exp.StartsWith(this=value(term), expression=exp.Literal.string(str(part.value)))
        case n.TextTest(_, term, part):
            wanted = str(part.value)
            end = exp.Right(this=value(term), expression=exp.Literal.number(len(wanted)))
            return exp.EQ(this=end, expression=exp.Literal.string(wanted))
        case n.Has(field, entry):
            return _contains(value(field), f"{LIST_SEPARATOR}{entry.value}{LIST_SEPARATOR}")
        case n.IsNull(term):
            return exp.Is(this=value(term), expression=exp.Null())
        case n.Holds(term):
            return value(term)
        case n.IsTrue(part):
            return exp.Coalesce(this=exp.paren(condition_sql(part, column)), expressions=[exp.false()])
        case n.Not(part):
            return exp.Not(this=exp.paren(condition_sql(part, column)))
        case n.AllOf(parts):
            return exp.and_(*(condition_sql(part, column) for part in parts), wrap=True)
        case n.AnyOf(parts):
            return exp.paren(exp.or_(*(condition_sql(part, column) for part in parts), wrap=True))
        case _:
            assert_never(condition)


def _like(text: exp.Expr, pattern: str) -> exp.Expr:
    """Return LIKE, in which a backslash of the pattern stays a backslash (some dialects take it for an escape)."""
    like = exp.Like(this=text, expression=exp.Literal.string(pattern))
    if "\\" not in pattern:
        return like
    unused = next(sign for sign in "!^~|#@" if sign not in pattern)
    return exp.Escape(this=like, expression=exp.Literal.string(unused))


def _contains(text: exp.Expr, part: str) -> exp.Expr:
    found = exp.StrPosition(this=text, substr=exp.Literal.string(part))
    return exp.GT(this=found, expression=exp.Literal.number(0))


def literal_sql(literal: n.Literal) -> exp.Expr:
    """Return a literal in SQL; whole numbers stay plain, others carry their type."""
    match literal.kind:
        case "text":
            return exp.Literal.string(str(literal.value))
        case "boolean":
            return exp.true() if literal.value else exp.false()
        case _:
            return number_sql(float(literal.value))


def number_sql(value: float) -> exp.Expr:
    """Return a number in SQL: a plain integer where it is whole and small, else a typed double."""
    if value.is_integer() and abs(value) < 2**53:
        return integer(int(value))
    plain = exp.Literal.number(repr(abs(value)))
    typed = exp.cast(plain, exp.DataType.Type.DOUBLE)
    return exp.Neg(this=typed) if value < 0 else typed


def integer(value: int) -> exp.Expr:
    """Return a whole number in SQL."""
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal
