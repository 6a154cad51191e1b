"""Small pieces of SQL as expression trees, and the chain of named steps that a query is made of."""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from leadline.engine.compiler.conditions import integer


def column(name: str, table: str | None = None) -> exp.Column:
    """Return a column. Plain names stay unquoted."""
    return exp.column(exp.to_identifier(name), table=table)


def big(value: exp.Expr) -> exp.Expr:
    """Return a value as a 64-bit integer; sums are wider or floating in some engines otherwise."""
    return exp.cast(value, exp.DataType.Type.BIGINT)


def total(value: exp.Expr) -> exp.Expr:
    """Return a sum as a 64-bit integer."""
    return big(exp.Sum(this=value))


def counted(condition: exp.Expr) -> exp.Expr:
    """Return how many rows fulfil a condition, as a 64-bit integer; unknown does not count.

    TRICKY: not a sum of ones and zeros. DuckDB 2.0 takes such a sum for 0 in later comparisons when it stands behind a left
    join to something that it knows to be empty.
    """
    return big(exp.Count(this=case([(condition, integer(1))], None)))


def case(branches: Iterable[tuple[exp.Expr, exp.Expr]], otherwise: exp.Expr | None) -> exp.Expr:
    """Return CASE WHEN …; without branches, what stands in ELSE."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    if not ifs:
        return otherwise if otherwise is not None else exp.Null()
    return exp.Case(ifs=ifs, default=otherwise)


def add(parts: Sequence[exp.Expr]) -> exp.Expr:
    """Return the sum of some columns; 0 of none."""
    result: exp.Expr | None = None
    for part in parts:
        result = part if result is None else exp.Add(this=result, expression=part)
    return result if result is not None else big(integer(0))


def least(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Return the smaller of two values, neither of them NULL."""
    return exp.Anonymous(this="LEAST", expressions=[one, other])


def greatest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the greatest of some values, none of them NULL."""
    return values[0] if len(values) == 1 else exp.Anonymous(this="GREATEST", expressions=list(values))


def smallest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the smallest of some values, none of them NULL."""
    return values[0] if len(values) == 1 else exp.Anonymous(this="LEAST", expressions=list(values))


def held(value: exp.Expr, low: int | None, high: int | None) -> exp.Expr:
    """Return a value held between two bounds."""
    if low is not None:
        value = greatest([value, integer(low)])
    return least(value, integer(high)) if high is not None else value


def or_zero(value: exp.Expr) -> exp.Expr:
    """Return a value, or 0 where it is NULL."""
    return exp.Coalesce(this=value, expressions=[integer(0)])


def whole_part(value: exp.Expr, divisor: int) -> exp.Expr:
    """Return ``value // divisor`` for values from 0: the rest is taken away first, so that no engine has to round."""
    rest = exp.Mod(this=exp.paren(value.copy()), expression=integer(divisor))
    return big(exp.Div(this=exp.paren(exp.Sub(this=exp.paren(value), expression=rest)), expression=integer(divisor)))


def between_days(day: exp.Expr, first: int, last: int | None) -> exp.Expr:
    """Return whether a day lies from *first* to *last*."""
    at_least = exp.GTE(this=day, expression=integer(first))
    return at_least if last is None else exp.and_(at_least, exp.LTE(this=day.copy(), expression=integer(last)))


class Steps:
    """A query as a chain of named steps (common table expressions), each reading those before it."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, exp.Query]] = []

    def add(self, name: str, query: exp.Query) -> str:
        """Add a step and return its name."""
        self._steps.append((name, query))
        return name

    def extend(self, name: str, of: str, columns: Mapping[str, exp.Expr]) -> str:
        """Add a step that has all columns of the step *of* and some more."""
        new = [exp.alias_(value, name, quoted=False) for name, value in columns.items()]
        return self.add(
            name, exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(of)), *new).from_(of, copy=False)
        )

    def query(self, last: exp.Select) -> exp.Select:
        """Return the whole query, ending in *last*."""
        for name, step in self._steps:
            last = last.with_(name, as_=step, copy=False)
        return last
