"""When leads cool: the day on which an open qualification has ended if nothing more happens.

Nothing happens from the moment on, but days begin: the leads are assessed at the start of each coming day, by the same tables of
weights as ever, until their spells have ended or nothing can change any more. Scores do not always fall (a penalty fades too), so
every day is looked at; first those of some weeks, then ever longer stretches for the leads that are still left.

tests/engine/timeline holds this to the naive history of a log in which nothing more happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadline.engine.calendar import AsOf, Zone
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Truths
from leadline.engine.compiler.plan import Counted, Days, Plan, Points
from leadline.engine.expressions import nodes as n
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.model import InactivityCriterion, Qualification
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.moments import cells_at, day_of, first_instants, regular_moments
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import Histories, histories_until

MOST_DAYS = 36_500
_FIRST_DAYS = 60
_MOST_CELLS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSpell:
    """A spell that is open at a moment. cools_day: the first day at whose start it has ended; None: never."""

    lead: int
    spell: Spell
    cools_day: int | None


def find_open_spells(plan: Plan, known: KnownLeads, as_of: AsOf, zone: Zone) -> list[OpenSpell]:
    """Return the spells that are open at a moment, each with the day on which it cools if nothing more happens.

    Args:
        plan: what is computed.
        known: what is known of the leads; what lies after the moment plays no part.
        as_of: the moment.
        zone: the playbook's.
    """
    known = known.until(as_of.until_us)
    happened = open_histories(plan, known, as_of, zone)
    places = {lead_id: place for place, lead_id in enumerate(known.lead_ids)}
    spells = [spell for spell in happened.spells if spell.is_open]
    is_open = np.zeros(len(known), dtype=np.bool_)
    is_open[[places[spell.lead_id] for spell in spells]] = True
    known = known.with_events_of(is_open)
    cools = find_cooling_days(plan, known, as_of, zone, happened, spells)
    return [
        OpenSpell(lead=places[spell.lead_id], spell=spell, cools_day=day)
        for spell, day in zip(spells, cools, strict=True)
    ]


def find_cooling_days(
    plan: Plan, known: KnownLeads, as_of: AsOf, zone: Zone, happened: Histories, spells: Sequence[Spell]
) -> list[int | None]:
    """Return for each of some open spells the day on which it cools if nothing more happens; None: never.

    Args:
        plan: what is computed.
        known: what is known of the leads by the moment.
        as_of: the moment.
        zone: the playbook's.
        happened: the spells of all these leads, those that have ended too.
        spells: the ones to look at.
    """
    places = {lead_id: place for place, lead_id in enumerate(known.lead_ids)}
    cools = _Forecast(plan, known, as_of, zone, happened, [(places[one.lead_id], one) for one in spells]).run()
    return [cools.get(at) for at in range(len(spells))]


def open_histories(plan: Plan, known: KnownLeads, as_of: AsOf, zone: Zone) -> Histories:
    """Return the spells of those leads of whom one may be open at the moment; of the others none.

    Of a lead whose conditions to stay do not hold now, and who raised no hand lately, no spell is open.
    """
    if not plan.playbook.qualifications:
        return Histories(spells=[], moves=[])
    now = regular_moments(zone, known, [as_of])
    looks = np.zeros(len(known), dtype=np.bool_)
    if plan.spells:
        looks |= Reach(plan, known).may_begin()
    else:
        assessed = CellAssessments(TimelineInputs(plan, known, now))
        for level in plan.playbook.qualifications:
            holds = assessed.holds(level.enter) | assessed.holds(level.stay)
            looks[now.spread.lead_of[holds]] = True
            looks |= _raised_lately(known, level, as_of)
    found = histories_until(plan, known, zone, as_of, looks, evidence=False, stages=False)
    looked_at = {known.lead_ids[lead] for lead in np.flatnonzero(looks).tolist()}
    return Histories(spells=[spell for spell in found.spells if spell.lead_id in looked_at], moves=[])


def _raised_lately(known: KnownLeads, level: Qualification, as_of: AsOf) -> Truths:
    """Return which leads raised a hand that may still hold."""
    events = known.events
    rows = events.named(level.hand_raise)
    days_ago = as_of.day - events.day[rows]
    found = np.zeros(len(known), dtype=np.bool_)
    # one that came late is held from its arrival on; that can be no earlier than its own day
    late = events.from_us[rows] != events.at_us[rows]
    found[events.lead[rows[(days_ago <= (level.hand_raise_stay_days or 0)) | late]]] = True
    return found


@dataclass(slots=True)
class _Forecast:
    """Looks at the coming days of some leads."""

    plan: Plan
    known: KnownLeads
    as_of: AsOf
    zone: Zone
    happened: Histories
    open: Sequence[tuple[int, Spell]]

    def run(self) -> dict[int, int]:
        """Return for each place in *open* the day on which it cools; those that never do are left out."""
        left = list(range(len(self.open)))
        found: dict[int, int] = {}
        furthest = self._furthest() if self.open else {}
        first, length = 1, _FIRST_DAYS
        while left and first <= MOST_DAYS:
            still: list[int] = []
            for part in _parts(left, length):
                ended = self._ended(part, first, length)
                found.update(ended)
                still += [
                    place for place in part if place not in ended and furthest[self.open[place][0]] >= first + length
                ]
            left, first, length = still, first + length, min(length * 4, MOST_DAYS - first - length + 1)
            if length <= 0:
                break
        return found

    def _ended(self, places: Sequence[int], first: int, length: int) -> dict[int, int]:
        """Return which spells end on one of the next days, and on which."""
        leads = np.unique(np.array([self.open[place][0] for place in places], dtype=np.int64))
        starts = first_instants(self.zone, self.as_of.day + first, self.as_of.day + first + length - 1)
        cells = cells_at(self.zone, len(self.known), np.repeat(leads, length), np.tile(starts, len(leads)))
        ended = {name: self.happened.ended_before(name, self.known, cells) for name in self.plan.spells}
        assessed = CellAssessments(TimelineInputs(self.plan, self.known, cells, ended))
        found: dict[int, int] = {}
        for level in self.plan.playbook.qualifications:
            own = [place for place in places if self.open[place][1].qualification == level.id]
            if not own:
                continue
            holds = assessed.holds(level.enter) | assessed.holds(level.stay)
            for place in own:
                lead, spell = self.open[place]
                part = slice(int(cells.start[lead]), int(cells.start[lead + 1]))
                held_until = self._held_until(level, lead, spell)
                is_over = ~holds[part] & ((cells.day[part] >= held_until) | (assessed.excluded[part] >= 0))
                if is_over.any():
                    found[place] = int(cells.day[part][int(np.argmax(is_over))])
        return found

    def _held_until(self, level: Qualification, lead: int, spell: Spell) -> int:
        """Return the day on which the last hand raise of a spell no longer holds."""
        if level.hand_raise_stay_days is None:
            return self.as_of.day
        events = self.known.events
        rows = events.named(level.hand_raise)
        own = events.from_us[rows[(events.lead[rows] == lead) & (events.from_us[rows] >= spell.began_us)]]
        return int(day_of(self.zone, own).max()) + level.hand_raise_stay_days if len(own) else self.as_of.day

    def _furthest(self) -> dict[int, int]:
        """Return for each lead how many days ahead anything can still change."""
        days, by_date = days_until_settled(self.plan)
        leads = np.array(sorted({lead for lead, _ in self.open}), dtype=np.int64)
        ahead = np.full(len(leads), days, dtype=np.int64)
        for field_read, most in by_date:
            cells = cells_at(self.zone, len(self.known), leads, np.full(len(leads), self.as_of.until_us))
            column = TimelineInputs(self.plan, self.known, cells).field(field_read)
            values, known = (cells.spread.wide(one, column.is_wide) for one in (column.values, column.is_known()))
            ahead = np.maximum(ahead, np.where(known, values - self.as_of.day, 0) + most)
        return dict(zip(leads.tolist(), np.minimum(ahead, MOST_DAYS).tolist(), strict=True))


def days_until_settled(plan: Plan) -> tuple[int, list[tuple[n.Field, int]]]:
    """Return after how many quiet days all is settled, and after which date fields so many days more something changes.

    Quiet times after outcomes are not among them.
    """
    playbook = plan.playbook
    days = 1
    for feature in plan.features:
        match feature:
            case Points(weights=weights):
                days = max(days, len(weights.table))
            case Counted(window_days=window) | Days(window_days=window):
                days = max(days, window or 0)
    for level in playbook.qualifications:
        days = max(days, level.hand_raise_stay_days or 0)
    for criterion in playbook.criteria:
        if isinstance(criterion, InactivityCriterion):
            bound = criterion.low if criterion.points < 0 else criterion.high
            is_bound = bound is not None and criterion.points
            periods = -(-abs(bound or 0) // abs(criterion.points)) if is_bound else MOST_DAYS
            days = max(days, (periods + 1) * criterion.every_days)
    by_date: list[tuple[n.Field, int]] = []
    for clause in plan.clauses:
        for compared, most in _day_terms(plan.bound.test(clause)):
            if isinstance(compared, n.DaysSinceField):
                by_date.append((compared.field, most))
            else:
                days = max(days, most)
    return min(days + 2, MOST_DAYS), by_date


def _day_terms(condition: n.Condition) -> list[tuple[n.Term, int]]:
    """Return the terms of a condition that grow by the day, each with the greatest number that it is compared with."""
    found: list[tuple[n.Term, int]] = []
    waiting: list[n.Condition | n.Term] = [condition]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, n.Condition):
            continue
        parts = n.parts_of(item)
        waiting += parts
        growing = [part for part in parts if isinstance(part, n.DaysSinceEvent | n.DaysSinceField | n.DaysSinceOutcome)]
        if growing:
            others = [part for part in parts if part not in growing]
            is_plain = len(growing) == 1 and all(isinstance(part, n.Literal) for part in others)
            numbers = [abs(float(part.value)) for part in others if isinstance(part, n.Literal)]
            most = int(min(max(numbers, default=0), MOST_DAYS)) + 2 if is_plain else MOST_DAYS
            found += [(part, most) for part in growing]
    return found


def _parts(places: list[int], length: int) -> list[list[int]]:
    """Return places in parts whose cells fit into memory."""
    size = max(1, _MOST_CELLS // length)
    return [places[start : start + size] for start in range(0, len(places), size)]
