"""The reasons of an assessment: the three largest contributions, as text.

A contribution becomes one number in which its size comes first, then its place in the file (the earlier the greater), then
its sign. The greatest of these numbers is the first reason; the second is the greatest of the others; and so on. So no
engine has to sort anything.
"""

from sqlglot import exp

from leadline.engine.arithmetic import POINT
from leadline.engine.compiler.assessing import Assessing
from leadline.engine.compiler.conditions import integer
from leadline.engine.compiler.steps import big, case, column, greatest, whole_part

REASON_COUNT = 3


def _places(names: Assessing) -> int:
    return len(names.plan.playbook.criteria) + 1


def _ranking(names: Assessing) -> list[exp.Expr]:
    places = _places(names)
    ranking = []
    for index, criterion in enumerate(names.plan.playbook.criteria):
        units = column(names.name("c", criterion.id))
        size = exp.Mul(this=exp.Abs(this=units), expression=integer(2 * places))
        place = exp.Add(this=size, expression=integer(2 * (places - 1 - index)))
        negative = case([(exp.LT(this=units.copy(), expression=integer(0)), integer(1))], integer(0))
        ranked = exp.Add(this=place, expression=negative)
        ranking.append(case([(exp.NEQ(this=units.copy(), expression=integer(0)), ranked)], integer(0)))
    return ranking


def rank_contributions(names: Assessing) -> dict[str, exp.Expr]:
    """Return the columns by which contributions are ranked."""
    ranking = {f"r_{index + 1}": value for index, value in enumerate(_ranking(names))}
    return {name: big(value) for name, value in ranking.items()}


def add_reasons(names: Assessing) -> str:
    """Add the steps that find the three largest contributions. Return the last step."""
    count = len(names.plan.playbook.criteria)
    source = "assessed"
    before: exp.Expr | None = None
    for number in range(1, REASON_COUNT + 1):
        candidates: list[exp.Expr] = [column(f"r_{index + 1}") for index in range(count)]
        if before is not None:
            candidates = [
                case([(exp.LT(this=one, expression=before.copy()), one.copy())], integer(0)) for one in candidates
            ]
        value = greatest(candidates) if candidates else integer(0)
        source = names.steps.extend(f"reason_{number}", source, {f"reason_rank_{number}": big(value)})
        before = column(f"reason_rank_{number}")
    places = {f"reason_place_{number}": _place(names, number) for number in range(1, REASON_COUNT + 1)}
    return names.steps.extend("reason_place", source, places)


def _place(names: Assessing, number: int) -> exp.Expr:
    """Return the place of a reason's criterion, counted from the end: a column of its own, or each branch computes it anew."""
    half = whole_part(column(f"reason_rank_{number}"), 2)
    return big(exp.Mod(this=exp.paren(half), expression=integer(_places(names))))


def reasons_sql(names: Assessing) -> exp.Expr:
    """Return the reasons as text: ``id:points`` separated by spaces, points with four places."""
    parts = []
    for number in range(1, REASON_COUNT + 1):
        rank = column(f"reason_rank_{number}")
        one = exp.DPipe(this=_reason_id(names, number), expression=_reason_points(names, rank.copy()), safe=True)
        space = exp.Literal.string(" " if number > 1 else "")
        text = exp.DPipe(this=space, expression=one, safe=True)
        parts.append(case([(exp.GT(this=rank.copy(), expression=integer(0)), text)], exp.Literal.string("")))
    result = parts[0]
    for part in parts[1:]:
        result = exp.DPipe(this=result, expression=part, safe=True)
    return result


def _reason_id(names: Assessing, number: int) -> exp.Expr:
    places = _places(names)
    branches = [
        exp.If(this=integer(places - 1 - index), true=exp.Literal.string(f"{criterion.id}:"))
        for index, criterion in enumerate(names.plan.playbook.criteria)
    ]
    if not branches:
        return exp.Literal.string("")
    return exp.Case(this=column(f"reason_place_{number}"), ifs=branches, default=exp.Literal.string(""))


def _reason_points(names: Assessing, rank: exp.Expr) -> exp.Expr:
    is_negative = exp.EQ(this=exp.Mod(this=rank, expression=integer(2)), expression=integer(1))
    sign = case([(is_negative, exp.Literal.string("-"))], exp.Literal.string(""))
    units = whole_part(rank.copy(), 2 * _places(names))
    whole = exp.cast(whole_part(units.copy(), POINT), exp.DataType.Type.TEXT)
    rest = exp.cast(
        exp.Add(this=integer(POINT), expression=exp.Mod(this=exp.paren(units), expression=integer(POINT))),
        exp.DataType.Type.TEXT,
    )
    places = exp.Substring(this=rest, start=integer(2), length=integer(4))
    text = exp.DPipe(this=sign, expression=whole, safe=True)
    text = exp.DPipe(this=text, expression=exp.Literal.string("."), safe=True)
    return exp.DPipe(this=text, expression=places, safe=True)
