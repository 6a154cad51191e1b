"""What is known of leads at each of their moments: the bridge from arrays of things that happened to cells that are assessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.cells.columns import Column, Integers, Spread, WordList
from leadline.engine.compiler.plan import Plan
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.timeline.features import Features
from leadline.engine.timeline.known import Changes, KnownLeads
from leadline.engine.timeline.moments import Cells


@dataclass(slots=True)
class TimelineInputs:
    """What is known in each cell of a timeline; everything is computed when it is asked for, and once.

    ended: for each qualification how many of its spells had ended before the moment; none where it is left out.
    """

    plan: Plan
    known: KnownLeads
    cells: Cells
    ended_before: Mapping[str, Integers] = field(default_factory=dict)
    spread: Spread = field(init=False)
    day: Integers = field(init=False)
    _features: Features = field(init=False)
    _fields: dict[n.Field, Column] = field(default_factory=dict)
    _computed: dict[int, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.spread, self.day = self.cells.spread, self.cells.day
        self._features = Features(self.plan, self.known, self.cells)

    def field(self, field: n.Field) -> Column:
        """Return the values of a field."""
        if field not in self._fields:
            column = self.known.fields.get(field)
            if column is None:
                column = self.spread.nothing(WordList() if field.kind in ("text", "list") else None)
            changes = self.known.changes.get(field)
            self._fields[field] = column if changes is None else self._changed(column, changes)
        return self._fields[field]

    def _changed(self, column: Column, changes: Changes) -> Column:
        """Return a field whose values change: in each cell the last change before it, else the first value."""
        last = self._last_row(changes.lead, changes.us)
        lead_of, row = self.spread.lead_of, np.maximum(last, 0)
        has_changed = last >= 0
        values = np.where(has_changed, changes.values[row], column.values[lead_of])
        known = np.where(has_changed, changes.known[row], column.is_known()[lead_of])
        return Column(values, known, column.words, is_wide=True)

    def _last_row(self, lead: Integers, from_us: Integers) -> Integers:
        """Return in each cell the greatest row that is there, -1 for none; rows stand in the order of leads."""
        cells = self.cells
        best = np.full(self.spread.cell_count, -1, dtype=np.int64)
        place = cells.first_at(lead, from_us)
        inside = np.flatnonzero(place < cells.start[lead + 1])
        np.maximum.at(best, place[inside], inside)
        best = np.maximum.accumulate(best)
        if not len(lead):
            return best
        return np.where(lead[np.maximum(best, 0)] == self.spread.lead_of, best, -1)

    def feature(self, index: int) -> Column:
        """Return a feature of the plan."""
        if index not in self._computed:
            self._computed[index] = self._features.of(index)
        return self._computed[index]

    def wiped_day(self, wipe: int) -> Column:
        """Return the day of the last reset of a kind."""
        return self._features.wiped_day(wipe)

    def history(self, what: str) -> Column:
        """Return the latest decision or deal, or the reason of the latest decision."""
        outcomes = self.known.outcomes
        rows = outcomes.named(DEALS if what == "deal" else DECISIONS)
        if not len(rows):
            return self.spread.nothing(WordList())
        last = self._last_row(outcomes.lead[rows], outcomes.from_us[rows])
        row = rows[np.maximum(last, 0)]
        if what == "reason":
            code = outcomes.reason[row]
            return Column(np.maximum(code, 0), (last >= 0) & (code >= 0), WordList(outcomes.reasons), is_wide=True)
        return Column(outcomes.outcome[row], last >= 0, WordList(outcomes.outcomes), is_wide=True)

    def outcome_day(self, outcome: str) -> Column:
        """Return the last day of an outcome."""
        outcomes = self.known.outcomes
        rows = outcomes.named([outcome])
        return self._features.latest(outcomes.lead[rows], outcomes.from_us[rows], outcomes.day[rows])

    def ended(self, qualification: str) -> Column:
        """Return how many spells of a qualification have ended before the moment."""
        found = self.ended_before.get(qualification)
        if found is None:
            return Column(np.zeros(self.spread.lead_count, dtype=np.int64))
        return Column(found, is_wide=True)
