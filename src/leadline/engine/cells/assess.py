"""The meaning of a playbook over many cells at once: what reference/assess.py does for one lead, in arrays.

Everything is computed when it is asked for, and once: a replay that asks for one qualification pays for the scores which that reads
and no others. Where values come from, what has happened by the moment of a cell, is the business of `CellInputs`.
tests/engine/timeline holds this to the reference, in equal integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, assert_never

import numpy as np

from leadline.engine.arithmetic import POINT
from leadline.engine.cells.columns import (
    TRUE,
    UNKNOWN,
    Array,
    Column,
    Integers,
    Spread,
    Truth,
    Truths,
    Units,
    WordList,
)
from leadline.engine.cells.conditions import ConditionCells
from leadline.engine.compiler.plan import Plan
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.playbook.model import (
    CONSENT_FIELD,
    CONSENT_WORDS,
    AnyCriterion,
    Clause,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Named,
)
from leadline.engine.values import text_key


class CellInputs(Protocol):
    """What is known in each cell.

    day: shape (n_cells,), the local day of each cell's moment.
    """

    plan: Plan
    spread: Spread
    day: Integers

    def field(self, field: n.Field) -> Column:
        """Return the values of a field."""

    def feature(self, index: int) -> Column:
        """Return a feature of the plan: a sum, or the last day where there was one."""

    def wiped_day(self, wipe: int) -> Column:
        """Return the day of the last reset of a kind, where there was one."""

    def history(self, what: str) -> Column:
        """Return the latest decision or deal, or the reason of the latest decision."""

    def outcome_day(self, outcome: str) -> Column:
        """Return the last day of an outcome, where there was one."""

    def ended(self, qualification: str) -> Column:
        """Return how many spells of a qualification have ended before the moment."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a criterion gives: its points, the same before its own minimum and maximum, and where it is unknown."""

    units: Units
    before_hold: Units
    unknown: Truth | None = None


@dataclass(slots=True)
class CellAssessments:
    """Assessments of all cells of some inputs."""

    inputs: CellInputs
    conditions: ConditionCells = field(init=False)
    _terms: dict[n.Term, Column] = field(default_factory=dict)
    _given: dict[str, Given] = field(default_factory=dict)
    _scores: dict[str, Units] = field(default_factory=dict)
    _answers: dict[str, Column] = field(default_factory=dict)
    _excluded: Integers | None = None

    def __post_init__(self) -> None:
        self.conditions = ConditionCells(self.inputs.spread, self.term)

    @property
    def plan(self) -> Plan:
        """What is computed."""
        return self.inputs.plan

    @property
    def spread(self) -> Spread:
        """Which lead each cell belongs to."""
        return self.inputs.spread

    # -- terms and conditions ------------------------------------------------------------------------

    def truth(self, clause: Clause) -> Truth:
        """Return what a condition comes to."""
        return self.conditions.truth(self.plan.bound.test(clause))

    def term(self, term: n.Term) -> Column:
        """Return the values of a term."""
        if term not in self._terms:
            self._terms[term] = self._find(term)
        return self._terms[term]

    def _find(self, term: n.Term) -> Column:
        inputs = self.inputs
        match term:
            case n.Field():
                return inputs.field(term)
            case n.Count() | n.ActiveDays():
                return inputs.feature(self.plan.term_features[term])
            case n.DaysSinceEvent():
                return self._days_since(inputs.feature(self.plan.term_features[term]))
            case n.DaysSinceField(inner):
                return self._days_since(self.term(inner))
            case n.DaysSinceOutcome(outcome):
                return self._days_since(inputs.outcome_day(outcome))
            case n.History(what):
                return inputs.history(what)
            case n.Answer(question):
                return self.answer(question)
            case n.AnsweredYes():
                return self._answered_yes()
            case n.Score(score):
                units = self.score(score)
                return Column(units.values / POINT, is_wide=units.is_wide)
            case n.Grade(score):
                return self._grade_keys(score)
            case n.Spells(qualification):
                return inputs.ended(qualification)
            case n.Literal():
                raise AssertionError(term)
            case _:
                assert_never(term)

    def _days_since(self, day: Column) -> Column:
        values, known = self.spread.wide(day.values, day.is_wide), day.known
        return Column(
            self.inputs.day - values, None if known is None else self.spread.wide(known, day.is_wide), is_wide=True
        )

    # -- contributions -----------------------------------------------------------------------------------

    def given(self, criterion: AnyCriterion) -> Given:
        """Return what a criterion gives."""
        if criterion.id not in self._given:
            match criterion:
                case FactCriterion():
                    found = self._given_by_facts(criterion)
                case EventCriterion():
                    points = self.inputs.feature(self.plan.points[criterion.id])
                    before = Units(points.values, points.is_wide)
                    found = Given(held(before, criterion.low, criterion.high), before)
                case InactivityCriterion():
                    found = self._given_by_silence(criterion)
                case _:
                    assert_never(criterion)
            self._given[criterion.id] = found
        return self._given[criterion.id]

    def _given_by_facts(self, criterion: FactCriterion) -> Given:
        """The first choice that is true counts; when none is and one is unknown, the criterion is unknown."""
        truths = [self.truth(choice.when) for choice in criterion.choices]
        arrays, is_wide = self.spread.together(*((truth.values, truth.is_wide) for truth in truths))
        units = np.zeros(len(arrays[0]), dtype=np.int64)
        for truth, choice in reversed(list(zip(arrays, criterion.choices, strict=True))):
            units[truth == TRUE] = choice.points
        nothing_true = np.ones(len(units), dtype=np.bool_)
        some_unknown = np.zeros(len(units), dtype=np.bool_)
        for truth in arrays:
            nothing_true &= truth != TRUE
            some_unknown |= truth == UNKNOWN
        unknown = Truth((nothing_true & some_unknown).astype(np.int8) * np.int8(TRUE), is_wide)
        return Given(Units(units, is_wide), Units(units, is_wide), unknown)

    def _given_by_silence(self, criterion: InactivityCriterion) -> Given:
        """Points for every full period since the last activity or reset; unknown when there was neither."""
        last = self.inputs.feature(self.plan.activity[criterion.id])
        wipe = self.plan.wipe_of(criterion.score)
        if wipe is not None:
            last = self._later(last, self.inputs.wiped_day(wipe))
        days = self._days_since(last)
        periods = days.values // criterion.every_days
        before = np.where(days.is_known(), periods * criterion.points, 0)
        unknown = Truth((~days.is_known()).astype(np.int8) * np.int8(TRUE), is_wide=True)
        units = np.where(days.is_known(), held(Units(before, True), criterion.low, criterion.high).values, 0)
        return Given(Units(units, True), Units(before, True), unknown)

    def _later(self, one: Column, other: Column) -> Column:
        """Return the later of two days, or the one that there is."""
        (left, right, knows_left, knows_right), is_wide = self.spread.together(
            (one.values, one.is_wide),
            (other.values, other.is_wide),
            (one.is_known(), one.is_wide),
            (other.is_known(), other.is_wide),
        )
        use_right = knows_right & (~knows_left | (right > left))
        return Column(np.where(use_right, right, left), knows_left | knows_right, is_wide=is_wide)

    # -- scores, answers, levels -----------------------------------------------------------------------------

    def score(self, score_id: str) -> Units:
        """Return a score, held between its bounds."""
        if score_id not in self._scores:
            score = self.plan.playbook.get_score(score_id)
            parts = [self.score(part) for part in score.sum_of]
            parts += [self.given(criterion).units for criterion in self.plan.playbook.criteria_of(score_id)]
            narrow = np.zeros(self.spread.lead_count, dtype=np.int64)
            for part in parts:
                if not part.is_wide:
                    narrow = narrow + part.values
            total = Units(narrow, False)
            wide = [part.values for part in parts if part.is_wide]
            if wide:
                summed = narrow[self.spread.lead_of]
                for values in wide:
                    summed += values
                total = Units(summed, True)
            self._scores[score_id] = held(total, score.low, score.high)
        return self._scores[score_id]

    def grade_place(self, score_id: str) -> Units:
        """Return the place of the grade of a score among its grades; below all thresholds the last."""
        score, units = self.plan.playbook.get_score(score_id), self.score(score_id)
        place = np.full(len(units.values), len(score.grades) - 1, dtype=np.int64)
        for at, (_, least) in reversed(list(enumerate(score.grades))):
            place[units.values >= least] = at
        return Units(place, units.is_wide)

    def _grade_keys(self, score_id: str) -> Column:
        score, place = self.plan.playbook.get_score(score_id), self.grade_place(score_id)
        if not score.grades:
            return self.spread.nothing(WordList())
        return Column(place.values, None, WordList(text_key(name) for name, _ in score.grades), place.is_wide)

    def answer(self, question_id: str) -> Column:
        """Return the answer to a question: a person's, else the first of yes, partly and no that is true, else unknown."""
        if question_id not in self._answers:
            question = next(one for one in self.plan.playbook.questions if one.id == question_id)
            said = self.term(n.Field("lead", f"questions.{question_id}", "text"))
            clauses = [("yes", question.yes), ("partly", question.partly), ("no", question.no)]
            truths = [(ANSWERS.index(answer), self.truth(clause)) for answer, clause in clauses if clause is not None]
            assert said.words is not None
            codes = np.array([ANSWERS.index(str(word)) for word in said.words] or [0], dtype=np.int64)
            columns: list[tuple[Array, bool]] = [(codes[said.values], said.is_wide), (said.is_known(), said.is_wide)]
            (by_person, is_said, *arrays), is_wide = self.spread.together(
                *columns, *((truth.values, truth.is_wide) for _, truth in truths)
            )
            found = np.full(len(by_person), ANSWERS.index("unknown"), dtype=np.int64)
            for (place, _), truth in reversed(list(zip(truths, arrays, strict=True))):
                found[truth == TRUE] = place
            self._answers[question_id] = Column(np.where(is_said, by_person, found), None, WordList(ANSWERS), is_wide)
        return self._answers[question_id]

    def _answered_yes(self) -> Column:
        answers = [self.answer(question.id) for question in self.plan.playbook.questions]
        yes = ANSWERS.index("yes")
        arrays, is_wide = self.spread.together(*(((one.values == yes), one.is_wide) for one in answers))
        length = self.spread.cell_count if is_wide else self.spread.lead_count
        return Column(np.sum([*arrays, np.zeros(length, dtype=np.int64)], axis=0), is_wide=is_wide)

    def first_that_holds(self, named: Sequence[Named]) -> Units:
        """Return the place of the first whose condition is true, -1 where none is."""
        found = Units(np.full(self.spread.lead_count, -1, dtype=np.int64), False)
        for place, one in reversed(list(enumerate(named))):
            truth = self.truth(one.when)
            (holds, before), is_wide = self.spread.together((truth.holds, truth.is_wide), (found.values, found.is_wide))
            found = Units(np.where(holds, place, before), is_wide)
        return found

    @property
    def excluded(self) -> Integers:
        """The place of the exclusion that holds in each cell, -1 for none; one past the last for want of consent."""
        if self._excluded is None:
            playbook = self.plan.playbook
            place = self.first_that_holds(playbook.exclusions)
            found = self.spread.wide(place.values, place.is_wide)
            if playbook.needs_consent:
                column = self.term(n.Field("lead", CONSENT_FIELD, "text"))
                consents = self.spread.truth_of(column, "consents", lambda word: word in CONSENT_WORDS)
                has_consent = self.spread.wide(consents.holds, consents.is_wide)
                found = np.where(has_consent, found, len(playbook.exclusions))
            self._excluded = found
        return self._excluded

    def holds(self, clause: Clause) -> Truths:
        """Return in which cells a condition of a qualification is true and the lead is not excluded."""
        truth = self.truth(clause)
        return self.spread.wide(truth.holds, truth.is_wide) & (self.excluded < 0)


def held(units: Units, low: int | None, high: int | None) -> Units:
    """Return points held between two bounds."""
    if low is None and high is None:
        return units
    return Units(np.clip(units.values, low, high), units.is_wide)
