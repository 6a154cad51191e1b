"""Points: every decay with numbers worked out by hand, and tables that are what the formula says."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.arithmetic import (
    HalfLife,
    Linear,
    NoDecay,
    Step,
    hold,
    plain_points,
    points_text,
    read_duration,
    short_points,
    to_units,
    weight,
    weight_table,
)

points = st.decimals(-1000, 1000, places=4)
decays = st.one_of(
    st.just(NoDecay()),
    st.builds(HalfLife, st.integers(1, 30)),
    st.builds(Linear, st.integers(1, 400)),
    st.builds(Step, st.decimals("0.01", 1, places=2), st.integers(1, 90)),
)


@pytest.mark.parametrize(
    ("decay", "age_days", "worth"),
    [
        (NoDecay(), 0, "10"),
        (NoDecay(), 10_000, "10"),
        (HalfLife(14), 0, "10"),
        (HalfLife(14), 1, "9.5170"),
        (HalfLife(14), 7, "7.0711"),
        (HalfLife(14), 14, "5"),
        (HalfLife(14), 28, "2.5"),
        (Linear(60), 1, "9.8333"),
        (Linear(60), 59, "0.1667"),
        (Linear(60), 60, "0"),
        (Linear(60), 61, "0"),
        (Step(Decimal("0.15"), 45), 44, "10"),
        (Step(Decimal("0.15"), 45), 45, "8.5"),
        (Step(Decimal("0.15"), 45), 90, "7"),
        (Step(Decimal("0.15"), 45), 6 * 45, "1"),
        (Step(Decimal("0.15"), 45), 7 * 45, "0"),
    ],
)
def test_what_ten_points_are_still_worth(decay, age_days, worth):
    assert weight(Decimal(10), decay, age_days) == to_units(Decimal(worth))


@pytest.mark.parametrize(
    ("points", "worth"),
    [("0.0001", 0), ("0.0003", 2), ("0.0005", 2), ("0.0007", 4), ("-0.0001", 0), ("-0.0003", -2)],
)
def test_a_half_goes_to_the_even_neighbour(points, worth):
    assert weight(Decimal(points), HalfLife(1), 1) == worth


def test_what_lies_ahead_has_no_worth():
    with pytest.raises(ValueError, match="lies after"):
        weight(Decimal(10), NoDecay(), -1)


@given(points, st.integers(1, 3650), st.integers(0, 20_000))
def test_a_half_life_is_what_eighty_digits_say(points, half_life, age):
    with localcontext() as context:
        context.prec = 80
        exact = points * 10_000 * Decimal(2) ** (Decimal(-age) / half_life)

    assert abs(weight(points, HalfLife(half_life), age) - exact) <= Decimal("0.5000000000000000001")


@given(points, decays, st.integers(0, 5000))
def test_decay_takes_and_never_gives_back_or_turns_the_sign(points, decay, age):
    now, later = weight(points, decay, age), weight(points, decay, age + 1)

    assert abs(later) <= abs(now) <= abs(to_units(points))
    assert now * to_units(points) >= 0


@given(points, decays, st.none() | st.integers(1, 200), st.integers(0, 400))
def test_a_table_is_the_formula_until_nothing_is_left(points, decay, within, age):
    weights = weight_table(points, decay, within)

    assert weights.at(age) == (0 if within is not None and age >= within else weight(points, decay, age))
    assert weights.horizon is None or weights.at(weights.horizon) == 0


def test_the_slowest_decay_reaches_zero_within_a_hundred_thousand_days():
    assert weight(Decimal(1000), HalfLife(3650), 100_000) == 0


@given(st.integers(-(10**12), 10**12))
def test_points_are_written_with_four_places_and_read_back(units):
    assert to_units(Decimal(points_text(units))) == units
    assert to_units(Decimal(plain_points(units))) == units
    assert abs(Decimal(short_points(units)) * 10_000 - units) <= 500


@given(st.integers(-99, 99), st.none() | st.integers(-50, 0), st.none() | st.integers(0, 50))
def test_what_is_held_lies_between_its_bounds(units, low, high):
    held = hold(units, low, high)

    assert (low is None or held >= low) and (high is None or held <= high)
    assert held == units or held in (low, high)


@pytest.mark.parametrize(("text", "days"), [("1d", 1), ("14d", 14), (" 2W ", 14), ("36500d", 36_500)])
def test_durations_are_whole_days_or_weeks(text, days):
    assert read_duration(text) == days


@pytest.mark.parametrize(
    "text", ["36501d", "0d", "-1d", "d", "14", "1.5d", "12h", "", "٣d", "1 d", "1m", "9" * 50 + "d"]
)
def test_nothing_else_is_a_duration(text):
    assert read_duration(text) is None
