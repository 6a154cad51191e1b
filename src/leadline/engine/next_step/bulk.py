"""What is missing for many leads at once: the same answers as find.py, lead by lead.

Leads for whom the same sets are worth trying are in one *situation*. What is short of a threshold is rounded down for that, and what
can be gained up, so that there are few situations: that only tries more sets, and never fewer. Each situation is searched once,
all side by side, and what they ask is evaluated in one go (supposed_cells.py).

tests/engine/next_step/test_bulk.py holds it to find.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import AsOf
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Integers, Truths
from leadline.engine.compiler.plan import Plan
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.find import needs_for
from leadline.engine.next_step.model import NextStep, keep_out
from leadline.engine.next_step.needs import Item, Needs, can_fall, gain_of
from leadline.engine.next_step.said import say_step
from leadline.engine.next_step.search import (
    Answer,
    Answers,
    Asking,
    Places,
    Question,
    Situation,
    Way,
    find_sets,
    widen,
)
from leadline.engine.next_step.supposed_cells import Present, SupposedCells
from leadline.engine.playbook.model import EventCriterion, FactCriterion, Qualification
from leadline.engine.playbook.model import Question as PlaybookQuestion
from leadline.engine.timeline.known import KnownLeads

MOST_CELLS = 150_000
"""Evaluated at once."""

GRID = 5 * POINT
"""What is short of a threshold is rounded down to a multiple of this: coarser means fewer situations, and more sets to try."""


def find_next_steps(
    plan: Plan,
    known: KnownLeads,
    as_of: AsOf,
    *,
    open_spells: Mapping[str, Truths] | None = None,
    ended_before: Mapping[str, Integers] | None = None,
    kept_out: Mapping[int, Mapping[str, KeptOut]] | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[NextStep | None]:
    """Return for each lead the smallest change that would let it enter its next qualification; see `find_next_step`.

    Args:
        plan: of the playbook.
        known: what is known of the leads, in their order.
        as_of: the moment.
        open_spells: for each qualification, by its id, which leads are in it.
        ended_before: how many spells of each qualification have ended, for conditions that ask.
        kept_out: what keeps leads out of qualifications, by their places and the ids; the steps of these say so.
        progress: told which share of the work is done.
    """
    present = Present(plan, known, as_of, ended_before or {})
    now = CellAssessments(present.inputs)
    found: list[NextStep | None] = [None] * len(known)
    levels = plan.playbook.qualifications
    kept_out = kept_out or {}
    reached = np.zeros(len(known), dtype=np.int64)  # how many qualifications lie before the next one
    is_kept = np.zeros(
        len(known), dtype=np.bool_
    )  # the last of these is the next one, since the lead cannot enter it for now
    for number, level in enumerate(levels, start=1):
        is_in = (open_spells or {}).get(level.id, np.zeros(len(known), dtype=np.bool_))
        counts = now.holds(level.enter) | is_in
        reached[counts] = number
        is_kept[counts] = False
        kept = [lead for lead, levels_out in kept_out.items() if level.id in levels_out]
        is_kept[kept] |= (counts & ~is_in)[kept]
    reached -= is_kept
    for number, level in enumerate(levels):
        is_next = (now.excluded < 0) & (reached == number)
        for lead, step in _Level(present, now, level).steps(np.flatnonzero(is_next & ~is_kept)).items():
            found[lead] = step
        for lead, levels_out in kept_out.items():
            if is_next[lead]:
                found[lead] = keep_out(level, found[lead], levels_out.get(level.id))
        if progress is not None:
            progress((number + 1) / len(levels))
    return found


@dataclass(slots=True)
class _Level:
    """The leads for whom one qualification is next."""

    present: Present
    now: CellAssessments
    level: Qualification
    needs: Needs = field(init=False)

    def __post_init__(self) -> None:
        self.needs = needs_for(self.present.plan.bound, self.level, self.present.as_of.day)

    def steps(self, leads: Integers) -> dict[int, NextStep]:
        """Return the next step of each lead that has one."""
        if not len(leads):
            return {}
        searches = [find_sets(self.needs, situation, group) for situation, group in self.situations(leads)]
        sets = {lead: ways for found in self.drive(searches) for lead, ways in found.items()}
        groups: dict[Places, list[int]] = {}
        for lead, ways in sets.items():
            for places in ways:
                groups.setdefault(places, []).append(lead)
        wider = self.drive([widen(self.needs.candidates, places, group) for places, group in groups.items()])
        options = dict(zip(groups, wider, strict=True))
        said: dict[tuple[Way, ...], NextStep] = {}
        steps = {}
        for lead, ways in sets.items():
            key = tuple(options[places][lead] for places in ways)
            if key not in said:
                said[key] = say_step(self.needs, key)
            steps[lead] = said[key]
        return steps

    # -- answering searches ------------------------------------------------------------------------------

    def drive(self, searches: Iterable[Asking[Answer]]) -> list[Answer]:
        """Answer the questions of searches, all side by side, until each has found."""
        running = dict(enumerate(searches))
        found: dict[int, Answer] = {}
        asked: dict[int, list[Question]] = {}

        def advance(number: int, answers: list[Answers] | None) -> None:
            try:
                search = running[number]
                asked[number] = next(search) if answers is None else search.send(answers)
            except StopIteration as done:
                found[number] = done.value
                asked.pop(number, None)

        for number in running:
            advance(number, None)
        while asked:
            answers = self.evaluate([question for questions in asked.values() for question in questions])
            at = 0
            for number, questions in list(asked.items()):
                advance(number, answers[at : at + len(questions)])
                at += len(questions)
        return [found[number] for number in running]

    def evaluate(self, questions: Sequence[Question]) -> list[Answers]:
        """Return for each question whether each lead enters with each set."""
        places: dict[Places, int] = {}
        leads, chosen = [], []
        for question in questions:
            numbers = np.array([places.setdefault(one, len(places)) for one in question.sets], dtype=np.int64)
            leads.append(np.tile(np.array(question.leads, dtype=np.int64), len(numbers)))
            chosen.append(np.repeat(numbers, len(question.leads)))
        truths = self.enters(list(places), np.concatenate(leads), np.concatenate(chosen))
        found: list[Answers] = []
        at = 0
        for question in questions:
            size = len(question.sets) * len(question.leads)
            rows = truths[at : at + size].reshape(len(question.sets), len(question.leads))
            found.append(rows.tolist())
            at += size
        return found

    def enters(self, sets: Sequence[Places], lead: Integers, chosen: Integers) -> Truths:
        """Return in which cells a lead would enter."""
        changes = [[self.needs.candidates.all[place] for place in one] for one in sets]
        parts = []
        for low in range(0, len(lead), MOST_CELLS):
            part = slice(low, low + MOST_CELLS)
            cells = CellAssessments(SupposedCells(self.present, changes, lead[part], chosen[part]))
            parts.append(cells.holds(self.level.enter))
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.bool_)

    # -- situations ------------------------------------------------------------------------------------------

    def situations(self, leads: Integers) -> list[tuple[Situation, list[int]]]:
        """Return the situations that leads are in, each with its leads."""
        needs = self.needs
        touches = np.zeros((len(needs.candidates.all), len(needs.items)), dtype=np.int32)
        for place, items in enumerate(needs.items_of):
            touches[place, list(items)] = 1
        missing, gains = self._missing(leads), [self._gains(item, leads) for item in needs.items]
        available = self._useful(self._available(leads), missing, gains)
        matters = (available.astype(np.int32) @ touches) > 0
        columns = [available.astype(np.int64), missing]
        columns += [np.where(matters[:, [place]], found, 0) for place, found in enumerate(gains)]
        rows = np.concatenate(columns, axis=1)
        codes = np.zeros(len(leads), dtype=np.int64)
        for column in rows.T:
            values, code = np.unique(column, return_inverse=True)
            if len(values) > 1:
                codes = np.unique(codes * len(values) + code, return_inverse=True)[1]
        order = np.argsort(codes, kind="stable")
        borders = np.flatnonzero(np.diff(codes[order], prepend=-1))
        groups = np.split(order, borders[1:])
        return [(self._situation(rows[group[0]]), leads[group].tolist()) for group in groups]

    def _situation(self, row: Integers) -> Situation:
        needs = self.needs
        candidates, parts = len(needs.candidates.all), len(needs.parts)
        missing = row[candidates : candidates + parts].tolist()
        gains = row[candidates + parts :].reshape(-1, 3).tolist()
        return Situation(
            available=tuple(np.flatnonzero(row[:candidates]).tolist()),
            missing=tuple(None if one < 0 else one for one in missing),
            gains=tuple((one, most) for one, most, _ in gains),
            falls=tuple(bool(falls) for _, _, falls in gains),
        )

    def _available(self, leads: Integers) -> Truths:
        """Return which candidates are open to which lead; shape (n_leads, n_candidates)."""
        found = np.ones((len(leads), len(self.needs.candidates.all)), dtype=np.bool_)
        for one in self.needs.candidates.all:
            if one.field is not None:
                found[:, one.place] = ~self.present.inputs.field(one.field).is_known()[leads]
            if one.kind == "answer":
                assert one.field is not None
                answer = self.now.answer(one.field.name.removeprefix("questions.")).values[leads]
                found[:, one.place] &= answer != ANSWERS.index(str(one.value))
        return found

    def _useful(self, available: Truths, missing: Integers, gains: list[Integers]) -> Truths:
        """Return which candidates can be of use: they touch a part that is not true, or could make good what another breaks.

        The search knows this more exactly; here it brings leads together that differ in nothing that matters.
        """
        needs = self.needs
        touched = np.zeros((len(needs.candidates.all), len(needs.parts)), dtype=np.int32)
        breaks = np.zeros((len(available), len(needs.parts)), dtype=np.bool_)
        for number, part in enumerate(needs.parts):
            touched[list(part.touched_by), number] = 1
            for place in part.touched_by:
                breaks[:, number] |= available[:, place] & self._can_break(place, number, gains, len(available))
        is_open = missing >= 0
        useful = ((is_open | breaks).astype(np.int32) @ touched.T) > 0
        shared: dict[int, set[str | int]] = {}
        for place, exclusions in enumerate(needs.excluded_by):
            for exclusion in exclusions:
                key = needs.keys[place]
                shared.setdefault(exclusion, set()).update([place, -place - 1] if key is None else [key])
        for place, exclusions in enumerate(needs.excluded_by):
            useful[:, place] |= any(len(shared[exclusion]) > 1 for exclusion in exclusions)
        return available & useful

    def _can_break(self, place: int, number: int, gains: list[Integers], leads: int) -> Truths:
        """Return for which leads a change can make a part untrue that is true."""
        needs, part = self.needs, self.needs.parts[number]
        found = np.full(leads, not part.only_rises)
        for item in needs.items_of[place] & set(part.items):
            span = needs.ranges.get((place, item))
            found |= gains[item][:, 2] > 0 if span is None else gains[item][:, 0] > span[0]
        return found

    def _missing(self, leads: Integers) -> Integers:
        """Return how much each part is short of, rounded down to the grid; -1 where it is true."""
        reach = self.needs.candidates.reach
        yes = np.zeros(len(leads), dtype=np.int64)
        for question in reach.questions:
            yes += self.now.answer(question.id).values[leads] == ANSWERS.index("yes")
        columns = []
        for part in self.needs.parts:
            is_true = self._wide(self.now.conditions.truth(part.condition).holds)[leads]
            short = np.zeros(len(leads), dtype=np.int64)
            if part.least is not None and part.sum_of is None:
                short = np.maximum(0, part.least - yes)
            elif part.least is not None:
                short = np.maximum(0, part.least - self._sum(part.sum_of or "")[leads])
                short = short // GRID * GRID
            columns.append(np.where(is_true, -1, short))
        return np.stack(columns, axis=1)

    def _sum(self, score_id: str) -> Integers:
        """Return a score before it is held."""
        playbook = self.present.plan.playbook
        parts = [self.now.score(part).values for part in playbook.get_score(score_id).sum_of]
        parts += [self.now.given(criterion).units.values for criterion in playbook.criteria_of(score_id)]
        found = np.zeros(len(self.present.known), dtype=np.int64)
        for values in parts:
            found = found + values
        return found

    @staticmethod
    def _wide(values: Truths) -> Truths:
        return values  # there is one cell a lead

    def _gains(self, item: Item, leads: Integers) -> Integers:
        """Return what one change can add to an item at most, what all can, and whether one can take from it.

        Points of events are rounded to whole ones: down for what can be gained, up for what can be lost.
        """
        reach = self.needs.candidates.reach
        criteria = [item] if not isinstance(item, str | PlaybookQuestion) else []
        if isinstance(item, str):
            criteria = [one for one in reach.criteria if one.score == item and not isinstance(one, FactCriterion)]
        columns = [self.now.given(one).units.values[leads] for one in criteria]
        rounded = [
            (values // POINT * POINT, -(-values // POINT) * POINT) if isinstance(one, EventCriterion) else (values,) * 2
            for one, values in zip(criteria, columns, strict=True)
        ]
        answered = [self.now.answer(item.id).values[leads]] if isinstance(item, PlaybookQuestion) else []
        if not criteria and not answered:
            return np.zeros((len(leads), 3), dtype=np.int64)
        low = np.stack([one for one, _ in rounded] + answered, axis=1)
        high = np.stack([one for _, one in rounded] + answered, axis=1)
        distinct, code = np.unique(np.concatenate([low, high], axis=1), axis=0, return_inverse=True)
        found = []
        for row in distinct.tolist():
            answers = {item.id: ANSWERS[row[0]]} if isinstance(item, PlaybookQuestion) else {}
            least = dict(zip([one.id for one in criteria], row, strict=False))
            most = dict(zip([one.id for one in criteria], row[len(criteria) :], strict=False))
            found.append([*gain_of(reach, item, least, answers), can_fall(reach, item, most)])
        return np.array(found, dtype=np.int64)[code.reshape(-1)]
