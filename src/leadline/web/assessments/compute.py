"""What a playbook says of some leads now: their assessments, spells and stage moves, computed from whole logs.

Nothing is read from the database here and nothing kept from the last time (decision 0019). All leads are folded together, in arrays,
from their first moment to some weeks ahead: what lies before now is stored, what lies after says when they have to be looked at again.
`operations/verify.py` computes the same another way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from leadline.engine.calendar import AsOf
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Integers
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.lifecycle.model import KeptOut, Spell, StageMove
from leadline.engine.next_step.bulk import find_next_steps
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.log import LeadLog
from leadline.engine.timeline.forecast import find_cooling_days
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.kept_out import find_kept_out
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.moments import cells_at
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import Histories, add_evidence, histories_until
from leadline.web.assessments.ahead import LOOK_AHEAD, NO_DAY, dated_days, next_change_days, turn_days
from leadline.web.assessments.held import Held, held_of, next_dated_day
from leadline.web.assessments.reasons import write_reasons
from leadline.web.assessments.shown import ShownCells
from leadline.web.playbooks.queries import Compiled

T = TypeVar("T", Spell, StageMove)

BELOW_EVERYBODY = 1 << 60
"""Taken from the rank of who is excluded: more than any sum of points."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What a playbook says of one lead at a moment. The names are those of the tables (`models.py`).

    spells, moves: in the order of time; of the open spells *cools* says when each has ended, None: never.
    """

    lead_id: str
    scores: dict[str, int]
    contributions: dict[str, int]
    grade: str
    coverage: dict[str, int]
    persona: str
    excluded_by: str
    answers: dict[str, str]
    reasons: str
    qualifications: list[str]
    next_step: str
    stage: str
    cools_day: int | None
    turns_day: int | None
    next_change_day: int | None
    spells: list[Spell]
    moves: list[StageMove]
    cools: Mapping[tuple[str, int], int | None]
    held: Held = field(default_factory=dict)

    def rank(self, playbook: Playbook) -> tuple[int, int, int]:
        """Return what lists sort by: the sum of the scores that make the grade, and the first two of them.

        Who is excluded is no lead for now, so their sum stands below everybody else's.
        """
        names = playbook.grade or tuple(score.id for score in playbook.scores)[:2]
        points = [self.scores.get(name, 0) for name in names]
        whole = sum(points) if playbook.grade else sum(points[:1])
        whole -= BELOW_EVERYBODY if self.excluded_by else 0
        first, second = ([*points, 0, 0])[:2]
        return whole, first, second


def assess_logs(compiled: Compiled, logs: Sequence[LeadLog], as_of: AsOf) -> list[Found]:
    """Return what a playbook says of some leads at a moment, in the order of their logs."""
    if not logs:
        return []
    plan, zone = compiled.plan, compiled.zone
    everything = known_from_logs(plan, logs)
    known = everything.until(as_of.until_us)
    ahead = zone.moment(zone.first_instant(as_of.day + LOOK_AHEAD))
    happened = histories_until(plan, known, zone, ahead, Reach(plan, known).may_begin(), evidence=False)
    past = _until(happened, as_of)
    if past.spells:
        add_evidence(plan, known, past)
    leads = np.arange(len(known), dtype=np.int64)
    now = cells_at(zone, len(known), leads, np.full(len(known), as_of.until_us))
    ended = {name: past.ended_before(name, known, now) for name in plan.spells}
    shown = ShownCells(CellAssessments(TimelineInputs(plan, known, now, ended)))
    turns = turn_days(known, happened, as_of, zone)
    surely = np.minimum(turns, dated_days(everything, as_of, zone))
    changes = next_change_days(compiled, known, happened, as_of, shown.rows(), surely)
    cools = _cooling(compiled, known, happened, past, as_of)
    kept = find_kept_out(plan, known, as_of, zone)
    steps = _next_steps(compiled, known, past, as_of, ended, kept)
    found = _Telling(compiled.playbook, known, shown, past, cools, steps).tell(turns, changes)
    for place, (one, log) in enumerate(zip(found, logs, strict=True)):
        one.held = held_of(compiled, log, as_of)
        _look_again(one, next_dated_day(log, as_of, zone))
        for level in kept.get(place, {}).values():
            _look_again(one, level.until_day)
    return found


def _look_again(found: Found, day: int | None) -> None:
    """Have a lead looked at again on a day, if that is sooner than its scores would: what is held of it or keeps it out changes then."""
    if day is not None and (found.next_change_day is None or day < found.next_change_day):
        found.next_change_day = day


def _until(happened: Histories, as_of: AsOf) -> Histories:
    """Return what had happened by a moment, of a history that goes on: the rules look back only, so its beginning is the same."""
    until_us = as_of.until_us
    spells = []
    for spell in happened.spells:
        if spell.began_us > until_us:
            continue
        if spell.ended_us is None or spell.ended_us <= until_us:
            spells.append(replace(spell))
        else:
            spells.append(replace(spell, ended_us=None, ended_day=None, ended_by=None, ended_because=None, reason=None))
    return Histories(spells=spells, moves=[move for move in happened.moves if move.at_us <= until_us])


def _cooling(
    compiled: Compiled, known: KnownLeads, happened: Histories, past: Histories, as_of: AsOf
) -> dict[tuple[str, str, int], int | None]:
    """Return of each open spell, by lead, qualification and beginning, the day on which it has ended if nothing happens."""
    found: dict[tuple[str, str, int], int | None] = {
        (one.lead_id, one.qualification, one.began_us): one.ended_day
        for one in happened.spells
        if one.began_us <= as_of.until_us and (one.ended_us is None or one.ended_us > as_of.until_us)
    }
    later = [one for one in past.spells if one.is_open and found[one.lead_id, one.qualification, one.began_us] is None]
    if later:
        is_open = np.isin(known.lead_ids, list({one.lead_id for one in later}))
        days = find_cooling_days(compiled.plan, known.with_events_of(is_open), as_of, compiled.zone, past, later)
        found.update(
            {(one.lead_id, one.qualification, one.began_us): day for one, day in zip(later, days, strict=True)}
        )
    return found


def _next_steps(
    compiled: Compiled,
    known: KnownLeads,
    past: Histories,
    as_of: AsOf,
    ended: Mapping[str, Integers],
    kept: Mapping[int, Mapping[str, KeptOut]],
) -> list[str]:
    """Return for each lead the smallest change that would let it enter its next qualification, in words, and what keeps it out."""
    levels = compiled.playbook.qualifications
    if not levels:
        return [""] * len(known)
    is_open = {
        level.id: np.isin(
            known.lead_ids, [one.lead_id for one in past.spells if one.is_open and one.qualification == level.id]
        )
        for level in levels
    }
    steps = find_next_steps(compiled.plan, known, as_of, open_spells=is_open, ended_before=ended, kept_out=kept)
    return ["" if step is None else step.text for step in steps]


@dataclass(slots=True)
class _Telling:
    """Makes values of arrays, lead by lead."""

    playbook: Playbook
    known: KnownLeads
    shown: ShownCells
    past: Histories
    cools: Mapping[tuple[str, str, int], int | None]
    steps: Sequence[str]

    def tell(self, turns: Integers, changes: Sequence[int | None]) -> list[Found]:
        """Return what was found of each lead."""
        playbook, shown = self.playbook, self.shown
        scores, points, coverage, answers = (
            {name: values.tolist() for name, values in one.items()}
            for one in (shown.scores, shown.contributions, shown.coverage, shown.answers)
        )
        grades = {name: places.tolist() for name, places in shown.grade.items()}
        names = {name: [grade for grade, _ in playbook.get_score(name).grades] for name in playbook.grade}
        reasons = [row.tolist() for row in shown.reasons]
        persona, excluded, blank = shown.persona.tolist(), shown.excluded.tolist(), shown.blank.tolist()
        criteria = [one.id for one in playbook.criteria]
        exclusions = [*(one.id for one in playbook.exclusions), "consent"]
        spells, moves = self._by_lead(self.past.spells), self._by_lead(self.past.moves)
        found = []
        for at, lead_id in enumerate(self.known.lead_ids):
            own = spells.get(lead_id, [])
            is_open = {one.qualification for one in own if one.is_open}
            cools = {
                (one.qualification, one.began_us): self.cools[lead_id, one.qualification, one.began_us]
                for one in own
                if one.is_open
            }
            says = not blank[at]
            places = [row[at] for row in reasons if says and row[at] >= 0]
            stage = moves[lead_id][-1].after if lead_id in moves else None
            found.append(
                Found(
                    lead_id=lead_id,
                    scores={name: values[at] for name, values in scores.items()} if says else {},
                    contributions={name: values[at] for name, values in points.items() if values[at]} if says else {},
                    grade="".join(names[name][places_of[at]] for name, places_of in grades.items()) if says else "",
                    coverage={name: values[at] for name, values in coverage.items()} if says else {},
                    persona=playbook.personas[persona[at]].id if says and persona[at] >= 0 else "",
                    excluded_by=exclusions[excluded[at]] if excluded[at] >= 0 else "",
                    answers={name: ANSWERS[values[at]] for name, values in answers.items()} if says else {},
                    reasons=write_reasons((criteria[one], points[criteria[one]][at]) for one in places),
                    qualifications=[level.id for level in playbook.qualifications if level.id in is_open],
                    next_step=self.steps[at],
                    stage=stage or "",
                    cools_day=min((day for day in cools.values() if day is not None), default=None),
                    turns_day=None if (turn := int(turns[at])) == NO_DAY else turn,
                    next_change_day=changes[at],
                    spells=own,
                    moves=moves.get(lead_id, []),
                    cools=cools,
                )
            )
        return found

    @staticmethod
    def _by_lead(rows: Sequence[T]) -> dict[str, list[T]]:
        found: dict[str, list[T]] = {}
        for one in rows:
            found.setdefault(one.lead_id, []).append(one)
        return found
