"""What a back-test says, as values. How each number is counted stands in landmarks.py, tables.py and thresholds.py.

An *observation* is a lead that was open at one of the moments; whether it *reached* the outcome is asked of the horizon after that
moment only. Points are ten-thousandths; `to_dict` gives them as points, days as dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.comparison.model import Followed, Version, Workload
from leadline.engine.comparison.record import day_field, points_field, record_of
from leadline.engine.problems import Problem
from leadline.engine.review.model import LeftOut
from leadline.engine.statistics import Share, lift, lift_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the observations against all of them.

    reached: how many of the part reached the outcome. whole: how many of all.
    gain:    how many of all that reached it lie in this part and those above it.
    """

    reached: Share
    whole: Share
    gain: Share

    @property
    def lift(self) -> float | None:
        """How many times the share of all observations that of this part is; None where that is no number."""
        return lift(self.reached.count, self.reached.n, self.whole.count, self.whole.n)

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows."""
        low, high = lift_interval(self.reached.count, self.reached.n, self.whole.count, self.whole.n)
        return {
            "reached": self.reached.to_dict(),
            "gain": self.gain.to_dict(),
            "lift": {"value": self.lift, "low": low, "high": high},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The observations with a score from *least* to *most*: a tenth of all, as nearly as equal scores allow."""

    least: int = points_field()
    most: int = points_field()
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """A score from the best band to the worst. auc: how well it ranks, from 0 to 1; ½ is no better than chance; None unknown."""

    id: str
    title: str
    auc: float | None
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRow:
    """The observations with one grade of the lead, or with none."""

    grade: str | None
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class InTime:
    """The leads that reached the outcome in the period: whether they had been in the qualification before.

    share: how many had. days: least, quarter, median, three quarters and most of the days from the entry to the outcome.
    """

    share: Share
    days: tuple[float, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRow:
    """What the qualification would have been with another threshold of the score, all else as it is.

    threshold:  points. is_present: whether it is the playbook's own.
    leads, spells: as in a comparison: those that touch the period.
    precision:  how many of the mature leads reached the outcome within the horizon after their entry.
    reach:      how many of the leads that reached the outcome in the period had been in before.
    unmatured, before: leads that precision leaves out: their horizon is not over, or they were in when the period began.
    added, removed, earlier, later, same: against the playbook as it is.
    added_reached, removed_reached: what became of those, among the mature.
    """

    threshold: int = points_field()
    is_present: bool
    leads: int
    spells: int
    precision: Share
    unmatured: int
    before: int
    reach: Share
    a_week: float
    most: int
    weeks_over: int | None
    most_waiting: int | None
    added: int
    removed: int
    earlier: int
    later: int
    same: int
    added_reached: Share
    removed_reached: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """The lowest threshold, in whole points, at which no more hand-offs come in a mean week than can be worked.

    threshold: points; None where even the highest that was tried gives more. is_lowest_tried: whether it is the lowest that was
               tried, so that a lower one may fill the capacity better.
    """

    capacity: int
    threshold: int | None = points_field()
    a_week: float | None
    is_lowest_tried: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """A playbook's qualification against an outcome.

    moments:     the days at whose end leads are looked at; the horizons after them do not overlap.
    observations: all that count, and how many reached the outcome. observed_leads: how many leads they are of.
    left_out:    what does not count, by reason.
    scores:      those that the qualification reads. grades: the lead's grade.
    enter:       the observations at which `enter` was true.
    followed:    what became of the leads after their entry. in_time: how early those that reached the outcome had been in.
    score:       the score whose threshold is moved, or None: *no_threshold* then says why.
    not_used:    a sentence for each table of which something could not be used.
    thresholds:  from the lowest to the highest. Those five points below and above the present one are among them, where possible.
    """

    playbook: Version
    qualification: str
    title: str
    outcome: str
    start: int = day_field()
    end: int = day_field()
    seen_until: int = day_field()
    horizon_days: int
    leads: int
    moments: tuple[int, ...] = day_field()
    observations: Share
    observed_leads: int
    left_out: tuple[LeftOut, ...]
    scores: tuple[ScoreTable, ...]
    grades: tuple[GradeRow, ...]
    enter: Part
    followed: Followed
    in_time: InTime
    workload: Workload
    score: str | None = None
    no_threshold: str | None = None
    thresholds: tuple[ThresholdRow, ...] = ()
    fill: Fill | None = None
    warnings: Sequence[Problem] = ()
    not_used: tuple[str, ...] = ()

    @property
    def present(self) -> ThresholdRow | None:
        """The row of the playbook as it is."""
        return next((row for row in self.thresholds if row.is_present), None)

    def moved(self, points: int) -> ThresholdRow | None:
        """Return the row of a threshold that lies so many points above the present one (below 0: below), if it was tried."""
        present = self.present
        if present is None:
            return None
        wanted = present.threshold + points * 10_000
        return next((row for row in self.thresholds if row.threshold == wanted), None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows: days as dates, points and shares as numbers."""
        return record_of(self)
