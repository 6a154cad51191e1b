"""Replays written by hand: spells as (lead, first day, last day) and outcomes as (lead, outcome, day), in UTC.

Day 0 is Monday, 5 January 2026. A spell begins at noon unless a fraction of a day says otherwise, and ends at noon; None is open.
"""

from collections.abc import Iterable

from leadline.engine.calendar import DAY_US, AsOf, get_zone
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.replay.model import Grid, Replay

ZERO = 20_458
PLAYBOOK = """
[playbook]
name = "by hand"
[scores.fit]
title = "Fit"
grades = { A = 50, B = 0 }
[[criteria]]
id = "size"
score = "fit"
why = "A good size"
when = "employees >= 50"
points = 60
"""
MQL = """
[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "fit >= 50"
"""
SQL = """
[[qualifications]]
id = "sql"
title = "Sales qualified"
enter = "decision = 'accepted'"
"""

Stay = tuple[str, float, float | None]
Report = tuple[str, str, float]


def moment(day: float) -> int:
    """Return an instant: a whole day means its noon."""
    return round((ZERO + day + (0.5 if day == int(day) else 0)) * DAY_US)


def end_of(day: int) -> AsOf:
    return get_zone("UTC").end_of_day(ZERO + day)


def a_replay(
    stays: Iterable[Stay] | dict[str, Iterable[Stay]] = (),
    outcomes: Iterable[Report] = (),
    *,
    first: int = 0,
    last: int = 100,
    leads: Iterable[str] = (),
    toml: str = PLAYBOOK + MQL,
    version: str = "v",
    grid: Grid | None = None,
) -> Replay:
    """Return a replay from day *first* to day *last*; stays of `mql` unless they say of what."""
    bound, _ = bind_playbook(read_playbook(toml)[0])
    by_level = stays if isinstance(stays, dict) else {"mql": stays}
    spells = [_spell(level, *stay) for level, listed in by_level.items() for stay in listed]
    spells.sort(key=lambda spell: (spell.lead_id, spell.began_us))
    reported: dict[str, list[ReportedOutcome]] = {}
    for lead_id, outcome, day in sorted(outcomes, key=lambda one: one[2]):
        reported.setdefault(lead_id, []).append(ReportedOutcome(outcome=outcome, at_us=moment(day)))
    lead_ids = sorted({*leads, *(spell.lead_id for spell in spells), *reported})
    return Replay(
        bound=bound,
        version=version,
        start=end_of(first),
        end=end_of(last),
        lead_ids=lead_ids,
        begins_us=[moment(0)] * len(lead_ids),
        spells=spells,
        moves=[],
        outcomes=reported,
        grid=grid,
        warnings=[],
        rejects=Rejects(),
    )


def _spell(level: str, lead_id: str, began: float, ended: float | None) -> Spell:
    ended_us = None if ended is None else moment(ended)
    return Spell(
        lead_id=lead_id,
        qualification=level,
        number=1,
        began_us=moment(began),
        began_day=moment(began) // DAY_US,
        began_by="enter",
        ended_us=ended_us,
        ended_day=None if ended_us is None else ended_us // DAY_US,
        ended_by=None if ended_us is None else "cooled",
    )
