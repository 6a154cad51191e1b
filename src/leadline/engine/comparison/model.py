"""What a comparison of two versions says, as values. The rules by which it is counted stand in compare.py and what it calls.

*Old* and *new* are the two versions, in the order in which they were named. Days are local days, ends included. A lead *is in* a
version's qualification when it has a spell of it that touches the period; its *entry* is the beginning of the first such spell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from leadline.engine.comparison.record import day_field, points_field, record_of
from leadline.engine.explanation.model import Explanation, QualificationExplanation
from leadline.engine.lifecycle.model import BeganBy
from leadline.engine.problems import Problem
from leadline.engine.statistics import Share

Side = Literal["old", "new"]
Way = Literal["for", "against"]
Kind = Literal["added", "earlier", "removed", "later"]
Group = Literal["old", "new", "kept", "added", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which playbook it was. *version* is the first part of the plan's hash; *file* is "" where it came from no file."""

    name: str
    version: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Hand-offs of one week. *monday* is its first day; *days* of it, 1 to 7, lie in the period."""

    monday: int = day_field()
    days: int
    handoffs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The hand-offs of a version, week by week, against what can be worked.

    qualifications: whose spells are handed over. is_declared: whether `[handoff]` names them; else it is the first one.
    a_week:         mean number of hand-offs in seven days. most: of the fullest week.
    capacity:       how many can be worked in a week, or None where it was not given; the rest is then None too.
    weeks_over:     in how many weeks more came than can be worked.
    waiting:        how many were waiting at the end of each week, where what is not worked waits for the next week.
    """

    qualifications: tuple[str, ...]
    is_declared: bool
    weeks: tuple[Week, ...]
    total: int
    a_week: float
    most: int
    capacity: int | None = None
    weeks_over: int | None = None
    waiting: tuple[int, ...] | None = None

    @property
    def most_waiting(self) -> int | None:
        """How many were waiting when most were."""
        return None if self.waiting is None else max(self.waiting, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How many of the mature leads reached an outcome within the horizon after their entry. *share* counts mature leads.

    already: of the mature, how many had the outcome before their entry and not again within the horizon; they are not in the share's
             count, since the entry came too late for it.
    """

    outcome: str
    share: Share
    already: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of a group of leads. ``leads = mature + unmatured + before``.

    group:     *added* entered by the new version only, *removed* by the old only, *kept* by both (followed from the new entry);
               *old* and *new* are all that a version has.
    mature:    those whose horizon is over. unmatured: those whose is not; whether they will reach it nobody knows yet.
    before:    those that were in it already when the period began: leads that had stayed are no fair sample, so they are not followed.
    """

    group: Group
    leads: int
    mature: int
    unmatured: int
    before: int
    reached: tuple[Reached, ...]

    def get(self, outcome: str) -> Reached:
        """Return what is said of an outcome. Raises KeyError when nothing is."""
        for one in self.reached:
            if one.outcome == outcome:
                return one
        raise KeyError(outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The share of the added that reached an outcome, less that of the removed, with its interval. None where either has no mature lead."""

    outcome: str
    points: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some of the winners that both versions had in time, by how many days the new version was earlier (below 0: later).

    least, most: both included; None: no bound.
    """

    least: int | None
    most: int | None
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Winners:
    """The leads that were won in the period, and whether a version had them in before that.

    both, caught, missed, neither: how many both versions had, only the new, only the old, none. Together they are *leads*.
    Of the first: *days* are least, quarter, median, three quarters and most of the days gained (below 0: lost), None when there are
    none; *spans* is their distribution.
    """

    outcome: str
    leads: int
    both: int
    caught: int
    missed: int
    neither: int
    earlier: int
    later: int
    days: tuple[float, ...] | None
    spans: tuple[Span, ...]

    @property
    def old(self) -> Share:
        """The share of the winners that the old version had in before they were won."""
        return Share(self.both + self.missed, self.leads)

    @property
    def new(self) -> Share:
        """The share of the winners that the new version had in before they were won."""
        return Share(self.both + self.caught, self.leads)

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows."""
        return record_of(self) | {"in_time": {"old": self.old.to_dict(), "new": self.new.to_dict()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationChange:
    """What became of one qualification. ``added + kept`` is all that the new version has, ``removed + kept`` all of the old.

    only_in:  the one version that has a qualification of this id, else None. Its leads then all count as added or removed.
    kept:     earlier + later + same; same is on the same local day.
    followed: by group, in the order old, new, kept, added, removed.
    """

    id: str
    title: str
    only_in: Side | None
    old_leads: int
    new_leads: int
    old_spells: int
    new_spells: int
    added: int
    removed: int
    earlier: int
    later: int
    same: int
    followed: tuple[Followed, ...]
    differences: tuple[Difference, ...]
    winners: Winners

    @property
    def kept(self) -> int:
        """How many leads both versions have."""
        return self.earlier + self.later + self.same

    def of(self, group: Group) -> Followed:
        """Return what became of a group."""
        return next(one for one in self.followed if one.group == group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A criterion or a score that gave a lead different points. None: the version does not have it."""

    id: str
    text: str
    old: int | None = points_field()
    new: int | None = points_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A lead that shows what the change does.

    way:        *for* leads that the new version lets in, or sooner; *against* leads that it loses, or has later.
    entered_by: the version that had the lead first, at *at*; its day is *day*. other_day: the other version's entry, if there is one.
    far_days:   for how many days of the period one version has the lead and the other does not; for added and removed, all its stay.
    outcome:    the furthest outcome that the lead reached afterwards, and when.
    explanation: why, by the version that let it in, at that moment; None in a comparison without data.
    other_says: how the other version saw the qualification then; None where it does not have it.
    criteria, scores: what gave different points at that moment.
    """

    lead_id: str
    qualification: str
    way: Way
    kind: Kind
    entered_by: Side
    at: str
    day: int = day_field()
    other_day: int | None = day_field()
    began_by: BeganBy
    hand_raise: str | None
    far_days: int
    is_winner: bool
    outcome: str | None
    outcome_day: int | None = day_field()
    explanation: Explanation | None = None
    other_says: QualificationExplanation | None = None
    criteria: tuple[Changed, ...] = ()
    scores: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Two versions of a playbook over one stretch of time.

    seen_until:   the last day of which outcomes are known.
    horizon_days: how long after its entry a lead has time to reach an outcome.
    outcomes:     which ones are followed, the furthest last; those that occur nowhere in the data are in *unseen*.
    telling:      at most ten leads each way, the most telling first.
    not_used:     a sentence for each table of which something could not be used.
    """

    old: Version
    new: Version
    start: int = day_field()
    end: int = day_field()
    seen_until: int = day_field()
    horizon_days: int
    leads: int
    outcomes: tuple[str, ...]
    unseen: tuple[str, ...]
    qualifications: tuple[QualificationChange, ...]
    workload: Mapping[Side, Workload]
    telling: tuple[Telling, ...] = ()
    warnings: Sequence[Problem] = ()
    not_used: tuple[str, ...] = ()

    def get(self, qualification: str) -> QualificationChange:
        """Return what became of a qualification. Raises KeyError when neither version has it."""
        for one in self.qualifications:
            if one.id == qualification:
                return one
        raise KeyError(qualification)

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows: days as dates, points and shares as numbers."""
        return record_of(self)
