"""Values and truths of many cells at once: columns, three-valued, that know whether they differ from cell to cell.

A column is *narrow* when it has one entry for each lead, *wide* when it has one for each cell. What depends on facts alone is
narrow, and computed once a lead; it is spread over the cells only where it meets something that is wide.

A truth is 0 (false), 1 (unknown) or 2 (true), so that *and* is the minimum, *or* the maximum and *not* is 2 − x: the logic of
expressions/evaluate.py in arrays.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.engine.expressions.nodes import Value

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]
Array = NDArray[Any]

FALSE, UNKNOWN, TRUE = 0, 1, 2


class WordList(list[Value]):
    """Distinct texts or lists, which remembers what tests said of them: the same ones are asked of stretch after stretch."""

    def __init__(self, values: Iterable[Value] = ()) -> None:
        super().__init__(values)
        self.said: dict[Hashable, NDArray[np.int8]] = {}

    def truths(self, asked: Hashable, test: Callable[[Value], bool]) -> NDArray[np.int8]:
        """Return what a test says of each value; *asked* is what the test is known by."""
        found = self.said.get(asked)
        if found is None or len(found) != len(self):
            found = self.said[asked] = np.array([TRUE if test(word) else FALSE for word in self], dtype=np.int8)
        return found


@dataclass(frozen=True, slots=True)
class Column:
    """Values of leads or cells.

    values:  numbers, days or truths; of texts and lists the place of each among *words*.
    known:   where there is a value; None: everywhere.
    words:   for texts and lists the distinct values.
    is_wide: one entry for each cell, else one for each lead.
    """

    values: Array
    known: Truths | None = None
    words: WordList | None = None
    is_wide: bool = False

    def is_known(self) -> Truths:
        """Return where there is a value."""
        return np.ones(len(self.values), dtype=np.bool_) if self.known is None else self.known


@dataclass(frozen=True, slots=True)
class Truth:
    """Three-valued truths of leads or cells."""

    values: NDArray[np.int8]
    is_wide: bool

    @property
    def holds(self) -> Truths:
        """Where it is certainly true."""
        return np.equal(self.values, TRUE)


@dataclass(frozen=True, slots=True)
class Units:
    """Ten-thousandths of points of leads or cells."""

    values: Integers
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Which lead each cell belongs to; brings narrow and wide together.

    lead_of: shape (n_cells,), from 0, ascending.
    """

    lead_count: int
    lead_of: Integers

    @property
    def cell_count(self) -> int:
        """How many cells there are."""
        return len(self.lead_of)

    def wide(self, values: Array, is_wide: bool) -> Array:
        """Return one value for each cell."""
        return values if is_wide else values[self.lead_of]

    def together(self, *columns: tuple[Array, bool]) -> tuple[list[Array], bool]:
        """Return columns of one width: narrow when all are, else wide."""
        is_wide = any(wide for _, wide in columns)
        return [self.wide(values, wide) if is_wide else values for values, wide in columns], is_wide

    def nothing(self, words: WordList | None = None) -> Column:
        """Return a column without any value."""
        return Column(np.zeros(self.lead_count, dtype=np.int64), np.zeros(self.lead_count, dtype=np.bool_), words)

    @staticmethod
    def truth_of(column: Column, asked: Hashable, test: Callable[[Value], bool]) -> Truth:
        """Return what a test of single values says of a column of texts or lists: asked once for each distinct value."""
        assert column.words is not None
        found = column.words.truths(asked, test)
        values = found[column.values] if len(found) else np.zeros(len(column.values), dtype=np.int8)
        return Truth(where_known(values, column), column.is_wide)


def where_known(values: NDArray[np.int8], column: Column) -> NDArray[np.int8]:
    """Return truths, unknown where a column has no value."""
    return values if column.known is None else np.where(column.known, values, np.int8(UNKNOWN))


def as_truth(values: Array) -> NDArray[np.int8]:
    """Return booleans as truths."""
    return values.astype(np.int8) * np.int8(TRUE)
