"""Observations: a lead at a moment, and whether the outcome came within the horizon after it.

An observation is there for every lead and moment at which the lead had begun, was open, and of which the horizon is over by the
end of what is known: those whose horizon is not over are counted and left out, never taken for failures. What a lead was at the
moment comes from the replay, which knows nothing later; whether the outcome came lies wholly after the moment. The two never
overlap, so no criterion can see what it is judged by.

All moments of a lead are kept, since the question is what becomes of *a lead as it stands there at the end of a month*; that they
are one lead is taken into account in every interval (`clustered.py`). Guarded by tests/engine/review/test_observations.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadline.engine.calendar import bucket_of, date_of, get_zone
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.review.clustered import count_leads
from leadline.engine.review.model import LeftOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

CLOSING = ("won", "lost", "disqualified", "bad_data")
"""Outcomes after which there is nothing to hope for any more …"""
REOPENING = ("reinstated", "opportunity")
"""… until one of these. Rejected and recycled leads may come back, so they stay."""
AFTER_WON = ("churned", "evangelist")
UNWANTED = ("rejected", "recycled", "disqualified", "bad_data", "lost", "churned")
"""Outcomes that nobody hopes for: a review against one of these would call every good criterion harmful."""

MONTH_DAYS = 30
MOST_MONTHS = 12
"""Leads of this age and more are compared with each other."""

REASONS = {
    "undated": "the outcome of the lead has no time, so it cannot be said whether it came before or after",
    "reached": "the outcome had been reached already",
    "closed": "another outcome had closed the lead",
    "excluded": "the playbook excluded the lead at that moment",
    "unmatured": "the horizon was not over by the end of what is known",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Observations:
    """The observations that count, in the order of the grid; all arrays have the shape (n,).

    rows:    where each stands in the grid. lead: whose it is, below *leads*. hit: whether the outcome came.
    quarter: index into *quarters*, the local quarter of its moment.
    age:     whole months since the lead's beginning, at most `MOST_MONTHS`; 0 for all where nothing is dated.
    reached_rows: rows of the grid at which a lead had reached the outcome already.
    """

    rows: "Integers"
    lead: "Integers"
    leads: int
    hit: "Truths"
    quarter: "Integers"
    quarters: tuple[str, ...]
    age: "Integers"
    reached_rows: "Integers"
    left_out: tuple[LeftOut, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.rows.size)

    @property
    def hit_leads(self) -> int:
        """How many leads have the outcome in one of them."""
        return count_leads(self.hit, self.lead)


def closing_outcomes(outcome: str) -> frozenset[str]:
    """Return the outcomes that close a lead, so that *outcome* can no longer be hoped for.

    Who churns or recommends was won before, and so may be whoever reaches an outcome of a playbook's own.
    """
    own = outcome not in (*CLOSING, *REOPENING, *UNWANTED, "accepted")
    is_later = outcome in AFTER_WON or own
    return frozenset(CLOSING) - ({"won"} if is_later else set()) - {outcome}


def observe(
    replay: Replay, *, outcome: str, horizon_days: int, until_us: int, undated: Iterable[str] = ()
) -> Observations:
    """Return the observations of a replay whose grid has details.

    Args:
        replay: with a grid.
        outcome: what is hoped for.
        horizon_days: local days after the moment, above 0. It counts when reported later than the moment and not later than the end
            of the day that lies so many days after it.
        until_us: the last microsecond of which outcomes are known.
        undated: leads of whom it is reported without a time that they reached the outcome or were closed.
    """
    grid = _grid_of(replay)
    zone = get_zone(replay.playbook.timezone)
    began = np.array([moment.until_us for moment in grid.moments], dtype=np.int64)
    ends = np.array([zone.end_of_day(moment.day + horizon_days).until_us for moment in grid.moments], dtype=np.int64)
    count = grid.lead.size
    reached, closed, hit = (np.zeros(count, dtype=bool) for _ in range(3))
    closing = closing_outcomes(outcome)
    for lead, reported in _by_index(replay, replay.outcomes):
        first, last = np.searchsorted(grid.lead, [lead, lead + 1])
        moments = grid.moment[first:last]
        times = np.array(sorted(one.at_us for one in reported if one.outcome == outcome), dtype=np.int64)
        if times.size:
            reached[first:last] = times[0] <= began[moments]
            hit[first:last] = np.searchsorted(times, ends[moments], "right") > np.searchsorted(
                times, began[moments], "right"
            )
        closed[first:last] = _is_closed(reported, closing, began[moments])
    masks = {
        "undated": np.isin(grid.lead, [index for index, _ in _by_index(replay, dict.fromkeys(undated, ()))]),
        "reached": reached,
        "closed": closed,
        "excluded": grid.excluded >= 0,
        "unmatured": ends[grid.moment] > until_us,
    }
    return _made(grid, masks, hit, reached, ages(replay))


def ages(replay: Replay) -> "Integers":
    """Return for each row of the grid how many months the lead had been there, at most `MOST_MONTHS`."""
    grid = _grid_of(replay)
    zone = get_zone(replay.playbook.timezone)
    days = np.array([moment.day for moment in grid.moments], dtype=np.int64)
    began = np.zeros(len(replay.lead_ids), dtype=np.int64)
    whose = np.unique(grid.lead)
    began[whose] = [zone.day_of(replay.begins_us[lead]) for lead in whose]
    months = (days[grid.moment] - began[grid.lead]) // MONTH_DAYS
    return np.asarray(np.clip(months, 0, MOST_MONTHS), dtype=np.int64)


def observe_once(replay: Replay, *, reached: Iterable[str]) -> Observations:
    """Return one observation a lead, at the only moment of a grid, for data without times.

    Whether the outcome came is whether it was *ever* reported, and what was known of the lead may be younger than that.

    Args:
        replay: with a grid of one moment.
        reached: the leads that reached the outcome.
    """
    grid = _grid_of(replay)
    hit = np.isin(grid.lead, [index for index, _ in _by_index(replay, dict.fromkeys(reached, ()))])
    nothing = np.zeros(grid.lead.size, dtype=np.int64)
    return _made(grid, {"excluded": grid.excluded >= 0}, hit, hit, nothing)


def _grid_of(replay: Replay) -> Grid:
    if replay.grid is None:
        raise ValueError("a review needs a replay with regular assessments and their details")
    return replay.grid


def _made(grid: Grid, masks: "dict[str, Truths]", hit: "Truths", reached: "Truths", age: "Integers") -> Observations:
    """Return what no mask leaves out; what several would leave out counts for the first."""
    left = np.ones(grid.lead.size, dtype=bool)
    left_out = []
    for reason, mask in masks.items():
        taken = left & mask
        if taken.any():
            leads = count_leads(taken, grid.lead)
            left_out.append(
                LeftOut(reason=reason, sentence=REASONS[reason], observations=int(taken.sum()), leads=leads)
            )
        left &= ~mask
    rows = np.flatnonzero(left)
    whose, lead = np.unique(grid.lead[rows], return_inverse=True)
    quarters = [bucket_of(moment.day, "quarter") for moment in grid.moments]
    present = sorted({quarters[moment] for moment in np.unique(grid.moment[rows])})
    names = {
        bucket_of(moment.day, "quarter"): f"{date_of(moment.day).year} Q{(date_of(moment.day).month + 2) // 3}"
        for moment in grid.moments
    }
    places = np.array([present.index(one) if one in present else -1 for one in quarters], dtype=np.int64)
    return Observations(
        rows=rows,
        lead=lead.astype(np.int64),
        leads=int(whose.size),
        hit=hit[rows],
        quarter=places[grid.moment[rows]],
        quarters=tuple(names[one] for one in present),
        age=age[rows],
        reached_rows=np.flatnonzero(reached),
        left_out=tuple(left_out),
    )


def _by_index(
    replay: Replay, of_lead: Mapping[str, Sequence[ReportedOutcome]]
) -> Iterable[tuple[int, Sequence[ReportedOutcome]]]:
    """Yield what is said of each lead, with the lead's index; leads that are none of the replay are passed over."""
    index = {lead_id: number for number, lead_id in enumerate(replay.lead_ids)}
    for lead_id, said in of_lead.items():
        if lead_id in index:
            yield index[lead_id], said


def _is_closed(reported: Sequence[ReportedOutcome], closing: frozenset[str], moments: "Integers") -> "Truths":
    """Return whether, at each moment, the latest of the outcomes that close or reopen is one that closes."""
    marks = [one for one in reported if one.outcome in closing or one.outcome in REOPENING]
    if not marks:
        return np.zeros(moments.size, dtype=bool)
    marks.sort(key=lambda one: one.at_us)
    times = np.array([one.at_us for one in marks], dtype=np.int64)
    closes = np.array([False, *(one.outcome in closing for one in marks)], dtype=bool)
    return closes[np.searchsorted(times, moments, "right")]
