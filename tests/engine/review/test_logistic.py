"""The regression: what can be computed by hand, what was planted, and what must not blow up."""

from math import log, sqrt

import numpy as np
import pytest

from leadline.engine.review.logistic import fit_logistic


def table(a: int, c: int, b: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one column of 0 and 1 and the outcome: *a* of a + c reach it with 1, *b* of b + d with 0."""
    column = np.array([1.0] * (a + c) + [0.0] * (b + d))[:, None]
    return column, np.array([True] * a + [False] * c + [True] * b + [False] * d)


def test_of_two_by_two_it_gives_the_odds_ratio_and_its_known_error() -> None:
    column, hit = table(30, 70, 20, 180)

    fit = fit_logistic(column, hit, np.arange(300), 300, ridge=0)

    assert fit.is_converged
    assert fit.coefficients[0] == pytest.approx(log(30 * 180 / (70 * 20)))
    assert fit.errors[0] == pytest.approx(sqrt(1 / 30 + 1 / 70 + 1 / 20 + 1 / 180))
    assert fit.intercept == pytest.approx(log(20 / 180))


def test_planted_coefficients_are_found() -> None:
    random = np.random.default_rng(3)
    columns = np.column_stack(
        [random.random(20_000) < 0.3, random.normal(5, 2, 20_000), random.integers(0, 4, 20_000) * 10]
    ).astype(float)
    truth = np.array([0.8, -0.25, 0.03])
    chance = 1 / (1 + np.exp(-(-0.5 + columns @ truth)))
    hit = random.random(20_000) < chance

    fit = fit_logistic(columns, hit, np.arange(20_000), 20_000)

    assert fit.is_converged
    assert np.abs((fit.coefficients - truth) / fit.errors).max() < 3
    assert fit.errors.max() < 0.05
    assert fit.intercept == pytest.approx(-0.5, abs=0.2)


def test_the_slope_is_flat_where_it_stops() -> None:
    random = np.random.default_rng(5)
    columns, hit = random.normal(size=(500, 4)), random.random(500) < 0.2

    fit = fit_logistic(columns, hit, np.arange(500), 500, ridge=0)

    chance = 1 / (1 + np.exp(-(fit.intercept + columns @ fit.coefficients)))
    assert np.abs(columns.T @ (hit - chance)).max() < 1e-4
    assert hit.sum() == pytest.approx(chance.sum(), abs=1e-4)


def test_seeing_every_lead_more_often_makes_nothing_more_certain() -> None:
    random = np.random.default_rng(11)
    columns, hit = random.normal(size=(300, 2)), random.random(300) < 0.3
    lead = np.arange(300)

    once = fit_logistic(columns, hit, lead, 300, ridge=0)
    often = fit_logistic(np.repeat(columns, 6, axis=0), np.repeat(hit, 6), np.repeat(lead, 6), 300, ridge=0)

    assert often.coefficients == pytest.approx(once.coefficients, abs=1e-6)
    assert often.errors == pytest.approx(once.errors, rel=1e-5)


def test_the_unit_of_a_column_does_not_matter() -> None:
    random = np.random.default_rng(13)
    columns, hit = random.normal(size=(400, 2)), random.random(400) < 0.4

    plain = fit_logistic(columns, hit, np.arange(400), 400)
    other = fit_logistic(columns * [10_000, 0.001] + [7, -3], hit, np.arange(400), 400)

    assert other.coefficients * [10_000, 0.001] == pytest.approx(plain.coefficients, rel=1e-6)
    assert other.errors * [10_000, 0.001] == pytest.approx(plain.errors, rel=1e-6)


def test_a_column_that_tells_all_gets_a_large_number_instead_of_an_endless_one() -> None:
    column, hit = table(50, 0, 0, 200)

    fit = fit_logistic(column, hit, np.arange(250), 250)

    assert fit.is_converged
    assert 3 < fit.coefficients[0] < 20


def test_a_column_that_never_changes_says_nothing() -> None:
    column, hit = table(30, 70, 20, 180)

    fit = fit_logistic(np.column_stack([column, np.full(300, 7.0)]), hit, np.arange(300), 300)

    assert fit.coefficients[1] == 0
    assert np.isnan(fit.errors[1])
    assert fit.coefficients[0] > 0


def test_two_equal_columns_share_what_they_say() -> None:
    column, hit = table(30, 70, 20, 180)

    one = fit_logistic(column, hit, np.arange(300), 300)
    two = fit_logistic(np.column_stack([column, column]), hit, np.arange(300), 300)

    assert two.is_converged
    assert two.coefficients[0] == pytest.approx(two.coefficients[1])
    assert two.coefficients.sum() == pytest.approx(one.coefficients[0], rel=0.02)


def test_it_says_when_it_did_not_get_there() -> None:
    column, hit = table(30, 70, 20, 180)

    assert not fit_logistic(column, hit, np.arange(300), 300, most_steps=1).is_converged


def test_no_observation_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="make no regression"):
        fit_logistic(np.zeros((0, 1)), np.zeros(0, dtype=bool), np.zeros(0, dtype=int), 0)
