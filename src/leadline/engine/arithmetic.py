"""Points as exact integers: decay, weight tables, and the text of a number of points.

A point is 10,000 ten-thousandths, and everything inside is an integer of those. What an event is still worth after so
many days is computed here, once, in 50-digit decimals, and written into a table; engines only look it up. That is why
DuckDB, PostgreSQL, Spark and plain Python agree to the digit: none of them ever computes a power or rounds.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

POINT = 10_000
"""Ten-thousandths in one point."""

MAX_DURATION_DAYS = 36_500
_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)


@dataclass(frozen=True, slots=True)
class NoDecay:
    """An event keeps its points."""


@dataclass(frozen=True, slots=True)
class HalfLife:
    """An event loses half of what it has left every *days* days."""

    days: int


@dataclass(frozen=True, slots=True)
class Linear:
    """An event loses its points evenly and is worth nothing after *days* days."""

    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """An event loses the share *drop* of its first points at once, every *every_days* days."""

    drop: Decimal
    every_days: int


Decay = NoDecay | HalfLife | Linear | Step


def weight(points: Decimal, decay: Decay, age_days: int) -> int:
    """Return what *points* of an event are worth *age_days* after it, in ten-thousandths, rounded half to even.

    ==========  ======================================
    none        p
    half_life   p · 2^(−age / half_life)
    linear      p · max(0, 1 − age / linear)
    step        p · max(0, 1 − drop · ⌊age / every⌋)
    ==========  ======================================

    Args:
        points: points on the day of the event; may be negative.
        decay: how they fade.
        age_days: whole local days since the event's day, not below 0.

    Raises:
        ValueError: *age_days* is negative: the event lies after the moment of the assessment.

    >>> weight(Decimal(20), HalfLife(14), 28)
    50000
    >>> weight(Decimal(10), Linear(60), 30), weight(Decimal(10), Step(Decimal("0.15"), 45), 90)
    (50000, 70000)
    """
    if age_days < 0:
        raise ValueError(f"an event of age {age_days} days lies after the moment of the assessment")
    whole = _EXACT.multiply(points, POINT)
    match decay:
        case NoDecay():
            left = whole
        case HalfLife(days):
            halvings, rest_days = divmod(age_days, days)
            left = _EXACT.divide(_EXACT.multiply(whole, _halved(rest_days, days)), Decimal(2**halvings))
        case Linear(days):
            left = _EXACT.divide(_EXACT.multiply(whole, Decimal(max(0, days - age_days))), Decimal(days))
        case Step(drop, every_days):
            share = _EXACT.subtract(Decimal(1), _EXACT.multiply(drop, Decimal(age_days // every_days)))
            left = _EXACT.multiply(whole, max(Decimal(0), share))
    return int(left.quantize(Decimal(1), rounding=ROUND_HALF_EVEN, context=_EXACT))


@lru_cache(maxsize=65_536)
def _halved(days: int, half_life_days: int) -> Decimal:
    """Return ``2^(−days / half_life)``: a power of 50 digits takes long, and those of one half-life serve all others."""
    return _EXACT.power(Decimal(2), _EXACT.divide(Decimal(-days), Decimal(half_life_days)))


@dataclass(frozen=True, slots=True)
class Weights:
    """What one event of a criterion is worth at each age, in ten-thousandths.

    table: worth at age 0, 1, 2 …
    after: worth at every age past the table's end: 0, or the points themselves where nothing fades.
    """

    table: tuple[int, ...]
    after: int

    def at(self, age_days: int) -> int:
        """Return the worth at *age_days*."""
        return self.table[age_days] if age_days < len(self.table) else self.after

    @property
    def horizon(self) -> int | None:
        """Age from which on an event is worth nothing; None when it always keeps something."""
        return None if self.after else len(self.table)


@lru_cache(maxsize=4096)
def weight_table(points: Decimal, decay: Decay, within_days: int | None) -> Weights:
    """Return the weights of a criterion: up to its first zero, or to its window.

    *within_days* forgets events of this age and more.

    >>> weight_table(Decimal(1), Linear(4), None)
    Weights(table=(10000, 7500, 5000, 2500), after=0)
    >>> weight_table(Decimal(1), NoDecay(), 2)
    Weights(table=(10000, 10000), after=0)
    >>> weight_table(Decimal(1), NoDecay(), None)
    Weights(table=(), after=10000)
    """
    first = weight(points, decay, 0)
    if isinstance(decay, NoDecay):
        return Weights((), first) if within_days is None else Weights((first,) * within_days, 0)
    table: list[int] = []
    age = 0
    while within_days is None or age < within_days:
        worth = weight(points, decay, age)
        if worth == 0:
            break
        table.append(worth)
        age += 1
    return Weights(tuple(table), 0)


def to_units(points: Decimal | int) -> int:
    """Return points as ten-thousandths; exact, since more than four places are refused when a playbook is read.

    >>> to_units(Decimal("2.5"))
    25000
    """
    units = _EXACT.multiply(Decimal(points), POINT)
    assert units == units.to_integral_value(), points
    return int(units)


def points_text(units: int) -> str:
    """Return ten-thousandths as points with four places.

    >>> points_text(-25000), points_text(7)
    ('-2.5000', '0.0007')
    """
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), POINT)
    return f"{sign}{whole}.{part:04d}"


def plain_points(units: int) -> str:
    """Return ten-thousandths as points with as many places as they need: exact, for lines that add up.

    >>> plain_points(250_000), plain_points(-25_400), plain_points(3)
    ('25', '-2.54', '0.0003')
    """
    return points_text(units).rstrip("0").rstrip(".")


def short_points(units: int) -> str:
    """Return ten-thousandths as people see points: a whole number, else one decimal.

    >>> short_points(250_000), short_points(-25_400), short_points(3)
    ('25', '-2.5', '0.0')
    """
    if units % POINT == 0:
        return str(units // POINT)
    tenths = (Decimal(units) / 1000).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return f"{'-' if tenths < 0 else ''}{abs(int(tenths)) // 10}.{abs(int(tenths)) % 10}"


def hold(units: int, low: int | None, high: int | None) -> int:
    """Return *units* held between *low* and *high* (None: no bound).

    >>> hold(12, 0, 10), hold(-3, 0, 10), hold(5, None, None)
    (10, 0, 5)
    """
    if low is not None and units < low:
        return low
    if high is not None and units > high:
        return high
    return units


def read_duration(text: str) -> int | None:
    """Return a duration such as ``14d`` or ``2w`` in whole days, or None when it is none.

    >>> read_duration("14d"), read_duration("2w"), read_duration("12h"), read_duration("0d")
    (14, 14, None, None)
    """
    number, unit = text.strip()[:-1], text.strip()[-1:].lower()
    if unit not in ("d", "w") or not (number.isascii() and number.isdigit()) or len(number) > 6:
        return None
    days = int(number) * (7 if unit == "w" else 1)
    return days if 1 <= days <= MAX_DURATION_DAYS else None
