"""Conditions over many cells at once. What a condition means stands in expressions/evaluate.py; this is held to it.

Guarded by tests/engine/cells.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from leadline.engine.cells.columns import FALSE, TRUE, UNKNOWN, Array, Column, Spread, Truth, as_truth, where_known
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.expressions.nodes import Value

_COMPARE: dict[str, Callable[[Array, Array], Array]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


@dataclass(slots=True)
class ConditionCells:
    """Evaluates conditions, each once; *read* gives the column of a term."""

    spread: Spread
    read: Callable[[n.Term], Column]
    _found: dict[n.Condition, Truth] = field(default_factory=dict)

    def truth(self, condition: n.Condition) -> Truth:
        """Return what a condition comes to."""
        if condition not in self._found:
            self._found[condition] = self._evaluate(condition)
        return self._found[condition]

    def _evaluate(self, condition: n.Condition) -> Truth:
        match condition:
            case n.Compare(left, sign, right):
                return self._compare(left, sign, right)
            case n.Between(term, low, high):
                return self._joined((n.Compare(term, ">=", low), n.Compare(term, "<=", high)), np.minimum)
            case n.Among() | n.Like() | n.TextTest() | n.Has():
                return self._test(condition)
            case n.Holds(n.Literal(value)):  # a condition that is only ``true``
                return Truth(np.full(self.spread.lead_count, TRUE if value else FALSE, dtype=np.int8), is_wide=False)
            case n.IsNull(term):
                column = self.read(term)
                return Truth(as_truth(~column.is_known()), column.is_wide)
            case n.Holds(term):
                column = self.read(term)
                return Truth(where_known(as_truth(column.values.astype(np.bool_)), column), column.is_wide)
            case n.IsTrue(part):
                inner = self.truth(part)
                return Truth(as_truth(inner.holds), inner.is_wide)
            case n.Not(part):
                inner = self.truth(part)
                return Truth((TRUE - inner.values).astype(np.int8), inner.is_wide)
            case n.AllOf(parts):
                return self._joined(parts, np.minimum)
            case n.AnyOf(parts):
                return self._joined(parts, np.maximum)
            case _:
                assert_never(condition)

    def _joined(self, parts: tuple[n.Condition, ...], join: Callable[..., NDArray[np.int8]]) -> Truth:
        """Return *and* or *or* of some conditions; the narrow ones are brought together first."""
        truths = sorted((self.truth(part) for part in parts), key=lambda one: one.is_wide)
        found = truths[0]
        for other in truths[1:]:
            (left, right), is_wide = self.spread.together((found.values, found.is_wide), (other.values, other.is_wide))
            found = Truth(join(left, right), is_wide)
        return found

    def _compare(self, left: n.Term, sign: str, right: n.Term) -> Truth:
        one, other = self.read_or_literal(left), self.read_or_literal(right)
        if isinstance(one, Column) and one.words is not None:
            return self._compare_texts(one, sign, other)
        if isinstance(other, Column) and other.words is not None:
            return self._compare_texts(other, sign, one)
        columns = [column for column in (one, other) if isinstance(column, Column)]
        is_wide = any(column.is_wide for column in columns)
        values = [
            (self.spread.wide(side.values, side.is_wide) if is_wide else side.values)
            if isinstance(side, Column)
            else np.array(side)
            for side in (one, other)
        ]
        found = as_truth(np.asarray(_COMPARE[sign](values[0], values[1])))
        for column in columns:
            if column.known is not None:
                known = self.spread.wide(column.known, column.is_wide) if is_wide else column.known
                found = np.where(known, found, np.int8(UNKNOWN))
        return Truth(found, is_wide)

    def _compare_texts(self, one: Column, sign: str, other: "Column | Value") -> Truth:
        """Return ``=`` or ``<>`` of texts, which are compared as places among distinct values."""
        wanted = sign == "="
        if not isinstance(other, Column):
            return self.spread.truth_of(one, (sign, other), lambda word: (word == other) is wanted)
        assert one.words is not None and other.words is not None
        numbers: dict[Value, int] = {}
        codes = [
            np.array([numbers.setdefault(word, len(numbers)) for word in words] or [0], dtype=np.int64)
            for words in (one.words, other.words)
        ]
        (left, right, knows_left, knows_right), is_wide = self.spread.together(
            (codes[0][one.values], one.is_wide),
            (codes[1][other.values], other.is_wide),
            (one.is_known(), one.is_wide),
            (other.is_known(), other.is_wide),
        )
        found = as_truth((left == right) if wanted else (left != right))
        return Truth(np.where(knows_left & knows_right, found, np.int8(UNKNOWN)), is_wide)

    def _test(self, condition: "n.Among | n.Like | n.TextTest | n.Has") -> Truth:
        """Return a test of one term against what is written in the condition, by the reference's own words where it can."""
        term = condition.term
        column = self.read(term)
        if column.words is not None:
            return self.spread.truth_of(column, condition, lambda word: evaluate(condition, lambda _: word) is True)
        assert isinstance(condition, n.Among)
        listed = np.array([float(entry.value) for entry in condition.values], dtype=np.float64)
        found = np.isin(column.values.astype(np.float64), listed)
        return Truth(where_known(as_truth(found), column), column.is_wide)

    def read_or_literal(self, term: n.Term) -> "Column | Value":
        """Return the column of a term, or the value of a literal."""
        return term.value if isinstance(term, n.Literal) else self.read(term)
