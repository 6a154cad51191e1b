"""What a text of the playbook says of some leads at one moment, and nothing of the days before and after.

A what-if asks this of everybody, twice, so it leaves out what only an assessment that is kept needs: when a lead is looked at again,
when a spell cools, the next step. tests/web/assessments/whatif/test_seen.py holds it to `compute.assess_logs`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leadline.engine.calendar import AsOf
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.log import LeadLog
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.moments import cells_at
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import Histories, histories_until
from leadline.web.assessments.compute import BELOW_EVERYBODY
from leadline.web.assessments.shown import ShownCells
from leadline.web.playbooks.queries import Compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A lead at a moment, by one text. The names are those of an assessment; points are ten-thousandths.

    contributions: those that gave any. qualifications: those whose spell is open, in file order.
    """

    lead_id: int
    scores: Mapping[str, int]
    contributions: Mapping[str, int]
    grade: str
    excluded_by: str
    qualifications: tuple[str, ...]
    stage: str

    def points(self, playbook: Playbook) -> int:
        """Return the sum of the scores that make the grade; where none does, the first score."""
        names = playbook.grade or tuple(score.id for score in playbook.scores)[:1]
        return sum(self.scores.get(name, 0) for name in names)

    def rank(self, playbook: Playbook) -> int:
        """Return what a list sorts by: the points, of who is excluded below everybody else's."""
        return self.points(playbook) - (BELOW_EVERYBODY if self.excluded_by else 0)


def see_leads(compiled: Compiled, logs: Sequence[LeadLog], as_of: AsOf) -> dict[int, Seen]:
    """Return what a text says of some leads at a moment, by their ids."""
    if not logs:
        return {}
    plan, zone = compiled.plan, compiled.zone
    known = known_from_logs(plan, logs).until(as_of.until_us)
    past = histories_until(plan, known, zone, as_of, Reach(plan, known).may_begin(), evidence=False)
    leads = np.arange(len(known), dtype=np.int64)
    now = cells_at(zone, len(known), leads, np.full(len(known), as_of.until_us))
    ended = {name: past.ended_before(name, known, now) for name in plan.spells}
    shown = ShownCells(CellAssessments(TimelineInputs(plan, known, now, ended)))
    return _tell(compiled.playbook, known.lead_ids, shown, past)


def _tell(playbook: Playbook, lead_ids: Sequence[str], shown: ShownCells, past: Histories) -> dict[int, Seen]:
    scores = {name: values.tolist() for name, values in shown.scores.items()}
    points = {name: values.tolist() for name, values in shown.contributions.items()}
    grades = {name: places.tolist() for name, places in shown.grade.items()}
    names = {name: [grade for grade, _ in playbook.get_score(name).grades] for name in playbook.grade}
    excluded, blank = shown.excluded.tolist(), shown.blank.tolist()
    exclusions = [*(one.id for one in playbook.exclusions), "consent"]
    open_spells: dict[str, set[str]] = {}
    for spell in past.spells:
        if spell.is_open:
            open_spells.setdefault(spell.lead_id, set()).add(spell.qualification)
    stages = {move.lead_id: move.after or "" for move in past.moves}  # in the order of time: the last one stays
    found = {}
    for at, lead_id in enumerate(lead_ids):
        says, own = not blank[at], open_spells.get(lead_id, ())
        found[int(lead_id)] = Seen(
            lead_id=int(lead_id),
            scores={name: values[at] for name, values in scores.items()} if says else {},
            contributions={name: values[at] for name, values in points.items() if values[at]} if says else {},
            grade="".join(names[name][places[at]] for name, places in grades.items()) if says else "",
            excluded_by=exclusions[excluded[at]] if excluded[at] >= 0 else "",
            qualifications=tuple(level.id for level in playbook.qualifications if level.id in own),
            stage=stages.get(lead_id, ""),
        )
    return found
