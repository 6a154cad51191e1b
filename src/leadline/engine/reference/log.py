"""What is known of one lead: the input of an assessment.

Values are canonical already: texts are text keys, numbers floats, dates and times local days, lists tuples of text
keys; a missing value is simply not there. Instants are microseconds since 1970 in UTC.

What is dated also knows from when on it is there (`from_us`), for an assessment with what was known then: when it had
happened and had arrived, the later of the two. ``there_us`` is when it arrived, None when that is not said.
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
    there_us: int | None = None

    @property
    def from_us(self) -> int:
        """From when on it is there: when it had occurred and had been received."""
        return _later(self.at_us, self.there_us)


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
    there_us: int | None = None

    @property
    def from_us(self) -> int:
        """From when on it is there: when it was known and had been recorded."""
        return _later(self.known_at_us, self.there_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedOutcome:
    """What somebody reported about the lead. *qualification*: the text key of the one that it concerns; None: all."""

    outcome: str
    at_us: int
    reason: str | None = None
    qualification: str | None = None
    there_us: int | None = None

    @property
    def from_us(self) -> int:
        """From when on it is there: when it had happened and had been recorded."""
        return _later(self.at_us, self.there_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadLog:
    """Everything known of one lead, at any time; an assessment leaves out what lies after its moment.

    created_us: when the lead was created, from when on *lead* and *company* are there; None: always.
    """

    lead_id: str
    lead: Mapping[str, Value] = field(default_factory=dict)
    company: Mapping[str, Value] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()
    company_facts: tuple[Fact, ...] = ()
    outcomes: tuple[ReportedOutcome, ...] = ()
    created_us: int | None = None


def _later(happened_us: int, arrived_us: int | None) -> int:
    return happened_us if arrived_us is None else max(happened_us, arrived_us)
