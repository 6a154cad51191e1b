"""Spells and stages of many leads: the rules of lifecycle/fold.py, fed only where something changes.

A lead is looked at where what its qualifications say differs from the cell before, where something was reported, where a hand is
raised, and on the days on which a quiet time or a hand raise ends. At all other moments the rules could change nothing. That this
finds the same spells as looking at every moment is held by tests/engine/timeline.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.calendar import DAY_US, AsOf, Zone, get_zone
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Integers, Truths, Units
from leadline.engine.compiler.plan import Plan
from leadline.engine.lifecycle.fold import Observation, SpellFold
from leadline.engine.lifecycle.model import Evidence, Spell, StageMove
from leadline.engine.lifecycle.stages import StageFold, stages_of
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.known import ALWAYS, KnownLeads
from leadline.engine.timeline.moments import Cells, cells_at, every_moment

CELLS_A_GROUP = 150_000
"""Leads and moments that are assessed together: more is slower, since it leaves the caches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Spells and moves of some leads, each in the order of lead, then time."""

    spells: list[Spell]
    moves: list[StageMove]

    def ended_before(self, name: str, known: KnownLeads, cells: Cells) -> Integers:
        """Return in each cell how many spells of a qualification have ended before its moment."""
        places = {lead_id: place for place, lead_id in enumerate(known.lead_ids)}
        ends = [(places[spell.lead_id], spell.ended_us) for spell in self.spells if spell.qualification == name]
        closed = [(lead, us) for lead, us in ends if us is not None]
        change = np.zeros(cells.spread.cell_count + 1, dtype=np.int64)
        lead = np.array([one for one, _ in closed], dtype=np.int64)
        us = np.array([one for _, one in closed], dtype=np.int64)
        np.add.at(change, cells.first_at(lead, us + 1), 1)
        np.subtract.at(change, cells.start[lead + 1], 1)
        return np.cumsum(change[:-1])


@dataclass(slots=True)
class _Levels:
    """What the qualifications say in each cell: shape (n_qualifications, n_cells)."""

    enter: Truths
    stays: Truths
    excluded: Integers

    def changes(self, cells: Cells) -> Truths:
        """Return the cells that differ from the one before, the first of each lead among them if anything is true there."""
        differs = np.zeros(cells.spread.cell_count, dtype=np.bool_)
        for row in (*self.enter, *self.stays, self.excluded):
            differs[1:] |= row[1:] != row[:-1]
        differs[cells.start[:-1][cells.start[:-1] < len(differs)]] = True
        return differs


def histories(plan: Plan, known: KnownLeads, cells: Cells, *, evidence: bool = True, stages: bool = True) -> Histories:
    """Return the spells and stage moves of some leads.

    Args:
        plan: what is computed.
        known: what is known of the leads.
        cells: every moment of theirs (`moments.every_moment`).
        evidence: also keep what was true when each spell began.
        stages: also find the moves from stage to stage.
    """
    ended: dict[str, Integers] = {}
    while True:
        # what has ended decides what comes after, never what was before: each round settles at least one ending more
        inputs = TimelineInputs(plan, known, cells, ended)
        found = _Folding(plan.playbook, known, cells, _levels(plan, inputs), stages).run()
        now = {name: found.ended_before(name, known, cells) for name in plan.spells}
        if all(np.array_equal(now[name], ended.get(name, np.zeros_like(now[name]))) for name in plan.spells):
            break
        ended = now
    if evidence and found.spells:
        add_evidence(plan, known, found)
    return found


def histories_until(
    plan: Plan,
    known: KnownLeads,
    zone: Zone,
    until: AsOf,
    looks: Truths,
    *,
    evidence: bool = True,
    stages: bool = True,
) -> Histories:
    """Return the spells and stage moves of some leads up to a moment, some at a time, so that their cells fit into memory.

    *looks*: the leads that are assessed at all (`reach.Reach`); of the others only the beginning and what was reported is looked at.
    """
    spells: list[Spell] = []
    moves: list[StageMove] = []
    for only in _groups(known, until, looks):
        cells = every_moment(zone, known, until, looks, only)
        found = histories(plan, known.with_events_of(only & looks), cells, evidence=False, stages=stages)
        spells += found.spells
        moves += found.moves
    places = {lead_id: place for place, lead_id in enumerate(known.lead_ids)}
    happened = Histories(
        spells=sorted(spells, key=lambda one: places[one.lead_id]),
        moves=sorted(moves, key=lambda one: places[one.lead_id]),
    )
    if evidence and spells:
        add_evidence(plan, known, happened)
    return happened


def _groups(known: KnownLeads, until: AsOf, looks: Truths) -> Iterator[Truths]:
    """Yield the leads in groups of so many cells: those that are not looked at together, and then the others."""
    yield ~looks
    leads = np.flatnonzero(looks)
    days = np.clip((until.until_us - known.begins_us[leads]) // DAY_US + 2, 1, None)
    days = np.where(known.begins_us[leads] == ALWAYS, 1, days)
    events = np.bincount(known.events.lead, minlength=len(known))[leads]
    group = np.cumsum(days + events) // CELLS_A_GROUP
    for number in np.unique(group).tolist():
        only = np.zeros(len(known), dtype=np.bool_)
        only[leads[group == number]] = True
        yield only


def _levels(plan: Plan, inputs: TimelineInputs) -> _Levels:
    assessed = CellAssessments(inputs)
    levels = plan.playbook.qualifications
    enter = [assessed.holds(level.enter) for level in levels]
    stays = [one | assessed.holds(level.stay) for one, level in zip(enter, levels, strict=True)]
    nothing = np.zeros((0, inputs.spread.cell_count), dtype=np.bool_)
    return _Levels(np.array(enter) if enter else nothing, np.array(stays) if stays else nothing, assessed.excluded)


# -- folding -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Folding:
    """Folds the cells of leads, one lead after another."""

    playbook: Playbook
    known: KnownLeads
    cells: Cells
    levels: _Levels
    has_stages: bool
    exclusions: list[str] = field(init=False)
    spells: list[Spell] = field(default_factory=list)
    moves: list[StageMove] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exclusions = [*(one.id for one in self.playbook.exclusions), "consent"]

    def run(self) -> Histories:
        """Return what happened to all leads."""
        cells, known = self.cells, self.known
        stages = stages_of(self.playbook) if self.has_stages else ()
        raising = known.events.named([name for level in self.playbook.qualifications for name in level.hand_raise])
        looks, raises = self.levels.changes(cells), self._cells_of_events(raising)
        looks[raises] = True
        may_begin = np.zeros(len(known), dtype=np.bool_)
        may_begin[cells.spread.lead_of[self.levels.enter.any(axis=0)]] = True
        may_begin[cells.spread.lead_of[raises]] = True
        outcomes = self._outcomes()
        is_plain = np.ones(len(known), dtype=np.bool_)
        is_plain[known.events.lead[raising]] = False
        is_plain[list(outcomes)] = False
        looks = np.where(is_plain[cells.spread.lead_of], self._turns(), looks)
        events = _EventsOfLeads(known, cells)
        for lead, lead_id in enumerate(known.lead_ids):
            first, end = int(cells.start[lead]), int(cells.start[lead + 1])
            if first == end:
                continue
            stage = StageFold(stages, lead_id)
            reported = outcomes.get(lead, {})
            if may_begin[lead]:
                visits = first + np.flatnonzero(looks[first:end])
                own = {} if is_plain[lead] else events.of(lead)
                fold = SpellFold(self.playbook, lead_id)
                self._fold(fold, stage, sorted({*visits.tolist(), *reported}), reported, own, end)
                self.spells += fold.spells
            elif stages:
                for cell in sorted({first, *reported}):
                    stage.step(int(cells.us[cell]), int(cells.day[cell]), (), reported.get(cell, ()))
            self.moves += stage.moves
        return Histories(spells=self.spells, moves=self.moves)

    def _turns(self) -> Truths:
        """Return the first cell of each lead, and those in which a spell begins or ends where nothing but conditions decides.

        That is so for leads of whom nothing was reported and who raised no hand: they are in from where `enter` is true to where
        neither it nor `stay` is.
        """
        cells, count = self.cells, self.cells.spread.cell_count
        found = np.zeros(count, dtype=np.bool_)
        firsts = cells.start[:-1][cells.start[:-1] < count]
        found[firsts] = True
        places = np.arange(count)
        for enter, stays in zip(self.levels.enter, self.levels.stays, strict=True):
            decides = enter | ~stays
            decides[firsts] = True
            is_open = enter[np.maximum.accumulate(np.where(decides, places, 0))]
            found[1:] |= is_open[1:] != is_open[:-1]
        return found

    def _cells_of_events(self, rows: Integers) -> Integers:
        events, cells = self.known.events, self.cells
        place = cells.first_at(events.lead[rows], events.from_us[rows])
        found: Integers = place[place < cells.start[events.lead[rows] + 1]]
        return found

    def _outcomes(self) -> dict[int, dict[int, list[ReportedOutcome]]]:
        """Return what was reported, by lead and cell."""
        reported, cells = self.known.outcomes, self.cells
        found: dict[int, dict[int, list[ReportedOutcome]]] = {}
        place = cells.first_at(reported.lead, reported.from_us)
        inside = place < cells.start[reported.lead + 1] if len(reported.lead) else place
        for row in np.flatnonzero(inside).tolist():
            lead = int(reported.lead[row])
            found.setdefault(lead, {}).setdefault(int(place[row]), []).append(outcome_at(self.known, row))
        return found

    def _fold(
        self,
        fold: SpellFold,
        stage: StageFold,
        visits: list[int],
        reported: Mapping[int, list[ReportedOutcome]],
        events: "Mapping[int, list[str]]",
        end: int,
    ) -> None:
        """Take a lead through its visits, and through what becomes due in between."""
        cells, at, last = self.cells, 0, -1
        event_cells = sorted(events)
        first_day = int(cells.day[visits[0]])
        while True:
            following = visits[at] if at < len(visits) else end
            if (due := [day for day in fold.due_days if last >= 0 and day > first_day]) and last >= 0:
                for day in due:
                    cell = last + 1 + int(np.searchsorted(cells.day[last + 1 : end], day))
                    if cell < following and cells.day[last] < day:
                        following = cell
            if last >= 0 and fold.is_due_next:
                following = min(following, last + 1)
            if fold.waits_for_event:
                following = min([following, *(cell for cell in event_cells if cell > last)][:2])
            if following >= end:
                return
            if at < len(visits) and following == visits[at]:
                at += 1
            last = following
            excluded = int(self.levels.excluded[following])
            seen = Observation(
                at_us=int(cells.us[following]),
                day=int(cells.day[following]),
                enter=self.levels.enter[:, following].tolist(),
                stays=self.levels.stays[:, following].tolist(),
                excluded_by=None if excluded < 0 else self.exclusions[excluded],
                outcomes=reported.get(following, ()),
                events=events.get(following, ()),
            )
            fold.step(seen)
            if stage.stages:
                stage.step(seen.at_us, seen.day, fold.open, seen.outcomes)


@dataclass(slots=True)
class _EventsOfLeads:
    """Which events happen in which cells of a lead."""

    known: KnownLeads
    cells: Cells
    _start: Integers = field(init=False)
    _place: Integers = field(init=False)

    def __post_init__(self) -> None:
        events = self.known.events
        self._start = np.searchsorted(events.lead, np.arange(len(self.known) + 1))
        self._place = self.cells.first_at(events.lead, events.from_us)

    def of(self, lead: int) -> dict[int, list[str]]:
        """Return the names of the events in each cell of a lead in which there is any."""
        low, high = int(self._start[lead]), int(self._start[lead + 1])
        end = int(self.cells.start[lead + 1])
        found: dict[int, list[str]] = {}
        names = self.known.events.names
        for cell, name in zip(self._place[low:high].tolist(), self.known.events.name[low:high].tolist(), strict=True):
            if cell < end:
                found.setdefault(cell, []).append(names[name])
        return found


def outcome_at(known: KnownLeads, row: int) -> ReportedOutcome:
    """Return a row of what was reported as a value."""
    reported = known.outcomes
    reason, qualification = int(reported.reason[row]), int(reported.qualification[row])
    return ReportedOutcome(
        outcome=reported.outcomes[int(reported.outcome[row])],
        at_us=int(reported.at_us[row]),
        reason=None if reason < 0 else reported.reasons[reason],
        qualification=None if qualification < 0 else reported.qualifications[qualification],
        there_us=int(reported.from_us[row]),
    )


# -- evidence ------------------------------------------------------------------------------------------------


def add_evidence(plan: Plan, known: KnownLeads, happened: Histories) -> None:
    """Add to each spell what was true when it began."""
    spells = happened.spells
    places = {lead_id: place for place, lead_id in enumerate(known.lead_ids)}
    lead = np.array([places[spell.lead_id] for spell in spells], dtype=np.int64)
    has_spells = np.zeros(len(known), dtype=np.bool_)
    has_spells[lead] = True
    known = known.with_events_of(has_spells)
    us = np.array([spell.began_us for spell in spells], dtype=np.int64)
    begun = cells_at(get_zone(plan.playbook.timezone), len(known), lead, us)
    place = begun.first_at(lead, us)
    ended = {name: happened.ended_before(name, known, begun) for name in plan.spells}
    assessed = CellAssessments(TimelineInputs(plan, known, begun, ended))
    playbook, spread = plan.playbook, begun.spread

    def rows(units: Units) -> list[int]:
        found: list[int] = spread.wide(units.values, units.is_wide)[place].tolist()
        return found

    scores = {one.id: rows(assessed.score(one.id)) for one in playbook.scores}
    points = {one.id: rows(assessed.given(one).units) for one in playbook.criteria}
    grades = [
        [playbook.get_score(one).grades[at][0] for at in rows(assessed.grade_place(one))] for one in playbook.grade
    ]
    for row, spell in enumerate(spells):
        spell.evidence = Evidence(
            scores={name: values[row] for name, values in scores.items()},
            grade="".join(names[row] for names in grades) or None,
            contributions={name: values[row] for name, values in points.items() if values[row]},
        )
