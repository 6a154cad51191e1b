"""At which moments leads are looked at, and which of them count.

The trap is to look at a lead once, at the last moment at which something is known of it: what is known then is partly *because* of
the outcome. Here a moment is chosen by the calendar and never by what became of a lead; every lead that was open then counts, with
what was known then; and the outcome is asked of the time after it. Moments lie so far apart that the horizons after them do not
overlap, so no outcome is counted twice and each stretch of a lead's life once; and none is taken whose horizon is not over, so
that all have had the same time. Which leads are open is decided as for the review of criteria (`review/observations.py`).

tests/engine/backtest/test_landmarks.py guards it.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.review.observations import Observations, observe


def choose_moments(moments: Sequence[AsOf], *, horizon_days: int, seen_until: int) -> list[int]:
    """Return which moments to look at: indices, in the order of time.

    The latest whose horizon is over by the end of the day *seen_until*, then going back the next that lies a horizon or more
    before it, and so on.
    """
    chosen: list[int] = []
    latest = seen_until - horizon_days
    for number in range(len(moments) - 1, -1, -1):
        if moments[number].day <= latest:
            chosen.append(number)
            latest = moments[number].day - horizon_days
    return chosen[::-1]


def at_moments(grid: Grid, chosen: Sequence[int]) -> Grid:
    """Return a grid with only these of its moments."""
    rows = np.isin(grid.moment, np.array(chosen, dtype=np.int64))
    place = np.zeros(len(grid.moments), dtype=np.int64)
    place[list(chosen)] = np.arange(len(chosen))
    taken: dict[str, Any] = {}
    for one in fields(grid):
        value = getattr(grid, one.name)
        if isinstance(value, np.ndarray):
            taken[one.name] = value[rows]
        elif isinstance(value, dict):
            taken[one.name] = {name: column[rows] for name, column in value.items()}
    taken["moment"] = place[taken["moment"]]
    return replace(grid, moments=[grid.moments[number] for number in chosen], **taken)


def landmarks(
    replay: Replay, *, outcome: str, horizon_days: int, seen_until: int
) -> tuple[Grid, Observations, tuple[int, ...]]:
    """Return the grid at the chosen moments, the observations that count in it, and the days of the moments.

    Raises:
        ValueError: the replay has no regular assessments.
    """
    if replay.grid is None:
        raise ValueError("a back-test needs a replay with regular assessments")
    chosen = choose_moments(replay.grid.moments, horizon_days=horizon_days, seen_until=seen_until)
    grid = at_moments(replay.grid, chosen)
    until_us = get_zone(replay.playbook.timezone).end_of_day(seen_until).until_us
    observed = observe(replace(replay, grid=grid), outcome=outcome, horizon_days=horizon_days, until_us=until_us)
    return grid, observed, tuple(moment.day for moment in grid.moments)
