"""Leads whose truth is known because it was planted: replays made by hand, without a log.

A lead begins in one of the first months. In each month it wins with a chance that depends on what fired at the end of the month
before, and on nothing else. What each criterion gives, at each month-end, is made here too, so a test can say what it wants to be found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import DAY_US, AsOf, day_number, get_zone
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.replay.model import Grid, Replay

ZONE = get_zone("UTC")
FIRST_MONTH = date(2024, 1, 31)
HEAD = '[playbook]\nname = "planted"\n\n[scores.fit]\ntitle = "Fit"\n'


def month_ends(count: int) -> list[AsOf]:
    """Return the ends of so many months, from January 2024."""
    found, day = [], FIRST_MONTH
    for _ in range(count):
        found.append(ZONE.end_of_day(day_number(day)))
        after = day + timedelta(days=1)
        day = date(after.year + after.month // 12, after.month % 12 + 1, 1) - timedelta(days=1)
    return found


def fact_playbook(points: Mapping[str, int]) -> str:
    """Return a playbook with one criterion on a field of its own for each name."""
    return HEAD + "".join(
        f'\n[[criteria]]\nid = "{name}"\nscore = "fit"\nwhy = "{name}"\nwhen = "{name} = \'yes\'"\npoints = {worth}\n'
        for name, worth in points.items()
    )


@dataclass(frozen=True, kw_only=True)
class Lead:
    """A lead by hand: the month of its beginning, and its outcomes as (name, day)."""

    began: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()
    excluded: tuple[int, ...] = ()


@dataclass(kw_only=True)
class Made:
    """What goes into a replay: points of each criterion by lead and month, shape (n_leads, n_months)."""

    playbook: str
    months: int
    leads: Sequence[Lead]
    points: Mapping[str, np.ndarray]
    known: Mapping[str, np.ndarray] = field(default_factory=dict)
    before_hold: Mapping[str, np.ndarray] = field(default_factory=dict)
    spells: list[Spell] = field(default_factory=list)


def name_of(lead: int) -> str:
    return f"L{lead:05d}"


def replay_of(made: Made) -> Replay:
    """Return the replay: a row for each lead and month from its beginning on."""
    moments = month_ends(made.months)
    rows = [(lead, month) for lead, one in enumerate(made.leads) for month in range(one.began, made.months)]
    lead = np.array([row[0] for row in rows], dtype=np.int64)
    month = np.array([row[1] for row in rows], dtype=np.int64)

    def column(table: np.ndarray) -> np.ndarray:
        return np.asarray(table)[lead, month]

    units = {name: column(table).astype(np.int64) * POINT for name, table in made.points.items()}
    before = {name: column(table).astype(np.int64) * POINT for name, table in made.before_hold.items()}
    playbook, _ = read_playbook(made.playbook)
    bound, _ = bind_playbook(playbook)
    excluded = np.array([0 if m in made.leads[n].excluded else -1 for n, m in rows], dtype=np.int64)
    grid = Grid(
        moments=moments,
        lead=lead,
        moment=month,
        scores={"fit": np.asarray(sum(units.values()))},
        grades=(),
        grade=np.full(lead.size, -1),
        enter={},
        stays={},
        exclusions=("student",),
        excluded=excluded,
        contributions=units,
        before_hold={**units, **before},
        unknown={},
        known={name: column(table).astype(bool) for name, table in made.known.items()},
    )
    return Replay(
        bound=bound,
        version="0" * 12,
        start=moments[0],
        end=moments[-1],
        lead_ids=[name_of(number) for number in range(len(made.leads))],
        begins_us=[moments[one.began].until_us - 10 * DAY_US for one in made.leads],
        spells=made.spells,
        moves=[],
        outcomes={
            name_of(number): [ReportedOutcome(outcome=what, at_us=day * DAY_US) for what, day in one.outcomes]
            for number, one in enumerate(made.leads)
            if one.outcomes
        },
        grid=grid,
        warnings=[],
        rejects=Rejects(),
    )


def end_of(made_months: int) -> int:
    """Return the last microsecond of the last month."""
    return month_ends(made_months)[-1].until_us


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A criterion of a planted world.

    points:  what the playbook gives. effect: what it truly does to the log odds of winning within a month.
    share:   of how many leads it is true. keeps: whether it is a trait, or drawn anew each month.
    copy_of: it fires where that one does, but for a share of exceptions.
    """

    points: int
    effect: float = 0.0
    share: float = 0.3
    keeps: bool = True
    copy_of: str | None = None
    but_for: float = 0.02


def planted(truths: Mapping[str, Truth], *, seed: int, leads: int = 2000, months: int = 15, base: float = -3.6) -> Made:
    """Return a world in which the truths hold."""
    random = np.random.default_rng(seed)
    fires: dict[str, np.ndarray] = {}
    for name, truth in truths.items():
        if truth.copy_of is not None:
            flips = random.random(leads) < truth.but_for
            fires[name] = fires[truth.copy_of] ^ flips[:, None]
        elif truth.keeps:
            fires[name] = np.repeat(random.random((leads, 1)) < truth.share, months, axis=1)
        else:
            fires[name] = random.random((leads, months)) < truth.share
    odds = base + sum(truth.effect * fires[name] for name, truth in truths.items())
    chance = 1 / (1 + np.exp(-np.asarray(odds)))
    wins = random.random((leads, months)) < chance
    began = random.integers(0, months - 3, leads)
    ends = month_ends(months)
    people = []
    for number in range(leads):
        won = next((month for month in range(began[number], months - 1) if wins[number, month]), None)
        day = None if won is None else int(random.integers(ends[won].day + 1, ends[won + 1].day))
        people.append(Lead(began=int(began[number]), outcomes=() if day is None else (("won", day),)))
    return Made(
        playbook=fact_playbook({name: truth.points for name, truth in truths.items()}),
        months=months,
        leads=people,
        points={name: fires[name] * truth.points for name, truth in truths.items()},
    )
