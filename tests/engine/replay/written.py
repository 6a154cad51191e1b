"""A replay written by hand, with everything that files show: spells before and in the stretch, moves, regular assessments."""

import numpy as np
from tests.engine.comparison.by_hand import MQL, PLAYBOOK, SQL, end_of, moment

from leadline.engine.calendar import DAY_US
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.lifecycle.model import Evidence, Spell, StageMove
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.timeline.known import ALWAYS

STUDENT = """
[[exclusions]]
id = "student"
when = "employees = 0"
"""
NOON_US = DAY_US // 2


def spell(lead: str, level: str, number: int, began: int, ended: int | None = None, **more: object) -> Spell:
    """Return a spell from noon of one day to noon of another; days are those of `by_hand`."""
    ends = (
        {} if ended is None else {"ended_us": moment(ended), "ended_day": moment(ended) // DAY_US, "ended_by": "cooled"}
    )
    return Spell(
        lead_id=lead,
        qualification=level,
        number=number,
        began_us=moment(began),
        began_day=moment(began) // DAY_US,
        **({"began_by": "enter"} | ends | more),  # type: ignore[arg-type]
    )


def move(
    lead: str, day: int, before: str | None, after: str | None, because: str, *, is_forward: bool = True
) -> StageMove:
    """Return a move at noon of a day."""
    at_us = moment(day)
    return StageMove(
        lead_id=lead,
        at_us=at_us,
        day=at_us // DAY_US,
        before=before,
        after=after,
        because=because,
        is_forward=is_forward,
    )


def a_grid() -> Grid:
    """Return assessments of ann on three days and of bob on the last, when he is excluded."""
    return Grid(
        moments=[end_of(day) for day in (13, 20, 27)],
        lead=np.array([0, 0, 0, 1]),
        moment=np.array([0, 1, 2, 2]),
        scores={"fit": np.array([600_000, 600_000, -25, 0])},
        grades=["A", "B"],
        grade=np.array([0, 0, 1, 1]),
        enter={"mql": np.array([True, False, False, False]), "sql": np.array([False, False, True, False])},
        stays={"mql": np.array([True, True, False, False]), "sql": np.array([False, False, True, False])},
        exclusions=["student"],
        excluded=np.array([-1, -1, -1, 0]),
        contributions={"size": np.array([600_000, 600_000, 0, 0])},
    )


def a_written_replay(*, grid: bool = True) -> Replay:
    """Return a replay from day 10 to day 27: ann was an MQL three times, bob begins on day 22, cem after the end; dan is undated."""
    evidence = Evidence(
        scores={"fit": 600_000}, grade="A", contributions={"small": -20_000, "size": 600_000, "odd": 25}
    )
    bound, _ = bind_playbook(read_playbook(PLAYBOOK + STUDENT + MQL + SQL)[0])
    return Replay(
        bound=bound,
        version="0123456789ab",
        start=end_of(10),
        end=end_of(27),
        lead_ids=["ann", "bob", "cem", "dan"],
        begins_us=[moment(0), moment(22), moment(40), ALWAYS],
        earlier_spells=[spell("ann", "mql", 1, 1, 3)],
        spells=[
            spell(
                "ann", "mql", 2, 8, 12, ended_by="outcome", ended_because="recycled", reason="later", outcome="recycled"
            ),
            spell("ann", "mql", 3, 15, 21, evidence=evidence),
            spell("ann", "sql", 1, 25, began_by="hand_raise", hand_raise="demo", outcome="accepted"),
        ],
        earlier_moves=[
            move("ann", 0, None, "lead", "first contact"),
            move("ann", 1, "lead", "mql", "mql began"),
            move("ann", 3, "mql", "lead", "mql ended", is_forward=False),
            move("ann", 8, "lead", "mql", "mql began"),
        ],
        moves=[
            move("ann", 12, "mql", "lead", "mql ended", is_forward=False),
            move("ann", 15, "lead", "mql", "mql began"),
            move("ann", 21, "mql", "lead", "mql ended", is_forward=False),
            move("ann", 25, "lead", "sql", "sql began"),
            move("bob", 22, None, "lead", "first contact"),
            move("dan", 27, None, "lead", "first contact"),
        ],
        outcomes={},
        grid=a_grid() if grid else None,
        warnings=[],
        rejects=Rejects(),
    )
