"""The meaning of a condition, in plain Python.

This is the reference: every engine must agree with it, and the parity suite checks that they do. A missing value makes a
comparison *unknown* (None), as in SQL. Nothing is guessed for a missing value.
"""

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any, assert_never

from leadline.engine.expressions.nodes import (
    AllOf,
    Among,
    AnyOf,
    Between,
    Compare,
    Condition,
    Has,
    Holds,
    IsNull,
    IsTrue,
    Like,
    Literal,
    Not,
    Term,
    TextTest,
    Value,
)

Truth = bool | None
"""True, False, or None for unknown."""

Read = Callable[[Term], Value | None]
"""Answers what a term is worth for the lead or event in question; None when it is missing."""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": str.__contains__,
}


def evaluate(condition: Condition, read: Read) -> Truth:
    """Return whether *condition* is true, false or unknown, given how to *read* its terms.

    Texts are read as text keys (`text_key`), dates as day numbers.
    """

    def value(term: Term) -> Any:
        return term.value if isinstance(term, Literal) else read(term)

    match condition:
        case Compare(left, sign, right):
            one, other = value(left), value(right)
            return None if one is None or other is None else _COMPARE[sign](one, other)
        case Between(term, low, high):
            at_least = evaluate(Compare(term, ">=", low), read)
            at_most = evaluate(Compare(term, "<=", high), read)
            return all_of((at_least, at_most))
        case Among(term, values, _):
            one = value(term)
            return None if one is None else any(one == entry.value for entry in values)
        case Like(term, pattern, _):
            one = value(term)
            return None if one is None else matches(one, pattern)
        case TextTest(how, term, part):
            one = value(term)
            return None if one is None else _TEXT[how](one, str(part.value))
        case Has(field, entry):
            one = value(field)
            return None if one is None else entry.value in one
        case IsNull(term):
            return value(term) is None
        case Holds(term):
            return value(term)  # type: ignore[no-any-return]  # a boolean, or None
        case IsTrue(part):
            return evaluate(part, read) is True
        case Not(part):
            truth = evaluate(part, read)
            return None if truth is None else not truth
        case AllOf(parts):
            return all_of(tuple(evaluate(part, read) for part in parts))
        case AnyOf(parts):
            return any_of(tuple(evaluate(part, read) for part in parts))
        case _:
            assert_never(condition)


def all_of(truths: tuple[Truth, ...]) -> Truth:
    """Return False when one is False, else None when one is None, else True."""
    return False if False in truths else None if None in truths else True


def any_of(truths: tuple[Truth, ...]) -> Truth:
    """Return True when one is True, else None when one is None, else False."""
    return True if True in truths else None if None in truths else False


def matches(text: str, pattern: str) -> bool:
    """Return whether *text* is like *pattern*, where ``%`` is any text and ``_`` any one character.

    Takes time in proportion to length of text times length of pattern at worst, whatever the pattern.

    >>> matches("vp marketing", "vp%"), matches("a_b", "a_b"), matches("abc", "%b"), matches("", "%")
    (True, True, False, True)
    """
    return _matcher(pattern)(text)


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> Callable[[str], bool]:
    pieces = pattern.split("%")
    if len(pieces) == 1:
        return lambda text: len(text) == len(pattern) and _fits(text, 0, pattern)
    first, *middle, last = pieces

    def match(text: str) -> bool:
        if len(text) < len(first) + len(last) or not _fits(text, 0, first):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:  # the leftmost place of each piece leaves the most room for the rest
            while at + len(piece) <= end and not _fits(text, at, piece):
                at += 1
            at += len(piece)
            if at > end:
                return False
        return _fits(text, end, last)

    return match


def _fits(text: str, at: int, piece: str) -> bool:
    return all(wanted in ("_", found) for wanted, found in zip(piece, text[at : at + len(piece)], strict=True))
