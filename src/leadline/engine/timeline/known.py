"""What is known of some leads, as arrays: the input of a timeline, made from logs (`from_logs.py`) or by a backend.

Rows of one lead stand together, leads in order. Moments are microseconds, days local days. Of things that arrive late, *from_us* is
the moment from which they are there; it equals *at_us* unless one asks what was known then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np

from leadline.engine.cells.columns import Array, Column, Integers, Truths, WordList
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.nodes import Value

NEVER = np.iinfo(np.int64).max
ALWAYS = np.iinfo(np.int64).min
BITS_A_WORD = 62


def no_integers() -> Integers:
    """Return an empty array of whole numbers."""
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """New values of a field: from *us* on a lead has *values* (or, where not *known*, none)."""

    lead: Integers
    us: Integers
    values: Array
    known: Truths


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Events, in the order of lead, at_us, from_us.

    signals: shape (n_events, n_words), bit s % 62 of word s // 62 for signal s of the plan. name: index into *names*.
    """

    lead: Integers = field(default_factory=no_integers)
    at_us: Integers = field(default_factory=no_integers)
    from_us: Integers = field(default_factory=no_integers)
    day: Integers = field(default_factory=no_integers)
    name: Integers = field(default_factory=no_integers)
    names: Sequence[str] = ()
    signals: Integers

    def of_signal(self, signal: int) -> Integers:
        """Return the rows that are a signal."""
        word, bit = divmod(signal, BITS_A_WORD)
        return np.flatnonzero(self.signals[:, word] >> bit & 1)

    def named(self, wanted: Sequence[str]) -> Integers:
        """Return the rows with one of some names."""
        places = [place for place, name in enumerate(self.names) if name in wanted]
        return np.flatnonzero(np.isin(self.name, places)) if places else no_integers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Outcomes, in the order of lead, at_us, outcome, reason.

    outcome: index into *outcomes*. reason: index into *reasons*, -1 for none. qualification: the same into *qualifications*.
    """

    lead: Integers = field(default_factory=no_integers)
    at_us: Integers = field(default_factory=no_integers)
    from_us: Integers = field(default_factory=no_integers)
    day: Integers = field(default_factory=no_integers)
    outcome: Integers = field(default_factory=no_integers)
    reason: Integers = field(default_factory=no_integers)
    qualification: Integers = field(default_factory=no_integers)
    outcomes: Sequence[str] = ()
    reasons: Sequence[str] = ()
    qualifications: Sequence[str] = ()

    def named(self, wanted: Sequence[str]) -> Integers:
        """Return the rows with one of some outcomes."""
        places = [place for place, name in enumerate(self.outcomes) if name in wanted]
        return np.flatnonzero(np.isin(self.outcome, places)) if places else no_integers()

    def picked(self, fits: Callable[[str, str | None], bool]) -> Integers:
        """Return the rows whose outcome and reason fit."""
        table = np.array([[fits(outcome, one) for one in (*self.reasons, None)] for outcome in self.outcomes], np.bool_)
        return np.flatnonzero(table[self.outcome, self.reason]) if len(self.outcome) else no_integers()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLeads:
    """All that is known of some leads, at any time.

    begins_us: the first moment of anything of the lead's own; `ALWAYS` where nothing is dated.
    facts:     leads and moments of all facts, their companies' too, also of those that nothing reads.
    fields:    narrow columns of the values that hold before any of *changes*.
    """

    lead_ids: Sequence[str]
    begins_us: Integers
    facts: tuple[Integers, Integers]
    fields: Mapping[n.Field, Column]
    changes: Mapping[n.Field, Changes]
    events: Happened
    outcomes: Reported

    def __len__(self) -> int:
        return len(self.lead_ids)

    def with_events_of(self, leads: Truths) -> "KnownLeads":
        """Return the same with the events of some leads only; for what looks at no others."""
        if leads.all():
            return self
        return replace(self, events=_rows(self.events, leads[self.events.lead]))

    def until(self, until_us: int) -> "KnownLeads":
        """Return the same without anything that was not there by a moment. Where a lead begins stays as it is."""
        if all(bool((us <= until_us).all()) for us in (self.events.from_us, self.outcomes.from_us, self.facts[1])):
            return self
        is_there = self.facts[1] <= until_us
        return replace(
            self,
            facts=(self.facts[0][is_there], self.facts[1][is_there]),
            changes={
                one: changed
                for one, changes in self.changes.items()
                if len((changed := _rows(changes, changes.us <= until_us)).us)
            },
            events=_rows(self.events, self.events.from_us <= until_us),
            outcomes=_rows(self.outcomes, self.outcomes.from_us <= until_us),
        )


_Table = TypeVar("_Table", Changes, Happened, Reported)


def _rows(table: _Table, picked: Truths) -> _Table:
    """Return some rows of a table."""
    columns: dict[str, Any] = {one.name: getattr(table, one.name) for one in fields(table)}
    rows: dict[str, Any] = {name: one[picked] for name, one in columns.items() if isinstance(one, np.ndarray)}
    return replace(table, **rows)


@dataclass(slots=True)
class Words:
    """Numbers distinct values in the order in which they come."""

    values: WordList = field(default_factory=WordList)
    _places: dict[Value, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places.update({value: place for place, value in enumerate(self.values)})

    def place(self, value: Value) -> int:
        """Return the number of a value."""
        found = self._places.get(value)
        if found is None:
            found = self._places[value] = len(self.values)
            self.values.append(value)
        return found


def column_of(field_read: n.Field, values: Sequence[Value | None], words: Words | None = None) -> Column:
    """Return values of a field, None for missing, as a narrow column; texts and lists are numbered by *words*."""
    known = np.array([value is not None for value in values], dtype=np.bool_)
    if field_read.kind in ("text", "list"):
        words = words or Words()
        places = [0 if value is None else words.place(value) for value in values]
        return Column(np.array(places, dtype=np.int64), known, words.values)
    kind = {"number": np.float64, "boolean": np.bool_, "day": np.int64}[field_read.kind]
    return Column(np.array([0 if value is None else value for value in values], dtype=kind), known)
