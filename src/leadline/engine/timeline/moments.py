"""The cells of a timeline: one for each lead and moment, in order, and where in them a moment or a day lies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from leadline.engine.calendar import DAY_US, AsOf, Zone
from leadline.engine.cells.columns import Integers, Spread, Truths
from leadline.engine.timeline.known import ALWAYS, KnownLeads, no_integers

KEY_BITS = 62


@dataclass(frozen=True, slots=True)
class _Instants:
    """Makes one sortable number of a lead and a moment.

    first_us, bits: the moment less the first one, in so many bits. listed: where that is too wide, moments are numbered instead.
    """

    first_us: int
    bits: int
    listed: Integers | None = None

    @classmethod
    def of(cls, us: Integers, lead_count: int) -> "_Instants":
        """Decide how moments are numbered."""
        first, last = (int(us.min()), int(us.max())) if len(us) else (0, 0)
        bits = (last - first + 2).bit_length()
        if lead_count.bit_length() + bits <= KEY_BITS:
            return cls(first, bits)
        listed = np.unique(us)
        return cls(0, (len(listed) + 1).bit_length(), listed)

    def keys(self, lead: Integers, us: Integers) -> Integers:
        """Return the numbers of leads and moments; one between two known moments gets that of the later."""
        if self.listed is not None:
            return (lead << self.bits) | np.searchsorted(self.listed, us)
        return (lead << self.bits) | np.clip(us, self.first_us, self.first_us + (1 << self.bits) - 1) - self.first_us

    def us_of(self, keys: Integers) -> Integers:
        """Return the moments of some numbers."""
        places = keys & ((1 << self.bits) - 1)
        return places + self.first_us if self.listed is None else self.listed[places]


@dataclass(slots=True)
class Cells:
    """Leads at moments, ordered by lead, then moment.

    us, day: shape (n_cells,), moment and local day. start: shape (n_leads + 1,), where the cells of each lead begin.
    """

    spread: Spread
    us: Integers
    day: Integers
    start: Integers = field(init=False)
    _instants: "_Instants" = field(init=False)
    _keys: Integers = field(init=False)
    _first_day: int = field(init=False)
    _day_keys: Integers = field(init=False)

    def __post_init__(self) -> None:
        lead_of, leads = self.spread.lead_of, self.spread.lead_count
        self.start = np.searchsorted(lead_of, np.arange(leads + 1))
        self._instants = _Instants.of(self.us, leads)
        self._keys = self._instants.keys(lead_of, self.us)
        self._first_day = int(self.day.min()) if len(self.day) else 0
        self._day_keys = (lead_of << 20) | (self.day - self._first_day)

    def first_at(self, lead: Integers, us: Integers) -> Integers:
        """Return for each lead its first cell not before a moment; the end of its cells when there is none."""
        return np.minimum(np.searchsorted(self._keys, self._instants.keys(lead, us)), self.start[lead + 1])

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


def every_moment(
    zone: Zone, known: KnownLeads, until: AsOf, looks: Truths | None = None, only: Truths | None = None
) -> Cells:
    """Return the moments at which leads are assessed: when something of theirs happens, and at the start of each local day.

    A lead of which nothing is dated is assessed at *until* alone. *looks*: the leads that are assessed at all; of the others
    only the beginning and what was reported of them are moments. *only*: the leads that have cells at all.
    """
    begins = known.begins_us
    leads = np.arange(len(known), dtype=np.int64)
    is_dated = begins != ALWAYS
    first = np.where(is_dated, begins, until.until_us)
    looks = np.ones(len(known), dtype=np.bool_) if looks is None else looks
    dated = leads[is_dated & looks & (first <= until.until_us) & (True if only is None else only)]
    first_days = day_of(zone, first[dated])
    lengths = np.maximum(until.day - first_days, 0)
    midnight_lead = np.repeat(dated, lengths)
    midnight_day = repeated_ranges(first_days + 1, lengths)
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
    inside &= True if only is None else only[lead]
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
    instants = _Instants.of(us, lead_count)
    keys = np.sort(instants.keys(lead, us), kind="stable")
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    found = instants.us_of(keys)
    return Cells(Spread(lead_count, keys >> instants.bits), found, day_of(zone, found))


def repeated_ranges(first: Integers, lengths: Integers) -> Integers:
    """Return the numbers of several ranges one after another: ``first[i] … first[i] + lengths[i] - 1``.

    >>> repeated_ranges(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - lengths - first, lengths)
