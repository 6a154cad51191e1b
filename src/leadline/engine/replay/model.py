"""The answer of a replay: spells, stage moves, and assessments at regular moments.

Everything is in memory: spells and moves as values, regular assessments as columns of whole numbers, since there are as many of
them as leads times moments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadline.engine.calendar import AsOf
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.lifecycle.model import Spell, StageMove
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem
from leadline.engine.reference.log import ReportedOutcome

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]


@dataclass(slots=True, kw_only=True)
class Grid:
    """Assessments at regular moments: one entry for each lead and moment, of leads that had begun by then.

    All arrays have the shape (n_entries,) and are sorted by lead, then moment.

    moments:       the moments, ends of local days.
    lead:          index into `Replay.lead_ids`. moment: index into *moments*.
    scores:        points of each score, ten-thousandths. grade: index into *grades*, -1 for none.
    enter, stays:  for each qualification whether `enter` is true, and whether `enter` or `stay` is, as in `score`.
    excluded:      index into *exclusions*, -1 for none.
    contributions: with details only: points of each criterion. before_hold: the same before its own minimum and maximum.
    unknown:       with details only: of criteria on facts and of inactivity, whether the condition could not be decided.
    known:         with details only: for each field that conditions read (`name` or `company.name`), whether it had a value.
    """

    moments: Sequence[AsOf]
    lead: "Integers"
    moment: "Integers"
    scores: "dict[str, Integers]"
    grades: Sequence[str]
    grade: "Integers"
    enter: "dict[str, Truths]"
    stays: "dict[str, Truths]"
    exclusions: Sequence[str]
    excluded: "Integers"
    contributions: "dict[str, Integers]" = field(default_factory=dict)
    before_hold: "dict[str, Integers]" = field(default_factory=dict)
    unknown: "dict[str, Truths]" = field(default_factory=dict)
    known: "dict[str, Truths]" = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Replay:
    """What a playbook did from one day to another.

    version:   the first twelve digits of the plan's hash; two playbooks of one version give the same numbers.
    start, end: first and last moment. The history itself always begins with the lead.
    lead_ids:  all leads, in the order of their bytes.
    begins_us: for each lead (same order) the moment of the first thing known of it.
    spells:    those that touch the stretch, ordered by lead, then beginning. moves: those in it, ordered by lead, then time.
    earlier_spells, earlier_moves: those before it. has_spells: they were looked for.
    outcomes:  what was reported of each lead, in the order of time; also what lies after *end*.
    grid:      None unless regular assessments were asked for.
    """

    bound: BoundPlaybook
    version: str
    start: AsOf
    end: AsOf
    lead_ids: Sequence[str]
    begins_us: Sequence[int]
    spells: list[Spell]
    moves: list[StageMove]
    outcomes: Mapping[str, Sequence[ReportedOutcome]]
    grid: Grid | None
    warnings: list[Problem]
    rejects: Rejects
    earlier_spells: list[Spell] = field(default_factory=list)
    earlier_moves: list[StageMove] = field(default_factory=list)
    has_spells: bool = True

    @property
    def playbook(self) -> Playbook:
        """The playbook that was replayed."""
        return self.bound.playbook
