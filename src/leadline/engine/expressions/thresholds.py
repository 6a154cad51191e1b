"""Thresholds in a condition: the numbers that a score is held against, found and replaced in the text as written.

``fit >= 50 and engagement >= 40`` has one threshold for each of two scores. Only ``score >= number`` and ``score > number`` are
thresholds (also written the other way round); what is under `not` is none. Everything else of the text stays as it is, to the
letter. tests/engine/expressions/test_thresholds.py guards it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from leadline.engine.expressions.parse import as_tree, parse

if TYPE_CHECKING:
    import lark

_TURNED = {"<=": ">=", "<": ">"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a score must reach (or, where it *is_above*, exceed).

    first, last: where the number stands in the text: ``text[first:last]``.
    """

    score: str
    number: Decimal
    is_above: bool
    first: int
    last: int


def thresholds_in(text: str, scores: Collection[str]) -> list[Threshold]:
    """Return the thresholds of these scores, in the order of their writing.

    Raises:
        ConditionSyntaxError: the condition cannot be read.

    >>> [(one.score, str(one.number)) for one in thresholds_in("fit >= 50 and 40 <= engagement", ["fit", "engagement"])]
    [('fit', '50'), ('engagement', '40')]
    """
    return list(_walk(parse(text), scores))


def with_threshold(text: str, score: str, number: Decimal) -> str:
    """Return the condition with every threshold of a score replaced by *number*.

    Raises:
        ConditionSyntaxError: the condition cannot be read.

    >>> with_threshold("fit >= 50 and (engagement>=40 or title = '>= 40')", "engagement", Decimal(45))
    "fit >= 50 and (engagement>=45 or title = '>= 40')"
    """
    for found in reversed(thresholds_in(text, [score])):
        text = f"{text[: found.first]}{number:f}{text[found.last :]}"
    return text


def _walk(tree: "lark.Tree[lark.Token]", scores: Collection[str]) -> Iterator[Threshold]:
    match str(tree.data):
        case "any_of" | "all_of":
            for part in tree.children:
                yield from _walk(as_tree(part), scores)
        case "compare":
            left, sign, right = tree.children
            yield from _compared(as_tree(left), str(sign), as_tree(right), scores)
        case _:
            pass


def _compared(
    left: "lark.Tree[lark.Token]", sign: str, right: "lark.Tree[lark.Token]", scores: Collection[str]
) -> Iterator[Threshold]:
    if str(left.data) == "number":
        left, sign, right = right, _TURNED.get(sign, "="), left
    if sign not in (">=", ">") or str(left.data) != "name" or str(right.data) != "number" or len(left.children) != 1:
        return
    name, number = str(left.children[0]).strip('"'), right.children[0]
    if name in scores:
        first = number.start_pos  # type: ignore[union-attr]
        assert first is not None
        yield Threshold(name, Decimal(str(number)), sign == ">", first, first + len(str(number)))
