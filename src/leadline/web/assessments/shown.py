"""What an assessment shows, in many cells at once: scores, grades, answers, reasons; and when two cells look alike.

Points decay by ten-thousandths every day, and nobody wants to hear of that. *Shown* is what a person could see change: points in
whole numbers, grades, answers, exclusion, persona, coverage, and which reasons come first. The engine's cells compute all values; this
puts them side by side. tests/web/assessments holds it to the reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.arithmetic import POINT
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Array, Integers, Truths
from leadline.engine.playbook.model import FactCriterion, Playbook

REASONS = 3
_LARGEST = 1 << 50


def whole_points(units: int) -> int:
    """Return points as they are shown: the nearest whole number, a half upwards.

    >>> whole_points(124_999), whole_points(125_000), whole_points(-5_000)
    (12, 13, 0)
    """
    return (units + POINT // 2) // POINT


@dataclass(slots=True)
class ShownCells:
    """All that an assessment says in each cell, as arrays of shape (n_cells,).

    scores, contributions: ten-thousandths. coverage: the same of 1. grade: of each score that makes the grade the place of its grade.
    persona, excluded: places, -1 for none; consent that is wanting is one past the last exclusion. reasons: places of criteria,
    the largest first, -1 where there are fewer. blank: where consent is wanting, so that nothing else is said.
    """

    assessed: CellAssessments
    scores: dict[str, Integers] = field(init=False)
    contributions: dict[str, Integers] = field(init=False)
    coverage: dict[str, Integers] = field(init=False)
    grade: dict[str, Integers] = field(init=False)
    answers: dict[str, Integers] = field(init=False)
    persona: Integers = field(init=False)
    excluded: Integers = field(init=False)
    reasons: list[Integers] = field(init=False)
    blank: Truths = field(init=False)

    def __post_init__(self) -> None:
        assessed, playbook = self.assessed, self.playbook
        scores = {one.id: assessed.score(one.id) for one in playbook.scores}
        self.scores = {name: self._wide(units.values, units.is_wide) for name, units in scores.items()}
        given = {one.id: assessed.given(one).units for one in playbook.criteria}
        self.contributions = {name: self._wide(units.values, units.is_wide) for name, units in given.items()}
        self.grade = {
            name: self._wide((place := assessed.grade_place(name)).values, place.is_wide) for name in playbook.grade
        }
        self.coverage = self._coverage()
        self.answers = {
            one.id: self._wide((answer := assessed.answer(one.id)).values, answer.is_wide) for one in playbook.questions
        }
        persona = assessed.first_that_holds(playbook.personas)
        self.persona = self._wide(persona.values, persona.is_wide)
        self.excluded = assessed.excluded
        self.reasons = self._reasons()
        self.blank = self.excluded == len(playbook.exclusions)

    @property
    def playbook(self) -> Playbook:
        """Whose meaning is computed."""
        return self.assessed.plan.playbook

    def _wide(self, values: Array, is_wide: bool) -> Array:
        return self.assessed.spread.wide(values, is_wide)

    def _coverage(self) -> dict[str, Integers]:
        """Return for each score the share of its fact points that are known, each criterion at its largest absolute points."""
        playbook, count = self.playbook, self.assessed.spread.cell_count
        known: dict[str, Integers] = {}
        whole: dict[str, int] = {}

        def add(score_id: str) -> None:
            if score_id in known:
                return
            own, total = np.zeros(count, dtype=np.int64), 0
            for part in playbook.get_score(score_id).sum_of:
                add(part)
                own, total = own + known[part], total + whole[part]
            for criterion in playbook.criteria_of(score_id):
                if isinstance(criterion, FactCriterion):
                    largest = max(abs(choice.points) for choice in criterion.choices)
                    unknown = self.assessed.given(criterion).unknown
                    assert unknown is not None
                    own = own + np.where(self._wide(unknown.holds, unknown.is_wide), 0, largest)
                    total += largest
            known[score_id], whole[score_id] = own, total

        for score in playbook.scores:
            add(score.id)
        return {
            name: own * POINT // whole[name] if whole[name] else np.full(count, POINT, dtype=np.int64)
            for name, own in known.items()
        }

    def _reasons(self) -> list[Integers]:
        """Return the places of the largest contributions: by absolute value, ties in file order, none of them zero."""
        count = len(self.contributions)
        nothing = np.full(self.assessed.spread.cell_count, -1, dtype=np.int64)
        if not count:
            return [nothing] * REASONS
        units = np.stack(list(self.contributions.values()))
        order = (count - 1 - np.arange(count))[:, None]
        keys = np.where(units == 0, -1, np.minimum(np.abs(units), _LARGEST) * count + order)
        keys.sort(axis=0)
        found: list[Integers] = [np.where(row < 0, -1, count - 1 - row % count) for row in keys[::-1][:REASONS]]
        return found + [nothing] * (REASONS - len(found))

    def rows(self) -> Integers:
        """Return all that is shown as whole numbers, of shape (n_rows, n_cells): cells with equal columns look alike."""
        whole = [(units + POINT // 2) // POINT for units in (*self.scores.values(), *self.contributions.values())]
        parts: Sequence[Integers] = (
            *whole,
            *self.coverage.values(),
            *self.grade.values(),
            *self.answers.values(),
            *self.reasons,
            self.persona,
        )
        found = np.stack([*parts, self.excluded])
        found[:-1, self.blank] = -1
        return found
