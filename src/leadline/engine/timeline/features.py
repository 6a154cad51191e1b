"""What leads' events come to in each cell: sums of points, counts, last days.

An event is worth something from the cell at which it is there to the one at which it has been wiped, or has reached the age at
which it is worth nothing. Where weights stay the same for long (no decay, steps, windows) only the borders are noted and
added up; where they fall every day each cell of the stretch gets its weight from the table.

TRICKY: what a limit picks and what a reset wipes goes by the order in which things *happened*, but under "as known" they arrive in
another order at times, and an event that comes late can push out one that counted. Leads of whom that is so go through
`arrivals.py`, which looks at every arrival anew.
"""

from dataclasses import dataclass, field

import numpy as np

from leadline.engine.arithmetic import Weights
from leadline.engine.calendar import bucket_of
from leadline.engine.cells.columns import Column, Integers, Truths
from leadline.engine.compiler.plan import Counted, Days, LastDay, Plan, Points
from leadline.engine.playbook.model import Limit
from leadline.engine.timeline.arrivals import Stretch, Wiping, last_days_by_arrival, stretches_by_arrival
from leadline.engine.timeline.known import KnownLeads, no_integers
from leadline.engine.timeline.moments import Cells, repeated_ranges

_MOST_RUNS = 12
_CHUNK = 8_000_000
_ONCE = Weights((), 1)


@dataclass(frozen=True, slots=True)
class Wipes:
    """What wipes a score, in the order of lead, at_us: events and outcomes together."""

    lead: Integers
    at_us: Integers
    from_us: Integers
    day: Integers


@dataclass(frozen=True, slots=True)
class Rows:
    """The events of a tally whose leads' things arrived in order; and the leads of whom that is not so.

    row: index into the events. epoch: how many wipes of the lead came before it. start, end: the cells in which it is there.
    """

    row: Integers
    epoch: Integers
    start: Integers
    end: Integers
    unordered: Integers


@dataclass(slots=True)
class Features:
    """Computes the features of a plan for the cells of some leads."""

    plan: Plan
    known: KnownLeads
    cells: Cells
    _rows: dict[int, Rows] = field(default_factory=dict)
    _wipes: dict[int, Wipes] = field(default_factory=dict)

    def of(self, index: int) -> Column:
        """Return a feature of the plan."""
        feature = self.plan.features[index]
        match feature:
            case LastDay(tally):
                return self._last_day(tally)
            case Points(_, tally, weights, limit):
                return Column(self._sum(tally, weights, limit), is_wide=True)
            case Counted(tally, window):
                return Column(self._sum(tally, _in_window(window), None), is_wide=True)
            case Days(tally, window):
                return Column(self._sum(tally, _in_window(window), Limit(1, "day")), is_wide=True)

    # -- what wipes ------------------------------------------------------------------------------------

    def wipes(self, index: int) -> Wipes:
        """Return what wipes a score, of all leads."""
        if index not in self._wipes:
            wipe, events, outcomes = self.plan.wipes[index], self.known.events, self.known.outcomes
            by_event, by_outcome = events.named(wipe.events), outcomes.picked(wipe.fits_outcome)
            columns = [
                np.concatenate([getattr(events, name)[by_event], getattr(outcomes, name)[by_outcome]])
                for name in ("lead", "at_us", "from_us", "day")
            ]
            order = np.lexsort((columns[1], columns[0]))
            self._wipes[index] = Wipes(*(column[order] for column in columns))
        return self._wipes[index]

    def wiped_day(self, index: int) -> Column:
        """Return the day of the last reset that is known, where there was one."""
        wipes = self.wipes(index)
        return self.latest(wipes.lead, wipes.from_us, wipes.day)

    def latest(self, lead: Integers, from_us: Integers, day: Integers) -> Column:
        """Return the greatest day of what is there, where anything is."""
        cells = self.cells
        lowest = int(day.min()) if len(day) else 0
        best = np.full(cells.spread.cell_count + 1, -1, dtype=np.int64)
        place = cells.first_at(lead, from_us)
        is_inside = place < cells.start[lead + 1]
        keys = (lead << 21) | (day - lowest)
        np.maximum.at(best, place[is_inside], keys[is_inside])
        best = np.maximum.accumulate(best[:-1])
        known = (best >= 0) & (best >> 21 == cells.spread.lead_of)
        return Column(np.where(known, (best & ((1 << 21) - 1)) + lowest, 0), known, is_wide=True)

    # -- rows of a tally ---------------------------------------------------------------------------------

    def rows(self, tally: int) -> Rows:
        """Return the events of a tally with the cells in which each is there."""
        if tally not in self._rows:
            self._rows[tally] = self._make_rows(tally)
        return self._rows[tally]

    def _make_rows(self, tally: int) -> Rows:
        spec, events, cells = self.plan.tallies[tally], self.known.events, self.cells
        row = events.of_signal(spec.signal)
        wipes = None if spec.wipe is None else self.wipes(spec.wipe)
        unordered = self._unordered(row, wipes)
        if len(unordered):
            row = row[~np.isin(events.lead[row], unordered)]
        lead = events.lead[row]
        start, end = cells.first_at(lead, events.from_us[row]), cells.start[lead + 1]
        epoch = np.zeros(len(row), dtype=np.int64)
        if wipes is not None and len(wipes.lead):
            before = _wipes_before(lead, events.at_us[row], wipes)
            epoch = before - np.searchsorted(wipes.lead, lead)
            following = np.minimum(before, len(wipes.lead) - 1)  # the first wipe that is not before the event
            is_wiped = (before < len(wipes.lead)) & (wipes.lead[following] == lead)
            wiped_at = cells.first_at(lead, wipes.from_us[following])
            end = np.where(is_wiped, np.minimum(end, wiped_at), end)
        return Rows(row, epoch, start, end, unordered)

    def _unordered(self, row: Integers, wipes: Wipes | None) -> Integers:
        """Return the leads of whom something arrived in another order than it happened."""
        events = self.known.events
        if np.array_equal(events.from_us, events.at_us) and (
            wipes is None or np.array_equal(wipes.from_us, wipes.at_us)
        ):
            return no_integers()
        parts = [(events.lead[row], events.at_us[row], events.from_us[row])]
        parts += [] if wipes is None else [(wipes.lead, wipes.at_us, wipes.from_us)]
        lead, at_us, from_us = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.lexsort((from_us, at_us, lead))
        lead, from_us = lead[order], from_us[order]
        is_late = (lead[1:] == lead[:-1]) & (from_us[1:] < from_us[:-1])
        return np.unique(lead[1:][is_late])

    # -- sums ------------------------------------------------------------------------------------------------

    def _sum(self, tally: int, weights: Weights, limit: Limit | None) -> Integers:
        """Return what the events of a tally are worth in each cell."""
        rows, events = self.rows(tally), self.known.events
        row, epoch, start, end = rows.row, rows.epoch, rows.start, rows.end
        if limit is not None:
            counts = _rank(events.lead[row], epoch, buckets(events.day[row], limit.per)) < limit.count
            row, epoch, start, end = row[counts], epoch[counts], start[counts], end[counts]
        found = self._merged(events.lead[row], epoch, events.day[row], start, end)
        if len(rows.unordered):
            found = found.with_more(self._by_arrival(rows.unordered, tally, limit))
        return self._weighed(found, weights)

    def _by_arrival(self, leads: Integers, tally: int, limit: Limit | None) -> "Stretches":
        found: list[tuple[int, Stretch]] = []
        for lead, happened, wiping in self._arrivals(leads, tally):
            found += [(lead, stretch) for stretch in stretches_by_arrival(happened, wiping, limit)]
        lead_of = np.array([lead for lead, _ in found], dtype=np.int64)
        start = self.cells.first_at(lead_of, np.array([one.start_us for _, one in found], dtype=np.int64))
        ends = np.array([one.end_us for _, one in found], dtype=np.int64)
        end = self.cells.first_at(lead_of, ends)
        day = np.array([one.day for _, one in found], dtype=np.int64)
        return Stretches(lead_of, start, end, day, np.ones(len(found), dtype=np.int64))

    def _arrivals(self, leads: Integers, tally: int) -> "list[tuple[int, list[tuple[int, int, int]], list[Wiping]]]":
        """Return for some leads their events of a tally (at, from, day) and what wipes them (at, from)."""
        spec, events = self.plan.tallies[tally], self.known.events
        row = events.of_signal(spec.signal)
        wipes = None if spec.wipe is None else self.wipes(spec.wipe)
        found = []
        for lead in leads.tolist():
            own = row[events.lead[row] == lead]
            happened = list(
                zip(events.at_us[own].tolist(), events.from_us[own].tolist(), events.day[own].tolist(), strict=True)
            )
            wiping: list[Wiping] = []
            if wipes is not None:
                of_lead = wipes.lead == lead
                wiping = list(zip(wipes.at_us[of_lead].tolist(), wipes.from_us[of_lead].tolist(), strict=True))
            found.append((lead, happened, wiping))
        return found

    def _merged(self, lead: Integers, epoch: Integers, day: Integers, start: Integers, end: Integers) -> "Stretches":
        """Return stretches of cells; from the day after on the events of one day lie together in one."""
        cells = self.cells
        is_alive = start < end
        lead, epoch, day, start, end = (one[is_alive] for one in (lead, epoch, day, start, end))
        next_day = np.clip(cells.first_on(lead, day + 1), start, end)
        same_day = next_day > start
        first = Stretches(
            lead[same_day], start[same_day], next_day[same_day], day[same_day], np.ones(int(same_day.sum()), np.int64)
        )
        is_new = _begins_group(lead, epoch, day, next_day, end)
        places = np.flatnonzero(is_new)
        times = np.diff(np.append(places, len(lead)))
        rest = Stretches(lead[places], next_day[places], end[places], day[places], times)
        return first.with_more(rest)

    def _weighed(self, found: "Stretches", weights: Weights) -> Integers:
        """Return in each cell the sum of the weights of the stretches that it lies in."""
        count = self.cells.spread.cell_count
        runs = _runs(weights)
        if len(runs) <= _MOST_RUNS:
            change = np.zeros(count + 1, dtype=np.int64)
            for first_age, end_age, worth in runs:
                worth_of_day = worth * found.times
                np.add.at(change, self._from_age(found, first_age), worth_of_day)
                np.subtract.at(change, found.end if end_age is None else self._from_age(found, end_age), worth_of_day)
            return np.cumsum(change[:-1])
        table = np.array(weights.table, dtype=np.int64)
        end = self._from_age(found, len(weights.table))
        total = np.zeros(count, dtype=np.int64)
        lengths = end - found.start
        borders = np.searchsorted(np.cumsum(lengths), np.arange(0, int(lengths.sum()) + _CHUNK, _CHUNK))
        for low, high in zip(borders.tolist(), [*borders.tolist()[1:], len(lengths)], strict=True):
            part = slice(low, high)
            inside = repeated_ranges(found.start[part], lengths[part])
            age = self.cells.day[inside]
            age -= np.repeat(found.day[part], lengths[part])
            worth_there = table[age]
            if (found.times[part] > 1).any():
                worth_there *= np.repeat(found.times[part], lengths[part])
            np.add.at(total, inside, worth_there)
        return total

    def _from_age(self, found: "Stretches", age: int) -> Integers:
        """Return the first cell of each stretch at which its events have an age, or the stretch's end."""
        if age == 0:
            return found.start
        return np.clip(self.cells.first_on(found.lead, found.day + age), found.start, found.end)

    # -- last days ---------------------------------------------------------------------------------------------

    def _last_day(self, tally: int) -> Column:
        """Return the day of the last event of a tally, after the last reset that concerns it."""
        rows, events, cells = self.rows(tally), self.known.events, self.cells
        wipe = self.plan.tallies[tally].wipe
        lead, day, start = events.lead[rows.row], events.day[rows.row], rows.start
        epoch = rows.epoch
        parts = [(lead, epoch, day, start)]
        if wipe is not None:  # from a reset on there is none, until the next event: the mark of a new epoch
            wipes = self.wipes(wipe)
            ordered = ~np.isin(wipes.lead, rows.unordered)
            of_lead = wipes.lead[ordered]
            number = np.flatnonzero(ordered) - np.searchsorted(wipes.lead, of_lead) + 1
            place = cells.first_at(of_lead, wipes.from_us[ordered])
            parts.append((of_lead, number, np.full(len(of_lead), _NO_DAY), place))
        for one, happened, wiping in self._arrivals(rows.unordered, tally):
            marks = last_days_by_arrival(happened, wiping)
            us = np.array([mark.start_us for mark in marks], dtype=np.int64)
            of_one = np.full(len(marks), one, dtype=np.int64)
            days = np.array([_NO_DAY if mark.day is None else mark.day for mark in marks], dtype=np.int64)
            parts.append((of_one, np.arange(len(marks), dtype=np.int64), days, cells.first_at(of_one, us)))
        lead, epoch, day, start = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        inside = start < cells.start[lead + 1]
        best = np.full(cells.spread.cell_count, -1, dtype=np.int64)
        keys = (((lead << 20) | epoch) << 21) | (day - _NO_DAY)
        np.maximum.at(best, start[inside], keys[inside])
        best = np.maximum.accumulate(best)
        value = (best & ((1 << 21) - 1)) + _NO_DAY
        known = (best >= 0) & (best >> 41 == cells.spread.lead_of) & (value != _NO_DAY)
        return Column(np.where(known, value, 0), known, is_wide=True)


_NO_DAY = -200_000
"""Before all days that are read; as a mark it says that there is no last day."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of cells in which *times* events of a day count: from cell *start* to before *end*."""

    lead: Integers
    start: Integers
    end: Integers
    day: Integers
    times: Integers

    def with_more(self, other: "Stretches") -> "Stretches":
        """Return both."""
        return Stretches(
            np.concatenate([self.lead, other.lead]),
            np.concatenate([self.start, other.start]),
            np.concatenate([self.end, other.end]),
            np.concatenate([self.day, other.day]),
            np.concatenate([self.times, other.times]),
        )


def _in_window(window: int | None) -> Weights:
    return _ONCE if window is None else Weights((1,) * window, 0)


def _runs(weights: Weights) -> list[tuple[int, int | None, int]]:
    """Return the ages over which a weight stays the same: first, the one after the last (None: for ever), and the weight."""
    runs: list[tuple[int, int | None, int]] = []
    for age, worth in enumerate(weights.table):
        if runs and runs[-1][2] == worth:
            runs[-1] = (runs[-1][0], age + 1, worth)
        else:
            runs.append((age, age + 1, worth))
            if len(runs) > _MOST_RUNS:
                return runs
    return [*runs, (len(weights.table), None, weights.after)] if weights.after else runs


def _wipes_before(lead: Integers, at_us: Integers, wipes: Wipes) -> Integers:
    """Return for each event how many wipes come before it, those of all leads before included."""
    both_lead, both_at = np.concatenate([wipes.lead, lead]), np.concatenate([wipes.at_us, at_us])
    is_wipe = np.concatenate([np.ones(len(wipes.lead), np.int64), np.zeros(len(lead), np.int64)])
    order = np.lexsort((is_wipe, both_at, both_lead))  # an event stands before a wipe of its moment, which wipes it
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.cumsum(is_wipe[order])
    return found[len(wipes.lead) :]


def buckets(day: Integers, per: str) -> Integers:
    """Return the calendar bucket of each day; see `calendar.bucket_of`."""
    if per in ("day", "week", "ever") or not len(day):
        return day if per == "day" else (day + 3) // 7 if per == "week" else np.zeros(len(day), dtype=np.int64)
    lowest, highest = int(day.min()), int(day.max())
    table = np.array([bucket_of(one, per) for one in range(lowest, highest + 1)], dtype=np.int64)
    return table[day - lowest]


def _begins_group(*keys: Integers) -> Truths:
    """Return which rows differ from the one before in any of some keys."""
    is_new = np.ones(len(keys[0]), dtype=np.bool_)
    differs = np.zeros(max(0, len(is_new) - 1), dtype=np.bool_)
    for key in keys:
        differs |= key[1:] != key[:-1]
    is_new[1:] = differs
    return is_new


def _rank(*keys: Integers) -> Integers:
    """Return the place of each row among the neighbours that have the same keys."""
    is_new = _begins_group(*keys)
    places = np.arange(len(is_new), dtype=np.int64)
    return places - np.maximum.accumulate(np.where(is_new, places, 0))
