"""At which moments leads are looked at."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.comparison.by_hand import MQL, PLAYBOOK, ZERO, Report, a_replay, end_of

from leadline.engine.backtest.landmarks import at_moments, choose_moments, landmarks
from leadline.engine.replay.model import Grid


def a_grid(days: list[int], leads: int) -> Grid:
    """Return assessments of *leads* leads on each day; the score of a lead is its number, in points."""
    lead = np.repeat(np.arange(leads), len(days)).astype(np.int64)
    moment = np.tile(np.arange(len(days)), leads).astype(np.int64)
    truth = {"mql": np.zeros(lead.size, dtype=np.bool_)}
    return Grid(
        moments=[end_of(day) for day in days],
        lead=lead,
        moment=moment,
        scores={"fit": lead * 10_000},
        grades=["A", "B"],
        grade=np.full(lead.size, -1, dtype=np.int64),
        enter=truth,
        stays=truth,
        exclusions=[],
        excluded=np.full(lead.size, -1, dtype=np.int64),
    )


def chosen(days: list[int], horizon: int, until: int) -> list[int]:
    moments = [end_of(day) for day in days]
    return [days[number] for number in choose_moments(moments, horizon_days=horizon, seen_until=ZERO + until)]


def test_the_latest_moment_is_the_last_whose_horizon_is_over_and_the_others_lie_a_horizon_before() -> None:
    weeks = list(range(0, 105, 7))

    assert chosen(weeks, horizon=30, until=100) == [0, 35, 70]
    assert chosen(weeks, horizon=28, until=98) == [14, 42, 70]
    assert chosen(weeks, horizon=7, until=14) == [0, 7]


def test_when_no_horizon_is_over_there_is_no_moment() -> None:
    assert chosen([0, 7, 14], horizon=30, until=20) == []
    assert chosen([], horizon=30, until=20) == []


@given(st.lists(st.integers(0, 300), unique=True).map(sorted), st.integers(1, 90), st.integers(0, 300))
def test_horizons_never_overlap_and_are_always_over(days: list[int], horizon: int, until: int) -> None:
    found = chosen(days, horizon, until)

    assert all(day + horizon <= until for day in found)
    assert all(later - earlier >= horizon for earlier, later in itertools.pairwise(found))
    if found:
        assert not [day for day in days if found[-1] < day <= until - horizon]
    else:
        assert not [day for day in days if day <= until - horizon]


def test_a_grid_at_fewer_moments_keeps_what_belongs_together() -> None:
    grid = at_moments(a_grid([0, 7, 14, 21], leads=3), [1, 3])

    assert [moment.day - ZERO for moment in grid.moments] == [7, 21]
    assert grid.lead.tolist() == [0, 0, 1, 1, 2, 2]
    assert grid.moment.tolist() == [0, 1, 0, 1, 0, 1]
    assert grid.scores["fit"].tolist() == [0, 0, 10_000, 10_000, 20_000, 20_000]


def test_an_outcome_counts_in_the_one_horizon_it_lies_in_and_not_after_it() -> None:
    won: list[Report] = [("ann", "won", 20), ("bob", "won", 45), ("cem", "won", 95)]
    replay = a_replay(outcomes=won, last=100, toml=PLAYBOOK + MQL, grid=a_grid(list(range(0, 99, 7)), leads=3))

    grid, observed, moments = landmarks(replay, outcome="won", horizon_days=30, seen_until=ZERO + 100)

    assert [day - ZERO for day in moments] == [0, 35, 70]
    found = [
        (replay.lead_ids[grid.lead[row]], int(grid.moments[grid.moment[row]].day - ZERO), bool(hit))
        for row, hit in zip(observed.rows, observed.hit, strict=True)
    ]
    assert found == [
        ("ann", 0, True),
        ("bob", 0, False), ("bob", 35, True),
        ("cem", 0, False), ("cem", 35, False), ("cem", 70, True),
    ]  # fmt: skip
    assert [(one.reason, one.observations) for one in observed.left_out] == [("reached", 3)]


def test_a_replay_without_regular_assessments_cannot_be_looked_at() -> None:
    with pytest.raises(ValueError, match="regular assessments"):
        landmarks(a_replay(), outcome="won", horizon_days=30, seen_until=ZERO)
