"""A score as a waterfall: each line where the one before ended, and numbers that add up as they are shown.

Points are shown with one decimal. Rounded one by one, lines might not add up to the rounded score; so the tenths that are missing go
to the lines that lost most by rounding. tests/web/pages/test_waterfall.py holds it to that for any points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadline.engine.arithmetic import POINT
from leadline.engine.explanation.model import Line, ScoreExplanation

TENTH = POINT // 10
Tone = Literal["gain", "loss", "bound"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a score as it is drawn: from where to where in percent, and its points in tenths as they are shown."""

    line: Line
    tenths: int
    start: float
    width: float
    tone: Tone

    @property
    def shown(self) -> str:
        """The points with their sign: ``+28.3``."""
        return say_tenths(self.tenths, signed=True)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A score, its bars, and the bar of the whole."""

    bars: list[Bar]
    tenths: int
    start: float
    width: float
    zero: float

    @property
    def shown(self) -> str:
        """The score as it is shown."""
        return say_tenths(self.tenths)


def make_waterfall(score: ScoreExplanation, low: int | None, high: int | None) -> Waterfall:
    """Return a score as a waterfall.

    Args:
        score: the score with its lines, which add up to it.
        low, high: the score's own bounds, so that all leads are drawn at one scale; None where there is none.
    """
    points = [line.points for line in score.lines]
    levels = [0]
    for one in points:
        levels.append(levels[-1] + one)
    least = min([*levels, low if low is not None else 0])
    most = max([*levels, high if high is not None else 0, least + 1])

    def place(units: int) -> float:
        return 100 * (units - least) / (most - least)

    total, tenths = round_together(points, score.points)
    bars = [
        Bar(line, shown, place(min(a, b)), place(max(a, b)) - place(min(a, b)), _tone(line))
        for line, shown, a, b in zip(score.lines, tenths, levels, levels[1:], strict=False)
    ]
    start, end = sorted((place(0), place(score.points)))
    return Waterfall(bars, total, start, end - start, place(0))


def _tone(line: Line) -> Tone:
    if line.kind in ("criterion bounds", "score bounds"):
        return "bound"
    return "loss" if line.points < 0 else "gain"


def round_together(points: Sequence[int], whole: int) -> tuple[int, list[int]]:
    """Return a whole and its parts in tenths of a point, such that the parts add up to the whole.

    Where the parts do not add up to the whole in the first place, each is rounded by itself: nothing is made up.

    >>> round_together([3_333, 3_333, 3_334], 10_000)
    (10, [3, 3, 4])
    """
    total = _round(whole)
    down = [one // TENTH for one in points]
    if sum(points) != whole:
        return total, [_round(one) for one in points]
    lost = sorted(range(len(points)), key=lambda at: points[at] % TENTH, reverse=True)
    for at in lost[: total - sum(down)]:
        down[at] += 1
    return total, down


def _round(units: int) -> int:
    return (units + TENTH // 2) // TENTH


def say_tenths(tenths: int, *, signed: bool = False) -> str:
    """Return tenths as a number.

    >>> say_tenths(283, signed=True), say_tenths(-50), say_tenths(0, signed=True)
    ('+28.3', '−5', '0')
    """
    size = abs(tenths)
    text = f"{size // 10:,}" + (f".{size % 10}" if size % 10 else "")
    sign = "−" if tenths < 0 else "+" if signed and tenths else ""
    return sign + text
