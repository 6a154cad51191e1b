"""What a playbook says of a lead, by the reference: the second opinion that `verify.py` compares stored rows with.

The assessments come from arrays (`assessments/compute.py`); here each lead is assessed by itself in plain Python, and its spells and
moves come from a fold that ends at its moment, or from the naive history, which assesses at every moment there is. What only says
when to look again (`turns_day`, `next_change_day`) and the next step have no second way here.
tests/web/assessments/test_compute.py holds both to one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leadline.engine.calendar import AsOf
from leadline.engine.lifecycle.history import history
from leadline.engine.lifecycle.model import Spell, StageMove
from leadline.engine.reference.assess import assess, largest_contributions
from leadline.engine.reference.log import LeadLog
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import histories_until
from leadline.web.assessments.compute import Found
from leadline.web.assessments.reasons import write_reasons
from leadline.web.playbooks.queries import Compiled

Past = Mapping[str, tuple[Sequence[Spell], Sequence[StageMove]]]
"""Spells and moves, by lead."""


def pasts_of(compiled: Compiled, logs: Sequence[LeadLog], as_of: AsOf, *, naive: bool) -> Past:
    """Return the spells and moves of some leads up to a moment."""
    if naive:
        found = {log.lead_id: history(compiled.bound, log, as_of) for log in logs}
        return {lead_id: (one.spells, one.moves) for lead_id, one in found.items()}
    known = known_from_logs(compiled.plan, logs).until(as_of.until_us)
    happened = histories_until(compiled.plan, known, compiled.zone, as_of, Reach(compiled.plan, known).may_begin())
    return {
        lead_id: (
            [one for one in happened.spells if one.lead_id == lead_id],
            [one for one in happened.moves if one.lead_id == lead_id],
        )
        for lead_id in known.lead_ids
    }


def cooling_of(
    compiled: Compiled, logs: Sequence[LeadLog], as_of: AsOf
) -> dict[str, dict[tuple[str, int], int | None]]:
    """Return of each lead's open spells, by qualification and beginning, when each cools."""
    found: dict[str, dict[tuple[str, int], int | None]] = {log.lead_id: {} for log in logs}
    known = known_from_logs(compiled.plan, logs)
    for one in find_open_spells(compiled.plan, known, as_of, compiled.zone):
        found[one.spell.lead_id][one.spell.qualification, one.spell.began_us] = one.cools_day
    return found


def second_opinion(
    compiled: Compiled,
    log: LeadLog,
    as_of: AsOf,
    found: Found,
    past: tuple[Sequence[Spell], Sequence[StageMove]],
    cools: Mapping[tuple[str, int], int | None],
) -> Found:
    """Return what the reference says of a lead, with what it does not know as in *found*."""
    spells, moves = past
    playbook = compiled.playbook
    ended: dict[str, int] = {}
    for spell in spells:
        if spell.ended_us is not None and spell.ended_us < as_of.until_us:
            ended[spell.qualification] = ended.get(spell.qualification, 0) + 1
    said = assess(compiled.bound, log, as_of, ended_spells=ended)
    is_open = {spell.qualification for spell in spells if spell.is_open}
    return replace(
        found,
        scores={name: one.units for name, one in said.scores.items()},
        contributions={one.criterion_id: one.units for one in said.contributions.values() if one.units},
        grade=said.grade or "",
        coverage={name: one.coverage for name, one in said.scores.items()},
        persona=said.persona or "",
        excluded_by=said.excluded_by or "",
        answers=dict(said.answers),
        reasons=write_reasons((one.criterion_id, one.units) for one in largest_contributions(said)),
        qualifications=[level.id for level in playbook.qualifications if level.id in is_open],
        stage=(moves[-1].after or "") if moves else "",
        cools_day=min((day for day in cools.values() if day is not None), default=None),
        spells=list(spells),
        moves=list(moves),
        cools=cools,
    )
