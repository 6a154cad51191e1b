"""What is known of one lead: the input of an assessment.

Values are canonical already: texts are text keys, numbers floats, dates and times local days, lists tuples of text
keys; a missing value is simply not there. Instants are microseconds since 1970 in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadline.engine.expressions.nodes import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A dated observation. Of several rows with one `event_id` only the one that counts is in a log."""

    name: str
    at_us: int
    properties: Mapping[str, Value] = field(default_factory=dict)
    event_id: str | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A dated value of a field, with who said it. *value* is None when it withdraws what *source* said before.

    text: the value as written, which breaks ties.
    """

    field: str
    value: Value | None
    text: str
    known_at_us: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedOutcome:
    """What somebody reported about the lead."""

    outcome: str
    at_us: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadLog:
    """Everything known of one lead, at any time; an assessment leaves out what lies after its moment."""

    lead_id: str
    lead: Mapping[str, Value] = field(default_factory=dict)
    company: Mapping[str, Value] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()
    company_facts: tuple[Fact, ...] = ()
    outcomes: tuple[ReportedOutcome, ...] = ()
