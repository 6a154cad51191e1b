"""The review as a whole: the same each time, ready for JSON, and adding up."""

import json

import pytest
from tests.engine.review.planted import Truth, end_of, planted, replay_of

from leadline.engine.review import bounds
from leadline.engine.review.from_replay import review_replay
from leadline.engine.review.model import Review

WORLD = {"good": Truth(points=10, effect=0.8), "bad": Truth(points=-5, effect=-0.5), "nothing": Truth(points=20)}


def review() -> Review:
    made = planted(WORLD, seed=3, leads=800)
    return review_replay(replay_of(made), outcome="won", horizon_days=90, until_us=end_of(made.months))


def test_the_same_replay_gives_the_same_review() -> None:
    assert review().to_dict() == review().to_dict()


def test_it_is_values_that_json_knows_with_points_as_points() -> None:
    found = json.loads(json.dumps(review().to_dict(), allow_nan=False))

    assert [one["id"] for one in found["criteria"]] == list(WORLD)
    assert [one["sides"][0]["usual_points"] for one in found["criteria"]] == [10, -5, 20]
    assert found["horizon_days"] == 90
    assert found["bounds"]["least_leads"] == bounds.LEAST_LEADS
    assert (found["first"], found["last"], found["until"]) == ("2024-01-31", "2024-12-31", "2025-03-31")


def test_shares_of_points_add_up_to_one() -> None:
    assert sum(one.share_of_all for one in review().criteria) == pytest.approx(1)
    assert sum(one.share_of_score for one in review().criteria) == pytest.approx(1)


def test_what_is_left_out_and_what_counts_are_all_there_is() -> None:
    made = planted(WORLD, seed=3, leads=800)
    replay = replay_of(made)
    found = review_replay(replay, outcome="won", horizon_days=90, until_us=end_of(made.months))

    assert replay.grid is not None
    assert found.observations + sum(one.observations for one in found.left_out) == replay.grid.lead.size


def test_every_bound_is_told() -> None:
    numbers = [value for name, value in vars(bounds).items() if name.isupper() and isinstance(value, int | float)]

    assert sorted(numbers) == sorted(bounds.ALL.values())
