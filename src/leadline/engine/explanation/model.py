"""What an explanation is made of: values that a terminal, a page or a script can show.

Points are in ten-thousandths and days are day numbers, as everywhere inside; `Explanation.to_dict` makes numbers and
dates of them. The promise: the points of a score's lines add up to the score, to the digit.
tests/engine/explanation/test_explain.py holds it for generated playbooks and leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import date_text
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.model import NextStep
from leadline.engine.reference.result import Fate

Certainty = Literal["true", "false", "unknown"]
LineKind = Literal["criterion", "criterion bounds", "score", "score bounds"]


def points_field(default: Any = ...) -> Any:
    """Return a field of ten-thousandths of a point."""
    return field(metadata={"unit": "points"}) if default is ... else field(metadata={"unit": "points"}, default=default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A condition, or a part of one: what it says, whether it holds, and what was found.

    text:   the part in words.
    truth:  whether it holds.
    found:  the present value in words, for a part that compares something.
    brief:  the same with scores to a tenth, as pages show points; exact where a tenth would belie what holds.
    joined: how `parts` make the whole: *all* must hold, *any* one, *not* the one part, or the one part for *certain*.
    """

    text: str
    truth: Certainty
    found: str | None = None
    brief: str | None = None
    joined: Literal["all", "any", "not", "certain"] | None = None
    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGroup:
    """The events of one name on one local day that had one fate.

    worth_then, worth_now: of each of them, on its day and at the moment of the assessment.
    """

    day: int = field(metadata={"unit": "day"})
    event: str
    fate: Fate
    count: int
    worth_then: int = points_field()
    worth_now: int = points_field()

    @property
    def points(self) -> int:
        """What they add, all together."""
        return self.count * self.worth_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a score: something that earned or cost points.

    kind:    a criterion, or what its own minimum or maximum took away or gave; for a sum of scores one of them; last
             what the score's own bounds took away or gave.
    id:      of the criterion or score.
    text:    the reason in a sentence.
    rule:    what the playbook says about it, in plain words.
    holds:   the condition that is true, with what was found.
    events:  what earned it, latest first.
    remark:  what else there is to say.
    """

    kind: LineKind
    id: str
    text: str
    points: int = points_field()
    rule: str | None = None
    holds: Part | None = None
    events: tuple[EventGroup, ...] = ()
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A criterion that earned nothing, and why in a few words."""

    id: str
    text: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What an unknown criterion would give, and when."""

    points: int = points_field()
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A criterion that cannot be decided: what is missing, and what it could give.

    low, high: the least and the most; None where there is no bound.
    """

    id: str
    text: str
    missing: tuple[str, ...]
    would_earn: tuple[Prospect, ...]
    low: int | None = points_field()
    high: int | None = points_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextGrade:
    """The next better grade: where it begins, and how many points are missing."""

    grade: str
    least: int = points_field()
    missing: int = points_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreExplanation:
    """A score and its lines, which add up to it.

    low, high: what it could be once all that is unknown is known; None where there is no bound.
    coverage:  the share of its points on facts that are known.
    wiped_on:  the day on which it was last wiped; wiped_by: by what, in words.
    """

    id: str
    title: str
    points: int = points_field()
    grade: str | None
    next_grade: NextGrade | None
    low: int | None = points_field()
    high: int | None = points_field()
    coverage: int = points_field()
    wiped_on: int | None = field(metadata={"unit": "day"}, default=None)
    wiped_by: str | None = None
    lines: tuple[Line, ...] = ()
    silent: tuple[Silent, ...] = ()
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionExplanation:
    """A question, its answer, and who says so.

    said_by: *person* when somebody answered, *criteria* when a condition decided, *nobody* when it is unknown.
    because: the condition that decided. missing: what is not known, when the answer is not.
    """

    id: str
    ask: str
    answer: str
    said_by: Literal["person", "criteria", "nobody"]
    because: Part | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationExplanation:
    """A qualification, and which parts of its conditions hold.

    holds: whether `enter` is true. stays: whether `enter` or `stay` is.
    enter, stay: part by part; `stay` only where it differs and decides. None for an excluded lead, which has none.
    since:    the day on which the lead's open spell began; None where none is open.
    cools_on: the first day at whose start that spell has ended if nothing more happens; None: never, or none is open.
    """

    id: str
    title: str
    holds: bool
    stays: bool
    enter: Part | None = None
    stay: Part | None = None
    since: int | None = field(metadata={"unit": "day"}, default=None)
    cools_on: int | None = field(metadata={"unit": "day"}, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What is missing for the next qualification.

    step:       the smallest change that would let the lead enter; None when no three changes are enough.
    hand_raise: the events with which anybody enters at once.
    kept_out:   the report that keeps the lead out for now, whatever it does; None where nothing does.
    """

    qualification: str
    title: str
    step: NextStep | None = None
    hand_raise: tuple[str, ...] = ()
    kept_out: KeptOut | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A persona or an exclusion that holds."""

    id: str
    title: str
    because: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a lead is assessed as it is.

    missing: what is missing for its next qualification; None when it has all, or is excluded, or when nobody asked.
    """

    lead_id: str
    as_of: str
    grade: str | None = None
    persona: Label | None = None
    excluded_by: Label | None = None
    scores: tuple[ScoreExplanation, ...] = ()
    questions: tuple[QuestionExplanation, ...] = ()
    qualifications: tuple[QualificationExplanation, ...] = ()
    missing: Missing | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as values that JSON knows: points as numbers, days as dates."""
        found = plain(self)
        assert isinstance(found, dict)
        return found


def plain(item: Any, unit: str | None = None) -> Any:
    """Return values as JSON knows them: tables for dataclasses, points as numbers, days as dates."""
    if isinstance(item, NextStep):
        return item.to_dict()
    if is_dataclass(item):
        return {one.name: plain(getattr(item, one.name), one.metadata.get("unit")) for one in fields(item)}
    if isinstance(item, tuple):
        return [plain(entry) for entry in item]
    if isinstance(item, Mapping):
        raise AssertionError("explanations hold no mappings")
    if item is not None and unit == "points":
        return item // POINT if item % POINT == 0 else item / POINT
    if item is not None and unit == "day":
        return date_text(item)
    return item
