"""Lift and gain: the observations in bands of a score, by grade, and at which `enter` was true.

Shares are of observations, which do not overlap in time (landmarks.py), so that each may be counted as a trial of its own.
tests/engine/backtest/test_tables.py holds it to tables that were counted by hand.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from leadline.engine.backtest.model import Band, GradeRow, Part, ScoreTable
from leadline.engine.playbook.model import Score
from leadline.engine.statistics import Share, rank_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

BANDS = 10


def score_table(score: Score, units: "Integers", hit: "Truths") -> ScoreTable:
    """Return a score's bands, the best first.

    Args:
        score: which one.
        units: points of each observation, in ten-thousandths, shape (n,).
        hit: whether each reached the outcome, shape (n,).

    Equal scores stay together, so bands are tenths only as nearly as that allows: a band takes the scores whose middle place, among
    all observations from the best down, lies in its tenth. With many equal scores there are fewer than ten.
    """
    values, place = np.unique(units, return_inverse=True)
    counts = np.bincount(place, minlength=values.size)
    hits = np.bincount(place, weights=hit, minlength=values.size).astype(np.int64)
    groups = list(zip(values.tolist(), counts.tolist(), hits.tolist(), strict=True))
    whole, before = Share(int(hit.sum()), int(hit.size)), 0
    bands: dict[int, list[tuple[int, int, int]]] = {}
    for value, count, reached in reversed(groups):
        bands.setdefault((2 * before + count) * BANDS // (2 * whole.n), []).append((value, count, reached))
        before += count
    parts = _parts([(sum(one[2] for one in band), sum(one[1] for one in band)) for band in bands.values()], whole)
    return ScoreTable(
        id=score.id,
        title=score.title,
        auc=rank_auc((value, reached, count - reached) for value, count, reached in groups),
        bands=tuple(
            Band(least=band[-1][0], most=band[0][0], part=part)
            for band, part in zip(bands.values(), parts, strict=True)
        ),
    )


def grade_rows(grades: Sequence[str], grade: "Integers", hit: "Truths") -> tuple[GradeRow, ...]:
    """Return the observations by grade, in the order of *grades*, best first; at last those without one.

    Args:
        grades: their names, best first.
        grade: index into *grades* of each observation, -1 for none, shape (n,).
        hit: whether each reached the outcome, shape (n,).
    """
    names: list[tuple[int, str | None]] = [*enumerate(grades), (-1, None)]
    rows = [(name, int(hit[grade == number].sum()), int((grade == number).sum())) for number, name in names]
    there = [row for row in rows if row[2]]
    parts = _parts([(reached, count) for _, reached, count in there], Share(int(hit.sum()), int(hit.size)))
    return tuple(GradeRow(grade=row[0], part=part) for row, part in zip(there, parts, strict=True))


def part_of(which: "Truths", hit: "Truths") -> Part:
    """Return some of the observations against all."""
    reached, whole = int((which & hit).sum()), Share(int(hit.sum()), int(hit.size))
    return Part(reached=Share(reached, int(which.sum())), whole=whole, gain=Share(reached, whole.count))


def _parts(counted: Iterable[tuple[int, int]], whole: Share) -> list[Part]:
    parts, gained = [], 0
    for reached, count in counted:
        gained += reached
        parts.append(Part(reached=Share(reached, count), whole=whole, gain=Share(gained, whole.count)))
    return parts
