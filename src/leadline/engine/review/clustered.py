"""Shares, ratios, differences, ranks and trends with intervals, where one lead can stand in several observations.

Twelve month-ends of one lead are not twelve leads. Every estimate here is therefore turned into *influences*: what each
observation adds to it, to first order. They are summed up by lead, and the squares of the sums give the variance. With one
observation a lead this is the usual formula (for a ratio of shares the interval of Katz, for an area under the curve that of
DeLong); with more it asks how much *leads* differ. Nothing is drawn at random, so the same data gives the same interval.

Not here: what the numbers mean for a criterion (`verdicts.py`). Guarded by tests/engine/review/test_clustered.py.
"""

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

Z95 = NormalDist().inv_cdf(0.975)
"""How many standard errors an interval of 95 % reaches to each side."""


def z_among(count: int, share: float = 0.05) -> float:
    """Return how many standard errors are asked of each of *count* statements, so that all together hold.

    If none of *count* things has an effect, at most *share* of the reviews find one (Bonferroni, two-sided).

    >>> round(z_among(1), 2), round(z_among(10), 2)
    (1.96, 2.81)
    """
    return NormalDist().inv_cdf(1 - share / (2 * max(count, 1)))


@dataclass(frozen=True, eq=False)
class Estimate:
    """A number with what each lead adds to its uncertainty.

    value:     the estimate itself.
    influence: shape (n_leads,); the squares add up to the variance.
    """

    value: float
    influence: "Floats"

    @cached_property
    def error(self) -> float:
        """The standard error."""
        return float(np.sqrt(np.square(self.influence).sum()))

    def bounds(self, z: float = Z95) -> tuple[float, float]:
        """Return the interval of *z* standard errors to each side."""
        return self.value - z * self.error, self.value + z * self.error

    @property
    def z(self) -> float:
        """How many standard errors it lies from 0."""
        return self.value / self.error if self.error > 0 else 0.0

    def minus(self, other: "Estimate") -> "Estimate":
        """Return the difference to another estimate on the same leads: what both have in common falls away."""
        return Estimate(self.value - other.value, self.influence - other.influence)


def by_lead(influence: "Floats", lead: "Integers", leads: int) -> "Floats":
    """Return the influences of observations summed up by lead: shape (*leads*,)."""
    return np.bincount(lead, weights=influence, minlength=leads).astype(np.float64)


def count_leads(which: "Truths", lead: "Integers") -> int:
    """Return how many leads have at least one observation among *which*."""
    return int(np.unique(lead[which]).size)


def log_ratio(hit: "Truths", group: "Truths", lead: "Integers", leads: int) -> Estimate | None:
    """Return the logarithm of (share of *hit* inside *group*) ÷ (share of *hit* outside), or None where a side is empty.

    Where one side has no hit, or nothing but hits, the interval comes from leads instead of observations, with half a hit and
    half a miss added on each side.

    Args:
        hit, group: shape (n,).
        lead: shape (n,), below *leads*.
        leads: how many leads there are.
    """
    inside, outside = int(group.sum()), int((~group).sum())
    if not inside or not outside:
        return None
    share_in, share_out = float(hit[group].mean()), float(hit[~group].mean())
    if 0 < share_in < 1 and 0 < share_out < 1:
        each = np.where(group, (hit - share_in) / (inside * share_in), -(hit - share_out) / (outside * share_out))
        return Estimate(float(np.log(share_in / share_out)), by_lead(each, lead, leads))
    value, variance = 0.0, 0.0
    for side, sign in ((group, 1.0), (~group, -1.0)):
        all_leads, hit_leads = count_leads(side, lead) + 1.0, count_leads(side & hit, lead) + 0.5
        value += sign * float(np.log(hit_leads / all_leads))
        variance += (1 - hit_leads / all_leads) / hit_leads
    influence = np.zeros(leads)
    influence[0] = np.sqrt(variance)
    return Estimate(value, influence)


def log_ratio_within(
    hit: "Truths", group: "Truths", stratum: "Integers", lead: "Integers", leads: int
) -> Estimate | None:
    """Return the logarithm of the ratio of shares inside and outside *group*, each stratum compared with itself, or None.

    The pooled ratio of Mantel and Haenszel: ``Σ a·m/N ÷ Σ b·n/N`` with *a* hits of *n* inside and *b* of *m* outside a stratum of N.
    With one stratum it is `log_ratio`. None where either sum is 0.
    """
    size = int(stratum.max(initial=0)) + 1
    inside = np.bincount(stratum[group], minlength=size).astype(float)
    outside = np.bincount(stratum[~group], minlength=size).astype(float)
    whole = np.maximum(inside + outside, 1)
    hits_in = np.bincount(stratum[group & hit], minlength=size)
    hits_out = np.bincount(stratum[~group & hit], minlength=size)
    first, second = float((hits_in * outside / whole).sum()), float((hits_out * inside / whole).sum())
    if not first or not second:
        return None
    share_in, share_out = hits_in / np.maximum(inside, 1), hits_out / np.maximum(outside, 1)
    each = np.where(
        group,
        (hit - share_in[stratum]) * (outside / whole)[stratum] / first,
        -(hit - share_out[stratum]) * (inside / whole)[stratum] / second,
    )
    return Estimate(float(np.log(first / second)), by_lead(each, lead, leads))


def standardised_difference(
    hit: "Truths", group: "Truths", stratum: "Integers", lead: "Integers", leads: int
) -> tuple[float, float, Estimate] | None:
    """Return the share of *hit* inside *group* and outside, and their difference, each stratum compared with itself.

    The strata weigh as they do inside the group; those that have only one side are left out. None when no stratum has both.
    """
    inside = np.bincount(stratum[group], minlength=stratum.max(initial=0) + 1).astype(float)
    outside = np.bincount(stratum[~group], minlength=inside.size).astype(float)
    both = (inside > 0) & (outside > 0)
    if not both.any():
        return None
    hits_in = np.bincount(stratum[group], weights=hit[group], minlength=inside.size)
    hits_out = np.bincount(stratum[~group], weights=hit[~group], minlength=inside.size)
    weight = np.where(both, inside, 0.0) / inside[both].sum()
    share_in, share_out = hits_in / np.maximum(inside, 1), hits_out / np.maximum(outside, 1)
    of_row = weight[stratum]
    each = np.where(
        group,
        of_row * (hit - share_in[stratum]) / np.maximum(inside, 1)[stratum],
        -of_row * (hit - share_out[stratum]) / np.maximum(outside, 1)[stratum],
    )
    first, second = float(weight @ share_in), float(weight @ share_out)
    return first, second, Estimate(first - second, by_lead(each, lead, leads))


def rank_area(points: "NDArray[np.int64] | Floats", hit: "Truths", lead: "Integers", leads: int) -> Estimate | None:
    """Return how often an observation with the outcome has more points than one without (a tie counts half), or None.

    This is the area under the ROC curve: 0.5 is chance, 1 is a perfect order. None when all or none have the outcome.
    """
    good, bad = np.sort(points[hit]), np.sort(points[~hit])
    if not good.size or not bad.size:
        return None
    below = (np.searchsorted(bad, points[hit], "left") + np.searchsorted(bad, points[hit], "right")) / (2 * bad.size)
    above = 1 - (np.searchsorted(good, points[~hit], "left") + np.searchsorted(good, points[~hit], "right")) / (
        2 * good.size
    )
    area = float(below.mean())
    each = np.empty(points.size)
    each[hit] = (below - area) / good.size
    each[~hit] = (above - area) / bad.size
    return Estimate(area, by_lead(each, lead, leads))


def share_trend(
    which: "Truths", step: "Integers", stratum: "Integers", lead: "Integers", leads: int
) -> Estimate | None:
    """Return by how much the share of *which* changes from one step to the next, or None where nothing can be compared.

    Least squares, each stratum compared with itself: what makes the mix of strata change is no trend.

    Args:
        which, step, stratum, lead: shape (n,); strata and leads are small whole numbers.
        leads: how many leads there are.
    """
    sizes = np.maximum(np.bincount(stratum), 1)
    centred = step - (np.bincount(stratum, weights=step) / sizes)[stratum]
    spread = float(np.square(centred).sum())
    if not spread > 0:
        return None
    slope = float(centred @ which / spread)
    rest = which - (np.bincount(stratum, weights=which) / sizes)[stratum] - slope * centred
    return Estimate(slope, by_lead(centred * rest / spread, lead, leads))


def weighted_trend(estimates: "list[tuple[int, Estimate]]") -> Estimate | None:
    """Return by how much estimates change from one step to the next, each weighing by its precision, or None below two."""
    known = [(step, one) for step, one in estimates if one.error > 0]
    if len(known) < 2:
        return None
    steps = np.array([step for step, _ in known], dtype=float)
    weights = np.array([one.error**-2 for _, one in known])
    centred = steps - weights @ steps / weights.sum()
    factors = weights * centred / (weights @ np.square(centred))
    value = float(factors @ np.array([one.value for _, one in known]))
    influence = np.zeros_like(known[0][1].influence)
    for factor, (_, one) in zip(factors, known, strict=True):
        influence = influence + factor * one.influence
    return Estimate(value, influence)
