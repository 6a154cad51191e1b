"""A replay in plain Python: every lead by the reference, at every moment. Slow and right."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from leadline.engine.calendar import AsOf, day_number, get_zone
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.lifecycle.history import assess_in_time, begins_us, history
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.log import LeadLog
from leadline.engine.replay.model import Grid, Replay


def replay_naively(
    bound: BoundPlaybook, logs: Sequence[LeadLog], *, start: date, end: date, every_days: int | None = None
) -> Replay:
    """Return what `replay` should: with spells, and a grid of every so many days counted back from the end."""
    zone, logs = get_zone(bound.playbook.timezone), sorted(logs, key=lambda log: log.lead_id.encode())
    first, last = zone.end_of_day(day_number(start)), zone.end_of_day(day_number(end))
    spells, moves = [], []
    for log in logs:
        found = history(bound, log, last)
        spells += [one for one in found.spells if one.ended_day is None or one.ended_day >= first.day]
        moves += [one for one in found.moves if one.day >= first.day]
    grid = None
    if every_days is not None:
        days = sorted(range(last.day, first.day - 1, -every_days))
        grid = _grid(bound, logs, [zone.end_of_day(day) for day in days])
    return Replay(
        bound=bound,
        version="naive",
        start=first,
        end=last,
        lead_ids=[log.lead_id for log in logs],
        begins_us=[begins_us(log) or 0 for log in logs],
        spells=spells,
        moves=moves,
        outcomes={
            log.lead_id: sorted(log.outcomes, key=lambda one: one.at_us) for log in logs if log.outcomes
        },
        grid=grid,
        warnings=[],
        rejects=Rejects(),
    )  # fmt: skip


def _grid(bound: BoundPlaybook, logs: Sequence[LeadLog], moments: Sequence[AsOf]) -> Grid:
    rows = [
        (lead, moment, assess_in_time(bound, log, as_of))
        for lead, log in enumerate(logs)
        for moment, as_of in enumerate(moments)
        if (begins_us(log) or 0) <= as_of.until_us
    ]
    playbook = bound.playbook
    grades = [""]
    for score in playbook.grade:
        grades = [before + name for before in grades for name, _ in playbook.get_score(score).grades]
    exclusions = [one.id for one in playbook.exclusions]
    levels = [level.id for level in playbook.qualifications]
    return Grid(
        moments=moments,
        lead=np.array([row[0] for row in rows], dtype=np.int64),
        moment=np.array([row[1] for row in rows], dtype=np.int64),
        scores={
            score.id: np.array([row[2].scores[score.id].units for row in rows], dtype=np.int64)
            for score in playbook.scores
        },
        grades=grades,
        grade=np.array([-1 if row[2].grade is None else grades.index(row[2].grade) for row in rows], dtype=np.int64),
        enter={name: np.array([row[2].qualifications[name] for row in rows], dtype=np.bool_) for name in levels},
        stays={name: np.array([row[2].stays[name] for row in rows], dtype=np.bool_) for name in levels},
        exclusions=exclusions,
        excluded=np.array(
            [-1 if row[2].excluded_by is None else exclusions.index(row[2].excluded_by) for row in rows],
            dtype=np.int64,
        ),
    )
