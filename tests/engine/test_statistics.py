"""Intervals, lift and ranking: against published figures, against simulation, and at the zeros."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.statistics import (
    Interval,
    Share,
    difference_interval,
    lift,
    lift_interval,
    quantile,
    rank_auc,
    ratio_interval,
    ratio_of_shares,
    share_interval,
)

shares = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# -- published figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(count: int, n: int, low: float, high: float) -> None:
    found = share_interval(count, n)

    assert found == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert difference_interval(*counts) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_ratio_is_the_logarithm_s() -> None:
    spread = 1.959963984540054 * math.sqrt(1 / 30 - 1 / 100 + 1 / 10 - 1 / 100)

    found = ratio_interval(30, 100, 10, 100)

    assert found == pytest.approx((3 * math.exp(-spread), 3 * math.exp(spread)))


# -- zeros ----------------------------------------------------------------------------------------------------


def test_of_nothing_everything_is_possible() -> None:
    assert Share(0, 0).ratio is None
    assert share_interval(0, 0) == (0, 1)
    assert difference_interval(0, 0, 3, 4) == (-1, 1)
    assert ratio_interval(0, 0, 3, 4) == ratio_interval(3, 4, 0, 0) == (0, None)
    assert lift_interval(0, 0, 3, 4) == (0, None)


def test_a_ratio_at_zero_begins_at_zero_and_still_ends_somewhere() -> None:
    low, high = ratio_interval(0, 50, 10, 50)

    assert ratio_of_shares(0, 50, 10, 50) == 0
    assert low == 0
    assert high is not None and 0.1 < high < 1


def test_a_ratio_against_zero_is_no_number_and_has_no_upper_end() -> None:
    low, high = ratio_interval(10, 50, 0, 50)

    assert ratio_of_shares(10, 50, 0, 50) is None
    assert low > 1
    assert high is None


def test_two_whole_groups_are_not_taken_for_certain() -> None:
    low, high = ratio_interval(3, 3, 3, 3)

    assert low < 0.7
    assert high is not None and high > 1.4


def test_the_lift_of_the_whole_is_exactly_one() -> None:
    assert lift(7, 40, 7, 40) == 1
    assert lift_interval(7, 40, 7, 40) == (1, 1)


@pytest.mark.parametrize("wrong", [(-1, 3), (4, 3), (1, 0)])
def test_a_count_beyond_its_whole_is_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no share"):
        Share(*wrong)
    with pytest.raises(ValueError, match="is no share"):
        ratio_interval(1, 2, *wrong)


def test_a_part_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="is no share"):
        lift(5, 10, 4, 20)
    with pytest.raises(ValueError, match="is no share"):
        lift_interval(1, 30, 4, 20)


# -- properties -----------------------------------------------------------------------------------------------


def _holds(interval: Interval, value: float) -> bool:
    return interval.low <= value + 1e-12 and (interval.high is None or value <= interval.high + 1e-12)


@given(shares)
def test_a_share_lies_in_its_interval_and_that_within_nothing_and_all(share: tuple[int, int]) -> None:
    count, n = share
    found = share_interval(count, n)

    assert found.high is not None
    assert 0 <= found.low < found.high <= 1
    assert n == 0 or _holds(found, count / n)


@given(shares, shares)
def test_a_difference_and_a_ratio_lie_in_their_intervals(one: tuple[int, int], other: tuple[int, int]) -> None:
    difference, ratio = difference_interval(*one, *other), ratio_interval(*one, *other)

    assert difference.high is not None
    assert -1 <= difference.low <= difference.high <= 1
    if one[1] and other[1]:
        assert _holds(difference, one[0] / one[1] - other[0] / other[1])
    if (found := ratio_of_shares(*one, *other)) is not None:
        assert _holds(ratio, found)


@given(shares, shares)
def test_turned_round_a_difference_changes_its_sign(one: tuple[int, int], other: tuple[int, int]) -> None:
    found, turned = difference_interval(*one, *other), difference_interval(*other, *one)

    assert found.high is not None
    assert turned.high is not None
    assert found.low == pytest.approx(-turned.high, abs=1e-12)


@given(shares, shares)
def test_a_lift_lies_in_its_interval(part: tuple[int, int], rest: tuple[int, int]) -> None:
    whole = (part[0] + rest[0], part[1] + rest[1])

    found = lift(*part, *whole)

    assert found is None or _holds(lift_interval(*part, *whole), found)


# -- simulation -----------------------------------------------------------------------------------------------


def test_the_interval_of_a_lift_holds_the_truth_nineteen_times_of_twenty() -> None:
    rng, held, tries = random.Random(7), 0, 3000
    truth = 0.3 / (0.1 * 0.3 + 0.9 * 0.08)
    for _ in range(tries):
        part = sum(rng.random() < 0.3 for _ in range(40))
        rest = sum(rng.random() < 0.08 for _ in range(360))
        held += _holds(lift_interval(part, 40, part + rest, 400), truth)

    assert 0.935 < held / tries < 0.97


# -- ranking --------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_ranking_is_the_share_of_pairs_in_the_right_order(leads: list[tuple[int, bool]]) -> None:
    reached = [number for number, is_good in leads if is_good]
    others = [number for number, is_good in leads if not is_good]
    pairs = [(a > b) + (a == b) / 2 for a in reached for b in others]

    found = rank_auc((number, int(is_good), int(not is_good)) for number, is_good in leads)

    assert found == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_a_perfect_ranking_is_one_and_a_constant_is_a_half() -> None:
    assert rank_auc([(1, 0, 5), (2, 3, 0)]) == 1
    assert rank_auc([(1, 3, 5)]) == 0.5


def test_a_count_below_zero_is_no_ranking() -> None:
    with pytest.raises(ValueError, match="below 0"):
        rank_auc([(1, -1, 2)])


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_quantiles_rise_from_the_least_to_the_most(values: list[int]) -> None:
    values.sort()
    found = [quantile(values, share / 10) for share in range(11)]

    assert (found[0], found[-1]) == (values[0], values[-1])
    assert all(low <= high + 1e-9 for low, high in pairwise(found))


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no quantile"):
        quantile([], 0.5)
