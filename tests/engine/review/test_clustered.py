"""Estimates by lead: the usual formulas with one observation a lead, and no more certainty when a lead is seen often."""

from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.review.clustered import (
    Estimate,
    count_leads,
    log_ratio,
    log_ratio_within,
    rank_area,
    share_trend,
    standardised_difference,
    weighted_trend,
    z_among,
)
from leadline.engine.statistics import rank_auc, ratio_interval, ratio_of_shares


def rows(*counts: tuple[bool, bool, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hit, group and lead of (hit, group, how many) observations of one lead each."""
    hit = np.array([one[0] for one in counts for _ in range(one[2])])
    group = np.array([one[1] for one in counts for _ in range(one[2])])
    return hit, group, np.arange(hit.size)


@st.composite
def observations(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """hit, group, points, lead, leads; several observations a lead."""
    leads = draw(st.integers(3, 12))
    count = draw(st.integers(4, 40))
    table = draw(
        st.lists(
            st.tuples(st.booleans(), st.booleans(), st.integers(-3, 3), st.integers(0, leads - 1)),
            min_size=count,
            max_size=count,
        )
    )
    hit, group, points, lead = (np.array(column) for column in zip(*table, strict=True))
    return hit, group, points, lead, leads


# -- with one observation a lead: the formulas of the books -------------------------------------------------------


@given(st.tuples(*[st.integers(1, 50)] * 4))
def test_the_interval_of_a_lift_is_that_of_katz(counts: tuple[int, int, int, int]) -> None:
    a, c, b, d = counts
    hit, group, lead = rows((True, True, a), (False, True, c), (True, False, b), (False, False, d))

    found = log_ratio(hit, group, lead, lead.size)

    assert found is not None
    low, high = found.bounds()
    wanted = ratio_interval(a, a + c, b, b + d)
    assert exp(found.value) == pytest.approx(ratio_of_shares(a, a + c, b, b + d))
    assert (exp(low), exp(high)) == pytest.approx((wanted.low, wanted.high))


def test_where_one_side_has_no_outcome_a_half_is_added_and_the_interval_stays_wide() -> None:
    hit, group, lead = rows((False, True, 40), (True, False, 20), (False, False, 80))

    found = log_ratio(hit, group, lead, lead.size)

    assert found is not None
    assert exp(found.value) == pytest.approx((0.5 / 41) / (20.5 / 101))
    wanted = ratio_interval(0, 40, 20, 100)
    assert exp(found.bounds()[1]) == pytest.approx(wanted.high)


def test_a_side_without_observations_has_no_lift() -> None:
    hit, group, lead = rows((True, True, 4), (False, True, 6))

    assert log_ratio(hit, group, lead, lead.size) is None


@given(observations())
def test_the_area_is_that_of_mann_and_whitney(drawn: tuple) -> None:
    hit, _, points, lead, leads = drawn

    found = rank_area(points, hit, lead, leads)

    wanted = rank_auc((int(point), int(is_hit), int(not is_hit)) for point, is_hit in zip(points, hit, strict=True))
    assert (found is None) == (wanted is None)
    if found is not None:
        assert found.value == pytest.approx(wanted)


def test_the_error_of_an_area_is_that_of_delong() -> None:
    points = np.array([1, 2, 4, 3, 5, 6])
    hit = np.array([False, False, False, True, True, True])

    found = rank_area(points, hit, np.arange(6), 6)

    # Of those with the outcome 2/3, 1 and 1 lie above; of those without 1, 1 and 2/3 lie below. The mean is 8/9.
    squares = 2 * ((2 / 3 - 8 / 9) ** 2 + 2 * (1 - 8 / 9) ** 2)
    assert found is not None
    assert found.value == pytest.approx(8 / 9)
    assert found.error == pytest.approx(sqrt(squares / 9))


def test_a_difference_compares_each_stratum_with_itself() -> None:
    # young: 3 of 4 reached are known, 1 of 2 open ones; old: 1 of 1 and 1 of 4; very old: nobody to compare with.
    hit = np.array([1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1], dtype=bool)
    group = np.array([1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1], dtype=bool)
    stratum = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2])

    found = standardised_difference(hit, group, stratum, np.arange(12), 12)

    assert found is not None
    assert found[0] == pytest.approx(4 / 5 * 3 / 4 + 1 / 5 * 1)
    assert found[1] == pytest.approx(4 / 5 * 1 / 2 + 1 / 5 * 1 / 4)
    assert found[2].value == pytest.approx(found[0] - found[1])


@given(observations())
def test_with_one_stratum_a_pooled_ratio_is_the_plain_one(drawn: tuple) -> None:
    hit, group, _, lead, leads = drawn
    share_in, share_out = (hit[side].mean() if side.any() else 0 for side in (group, ~group))

    pooled = log_ratio_within(hit, group, np.zeros(hit.size, dtype=int), lead, leads)

    assert (pooled is None) == (share_in == 0 or share_out == 0)
    if pooled is not None and share_in < 1 and share_out < 1:
        plain = log_ratio(hit, group, lead, leads)
        assert plain is not None
        assert (pooled.value, pooled.error) == pytest.approx((plain.value, plain.error))


def test_a_pooled_ratio_compares_each_stratum_with_itself() -> None:
    # Young leads: 2 of 4 against 1 of 4; old ones: 1 of 10 against 1 of 20. In both it is twice as often.
    cells = [(True, True, 0, 2), (False, True, 0, 2), (True, False, 0, 1), (False, False, 0, 3)]
    cells += [(True, True, 1, 1), (False, True, 1, 9), (True, False, 1, 1), (False, False, 1, 19)]
    hit, group, stratum = (
        np.repeat([cell[place] for cell in cells], [cell[3] for cell in cells]) for place in range(3)
    )

    pooled = log_ratio_within(hit, group, stratum, np.arange(hit.size), hit.size)
    plain = log_ratio(hit, group, np.arange(hit.size), hit.size)

    assert pooled is not None and plain is not None
    assert exp(pooled.value) == pytest.approx(2.0)
    assert exp(plain.value) == pytest.approx((3 / 14) / (2 / 24))


def test_nothing_is_said_where_no_stratum_has_both_sides() -> None:
    assert (
        standardised_difference(np.array([True, False]), np.array([True, False]), np.array([0, 1]), np.arange(2), 2)
        is None
    )


def test_a_trend_is_the_slope_within_a_stratum() -> None:
    step = np.array([0, 0, 1, 1, 0, 0, 1, 1, 1, 1])
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    # In both strata the share is the same in both steps; all in all it rises, since there are more of the second later.
    which = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1], dtype=bool)

    within = share_trend(which, step, stratum, np.arange(10), 10)
    over_all = share_trend(which, step, np.zeros(10, dtype=int), np.arange(10), 10)

    assert within is not None and over_all is not None
    assert within.value == pytest.approx(0)
    assert over_all.value == pytest.approx(4 / 6 - 2 / 4)
    assert share_trend(which, np.zeros(10, dtype=int), stratum, np.arange(10), 10) is None


def test_a_weighted_trend_listens_to_the_precise_ones() -> None:
    estimates = [
        (0, Estimate(1.0, np.array([0.1, 0, 0]))),
        (1, Estimate(2.0, np.array([0, 0.1, 0]))),
        (2, Estimate(90.0, np.array([0, 0, 1000.0]))),
    ]

    found = weighted_trend(estimates)

    assert found is not None
    assert found.value == pytest.approx(1.0, abs=0.01)
    assert weighted_trend(estimates[:1]) is None


# -- a lead that is seen often is still one lead -------------------------------------------------------------------


@given(observations(), st.integers(2, 5))
def test_seeing_every_lead_more_often_makes_nothing_more_certain(drawn: tuple, times: int) -> None:
    hit, group, points, lead, leads = drawn

    def again(column: np.ndarray) -> np.ndarray:
        return np.repeat(column, times)

    for once, often in (
        (log_ratio(hit, group, lead, leads), log_ratio(again(hit), again(group), again(lead), leads)),
        (
            log_ratio_within(hit, group, points + 3, lead, leads),
            log_ratio_within(again(hit), again(group), again(points + 3), again(lead), leads),
        ),
        (rank_area(points, hit, lead, leads), rank_area(again(points), again(hit), again(lead), leads)),
        (
            share_trend(hit, points + 3, group.astype(int), lead, leads),
            share_trend(again(hit), again(points + 3), again(group.astype(int)), again(lead), leads),
        ),
    ):
        assert (once is None) == (often is None)
        if once is not None and often is not None:
            assert (once.value, once.error) == pytest.approx((often.value, often.error))


def test_the_interval_of_a_lift_holds_the_truth_about_95_times_of_100() -> None:
    random = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        leads = 400
        group = random.random(leads) < 0.3
        hit = random.random(leads) < np.where(group, 0.3, 0.15)
        seen = random.integers(1, 13, leads)  # each lead stands there up to twelve times
        lead = np.repeat(np.arange(leads), seen)
        found = log_ratio(hit[lead], group[lead], lead, leads)
        assert found is not None
        low, high = found.bounds()
        held += exp(low) <= 2.0 <= exp(high)

    assert 0.92 * 400 <= held <= 0.985 * 400


# -- small things ------------------------------------------------------------------------------------------------


def test_more_statements_must_each_be_clearer() -> None:
    assert z_among(1) == pytest.approx(1.96, abs=0.001)
    assert z_among(0) == z_among(1) < z_among(2) < z_among(20)


def test_what_is_common_to_two_estimates_falls_away() -> None:
    one, other = Estimate(0.7, np.array([0.1, 0.2])), Estimate(0.6, np.array([0.1, 0.2]))

    assert one.minus(other).error == 0
    assert one.minus(other).z == 0


def test_leads_are_counted_once() -> None:
    assert count_leads(np.array([True, True, False, True]), np.array([4, 4, 5, 6])) == 2
