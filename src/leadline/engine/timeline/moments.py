"""The cells of a timeline: one for each lead and moment, in order, and where in them a moment or a day lies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from leadline.engine.calendar import DAY_US, AsOf, Zone
from leadline.engine.cells.columns import Integers, Spread, Truths
from leadline.engine.timeline.known import ALWAYS, KnownLeads, no_integers

KEY_BITS = 62


@dataclass(slots=True)
class Cells:
    """Leads at moments, ordered by lead, then moment.

    us, day: shape (n_cells,), moment and local day. start: shape (n_leads + 1,), where the cells of each lead begin.
    """

    spread: Spread
    us: Integers
    day: Integers
    start: Integers = field(init=False)
    _first_us: int = field(init=False)
    _shift: int = field(init=False)
    _keys: Integers = field(init=False)
    _first_day: int = field(init=False)
    _day_keys: Integers = field(init=False)

    def __post_init__(self) -> None:
        lead_of, leads = self.spread.lead_of, self.spread.lead_count
        self.start = np.searchsorted(lead_of, np.arange(leads + 1))
        self._first_us = int(self.us.min()) if len(self.us) else 0
        span = int(self.us.max()) - self._first_us + 2 if len(self.us) else 2
        self._shift = span.bit_length()
        assert leads.bit_length() + self._shift <= KEY_BITS, "too many leads at once for so long a time"
        self._keys = (lead_of << self._shift) | (self.us - self._first_us)
        self._first_day = int(self.day.min()) if len(self.day) else 0
        self._day_keys = (lead_of << 20) | (self.day - self._first_day)

    def first_at(self, lead: Integers, us: Integers) -> Integers:
        """Return for each lead its first cell not before a moment; the end of its cells when there is none."""
        inside = np.clip(us, self._first_us, self._first_us + (1 << self._shift) - 1)
        found = np.searchsorted(self._keys, (lead << self._shift) | (inside - self._first_us))
        return np.minimum(found, self.start[lead + 1])

    def first_on(self, lead: Integers, day: Integers) -> Integers:
        """Return for each lead its first cell not before a day; the end of its cells when there is none."""
        inside = np.clip(day - self._first_day, 0, (1 << 20) - 1)
        return np.minimum(np.searchsorted(self._day_keys, (lead << 20) | inside), self.start[lead + 1])


def day_of(zone: Zone, us: Integers) -> Integers:
    """Return the local days of moments."""
    if not len(us):
        return no_integers()
    shifts = zone.shifts(int(us.min()), int(us.max()))
    starts = np.array([shift.start_us for shift in shifts[1:]], dtype=np.int64)
    add = np.array([shift.add_us for shift in shifts], dtype=np.int64)
    return (us + add[np.searchsorted(starts, us, side="right")]) // DAY_US


def every_moment(zone: Zone, known: KnownLeads, until: AsOf, looks: Truths | None = None) -> Cells:
    """Return the moments at which leads are assessed: when something of theirs happens, and at the start of each local day.

    A lead of which nothing is dated is assessed at *until* alone. *looks*: the leads that are assessed at all; of the others
    only the beginning and what was reported of them are moments.
    """
    begins = known.begins_us
    leads = np.arange(len(known), dtype=np.int64)
    is_dated = begins != ALWAYS
    first = np.where(is_dated, begins, until.until_us)
    looks = np.ones(len(known), dtype=np.bool_) if looks is None else looks
    dated = leads[is_dated & looks & (first <= until.until_us)]
    first_days = day_of(zone, first[dated])
    lengths = np.maximum(until.day - first_days, 0)
    midnight_lead = np.repeat(dated, lengths)
    midnight_day = _counted_up(first_days + 1, lengths)
    lowest = int(midnight_day.min()) if len(midnight_day) else until.day
    starts = first_instants(zone, lowest, until.day)
    midnight_us = starts[midnight_day - lowest]
    parts = [(leads[first <= until.until_us], first[first <= until.until_us]), (midnight_lead, midnight_us)]
    parts.append((known.outcomes.lead, known.outcomes.from_us))
    others = [(known.events.lead, known.events.from_us), known.facts]
    others += [(changes.lead, changes.us) for changes in known.changes.values()]
    parts += [(of_leads[looks[of_leads]], of_us[looks[of_leads]]) for of_leads, of_us in others]
    lead = np.concatenate([of_leads for of_leads, _ in parts])
    us = np.concatenate([of_us for _, of_us in parts])
    inside = (us <= until.until_us) & (us >= first[lead])
    return cells_at(zone, len(known), lead[inside], us[inside])


def first_instants(zone: Zone, first_day: int, last_day: int) -> Integers:
    """Return the first instant of each day from one to another."""
    rounded = first_day // 64 * 64
    return _first_instants(zone, rounded, last_day)[first_day - rounded :]


@lru_cache(maxsize=64)
def _first_instants(zone: Zone, first_day: int, last_day: int) -> Integers:
    return np.array([zone.first_instant(day) for day in range(first_day, last_day + 1)], dtype=np.int64)


def regular_moments(zone: Zone, known: KnownLeads, moments: Sequence[AsOf]) -> Cells:
    """Return the given moments for each lead that had begun by then."""
    us = np.array([moment.until_us for moment in moments], dtype=np.int64)
    lead = np.repeat(np.arange(len(known), dtype=np.int64), len(us))
    every = np.tile(us, len(known))
    has_begun = every >= known.begins_us[lead]
    days = np.tile(np.array([moment.day for moment in moments], dtype=np.int64), len(known))
    return Cells(Spread(len(known), lead[has_begun]), every[has_begun], days[has_begun])


def cells_at(zone: Zone, lead_count: int, lead: Integers, us: Integers) -> Cells:
    """Return cells of leads and moments, sorted and each once."""
    if not len(us):
        return Cells(Spread(lead_count, no_integers()), no_integers(), no_integers())
    first = int(us.min())
    shift = (int(us.max()) - first + 1).bit_length()
    assert lead_count.bit_length() + shift <= KEY_BITS, "too many leads at once for so long a time"
    keys = np.sort((lead << shift) | (us - first), kind="stable")
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    found = (keys & ((1 << shift) - 1)) + first
    return Cells(Spread(lead_count, keys >> shift), found, day_of(zone, found))


def _counted_up(first: Integers, lengths: Integers) -> Integers:
    """Return ``first[i], first[i] + 1, …`` of *lengths[i]* numbers, one after another."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - lengths - first, lengths)


def repeated_ranges(start: Integers, lengths: Integers) -> Integers:
    """Return the numbers of several ranges one after another: ``start[i] … start[i] + lengths[i] - 1``.

    >>> repeated_ranges(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    return _counted_up(start, lengths)
