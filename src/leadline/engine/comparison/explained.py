"""Explains the telling leads: why the one version let a lead in, how the other saw it at that moment, and what differs.

The leads' rows are read once, with the engine that the replays used, and assessed by the reference under both versions.
tests/engine/comparison/test_whatif.py guards it.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from leadline.engine.backends.open import open_backend
from leadline.engine.backends.rows_of_leads import rows_of_leads
from leadline.engine.calendar import get_zone, instant_of
from leadline.engine.comparison.model import Changed, Side, Telling, WhatIf
from leadline.engine.explanation.explain import explain as explain_assessment
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.lifecycle.history import assess_in_time
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.reference.result import Assessment
from leadline.engine.run import Inputs

Bounds = Mapping[Side, BoundPlaybook]


def explain_telling(
    found: WhatIf, bounds: Bounds, inputs: Inputs, *, backend: str, memory: str | None, as_known: bool
) -> WhatIf:
    """Return the comparison with its telling leads explained."""
    lead_ids = {one.lead_id for one in found.telling}
    if not lead_ids:
        return found
    with closing(open_backend(backend, memory=memory)) as engine:
        sources = engine.read(inputs.paths(), Rejects())
        tables = rows_of_leads(engine, sources, lead_ids)
    logs: dict[Side, dict[str, LeadLog]] = {}
    for side, bound in bounds.items():
        read = read_logs(bound, tables, naive_zone=inputs.naive_zone)
        logs[side] = {log.lead_id: log for log in read.logs}
    telling = []
    for one in found.telling:
        assessed: dict[Side, Assessment] = {}
        for side, bound in bounds.items():
            moment = get_zone(bound.playbook.timezone).moment(instant_of(datetime.fromisoformat(one.at)))
            assessed[side] = assess_in_time(bound, logs[side][one.lead_id], moment, as_known=as_known)
        telling.append(_explained(one, bounds, assessed))
    return replace(found, telling=tuple(telling))


def _explained(one: Telling, bounds: Bounds, assessed: Mapping[Side, Assessment]) -> Telling:
    mine = one.entered_by
    other: Side = "new" if mine == "old" else "old"
    by_other = explain_assessment(bounds[other], assessed[other])
    return replace(
        one,
        explanation=explain_assessment(bounds[mine], assessed[mine]),
        other_says=next((level for level in by_other.qualifications if level.id == one.qualification), None),
        criteria=_changed(
            {side: {item.id: item.why for item in bound.playbook.criteria} for side, bound in bounds.items()},
            {side: {name: item.units for name, item in seen.contributions.items()} for side, seen in assessed.items()},
        ),
        scores=_changed(
            {side: {item.id: item.title for item in bound.playbook.scores} for side, bound in bounds.items()},
            {side: {name: item.units for name, item in seen.scores.items()} for side, seen in assessed.items()},
        ),
    )


def _changed(texts: Mapping[Side, Mapping[str, str]], points: Mapping[Side, Mapping[str, int]]) -> tuple[Changed, ...]:
    """Return what gave different points, in the order of the new playbook, then what only the old one has."""
    found = []
    for name in dict.fromkeys([*texts["new"], *texts["old"]]):
        old = points["old"].get(name, 0) if name in texts["old"] else None
        new = points["new"].get(name, 0) if name in texts["new"] else None
        if (old or 0) != (new or 0):
            found.append(Changed(id=name, text=texts["new"].get(name) or texts["old"][name], old=old, new=new))
    return tuple(found)
