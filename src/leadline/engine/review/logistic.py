"""Logistic regression with a small ridge, in plain numpy, with standard errors by lead.

    log odds of the outcome = a + b₁·x₁ + … + bₖ·xₖ

Columns are brought to mean 0 and deviation 1, and *ridge* ÷ 2 times the squares of their coefficients is taken off the log
likelihood, so that a criterion that fires for converters only gets a large number instead of an endless one. Newton steps, each
halved until the likelihood rises, go on until its slope is flat. The errors are those of the *sandwich*: scores are summed up by
lead, so that twelve month-ends of one lead do not count as twelve leads.

Not here: what is put in and what is made of it (`criteria.py`). Guarded by tests/engine/review/test_logistic.py.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

FLAT = 1e-8
MOST_STEPS = 100


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit:
    """A fitted regression.

    coefficients: log odds for each unit of a column, shape (k,); 0 for a column that never changes.
    errors:       their standard errors, shape (k,); nan for a column that never changes.
    is_converged: whether the slope became flat; if not, the numbers are not to be used.
    """

    intercept: float
    coefficients: "Floats"
    errors: "Floats"
    is_converged: bool
    steps: int


def fit_logistic(
    columns: "Floats", hit: "Truths", lead: "Integers", leads: int, *, ridge: float = 1.0, most_steps: int = MOST_STEPS
) -> Fit:
    """Fit the regression.

    Args:
        columns: shape (n, k), finite.
        hit: shape (n,), whether the outcome came.
        lead: shape (n,), whose observation it is, below *leads*.
        leads: how many leads there are.
        ridge: weight of the penalty on the standardised coefficients, not below 0.
        most_steps: Newton steps after which it gives up.

    Raises:
        ValueError: the shapes differ, there is no observation, or *ridge* is negative.
    """
    count, width = columns.shape
    if count == 0 or hit.shape != (count,) or lead.shape != (count,) or ridge < 0:
        raise ValueError(
            f"{count} rows, {hit.shape} outcomes and {lead.shape} leads with ridge {ridge} make no regression"
        )
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > 1e-12 * np.maximum(np.abs(middle), 1.0)
    scaled = (columns[:, varies] - middle[varies]) / spread[varies]
    design = np.column_stack([np.ones(count), scaled])
    penalty = np.full(design.shape[1], float(ridge))
    penalty[0] = 0.0
    share = (hit.sum() + 0.5) / (count + 1)
    at = np.zeros(design.shape[1])
    at[0] = np.log(share / (1 - share))
    value = _log_likelihood(design, hit, at, penalty)
    is_converged, steps = False, 0
    while steps < most_steps:
        slope, curvature = _derivatives(design, hit, at, penalty)
        if np.abs(slope).max() <= FLAT * count:
            is_converged = True
            break
        steps += 1
        move = np.linalg.lstsq(curvature, slope, rcond=None)[0]
        size = 1.0
        while size > 1e-6:
            after = _log_likelihood(design, hit, at + size * move, penalty)
            if after >= value:
                break
            size /= 2
        else:
            break
        at, value = at + size * move, after
    coefficients, errors = np.zeros(width), np.full(width, np.nan)
    coefficients[varies] = at[1:] / spread[varies]
    errors[varies] = _errors(design, hit, at, penalty, lead, leads)[1:] / spread[varies]
    return Fit(
        intercept=float(at[0] - coefficients @ middle),
        coefficients=coefficients,
        errors=errors,
        is_converged=is_converged and bool(np.isfinite(at).all()),
        steps=steps,
    )


def _chances(design: "Floats", at: "Floats") -> "Floats":
    return np.asarray(1 / (1 + np.exp(-np.clip(design @ at, -500, 500))))


def _log_likelihood(design: "Floats", hit: "Truths", at: "Floats", penalty: "Floats") -> float:
    odds = design @ at
    return float((odds * hit).sum() - np.logaddexp(0, odds).sum() - penalty @ np.square(at) / 2)


def _derivatives(design: "Floats", hit: "Truths", at: "Floats", penalty: "Floats") -> "tuple[Floats, Floats]":
    """Return the slope of the penalised log likelihood, and its curvature turned positive."""
    chance = _chances(design, at)
    slope = design.T @ (hit - chance) - penalty * at
    curvature = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
    return slope, curvature


def _errors(design: "Floats", hit: "Truths", at: "Floats", penalty: "Floats", lead: "Integers", leads: int) -> "Floats":
    """Return the standard errors of the sandwich: curvature⁻¹ · (squares of each lead's slopes) · curvature⁻¹."""
    chance = _chances(design, at)
    each = design * (hit - chance)[:, None]
    of_lead = np.column_stack([np.bincount(lead, weights=column, minlength=leads) for column in each.T])
    curvature = _derivatives(design, hit, at, penalty)[1]
    bread = np.linalg.pinv(curvature)
    return np.sqrt(np.maximum(np.diag(bread @ (of_lead.T @ of_lead) @ bread), 0.0))
