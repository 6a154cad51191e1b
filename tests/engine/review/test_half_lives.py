"""Half-lives: the planted one is found, and where age says nothing none is preferred."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from tests.engine.review.planted import HEAD, Lead, Made, end_of, month_ends, replay_of

from leadline.engine.arithmetic import POINT, HalfLife, Linear, NoDecay, Step
from leadline.engine.playbook.load import read_playbook
from leadline.engine.playbook.model import EventCriterion
from leadline.engine.replay.model import Replay
from leadline.engine.review.from_replay import review_replay
from leadline.engine.review.half_lives import TRIED, decay_of, say_decay, with_decay
from leadline.engine.review.model import HalfLives

MONTHS = 15
TOML = (
    HEAD
    + """
[[criteria]]
id = "visit"
score = "fit"
why = "v"
event = "visit"
points = 10
decay = { half_life = "90d" }
within = "300d"
max = 30

[[criteria]]
id = "big"
score = "fit"
why = "b"
when = "big"
points = 20
"""
)


def worlds(half_life: int | None, *, seed: int, leads: int = 2500) -> tuple[Replay, dict[int | None, Replay]]:
    """Return the replay as written (90 days) and with each half-life, where *half_life* is the truth."""
    random = np.random.default_rng(seed)
    ends = np.array([moment.day for moment in month_ends(MONTHS)])
    visits = random.integers(ends[0] - 60, ends[-1], (leads, 6))
    ages = ends[None, :, None] - visits[:, None, :]

    def worth(days: int | None) -> np.ndarray:
        left = np.ones(ages.shape) if days is None else 0.5 ** (np.maximum(ages, 0) / days)
        return (left * (ages >= 0)).sum(axis=2)

    odds = -4.2 + 1.2 * worth(half_life)
    wins = random.random((leads, MONTHS)) < 1 / (1 + np.exp(-odds))
    people = []
    for number in range(leads):
        won = next((month for month in range(MONTHS - 1) if wins[number, month]), None)
        people.append(Lead(outcomes=() if won is None else (("won", int(ends[won]) + 3),)))

    def replay(days: int | None) -> Replay:
        made = Made(
            playbook=TOML,
            months=MONTHS,
            leads=people,
            points={"visit": np.zeros((leads, MONTHS), dtype=int), "big": np.zeros((leads, MONTHS), dtype=int)},
        )
        found = replay_of(made)
        assert found.grid is not None
        units = np.rint(worth(days) * 10 * POINT).astype(np.int64)[found.grid.lead, found.grid.moment]
        grid = replace(
            found.grid,
            contributions={**found.grid.contributions, "visit": units},
            before_hold={**found.grid.before_hold, "visit": units},
            scores={"fit": units},
        )
        return replace(found, grid=grid)

    return replay(90), {days: replay(days) for days in TRIED}


def first_without_decay(tried: dict[int | None, Replay]) -> list[tuple[int | None, Replay]]:
    return list(reversed(tried.items()))


def compare(half_life: int | None, seed: int = 1) -> list[HalfLives]:
    written, tried = worlds(half_life, seed=seed)
    review = review_replay(
        written, outcome="won", horizon_days=30, until_us=end_of(MONTHS), half_lives=first_without_decay(tried)
    )
    return list(review.half_lives)


def test_the_planted_half_life_ranks_best_and_is_clearly_better_than_what_is_written() -> None:
    visit, fit = compare(14)

    assert (visit.subject, visit.id, fit.subject, fit.id) == ("criterion", "visit", "score", "fit")
    for found in (visit, fit):
        assert found.best in (7, 14, 30) and 14 in found.as_good
        assert found.is_clear and 180 not in found.as_good and None not in found.as_good
        assert "ranks better than a half-life of 90 days" in found.sentence
    assert [trial.days for trial in visit.trials] == list(TRIED)
    best = next(trial for trial in visit.trials if trial.days == visit.best)
    assert best.gain.low > 0
    assert best.area.value == pytest.approx(visit.area_as_written.value + best.gain.value)


def test_where_age_says_nothing_no_half_life_is_preferred_to_a_slow_one() -> None:
    visit = compare(None)[0]

    assert not visit.is_clear or visit.best in (180, None)
    assert 7 not in visit.as_good


def test_where_events_say_nothing_the_differences_are_noise() -> None:
    written, tried = worlds(14, seed=5)
    shuffled = np.random.default_rng(6).permutation(len(written.lead_ids))
    names = list(written.lead_ids)
    written = replace(
        written, outcomes={names[shuffled[names.index(lead)]]: said for lead, said in written.outcomes.items()}
    )

    review = review_replay(
        written, outcome="won", horizon_days=30, until_us=end_of(MONTHS), half_lives=first_without_decay(tried)
    )

    assert not any(one.is_clear for one in review.half_lives)
    assert "noise" in review.half_lives[0].sentence or "None ranks clearly better" in review.half_lives[0].sentence


def test_replays_of_other_leads_are_refused() -> None:
    written, _ = worlds(14, seed=1, leads=200)
    other, _ = worlds(14, seed=1, leads=199)

    with pytest.raises(ValueError, match="not of the same leads"):
        review_replay(written, outcome="won", horizon_days=30, until_us=end_of(MONTHS), half_lives=[(None, other)])


def test_what_was_without_decay_comes_first() -> None:
    written, tried = worlds(14, seed=1, leads=200)

    with pytest.raises(ValueError, match="begin with no decay"):
        review_replay(written, outcome="won", horizon_days=30, until_us=end_of(MONTHS), half_lives=tried.items())


def test_only_the_decay_of_event_criteria_is_replaced() -> None:
    playbook, _ = read_playbook(TOML)

    other = with_decay(playbook, HalfLife(7))

    visit, big = other.criteria
    assert isinstance(visit, EventCriterion)
    assert (visit.decay, visit.within_days, visit.high) == (HalfLife(7), 300, 30 * POINT)
    assert big == playbook.criteria[1]
    assert decay_of(None) == NoDecay()


def test_every_decay_can_be_said() -> None:
    assert say_decay(Linear(30)) == "nothing left after 30 days"
    assert say_decay(Step(Decimal("0.15"), 45)) == "15% less every 45 days"
    assert say_decay(HalfLife(1)) == "a half-life of 1 day"
