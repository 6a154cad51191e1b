"""Shares, and how far a few leads can be trusted: intervals of 95 %, lift, and how well a number ranks.

Formulas with their sources, in plain Python on counts; nothing here knows leads, time or outcomes. All intervals treat the leads
that are counted as independent of each other. tests/engine/test_statistics.py holds each to published figures and to simulation.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Z = 1.959963984540054
"""The normal quantile of 97.5 %: two-sided intervals of 95 %."""


class Interval(NamedTuple):
    """What the data allows at 95 %. *high* is None where nothing bounds it from above."""

    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """*count* of *n*.

    Raises:
        ValueError: *count* is below 0 or above *n*.

    >>> Share(12, 80).ratio
    0.15
    """

    count: int
    n: int

    def __post_init__(self) -> None:
        _check(self.count, self.n)

    @property
    def ratio(self) -> float | None:
        """The share, from 0 to 1; None of nothing."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> Interval:
        """See `share_interval`."""
        return share_interval(self.count, self.n)

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows."""
        low, high = self.interval
        return {"count": self.count, "of": self.n, "share": self.ratio, "low": low, "high": high}


def _check(count: int, n: int) -> None:
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share: the count lies between 0 and the whole")


def share_interval(count: int, n: int) -> Interval:
    """Return the interval of a share: the score interval of Wilson (1927).

    With p = count / n: ``(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)``. It stays between 0 and 1 and is good for few
    leads and for shares near 0 and 1 (Brown, Cai and DasGupta 2001). Of nothing, everything is possible: 0 to 1.

    Raises:
        ValueError: *count* is below 0 or above *n*.

    >>> [round(bound, 4) for bound in share_interval(10, 20)]
    [0.2993, 0.7007]
    >>> share_interval(0, 0)
    Interval(low=0.0, high=1.0)
    """
    low, high = _wilson(count, n)
    return Interval(low, high)


def _wilson(count: int, n: int) -> tuple[float, float]:
    _check(count, n)
    if n == 0:
        return 0.0, 1.0
    p, spread = count / n, Z * Z / n
    middle = (p + spread / 2) / (1 + spread)
    half = Z * math.sqrt(p * (1 - p) / n + spread / (4 * n)) / (1 + spread)
    return (0.0 if count == 0 else middle - half), (1.0 if count == n else middle + half)


def difference_interval(count: int, n: int, other_count: int, other_n: int) -> Interval:
    """Return the interval of ``count/n − other_count/other_n``, of two groups that share no lead: Newcombe (1998), method 10.

    With the Wilson intervals (l₁, u₁) and (l₂, u₂): ``d − √((p₁−l₁)² + (u₂−p₂)²)`` to ``d + √((u₁−p₁)² + (p₂−l₂)²)``.
    When a group is empty nothing is known: −1 to 1.

    Raises:
        ValueError: a count is below 0 or above its whole.

    >>> [round(bound, 4) for bound in difference_interval(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    (low, high), (other_low, other_high) = _wilson(count, n), _wilson(other_count, other_n)
    if n == 0 or other_n == 0:
        return Interval(-1.0, 1.0)
    p, other = count / n, other_count / other_n
    down = math.hypot(p - low, other_high - other)
    up = math.hypot(high - p, other - other_low)
    return Interval(max(-1.0, p - other - down), min(1.0, p - other + up))


def ratio_of_shares(count: int, n: int, other_count: int, other_n: int) -> float | None:
    """Return ``(count/n) / (other_count/other_n)``; None where it is not a number, because the other share is 0 or of nothing.

    Raises:
        ValueError: a count is below 0 or above its whole.

    >>> ratio_of_shares(30, 100, 10, 100)
    3.0
    """
    _check(count, n)
    _check(other_count, other_n)
    return count * other_n / (n * other_count) if n and other_count else None


def ratio_interval(count: int, n: int, other_count: int, other_n: int) -> Interval:
    """Return the interval of a ratio of shares of two groups that share no lead: the log method of Katz and others (1978).

    ``exp(ln(p₁/p₂) ± z·√(1/a − 1/n + 1/b − 1/m))``. Where one of the four counts (reached and not reached, here and there) is 0,
    a half is added to each of the four, after Haldane and Anscombe, so that the interval stays wide; its lower end is then 0 when
    nobody here reached it, and it has no upper end when nobody there did. When a group is empty nothing is known: 0 and above.

    Raises:
        ValueError: a count is below 0 or above its whole.

    >>> [round(bound, 2) for bound in ratio_interval(30, 100, 10, 100)]
    [1.55, 5.8]
    >>> ratio_interval(0, 10, 0, 10)
    Interval(low=0.0, high=None)
    """
    _check(count, n)
    _check(other_count, other_n)
    if n == 0 or other_n == 0 or count == other_count == 0:
        return Interval(0.0, None)
    a, c, b, d = _without_zeros(count, n - count, other_count, other_n - other_count)
    spread = Z * math.sqrt(1 / a - 1 / (a + c) + 1 / b - 1 / (b + d))
    return _around(a * (b + d) / ((a + c) * b), spread, ratio_of_shares(count, n, other_count, other_n))


def lift(count: int, n: int, all_count: int, all_n: int) -> float | None:
    """Return how many times the share of a part is that of the whole it belongs to; None where it is not a number.

    Raises:
        ValueError: the part is not a part of the whole.

    >>> lift(30, 100, 100, 1000)
    3.0
    """
    _check_part(count, n, all_count, all_n)
    return ratio_of_shares(count, n, all_count, all_n)


def lift_interval(count: int, n: int, all_count: int, all_n: int) -> Interval:
    """Return the interval of a lift, that is of a part against the whole that holds it.

    A part is not independent of its whole, so Katz does not apply as it stands. With *a* of *n* in the part and *b* of *m* in the
    rest, A = a + b, the variance of ln(lift) by the delta method is ``(b/A)²·(1/a − 1/n) + b·(1 − b/m)/A²``. Zeros are met as in
    `ratio_interval`. The whole against itself is exactly 1.

    Raises:
        ValueError: the part is not a part of the whole.

    >>> [round(bound, 2) for bound in lift_interval(30, 100, 100, 1000)]
    [2.31, 3.9]
    """
    _check_part(count, n, all_count, all_n)
    if n == 0 or all_count == 0:
        return Interval(0.0, None)
    if n == all_n:
        return Interval(1.0, 1.0)
    rest, rest_n = all_count - count, all_n - n
    a, c, b, d = _without_zeros(count, n - count, rest, rest_n - rest)
    both = a + b
    spread = Z * math.sqrt((b / both) ** 2 * (1 / a - 1 / (a + c)) + b * (d / (b + d)) / both**2)
    middle = a / (a + c) * (a + b + c + d) / both
    return _around(middle, spread, lift(count, n, all_count, all_n))


def _check_part(count: int, n: int, all_count: int, all_n: int) -> None:
    _check(count, n)
    _check(all_count - count, all_n - n)


def _without_zeros(*cells: int) -> Sequence[float]:
    return [cell + 0.5 for cell in cells] if 0 in cells else cells


def _around(middle: float, spread: float, ratio: float | None) -> Interval:
    """Return the interval on the scale of logarithms; it always holds the ratio that was found."""
    low, high = middle * math.exp(-spread), middle * math.exp(spread)
    if ratio is None:
        return Interval(low, None)
    return Interval(min(low, ratio) if ratio else 0.0, max(high, ratio))


def rank_auc(groups: Iterable[tuple[float, int, int]]) -> float | None:
    """Return how well a number ranks: the chance that of two leads, one that reached the outcome has the higher number.

    Equal numbers count half (Mann and Whitney 1947; Hanley and McNeil 1982): ``Σ r·(below + s/2) / (R·S)``, with *r* that
    reached it and *s* that did not at each number, *below* those of lower numbers that did not, and R and S all of either kind.
    ½ is no better than chance.

    Args:
        groups: (number, how many reached it, how many did not); a number may occur more than once.

    Returns:
        From 0 to 1; None when all or none reached it.

    Raises:
        ValueError: a count is below 0.

    >>> rank_auc([(10, 0, 2), (20, 1, 1), (30, 1, 0)])
    0.9166666666666666
    """
    by_number: dict[float, tuple[int, int]] = {}
    for number, reached, other in groups:
        if reached < 0 or other < 0:
            raise ValueError(f"{reached} and {other} leads at {number}: a count cannot be below 0")
        before = by_number.get(number, (0, 0))
        by_number[number] = (before[0] + reached, before[1] + other)
    twice, below, all_reached = 0, 0, 0
    for _, (reached, other) in sorted(by_number.items()):
        twice += reached * (2 * below + other)
        below += other
        all_reached += reached
    return twice / (2 * all_reached * below) if all_reached and below else None


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies, between two neighbours in a straight line (Hyndman and Fan, type 7).

    Args:
        values: sorted, at least one.
        share: from 0 to 1.

    Raises:
        ValueError: there is no value, or *share* is not from 0 to 1.

    >>> quantile([1, 2, 3, 10], 0.5)
    2.5
    """
    if not values or not 0 <= share <= 1:
        raise ValueError(f"no quantile at {share} of {len(values)} values")
    at = share * (len(values) - 1)
    low = math.floor(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)
