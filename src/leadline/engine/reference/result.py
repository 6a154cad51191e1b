"""What an assessment says: scores, levels and answers, each with where it comes from.

Points are integers in ten-thousandths. None in a bound means that there is no bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leadline.engine.calendar import AsOf
from leadline.engine.expressions.nodes import Term, Value
from leadline.engine.reference.log import Event

Fate = Literal["counted", "over limit", "forgotten"]
"""What became of an event that matched: it counted, the limit left it out, or nothing is left of it at its age."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One event behind a contribution: what it was worth on its day, and what it is worth now."""

    event: Event
    day: int
    fate: Fate
    worth_then: int
    worth_now: int


@dataclass(frozen=True, slots=True)
class LastReset:
    """What wiped a score last: an event, or an outcome with the reason (a text key) for which it was reported."""

    at_us: int
    event: str | None = None
    outcome: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one criterion gives a lead.

    units:      its points.
    is_unknown: its condition could not be decided; it then gives nothing.
    low, high:  the least and the most that it could give, were the unknown known.
    before_hold: the sum of its events before its own minimum and maximum.
    choice:     which entry of `choose` (or the condition of a plain criterion, 0) is true.
    reset:      what wiped what came before; *reset_us*: its moment.
    periods:    for inactivity: how many full periods since `quiet_since`, a day.
    """

    criterion_id: str
    units: int
    is_unknown: bool = False
    low: int | None = 0
    high: int | None = 0
    before_hold: int = 0
    choice: int | None = None
    evidence: tuple[Evidence, ...] = ()
    reset: LastReset | None = None
    periods: int | None = None
    quiet_since: int | None = None

    @property
    def reset_us(self) -> int | None:
        """The moment of the reset that wiped what came before."""
        return None if self.reset is None else self.reset.at_us


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """A score: its parts added up and held.

    coverage: the share of its fact points that are known, in ten-thousandths.
    """

    units: int
    before_hold: int
    low: int | None
    high: int | None
    coverage: int
    grade: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All that a playbook says of one lead at one moment.

    A lead that may not be scored, for want of consent, has `excluded_by` = ``consent`` and nothing else.
    values: what the terms of conditions were worth, as far as they were read; None where missing.
    """

    lead_id: str
    as_of: AsOf
    scores: Mapping[str, ScoreResult] = field(default_factory=dict)
    contributions: Mapping[str, Contribution] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    grade: str | None = None
    persona: str | None = None
    excluded_by: str | None = None
    qualifications: Mapping[str, bool] = field(default_factory=dict)
    stays: Mapping[str, bool] = field(default_factory=dict)
    values: Mapping[Term, Value | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_consent(self) -> bool:
        """Whether the lead could be assessed at all."""
        return self.excluded_by != "consent"
