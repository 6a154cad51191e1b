"""Which half-life ranks later converters best: the same playbook with the decay of all event criteria replaced.

One replay for each half-life serves all criteria at once, since what a criterion gives does not depend on the others. A criterion is
looked at among the observations in which it had something to count at all; a score among all. Windows (`within`), limits, minimum
and maximum stay as written. Differences are taken on the same leads, so that what is common to both falls away.

Guarded by tests/engine/review/test_half_lives.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from leadline.engine.arithmetic import Decay, HalfLife, Linear, NoDecay, Step
from leadline.engine.playbook.model import EventCriterion, Playbook
from leadline.engine.replay.model import Grid
from leadline.engine.review.bounds import LEAST_FIRING
from leadline.engine.review.clustered import Estimate, count_leads, rank_area, z_among
from leadline.engine.review.model import HalfLives, Interval, Trial
from leadline.engine.review.observations import Observations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

TRIED: tuple[int | None, ...] = (7, 14, 30, 60, 90, 180, None)
"""The half-lives that are tried, in days; None for no decay."""


def with_decay(playbook: Playbook, decay: Decay) -> Playbook:
    """Return the playbook with one decay for all criteria on events; everything else stays."""
    criteria = tuple(
        replace(criterion, decay=decay) if isinstance(criterion, EventCriterion) else criterion
        for criterion in playbook.criteria
    )
    return replace(playbook, criteria=criteria)


def decay_of(half_life_days: int | None) -> Decay:
    """Return the decay of a half-life that is tried."""
    return NoDecay() if half_life_days is None else HalfLife(half_life_days)


def say_decay(decay: Decay) -> str:
    """Return a decay in a few words.

    >>> say_decay(HalfLife(14)), say_decay(NoDecay())
    ('a half-life of 14 days', 'no decay')
    """
    match decay:
        case NoDecay():
            return "no decay"
        case HalfLife(days):
            return f"a half-life of {days} day{'s' if days != 1 else ''}"
        case Linear(days):
            return f"nothing left after {days} day{'s' if days != 1 else ''}"
        case Step(drop, every_days):
            return f"{drop:.0%} less every {every_days} days"


def say_half_life(days: int | None) -> str:
    """Return a half-life that is tried in a few words."""
    return "no decay" if days is None else f"{days} days"


@dataclass(eq=False, kw_only=True)
class _Subject:
    """A criterion or a score that is tried: among which observations, as written and with each half-life."""

    kind: Literal["criterion", "score"]
    id: str
    written: str
    among: "Truths"
    base: Estimate | None = None
    areas: dict[int | None, Estimate] = field(default_factory=dict)

    def points(self, grid: Grid) -> "Integers":
        """Return its points in all rows of a grid."""
        return grid.contributions[self.id] if self.kind == "criterion" else grid.scores[self.id]


def compare_half_lives(
    playbook: Playbook, written: Grid, grids: Iterable[tuple[int | None, Grid]], seen: Observations
) -> list[HalfLives]:
    """Return how each half-life ranks, for every criterion on events and every score that has one.

    Args:
        playbook: as written.
        written: the grid of the playbook as written, with details.
        grids: half-lives with their grids, of the same leads and moments. That without decay comes first, since it shows in which
               observations a criterion has something to count. Each is looked at once and let go: they are large.
        seen: the observations.

    Raises:
        ValueError: the first grid is not that without decay.
    """
    subjects: list[_Subject] = []
    tried: list[int | None] = []
    for days, grid in grids:
        if not tried:
            if days is not None:
                raise ValueError("the half-lives begin with no decay at all")
            subjects = _subjects(playbook, grid, seen)
            for subject in subjects:
                subject.base = _area(subject, written, seen)
        tried.append(days)
        for subject in subjects:
            area = _area(subject, grid, seen)
            if area is not None:
                subject.areas[days] = area
    order = sorted(tried, key=lambda days: TRIED.index(days) if days in TRIED else len(TRIED))
    return [
        _compared(one, one.base, order, seen)
        for one in subjects
        if one.base is not None and len(one.areas) == len(order)
    ]


def _subjects(playbook: Playbook, without_decay: Grid, seen: Observations) -> list[_Subject]:
    """Return what is tried: what has enough leads with the outcome and without."""
    found: list[_Subject] = []
    decays: dict[str, set[Decay]] = {}
    for criterion in playbook.criteria:
        if isinstance(criterion, EventCriterion):
            decays.setdefault(criterion.score, set()).add(criterion.decay)
            among = np.not_equal(without_decay.before_hold[criterion.id][seen.rows], 0)
            found.append(_Subject(kind="criterion", id=criterion.id, written=say_decay(criterion.decay), among=among))
    for score in playbook.scores:
        own = set[Decay]().union(*(decays.get(part, set()) for part in (score.id, *_parts(playbook, score.id))))
        if own:
            text = say_decay(next(iter(own))) if len(own) == 1 else "different decays"
            everywhere = np.ones(seen.count, dtype=bool)
            found.append(_Subject(kind="score", id=score.id, written=text, among=everywhere))
    return [one for one in found if _is_enough(seen.hit[one.among], seen.lead[one.among])]


def _is_enough(hit: "Truths", lead: "Integers") -> bool:
    return min(count_leads(hit, lead), count_leads(~hit, lead)) >= LEAST_FIRING


def _parts(playbook: Playbook, score_id: str) -> list[str]:
    """Return the scores that a sum adds, at any depth."""
    found: list[str] = []
    for part in playbook.get_score(score_id).sum_of:
        found += [part, *_parts(playbook, part)]
    return found


def _area(subject: _Subject, grid: Grid, seen: Observations) -> Estimate | None:
    among = subject.among
    return rank_area(subject.points(grid)[seen.rows][among], seen.hit[among], seen.lead[among], seen.leads)


def _compared(subject: _Subject, base: Estimate, order: Sequence[int | None], seen: Observations) -> HalfLives:
    areas = {days: subject.areas[days] for days in order}
    trials = tuple(
        Trial(days=days, area=_interval(one, floor=0.0), gain=_interval(one.minus(base), floor=-1.0))
        for days, one in areas.items()
    )
    best = max(areas, key=lambda days: areas[days].value)
    z = z_among(len(areas))
    gain = areas[best].minus(base)
    is_clear = gain.value - z * gain.error > 0
    as_good = tuple(days for days, one in areas.items() if (less := areas[best].minus(one)).value - z * less.error <= 0)
    said = _sentence(subject.written, base.value, best, areas[best].value, as_good, len(areas), is_clear=is_clear)
    return HalfLives(
        subject=subject.kind,
        id=subject.id,
        written=subject.written,
        area_as_written=_interval(base, floor=0.0),
        trials=trials,
        best=best,
        as_good=as_good,
        is_clear=is_clear,
        sentence=said,
        observations=int(subject.among.sum()),
        leads=count_leads(subject.among, seen.lead),
    )


def _interval(estimate: Estimate, *, floor: float) -> Interval:
    low, high = estimate.bounds()
    return Interval(value=estimate.value, low=max(low, floor), high=min(high, 1.0))


def _sentence(
    written: str,
    base: float,
    best: int | None,
    area: float,
    as_good: Sequence[int | None],
    tried: int,
    *,
    is_clear: bool,
) -> str:
    others = [say_half_life(days) for days in as_good if days != best]
    equal = f" ({', '.join(others)} cannot be told from it)" if others else ""
    lives = {days for days in TRIED if days is not None}
    if is_clear and lives <= set(as_good) and None not in as_good:
        return f"Any half-life ranks better than {written} ({area:.3f} against {base:.3f}): the newer, the better; which one is noise."
    if is_clear:
        return f"{say_half_life(best).capitalize()} ranks better than {written}: {area:.3f} against {base:.3f}{equal}."
    if len(as_good) == tried:
        return f"No half-life ranks clearly better than {written} ({base:.3f}); the differences are noise."
    return (
        f"None ranks clearly better than {written} ({base:.3f}); the best is {say_half_life(best)}, {area:.3f}{equal}."
    )
