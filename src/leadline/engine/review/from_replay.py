"""A review from a replay: the whole of it in one place, in the order in which it is read.

A pure function of its arguments; nothing is read and nothing drawn at random. What it makes is in `model.py`. Guarded by
tests/engine/review/test_from_replay.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from leadline.engine.calendar import date_text, get_zone
from leadline.engine.playbook.model import AnyCriterion
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.review.bounds import ALL
from leadline.engine.review.clustered import Z95, z_among
from leadline.engine.review.fill import cautions, fill_rates
from leadline.engine.review.given_back import Decided, compare_spells, decided_spells
from leadline.engine.review.half_lives import compare_half_lives
from leadline.engine.review.model import CriterionReview, GivenBack, HalfLives, Kind, Overlap, Review, Side
from leadline.engine.review.observations import Observations, observe, observe_once
from leadline.engine.review.sides import (
    Firing,
    Key,
    effects,
    firings_of,
    quarters_of,
    redundant_pairs,
    times,
    unknown_of,
)
from leadline.engine.review.verdicts import Evidence, judge, worth_of_points
from leadline.engine.review.words import say_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

DAY_US = 86_400_000_000


def review_replay(
    replay: Replay,
    *,
    outcome: str,
    horizon_days: int,
    until_us: int,
    undated: Iterable[str] = (),
    half_lives: Iterable[tuple[int | None, Replay]] = (),
) -> Review:
    """Review the criteria of a replay, through time.

    Args:
        replay: with a grid with details, and with spells with evidence for what had brought leads that were given back.
        outcome: what is hoped for, such as ``won``.
        horizon_days: how long after a moment it counts.
        until_us: the last microsecond of which outcomes are known.
        undated: leads of whom an outcome was reported without a time; they are left out.
        half_lives: half-lives, each with a replay of the same data that has it in place of every decay, with details; that without
            decay first.
    """
    seen = observe(replay, outcome=outcome, horizon_days=horizon_days, until_us=until_us, undated=undated)
    zone = get_zone(replay.playbook.timezone)
    until = date_text(zone.day_of(until_us))
    spells = decided_spells(replay, until_us=until_us, horizon_us=horizon_days * DAY_US)
    work = _Work(replay=replay, seen=seen, outcome=outcome, kind="through time", spells=spells)
    return work.review(horizon_days=horizon_days, until=until, half_lives=half_lives)


def review_once(replay: Replay, *, outcome: str, reached: Iterable[str]) -> Review:
    """Review the criteria of data without times: every lead once, and whether it *ever* reached the outcome.

    Args:
        replay: with a grid of one moment, with details.
        outcome: what is hoped for.
        reached: the leads that reached it.
    """
    seen = observe_once(replay, reached=reached)
    return _Work(replay=replay, seen=seen, outcome=outcome, kind="once", spells=None).review(
        horizon_days=None, until=replay.end.text, half_lives=()
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Work:
    replay: Replay
    seen: Observations
    outcome: str
    kind: Kind
    spells: Decided | None

    @property
    def grid(self) -> Grid:
        grid = self.replay.grid
        assert grid is not None
        return grid

    def review(
        self, *, horizon_days: int | None, until: str, half_lives: Iterable[tuple[int | None, Replay]]
    ) -> Review:
        seen, grid, playbook = self.seen, self.grid, self.replay.playbook
        sides = {criterion.id: firings_of(criterion, grid, seen) for criterion in playbook.criteria}
        firings = [firing for of_one in sides.values() for firing in of_one]
        judged = sum(firing.is_judged for firing in firings)
        z = z_among(judged)
        near = redundant_pairs(firings)
        blamed = _blame(near)
        kept = [one for one in firings if one.key not in blamed]
        of_sides = effects(kept, [one for one in firings if one.key in blamed], seen)
        evidence = Evidence(
            outcome=self.outcome,
            seen=seen,
            effects=of_sides,
            blamed=blamed,
            z=z,
            spells=self.spells.criteria if self.spells else frozenset(),
        )
        worth = worth_of_points(firings, evidence)
        fields = fill_rates(self.replay, seen, outcome=self.outcome, kind=self.kind, z=z_among(len(grid.known)))
        said = cautions(fields)
        absolute = {
            criterion.id: _absolute(grid.contributions[criterion.id][seen.rows]) for criterion in playbook.criteria
        }
        z_drift = z_among(2 * len(firings))
        moments = grid.moment[seen.rows]
        criteria = tuple(
            self._criterion(
                criterion,
                sides[criterion.id],
                evidence,
                worth,
                near,
                absolute,
                tuple(said.get(criterion.id, ())),
                z_drift,
            )
            for criterion in playbook.criteria
        )
        return Review(
            playbook=playbook.name,
            version=self.replay.version,
            kind=self.kind,
            outcome=self.outcome,
            horizon_days=horizon_days,
            first=grid.moments[int(moments.min())].text if seen.count else "",
            last=grid.moments[int(moments.max())].text if seen.count else "",
            until=until,
            moments=int(np.unique(moments).size),
            observations=seen.count,
            leads=seen.leads,
            reached=int(seen.hit.sum()),
            reached_leads=seen.hit_leads,
            left_out=seen.left_out,
            criteria=criteria,
            half_lives=self._half_lives(half_lives),
            fields=tuple(fields),
            returned_spells=self.spells.returned if self.spells else 0,
            accepted_spells=self.spells.accepted if self.spells else 0,
            notes=self._notes(bool(firings) and not of_sides and judged > 0),
            bounds=ALL,
        )

    def _criterion(
        self,
        criterion: AnyCriterion,
        firings: list[Firing],
        evidence: Evidence,
        worth: Mapping[Key, float],
        near: Mapping[Key, list[tuple[Firing, Overlap]]],
        absolute: Mapping[str, int],
        cautions_of_fields: tuple[str, ...],
        z_drift: float,
    ) -> CriterionReview:
        grid, rows = self.grid, self.seen.rows
        verdict, reason = judge(firings, evidence, worth, criterion=criterion.id)
        points = grid.contributions[criterion.id][rows]
        before = grid.before_hold.get(criterion.id)
        held = points if before is None else before[rows]
        unknown = unknown_of(criterion, grid, self.seen)
        fired = max(int(((points != 0) | (held != 0)).sum()), 1)
        of_score = [one.id for one in self.replay.playbook.criteria_of(criterion.score)]
        sides = tuple(self._side(firing, evidence, worth, z_drift) for firing in firings)
        overlaps = {entry.other: entry for firing in firings for _, entry in near.get(firing.key, ())}
        return CriterionReview(
            id=criterion.id,
            score=criterion.score,
            why=criterion.why,
            verdict=verdict,
            reason=reason,
            share_of_score=absolute[criterion.id] / max(sum(absolute[one] for one in of_score), 1),
            share_of_all=absolute[criterion.id] / max(sum(absolute.values()), 1),
            maximum_cuts=float((held > points).sum() / fired),
            minimum_cuts=float((held < points).sum() / fired),
            unknown=float(unknown.mean()) if unknown.size else 0.0,
            reached_unknown=float(self.seen.hit[unknown].mean()) if unknown.any() else None,
            sides=sides,
            overlaps=tuple(overlaps.values()),
            cautions=(*_said_of_sides(sides), *cautions_of_fields),
        )

    def _side(self, firing: Firing, evidence: Evidence, worth: Mapping[Key, float], z_drift: float) -> Side:
        seen = self.seen
        quarters, drift = quarters_of(firing, z_drift) if self.kind == "through time" else ((), None)
        effect = evidence.effects.get(firing.key)
        given_back: GivenBack | None = None
        if self.spells is not None:
            given_back = compare_spells(self.spells, firing.criterion.id, firing.direction, evidence.z)
        inside, outside = firing.fires, firing.rests
        more = {} if drift is None else {"drift": drift}
        return Side(
            direction=firing.direction,
            observations=int(inside.sum()),
            leads=firing.leads,
            fires=float(inside.mean()),
            fires_of_leads=firing.leads / seen.leads,
            usual_points=firing.usual_points,
            reached_with=float(seen.hit[inside].mean()) if inside.any() else None,
            reached_without=float(seen.hit[outside].mean()) if outside.any() else None,
            lift=times(firing.lift) if firing.is_judged and firing.lift is not None else None,
            odds_given_others=effect.odds(firing.usual_points) if firing.is_judged and effect is not None else None,
            worth_of_a_point=worth.get(firing.key),
            is_judged=firing.is_judged,
            quarters=quarters,
            given_back=given_back,
            **more,
        )

    def _half_lives(self, replays: Iterable[tuple[int | None, Replay]]) -> tuple[HalfLives, ...]:
        def grids() -> Iterator[tuple[int | None, Grid]]:
            for days, replay in replays:
                grid = replay.grid
                same = grid is not None and np.array_equal(grid.lead, self.grid.lead)
                if grid is None or not same or not np.array_equal(grid.moment, self.grid.moment):
                    raise ValueError("the replays with other half-lives are not of the same leads and moments")
                yield days, grid

        return tuple(compare_half_lives(self.replay.playbook, self.grid, grids(), self.seen))

    def _notes(self, failed: bool) -> tuple[str, ...]:
        notes = []
        if self.kind == "once":
            notes.append(
                "Nothing here is dated: every lead is judged once, by what is known of it today, when the end was known already. What "
                "was filled in afterwards counts as if it had been known before, so every lift may be too good. Drift, half-lives "
                "and what had brought leads that were given back need times, and are left out."
            )
        notes.append("Points that were chosen from these same leads look better here than they are: review later ones.")
        if self.kind == "through time" and not self.seen.hit.any() and self.seen.reached_rows.size:
            notes.append(
                f"No lead was there before it reached {self.outcome}: perhaps nothing of the leads is dated but their outcomes. Give "
                f"created_at or events, or look at every lead once (--once)."
            )
        if failed:
            notes.append("The regression did not settle, so nothing is said of what a criterion does given the others.")
        return tuple(notes)


def _absolute(points: "Integers") -> int:
    return int(np.abs(points).sum())


def _blame(near: Mapping[Key, list[tuple[Firing, Overlap]]]) -> dict[Key, tuple[Firing, Overlap]]:
    """Return the redundant sides, each with the side that stays.

    Of two that say the same the later one in the file goes, or the earlier where the later's lift is clearly better. A side that stays
    for one stays.
    """
    blamed: dict[Key, tuple[Firing, Overlap]] = {}
    stay: set[Key] = set()
    firings = {firing.key: firing for entries in near.values() for firing, _ in entries}
    for key, entries in near.items():
        for other, overlap in entries:
            if key in blamed or other.key in blamed or other.key in stay:
                continue
            first, second = firings[key], other
            goes, stays = (first, second) if key not in stay and _is_clearly_better(second, first) else (second, first)
            stay.add(stays.key)
            blamed[goes.key] = (stays, replace(overlap, other=stays.criterion.id))
    return blamed


def _is_clearly_better(one: Firing, other: Firing) -> bool:
    """Return whether the lift of one side is better than that of another by more than noise; what both share falls away."""
    if one.lift is None or other.lift is None or one.sign != other.sign:
        return False
    return one.sign * one.lift.minus(other.lift).z > Z95


def _said_of_sides(sides: tuple[Side, ...]) -> list[str]:
    said = []
    for side in sides:
        if side.drift.sentence:
            said.append(f"It drifts: {side.drift.sentence}.")
        back = side.given_back
        if back is not None and back.is_clear and side.direction == "gives":
            said.append(
                f"It brings leads that are given back: it was there for {say_share(back.among_returned)} of the spells that were "
                f"rejected or recycled, and for {say_share(back.among_accepted)} of those that were accepted."
            )
    return said
