"""What became of the leads on whom a criterion fired, beside those on whom it did not.

A criterion *fires* in an observation when it gives or costs points there. One that does both (a `choose` with good and bad
entries) has two sides, which are looked at apart, since together they would say nothing. Verdicts are made of this in
`verdicts.py`. Guarded by tests/engine/review/test_sides.py.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from leadline.engine.arithmetic import POINT
from leadline.engine.playbook.model import AnyCriterion
from leadline.engine.replay.model import Grid
from leadline.engine.review.bounds import (
    DRIFT_SHARE,
    DRIFT_TIMES,
    JACCARD,
    LEAST_EXPECTED,
    LEAST_FIRING,
    LEAST_LEADS,
    LEAST_REACHED,
    PHI,
)
from leadline.engine.review.clustered import (
    Z95,
    Estimate,
    count_leads,
    log_ratio,
    log_ratio_within,
    share_trend,
    weighted_trend,
)
from leadline.engine.review.logistic import Fit, fit_logistic
from leadline.engine.review.model import Direction, Drift, Interval, Overlap, Quarter
from leadline.engine.review.observations import Observations
from leadline.engine.review.words import say_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

Key = tuple[str, Direction]
"""A criterion's id, and which of its sides."""

MOST_ROWS = 400_000
"""Observations above which the regression takes every second, third … lead, evenly by id: it needs no more."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Firing:
    """One side of a criterion in all observations: where it fires, and with what points. Shapes (n,).

    known: where its condition could be decided. Only these are compared: that a field is empty at all is often a sign of its own,
           or of somebody who fills it in for those who buy, and says nothing about what the criterion asks for.
    """

    criterion: AnyCriterion
    direction: Direction
    points: "Integers"
    known: "Truths"
    seen: Observations

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.criterion.id, self.direction

    @property
    def sign(self) -> int:
        """1 for a side that gives points, -1 for one that costs some."""
        return 1 if self.direction == "gives" else -1

    @cached_property
    def fires(self) -> "Truths":
        """Where it fires."""
        return np.not_equal(self.points, 0)

    @cached_property
    def leads(self) -> int:
        """On how many leads it fires."""
        return count_leads(self.fires, self.seen.lead)

    @cached_property
    def rests(self) -> "Truths":
        """Where it could be decided, and does not fire."""
        return self.known & ~self.fires

    @cached_property
    def leads_without(self) -> int:
        """On how many leads there is an observation in which it does not."""
        return count_leads(self.rests, self.seen.lead)

    @cached_property
    def is_judged(self) -> bool:
        """Whether there are enough leads on both sides to speak of the outcome."""
        seen = self.seen
        if seen.leads < LEAST_LEADS or seen.hit_leads < LEAST_REACHED:
            return False
        fewest = min(self.leads, self.leads_without)
        return fewest >= LEAST_FIRING and fewest * seen.hit_leads / seen.leads >= LEAST_EXPECTED

    @cached_property
    def lift(self) -> Estimate | None:
        """The logarithm of the lift, with what each lead adds to it."""
        compared = self.known | self.fires
        seen = self.seen
        return log_ratio(seen.hit[compared], self.fires[compared], seen.lead[compared], seen.leads)

    @cached_property
    def usual_points(self) -> int:
        """The mean of its points where it fires, in ten-thousandths."""
        return round(float(self.points[self.fires].mean())) if self.fires.any() else 0


def firings_of(criterion: AnyCriterion, grid: Grid, seen: Observations) -> list[Firing]:
    """Return the sides of a criterion that fire at least once: the one that gives first."""
    points = grid.contributions[criterion.id][seen.rows]
    known = ~unknown_of(criterion, grid, seen)
    found = []
    directions: tuple[Direction, ...] = ("gives", "costs")
    for direction in directions:
        part = np.maximum(points, 0) if direction == "gives" else np.minimum(points, 0)
        if part.any():
            found.append(Firing(criterion=criterion, direction=direction, points=part, known=known, seen=seen))
    return found


def unknown_of(criterion: AnyCriterion, grid: Grid, seen: Observations) -> "Truths":
    """Return where a criterion could not be decided."""
    unknown = grid.unknown.get(criterion.id)
    return np.zeros(seen.count, dtype=bool) if unknown is None else unknown[seen.rows]


def times(estimate: Estimate, z: float = Z95) -> Interval:
    """Return the interval of an estimate that is a logarithm, as times."""
    low, high = estimate.bounds(z)
    return Interval(value=float(np.exp(estimate.value)), low=float(np.exp(low)), high=float(np.exp(high)))


# -- what a criterion adds, all others being equal ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one point of a side does to the log odds of the outcome, all other criteria being equal."""

    of_point: float
    error: float

    @property
    def z(self) -> float:
        """How many standard errors it lies from nothing."""
        return self.of_point / self.error if self.error > 0 else 0.0

    def odds(self, usual_points: int) -> Interval:
        """Return how many times the odds are larger with these points than with none."""
        points = usual_points / POINT
        ends = sorted(points * (self.of_point + step * Z95 * self.error) for step in (-1, 1))
        value, low, high = (float(np.exp(np.clip(one, -50, 50))) for one in (points * self.of_point, *ends))
        return Interval(value=value, low=low, high=high)


def effects(kept: list[Firing], others: list[Firing], seen: Observations) -> dict[Key, Effect]:
    """Return the effect of each side; those whose regression did not settle are missing.

    The sides in *kept* are looked at together. Each of *others* (redundant with one of them) is looked at in place of nothing: with
    all of *kept*, and without the rest of *others*. That a criterion could not be decided has a column of its own.
    """
    step = -(-seen.count // MOST_ROWS)
    rows = np.flatnonzero(seen.lead % step == 0)
    hit, lead = seen.hit[rows], seen.lead[rows]
    if not (kept or others) or not hit.any() or hit.all():
        return {}
    columns = [firing.points[rows] / POINT for firing in kept]
    undecided = {firing.criterion.id: ~firing.known[rows] for firing in (*kept, *others)}
    controls = list({mask.tobytes(): mask.astype(np.float64) for mask in undecided.values() if mask.any()}.values())

    def fit(columns: "list[Floats]") -> Fit:
        return fit_logistic(np.column_stack([*columns, *controls]), hit, lead, seen.leads)

    found: dict[Key, Effect] = {}
    runs = [(kept, columns)] if kept else []
    runs += [([*kept, other], [*columns, other.points[rows] / POINT]) for other in others]
    for firings, together in runs:
        result = fit(together)
        if result.is_converged:
            for place, firing in enumerate(firings):
                effect = Effect(of_point=float(result.coefficients[place]), error=float(result.errors[place]))
                if np.isfinite(effect.error):
                    found.setdefault(firing.key, effect)
    return found


# -- two criteria that say the same ---------------------------------------------------------------------------


def overlap(one: "Truths", other: "Truths") -> tuple[float, float]:
    """Return Jaccard (in both ÷ in either) and phi (correlation) of two sets of observations; 0 where undefined.

    >>> overlap(np.array([True, True, False, False]), np.array([True, False, False, False]))
    (0.5, 0.5773502691896258)
    """
    count, first, second = one.size, int(one.sum()), int(other.sum())
    both = int((one & other).sum())
    either = first + second - both
    spread = float(first) * (count - first) * second * (count - second)
    phi = (count * both - first * second) / spread**0.5 if spread else 0.0
    return (both / either if either else 0.0), phi


def redundant_pairs(firings: list[Firing]) -> dict[Key, list[tuple[Firing, Overlap]]]:
    """Return for each side the sides of other criteria that fire on nearly the same observations, nearest first."""
    found: dict[Key, list[tuple[Firing, Overlap]]] = {}
    enough = [one for one in firings if min(one.leads, one.leads_without) >= LEAST_FIRING]
    for one, other in combinations(enough, 2):
        if one.criterion.id == other.criterion.id:
            continue
        few, many = sorted((int(one.fires.sum()), int(other.fires.sum())))
        if few < JACCARD * many:
            continue
        jaccard, phi = overlap(one.fires, other.fires)
        if jaccard >= JACCARD and phi >= PHI:
            found.setdefault(one.key, []).append((other, Overlap(other=other.criterion.id, jaccard=jaccard, phi=phi)))
            found.setdefault(other.key, []).append((one, Overlap(other=one.criterion.id, jaccard=jaccard, phi=phi)))
    for near in found.values():
        near.sort(key=lambda entry: -entry[1].jaccard)
    return {one.key: found[one.key] for one in firings if one.key in found}


# -- over the quarters ------------------------------------------------------------------------------------------


def quarters_of(firing: Firing, z: float) -> tuple[tuple[Quarter, ...], Drift]:
    """Return how a side did quarter by quarter, and whether it changed; *z* is how clear a change must be."""
    seen = firing.seen
    quarters, lifts = [], list[tuple[int, Estimate]]()
    for number, name in enumerate(seen.quarters):
        inside = seen.quarter == number
        compared = inside & (firing.known | firing.fires)
        fires, hit, lead = firing.fires[compared], seen.hit[compared], seen.lead[compared]
        lift = None
        if _is_enough(fires, hit, lead):
            lift = log_ratio_within(hit, fires, seen.age[compared], lead, seen.leads)
        if lift is not None:
            lifts.append((number, lift))
        quarters.append(
            Quarter(
                name=name,
                observations=int(inside.sum()),
                fires=float(firing.fires[inside].mean()),
                lift=None if lift is None else times(lift),
            )
        )
    return tuple(quarters), _drift(firing, quarters, lifts, z)


def _is_enough(fires: "Truths", hit: "Truths", lead: "Integers") -> bool:
    """Return whether a quarter has enough leads on both sides, and the outcome on both."""
    fewest = min(count_leads(fires, lead), count_leads(~fires, lead))
    return fewest >= LEAST_FIRING and bool((hit & fires).any() and (hit & ~fires).any())


def _drift(firing: Firing, quarters: list[Quarter], lifts: list[tuple[int, Estimate]], z: float) -> Drift:
    seen = firing.seen
    steps = len(seen.quarters) - 1
    if steps < 1 or seen.leads < LEAST_LEADS:
        return Drift()
    share = share_trend(firing.fires, seen.quarter, seen.age, seen.lead, seen.leads)
    trend = weighted_trend(lifts)
    fires_change = None if share is None else share.value * steps
    lift_change = None if trend is None else float(np.exp(trend.value * (lifts[-1][0] - lifts[0][0])))
    fires_drifts = (
        share is not None and fires_change is not None and abs(share.z) >= z and abs(fires_change) >= DRIFT_SHARE
    )
    lift_drifts = (
        trend is not None
        and lift_change is not None
        and abs(trend.z) >= z
        and max(lift_change, 1 / lift_change) >= DRIFT_TIMES
    )
    said = []
    if fires_drifts and fires_change is not None:
        said.append(
            f"among leads of the same age the share in which it fires changed by {100 * fires_change:+.0f} points from "
            f"{quarters[0].name} to {quarters[-1].name} (of all, {say_share(quarters[0].fires)} and {say_share(quarters[-1].fires)})"
        )
    if lift_drifts:
        first, last = quarters[lifts[0][0]], quarters[lifts[-1][0]]
        assert first.lift is not None and last.lift is not None
        said.append(
            f"among leads of the same age its lift was {first.lift.value:.1f} in {first.name}, and {last.lift.value:.1f} in {last.name}"
        )
    return Drift(
        fires_change=fires_change,
        fires_drifts=fires_drifts,
        lift_change=lift_change,
        lift_drifts=lift_drifts,
        sentence=" and ".join(said),
    )
