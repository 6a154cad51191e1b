"""Gathers assessments at regular moments as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from leadline.engine.calendar import AsOf
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Array, Integers
from leadline.engine.compiler.plan import Plan
from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.model import EventCriterion
from leadline.engine.replay.model import Grid
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.moments import Cells

Key = tuple[str, str]
"""What a column is, and of which score, qualification or criterion."""


@dataclass(slots=True)
class GridBuilder:
    """Takes leads a stretch at a time and keeps their assessments at *moments*."""

    plan: Plan
    moments: Sequence[AsOf]
    details: bool
    _columns: dict[Key, list[Array]] = field(default_factory=dict)

    def add(self, known: KnownLeads, cells: Cells, ended: Mapping[str, Integers], first_number: int) -> None:
        """Assess some leads; *first_number* is the number of the first of them among all."""
        playbook, spread = self.plan.playbook, cells.spread
        assessed = CellAssessments(TimelineInputs(self.plan, known, cells, ended))

        def keep(what: str, name: str, values: Array, is_wide: bool = True) -> None:
            self._columns.setdefault((what, name), []).append(spread.wide(values, is_wide))

        ends = np.array([moment.until_us for moment in self.moments], dtype=np.int64)
        keep("lead", "", (spread.lead_of + first_number).astype(np.int32))
        keep("moment", "", np.searchsorted(ends, cells.us).astype(np.int32))
        for score in playbook.scores:
            units = assessed.score(score.id)
            keep("score", score.id, units.values if self.details else _narrowed(units.values), units.is_wide)
        grade = np.zeros(spread.cell_count, dtype=np.int64)
        for name in playbook.grade:
            place = assessed.grade_place(name)
            grade = grade * len(playbook.get_score(name).grades) + spread.wide(place.values, place.is_wide)
        keep("grade", "", (grade if playbook.grade else grade - 1).astype(np.int16))
        keep("excluded", "", assessed.excluded.astype(np.int16))
        for level in playbook.qualifications:
            enter = assessed.holds(level.enter)
            keep("enter", level.id, enter)
            keep("stays", level.id, enter | assessed.holds(level.stay))
        if self.details:
            self._add_details(assessed, keep)

    def _add_details(self, assessed: CellAssessments, keep) -> None:  # type: ignore[no-untyped-def]
        for criterion in self.plan.playbook.criteria:
            given = assessed.given(criterion)
            keep("contribution", criterion.id, given.units.values, given.units.is_wide)
            keep("before_hold", criterion.id, given.before_hold.values, given.before_hold.is_wide)
            if given.unknown is not None:
                keep("unknown", criterion.id, given.unknown.holds, given.unknown.is_wide)
        for one in (*self.plan.lead_fields, *self.plan.company_fields):
            column = assessed.term(one)
            keep("known", n.name_of_term(one), column.is_known(), column.is_wide)

    def build(self) -> Grid:
        """Return all that was kept."""
        playbook = self.plan.playbook

        def column(what: str, name: str = "", kind: type = np.int64) -> Array:
            parts = self._columns.pop((what, name), [])
            return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)

        def columns(what: str, names: Sequence[str], kind: type = np.int64) -> dict[str, Array]:
            return {name: column(what, name, kind) for name in names}

        criteria = [one.id for one in playbook.criteria] if self.details else []
        undecided = [one.id for one in playbook.criteria if self.details and not isinstance(one, EventCriterion)]
        levels = [level.id for level in playbook.qualifications]
        graded = [[name for name, _ in playbook.get_score(score).grades] for score in playbook.grade]
        exclusions = [one.id for one in playbook.exclusions]
        fields = [n.name_of_term(one) for one in (*self.plan.lead_fields, *self.plan.company_fields)]
        return Grid(
            moments=self.moments,
            lead=column("lead"),
            moment=column("moment"),
            scores=columns("score", [score.id for score in playbook.scores]),
            grades=["".join(names) for names in product(*graded)] if graded else [],
            grade=column("grade"),
            enter=columns("enter", levels, np.bool_),
            stays=columns("stays", levels, np.bool_),
            exclusions=[*exclusions, "consent"] if playbook.needs_consent else exclusions,
            excluded=column("excluded"),
            contributions=columns("contribution", criteria),
            before_hold=columns("before_hold", criteria),
            unknown=columns("unknown", undecided, np.bool_),
            known=columns("known", fields if self.details else [], np.bool_),
        )


def _narrowed(values: Integers) -> Array:
    """Return whole numbers in half the space where they fit: there are as many as leads times moments."""
    fits = len(values) == 0 or (int(values.min()) > -(1 << 31) and int(values.max()) < 1 << 31)
    return values.astype(np.int32) if fits else values
