"""What a condition is made of, once every name in it has been given its meaning.

A *term* has a value for a lead (or an event), or none; a *condition* is true, false or unknown. All nodes are frozen and
hashable, so that equal questions to the data are asked once. The meaning of each stands in evaluate.py.
"""

from dataclasses import dataclass
from typing import Literal as Choice

Kind = Choice["text", "number", "boolean", "day", "list"]
"""What conditions can compare: a date and a time are both a local *day*."""

Scope = Choice["lead", "company", "event"]
Value = str | float | bool | int | tuple[str, ...]
"""A text key, a number, a truth, a day number, or the text keys of a list. Missing is None."""


# -- terms --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the condition. *value* is a text key for text and a day number for a date; *shown* is as written."""

    value: str | float | bool | int
    kind: Kind
    shown: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the lead or its company, or a property of the event that a condition is about."""

    scope: Scope
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Count:
    """How many events of a name have an age under *window_days* (None: ever) and pass *only*."""

    event: str
    window_days: int | None
    only: "Condition | None"


@dataclass(frozen=True, slots=True)
class ActiveDays:
    """On how many local days of an age under *window_days* there was such an event; ``*`` is any event."""

    event: str
    window_days: int | None


@dataclass(frozen=True, slots=True)
class DaysSinceEvent:
    """Whole local days since the last such event; unknown when there was none."""

    event: str


@dataclass(frozen=True, slots=True)
class DaysSinceField:
    """Whole local days since a date field, negative when it lies ahead."""

    field: Field


@dataclass(frozen=True, slots=True)
class DaysSinceOutcome:
    """Whole local days since the latest outcome of a name; unknown when there was none."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Spells:
    """How many spells of a qualification have ended."""

    qualification: str


@dataclass(frozen=True, slots=True)
class History:
    """The latest *decision* or *deal* among a lead's outcomes, or the *reason* of the latest decision."""

    what: Choice["decision", "deal", "reason"]


@dataclass(frozen=True, slots=True)
class AnsweredYes:
    """How many questions are answered yes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question: yes, partly, no or unknown (a text, never missing)."""

    question: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score in points."""

    score: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of a score."""

    score: str


EventTerm = Count | ActiveDays | DaysSinceEvent
Term = (
    Literal
    | Field
    | Count
    | ActiveDays
    | DaysSinceEvent
    | DaysSinceField
    | DaysSinceOutcome
    | Spells
    | History
    | AnsweredYes
    | Answer
    | Score
    | Grade
)


# -- conditions ---------------------------------------------------------------------------------

Operator = Choice["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """``left operator right``, of one kind."""

    left: Term
    operator: Operator
    right: Term


@dataclass(frozen=True, slots=True)
class Among:
    """``term in (…)``, or in a named list."""

    term: Term
    values: tuple[Literal, ...]
    list_name: str | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """``term between low and high``, both included."""

    term: Term
    low: Term
    high: Term


@dataclass(frozen=True, slots=True)
class Like:
    """``term like pattern``: ``%`` is any text, ``_`` any one character; *pattern* is normalised like a text."""

    term: Term
    pattern: str
    shown: str


@dataclass(frozen=True, slots=True)
class TextTest:
    """``starts_with``, ``ends_with`` or ``contains`` of a text."""

    how: Choice["starts_with", "ends_with", "contains"]
    term: Term
    part: Literal


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a list has an entry."""

    term: Field
    entry: Literal


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether a value is missing; never unknown."""

    term: Term


@dataclass(frozen=True, slots=True)
class Holds:
    """A boolean term standing for itself."""

    term: Term


@dataclass(frozen=True, slots=True)
class IsTrue:
    """Whether a condition is true; false when it is false or unknown."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """False when one part is false, else unknown when one is unknown, else true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part is true, else unknown when one is unknown, else false."""

    parts: tuple["Condition", ...]


Condition = Compare | Among | Between | Like | TextTest | Has | IsNull | Holds | IsTrue | Not | AllOf | AnyOf


def kind_of(term: Term) -> Kind:
    """Return what kind of value a term has."""
    match term:
        case Literal(_, kind, _) | Field(_, _, kind):
            return kind
        case History() | Answer() | Grade():
            return "text"
        case _:
            return "number"


def name_of_term(term: Term) -> str:
    """Return a term as it is written."""
    match term:
        case Literal(_, _, shown):
            return shown
        case Field("company", name, _):
            return f"company.{name}"
        case Field(_, name, _):
            return name
        case Score(score):
            return score
        case Grade(score):
            return f"{score}.grade"
        case Answer(question):
            return question
        case History(what):
            return what
        case AnsweredYes():
            return "answered_yes"
        case Count():
            return f"count('{term.event}')"
        case ActiveDays():
            return f"active_days('{term.event}')"
        case DaysSinceEvent():
            return f"days_since('{term.event}')"
        case DaysSinceField():
            return f"days_since({name_of_term(term.field)})"
        case DaysSinceOutcome():
            return f"days_since_outcome('{term.outcome}')"
        case Spells():
            return f"spells('{term.qualification}')"


def parts_of(condition: Condition) -> tuple["Condition | Term", ...]:
    """Return what a condition is directly made of."""
    match condition:
        case Compare(left, _, right):
            return (left, right)
        case Between(term, low, high):
            return (term, low, high)
        case Among(term, values, _):
            return (term, *values)
        case Like(term, _, _) | IsNull(term) | Holds(term):
            return (term,)
        case TextTest(_, term, part):
            return (term, part)
        case Has(field, entry):
            return (field, entry)
        case IsTrue(part) | Not(part):
            return (part,)
        case AllOf(parts) | AnyOf(parts):
            return parts


def terms_of(condition: Condition) -> list[Term]:
    """Return the terms that a condition reads, each once, in the order of their writing; filters of counts are not entered."""
    found: dict[Term, None] = {}
    waiting: list[Condition | Term] = [condition]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, Condition):
            waiting[:0] = parts_of(item)
        elif isinstance(item, DaysSinceField):
            found[item] = None
            found[item.field] = None
        elif not isinstance(item, Literal):
            found[item] = None
    return list(found)
