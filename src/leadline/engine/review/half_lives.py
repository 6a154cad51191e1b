"""Which half-life ranks later converters best: the same playbook with the decay of all event criteria replaced.

One replay for each half-life serves all criteria at once, since what a criterion gives does not depend on the others. A criterion is
looked at among the observations in which it had something to count at all; a score among all. Windows (`within`), limits, minimum
and maximum stay as written. Differences are taken on the same leads, so that what is common to both falls away.

Guarded by tests/engine/review/test_half_lives.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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


def compare_half_lives(
    playbook: Playbook, written: Grid, grids: Mapping[int | None, Grid], seen: Observations
) -> list[HalfLives]:
    """Return how each half-life ranks, for every criterion on events and every score that has one.

    Args:
        playbook: as written.
        written: the grid of the playbook as written, with details.
        grids: the grid with each half-life, of the same leads and moments.
        seen: the observations.
    """
    found = []
    scores: dict[str, set[Decay]] = {}
    for criterion in playbook.criteria:
        if not isinstance(criterion, EventCriterion):
            continue
        scores.setdefault(criterion.score, set()).add(criterion.decay)
        endless = grids[None].before_hold[criterion.id][seen.rows] if None in grids else None
        among = endless != 0 if endless is not None else written.contributions[criterion.id][seen.rows] != 0
        said = _compare(
            "criterion", criterion.id, say_decay(criterion.decay), among, seen, _reader(criterion.id), written, grids
        )
        found += [said] if said else []
    for score in playbook.scores:
        own = set().union(*(scores.get(part, set()) for part in (score.id, *_parts(playbook, score.id))))
        if own:
            text = say_decay(next(iter(own))) if len(own) == 1 else "different decays"
            everywhere = np.ones(seen.count, dtype=bool)
            said = _compare("score", score.id, text, everywhere, seen, _score_reader(score.id), written, grids)
            found += [said] if said else []
    return found


def _parts(playbook: Playbook, score_id: str) -> list[str]:
    """Return the scores that a sum adds, at any depth."""
    found: list[str] = []
    for part in playbook.get_score(score_id).sum_of:
        found += [part, *_parts(playbook, part)]
    return found


def _reader(criterion_id: str) -> "Callable[[Grid], Integers]":
    return lambda grid: grid.contributions[criterion_id]


def _score_reader(score_id: str) -> "Callable[[Grid], Integers]":
    return lambda grid: grid.scores[score_id]


def _compare(
    subject: Literal["criterion", "score"],
    name: str,
    written_text: str,
    among: "Truths",
    seen: Observations,
    read: "Callable[[Grid], Integers]",
    written: Grid,
    grids: Mapping[int | None, Grid],
) -> HalfLives | None:
    hit, lead = seen.hit[among], seen.lead[among]
    if min(count_leads(hit, lead), count_leads(~hit, lead)) < LEAST_FIRING:
        return None

    def area(grid: Grid) -> Estimate:
        found = rank_area(read(grid)[seen.rows][among], hit, lead, seen.leads)
        assert found is not None
        return found

    base = area(written)
    areas = {days: area(grid) for days, grid in grids.items()}
    trials = tuple(
        Trial(days=days, area=_interval(one, floor=0.0), gain=_interval(one.minus(base), floor=-1.0))
        for days, one in areas.items()
    )
    best = max(areas, key=lambda days: areas[days].value)
    z = z_among(len(areas))
    gain = areas[best].minus(base)
    is_clear = gain.value - z * gain.error > 0
    as_good = tuple(days for days, one in areas.items() if (less := areas[best].minus(one)).value - z * less.error <= 0)
    return HalfLives(
        subject=subject,
        id=name,
        written=written_text,
        area_as_written=_interval(base, floor=0.0),
        trials=trials,
        best=best,
        as_good=as_good,
        is_clear=is_clear,
        sentence=_sentence(written_text, base.value, best, areas[best].value, as_good, len(areas), is_clear=is_clear),
        observations=int(among.sum()),
        leads=int(np.unique(lead).size),
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
