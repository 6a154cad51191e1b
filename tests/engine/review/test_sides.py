"""What became of the leads on whom a criterion fired: counted by hand."""

from math import exp

import numpy as np
import pytest
from tests.engine.review.planted import HEAD, Lead, Made, Truth, end_of, fact_playbook, month_ends, planted, replay_of

from leadline.engine.review.from_replay import review_replay
from leadline.engine.review.model import CriterionReview, Review
from leadline.engine.review.sides import overlap

MONTHS = 4
FIRST_END = month_ends(MONTHS)[0].day


def review_of(made: Made, days: int = 30) -> Review:
    return review_replay(replay_of(made), outcome="won", horizon_days=days, until_us=end_of(made.months))


def get(review: Review, name: str) -> CriterionReview:
    return next(one for one in review.criteria if one.id == name)


def once_seen(*groups: tuple[int, int, int]) -> Made:
    """Return leads in groups of (points, how many, of whom so many win): each is seen at one month-end only."""
    points, leads = [], []
    for worth, count, winners in groups:
        for number in range(count):
            outcomes = (("won", FIRST_END + 5),) if number < winners else (("lost", FIRST_END + 5),)
            leads.append(Lead(outcomes=outcomes))
            points.append([worth] * MONTHS)
    return Made(playbook=fact_playbook({"vip": 10}), months=MONTHS, leads=leads, points={"vip": np.array(points)})


def test_the_lift_is_the_share_with_the_outcome_where_it_fires_divided_by_the_share_where_it_does_not() -> None:
    review = review_of(once_seen((10, 100, 30), (0, 200, 20)))

    (side,) = get(review, "vip").sides
    assert (review.observations, review.leads, review.reached) == (300, 300, 50)
    assert (side.direction, side.observations, side.leads, side.usual_points) == ("gives", 100, 100, 100_000)
    assert (side.reached_with, side.reached_without) == (0.3, 0.1)
    assert side.lift is not None and side.odds_given_others is not None
    assert side.lift.value == pytest.approx(3.0)
    # Katz: ln 3 ± 1.96 · √(1/30 − 1/100 + 1/20 − 1/200)
    assert side.lift.low == pytest.approx(3 * exp(-1.959964 * 0.26141), rel=1e-3)
    assert side.odds_given_others.value == pytest.approx(30 * 180 / (70 * 20), rel=0.05)  # but for the ridge


def test_a_criterion_that_gives_and_costs_has_two_sides() -> None:
    review = review_of(once_seen((10, 100, 30), (0, 200, 20), (-5, 100, 2)))

    gives, costs = get(review, "vip").sides
    assert (gives.direction, gives.reached_with, gives.reached_without) == ("gives", 0.3, pytest.approx(22 / 300))
    assert (costs.direction, costs.reached_with, costs.usual_points) == ("costs", 0.02, -50_000)
    assert costs.lift is not None
    assert costs.lift.high < 1


def test_too_few_leads_have_no_lift() -> None:
    review = review_of(once_seen((10, 29, 10), (0, 200, 20)))

    vip = get(review, "vip")
    assert vip.sides[0].lift is None
    assert vip.verdict == "not enough data"
    assert "29 leads" in vip.reason


def test_shares_of_the_points_and_what_a_maximum_cuts() -> None:
    made = once_seen((10, 100, 30), (0, 300, 20))
    made.playbook = (
        fact_playbook({"vip": 10, "rival": -30})
        + '\n[[criteria]]\nid="far"\nscore="other"\nwhy="f"\nwhen="far"\npoints=4\n'
    )
    made.playbook = made.playbook.replace(HEAD, HEAD + '\n[scores.other]\ntitle = "Other"\n')
    vip = made.points["vip"]
    made.points = {"vip": vip, "rival": np.where(vip > 0, -30, 0), "far": np.full_like(vip, 15)}
    made.before_hold = {"vip": np.where(vip > 0, 14, 0), "rival": np.where(vip > 0, -30, 0)}
    made.before_hold["vip"][:50] = 10

    review = review_of(made)

    assert get(review, "vip").share_of_score == pytest.approx(10 * 100 / (40 * 100))
    assert get(review, "vip").share_of_all == pytest.approx(10 * 100 / (40 * 100 + 15 * 400))
    assert get(review, "far").share_of_score == 1
    assert (get(review, "vip").maximum_cuts, get(review, "vip").minimum_cuts) == (0.5, 0)
    assert (get(review, "rival").maximum_cuts, get(review, "rival").minimum_cuts) == (0, 0)


def test_overlap_of_two_sets_of_observations() -> None:
    one = np.array([True, True, True, False, False, False, False, False])
    other = np.array([True, True, False, True, False, False, False, False])

    assert overlap(one, other) == (0.5, pytest.approx((8 * 2 - 9) / 15))
    assert overlap(one, np.zeros(8, dtype=bool)) == (0.0, 0.0)
    assert overlap(one, one) == (1.0, 1.0)


def test_a_share_that_falls_is_told_and_one_that_does_not_is_not() -> None:
    random = np.random.default_rng(1)
    made = planted({"fades": Truth(points=10, keeps=False), "steady": Truth(points=10, keeps=False)}, seed=4)
    chance = np.linspace(0.6, 0.2, made.months)
    made.points = {
        "fades": (random.random((len(made.leads), made.months)) < chance) * 10,
        "steady": made.points["steady"],
    }

    review = review_of(made, days=90)

    (fades,), (steady,) = get(review, "fades").sides, get(review, "steady").sides
    assert fades.drift.fires_drifts and fades.drift.fires_change == pytest.approx(-0.3, abs=0.06)
    assert [quarter.name for quarter in fades.quarters] == ["2024 Q1", "2024 Q2", "2024 Q3", "2024 Q4"]
    assert "2024 Q1" in get(review, "fades").cautions[0]
    assert not steady.drift.fires_drifts and not steady.drift.lift_drifts


def test_a_share_that_falls_because_its_leads_have_bought_is_no_drift() -> None:
    made = planted({"strong": Truth(points=10, effect=2.0)}, seed=9, leads=3000)

    (side,) = get(review_of(made, days=90), "strong").sides

    assert side.quarters[-1].fires < side.quarters[0].fires - 0.05
    assert not side.drift.fires_drifts


def test_a_lift_that_is_lost_over_the_quarters_is_told() -> None:
    made = planted({"once_good": Truth(points=10, effect=1.5, share=0.4)}, seed=12, leads=3000)
    later = planted({"once_good": Truth(points=10, effect=0.0, share=0.4)}, seed=13, leads=3000, base=-2.9)
    half = month_ends(made.months)[7].day
    people = [
        *(one for one in made.leads if not one.outcomes or one.outcomes[0][1] <= half),
        *(Lead(began=8, outcomes=one.outcomes) for one in later.leads if one.outcomes and one.outcomes[0][1] > half),
        *(Lead(began=8) for one in later.leads if not one.outcomes),
    ]
    kept = [n for n, one in enumerate(made.leads) if not one.outcomes or one.outcomes[0][1] <= half]
    kept_later = [n for n, one in enumerate(later.leads) if one.outcomes and one.outcomes[0][1] > half]
    kept_later += [n for n, one in enumerate(later.leads) if not one.outcomes]
    made.leads = people
    made.points = {"once_good": np.vstack([made.points["once_good"][kept], later.points["once_good"][kept_later]])}

    (side,) = get(review_of(made, days=90), "once_good").sides

    assert side.drift.lift_drifts
    assert side.drift.lift_change is not None and side.drift.lift_change < 0.67
    assert "its lift was" in side.drift.sentence
