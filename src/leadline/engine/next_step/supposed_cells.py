"""Many leads with changes that are supposed to have happened at the moment: what supposed.py does to a log, in arrays.

A cell is one lead with one set of changes. Nothing is counted anew: a change only adds to what the lead's events came to already.
tests/engine/next_step/test_bulk.py holds this to the reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.calendar import AsOf, bucket_of
from leadline.engine.cells.columns import Column, Integers, Spread, Truths, WordList
from leadline.engine.compiler.plan import ANY_EVENT, Counted, Days, LastDay, Plan, Points, Tally
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.next_step.candidates import Candidate, is_met
from leadline.engine.timeline.features import Features, buckets
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.known import ALWAYS, KnownLeads
from leadline.engine.timeline.moments import Cells


@dataclass(slots=True)
class Present:
    """All leads at one moment, one cell each, and how much room limits leave for what happens at that moment."""

    plan: Plan
    known: KnownLeads
    as_of: AsOf
    ended_before: Mapping[str, Integers] = field(default_factory=dict)
    inputs: TimelineInputs = field(init=False)
    _features: Features = field(init=False)
    _in_bucket: dict[tuple[int, str], Integers] = field(default_factory=dict)
    _words: dict[n.Field, WordList] = field(default_factory=dict)
    _ties: dict[str, list[tuple[int, tuple[str, str]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.known)
        cells = Cells(
            Spread(count, np.arange(count, dtype=np.int64)),
            np.full(count, self.as_of.until_us, dtype=np.int64),
            np.full(count, self.as_of.day, dtype=np.int64),
        )
        self.inputs = TimelineInputs(self.plan, self.known, cells, self.ended_before)
        self._features = Features(self.plan, self.known, cells)

    def in_bucket(self, tally: int, per: str) -> Integers:
        """Return for each lead how many events of a tally stand in the calendar bucket of the moment."""
        if (tally, per) not in self._in_bucket:
            spec, events = self.plan.tallies[tally], self.known.events
            row = events.of_signal(spec.signal)
            row = row[events.from_us[row] <= self.as_of.until_us]
            if spec.wipe is not None:
                row = row[events.at_us[row] > self._wiped_us(spec.wipe)[events.lead[row]]]
            row = row[buckets(events.day[row], per) == bucket_number(self.as_of.day, per)]
            self._in_bucket[tally, per] = np.bincount(events.lead[row], minlength=len(self.known)).astype(np.int64)
        return self._in_bucket[tally, per]

    def _wiped_us(self, wipe: int) -> Integers:
        wipes = self._features.wipes(wipe)
        is_there = wipes.from_us <= self.as_of.until_us
        found = np.full(len(self.known), ALWAYS, dtype=np.int64)
        np.maximum.at(found, wipes.lead[is_there], wipes.at_us[is_there])
        return found

    def words_of(self, one: n.Field) -> WordList | None:
        """Return the distinct values of a field; those that are supposed are added to them, and stay."""
        words = self.inputs.field(one).words
        if words is None:
            return None
        if one not in self._words:
            self._words[one] = WordList(words)
        return self._words[one]

    def ties(self, what: str) -> list[tuple[int, tuple[str, str]]]:
        """Return the outcomes that were reported at this very moment: lead, and outcome with reason; of each the greatest."""
        if what not in self._ties:
            outcomes = self.known.outcomes
            row = outcomes.named(DEALS if what == "deal" else DECISIONS)
            row = row[(outcomes.at_us[row] == self.as_of.until_us) & (outcomes.from_us[row] <= self.as_of.until_us)]
            found: dict[int, tuple[str, str]] = {}
            for one in row.tolist():
                code = int(outcomes.reason[one])
                said = (outcomes.outcomes[outcomes.outcome[one]], "" if code < 0 else outcomes.reasons[code])
                lead = int(outcomes.lead[one])
                found[lead] = max(found.get(lead, ("", "")), said)
            self._ties[what] = list(found.items())
        return self._ties[what]


def bucket_number(day: int, per: str) -> int:
    """Return the calendar bucket of a day, numbered as `buckets` does."""
    return (
        int(buckets(np.array([day], dtype=np.int64), per)[0]) if per in ("day", "week", "ever") else bucket_of(day, per)
    )


@dataclass(slots=True)
class SupposedCells:
    """Leads with sets of changes.

    sets:       of changes. lead, chosen: shape (n_cells,), which lead and which set each cell is.
    """

    present: Present
    sets: Sequence[Sequence[Candidate]]
    lead: Integers
    chosen: Integers
    plan: Plan = field(init=False)
    spread: Spread = field(init=False)
    day: Integers = field(init=False)
    _fields: dict[n.Field, list[tuple[int, n.Value]]] = field(default_factory=dict)
    _outcomes: list[list[Candidate]] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.lead)
        self.plan = self.present.plan
        self.spread = Spread(count, np.arange(count, dtype=np.int64))
        self.day = np.full(count, self.present.as_of.day, dtype=np.int64)
        for place, changes in enumerate(self.sets):
            for one in changes:
                if one.field is not None and one.value is not None:
                    self._fields.setdefault(one.field, []).append((place, one.value))
        self._outcomes = [[one for one in changes if one.kind == "outcome"] for changes in self.sets]

    # -- what was there already ------------------------------------------------------------------------

    def _of_leads(self, column: Column) -> Column:
        """Return a column of the leads for the cells; there is one cell a lead, so wide and narrow are the same."""
        known = None if column.known is None else column.known[self.lead]
        return Column(column.values[self.lead], known, column.words)

    def _by_set(self, found: Sequence[int]) -> Integers:
        return np.array(found, dtype=np.int64)[self.chosen]

    # -- what is asked for ---------------------------------------------------------------------------------

    def field(self, field: n.Field) -> Column:
        """Return the values of a field, supposed ones where there are any."""
        base = self._of_leads(self.present.inputs.field(field))
        supposed = self._fields.get(field)
        if not supposed:
            return base
        words = self.present.words_of(field)
        of_set = np.zeros(len(self.sets), dtype=np.float64 if field.kind == "number" else np.int64)
        is_set = np.zeros(len(self.sets), dtype=np.bool_)
        for place, value in supposed:
            is_set[place] = True
            if words is None:
                assert isinstance(value, bool | int | float)
                of_set[place] = value
            else:
                if value not in words:
                    words.append(value)
                of_set[place] = words.index(value)
        here = is_set[self.chosen]
        values = np.where(here, of_set[self.chosen].astype(base.values.dtype), base.values)
        return Column(values, base.is_known() | here, words)

    def feature(self, index: int) -> Column:
        """Return a feature of the plan, with what the supposed events add."""
        feature, base = self.plan.features[index], self._of_leads(self.present.inputs.feature(index))
        tally = self.plan.tallies[feature.tally]
        times = self._by_set([self._times(tally, changes) for changes in self.sets])
        is_wiped = self._is_wiped(tally.wipe)
        today = self.present.as_of.day
        match feature:
            case Points(_, _, weights, limit):
                if limit is not None:
                    before = self.present.in_bucket(feature.tally, limit.per)[self.lead]
                    times = np.minimum(limit.count, before + times) - np.minimum(limit.count, before)
                return Column(np.where(is_wiped, 0, base.values + weights.at(0) * times))
            case Counted():
                return Column(base.values + times)
            case Days():
                before = self.present.in_bucket(feature.tally, "day")[self.lead]
                return Column(base.values + ((times > 0) & (before == 0)))
            case LastDay():
                has_new = times > 0
                return Column(
                    np.where(has_new, today, base.values), np.where(is_wiped, False, base.is_known() | has_new)
                )

    def _times(self, tally: Tally, changes: Sequence[Candidate]) -> int:
        signal = self.plan.signals[tally.signal]
        return sum(
            one.kind == "event"
            and (ANY_EVENT in signal.events or one.event in signal.events)
            and (signal.only is None or is_met(signal.only, dict(one.properties)))
            for one in changes
        )

    def _is_wiped(self, wipe: int | None) -> Truths:
        if wipe is None:
            return np.zeros(len(self.lead), dtype=np.bool_)
        spec = self.plan.wipes[wipe]
        wipes = [
            any(one.event in spec.events or spec.fits_outcome(one.outcome, one.reason_key) for one in each)
            for each in self.sets
        ]
        return np.array(wipes, dtype=np.bool_)[self.chosen]

    def wiped_day(self, wipe: int) -> Column:
        """Return the day of the last reset of a kind."""
        base, is_wiped = self._of_leads(self.present.inputs.wiped_day(wipe)), self._is_wiped(wipe)
        return Column(np.where(is_wiped, self.present.as_of.day, base.values), base.is_known() | is_wiped)

    def history(self, what: str) -> Column:
        """Return the latest decision or deal, or the reason of the latest decision."""
        base = self._of_leads(self.present.inputs.history(what))
        family = DEALS if what == "deal" else DECISIONS
        words = WordList(base.words or ())
        reported = [next((one for one in each if one.outcome in family), None) for each in self.sets]
        if not any(reported):
            return base
        is_new = np.array([one is not None for one in reported], dtype=np.bool_)[self.chosen]
        for lead, said in self.present.ties(what):  # of two at one moment the greater counts
            beaten = [one is not None and (one.outcome, one.reason_key or "") < said for one in reported]
            is_new &= ~((self.lead == lead) & np.array(beaten, dtype=np.bool_)[self.chosen])
        codes, has = [], []
        for one in reported:
            word = None if one is None else one.reason_key if what == "reason" else one.outcome
            has.append(word is not None)
            if word is not None and word not in words:
                words.append(word)
            codes.append(0 if word is None else words.index(word))
        values = np.where(is_new, self._by_set(codes), base.values)
        return Column(values, np.where(is_new, np.array(has, dtype=np.bool_)[self.chosen], base.is_known()), words)

    def outcome_day(self, outcome: str) -> Column:
        """Return the last day of an outcome."""
        base = self._of_leads(self.present.inputs.outcome_day(outcome))
        is_new = np.array([any(one.outcome == outcome for one in each) for each in self._outcomes], dtype=np.bool_)
        is_new = is_new[self.chosen]
        return Column(np.where(is_new, self.present.as_of.day, base.values), base.is_known() | is_new)

    def ended(self, qualification: str) -> Column:
        """Return how many spells of a qualification have ended before the moment."""
        return self._of_leads(self.present.inputs.ended(qualification))
