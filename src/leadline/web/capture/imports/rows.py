"""What rows of a file say, once they are understood: the vocabulary between `understanding` and `writing`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from leadline.web.leads.messages import Json

Identities = tuple[tuple[str, str], ...]
"""Kind and value, as somebody is recognised by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRow:
    """A company, by an id that a source gives it, by its domain, or at worst by its name; and what is known of it.

    is_named: whether the row names it, so that a lead is linked to it; else it is only the one of the lead's address.
    """

    domain: str = ""
    group_id: str = ""
    name: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    known_at: datetime
    is_named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """A lead, what is known of it, and the company it belongs to where the row names one."""

    identities: Identities
    facts: Mapping[str, Json]
    known_at: datetime
    company: CompanyRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Something that somebody did. *event_id* is empty where the file names none."""

    identities: Identities
    name: str
    occurred_at: datetime
    received_at: datetime | None
    event_id: str
    properties: Mapping[str, Json]
    touch: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """What became of a lead. *outcome_id* is empty where the file names none."""

    identities: Identities
    outcome: str
    at: datetime
    reason: str = ""
    qualification: str = ""
    value: Decimal | None = None
    opportunity_id: str = ""
    outcome_id: str = ""


Said = LeadRow | CompanyRow | EventRow | OutcomeRow


@dataclass(frozen=True, slots=True)
class Understood:
    """A row that can be used.

    number: in the file. digest: of its cells, in hexadecimal; twin: how many rows with the same cells stand before it.
    """

    number: int
    said: Said
    digest: str
    twin: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot: *reason* is a stable code (`reasons.REASONS`), *detail* a sentence for people."""

    number: int
    reason: str
    detail: str
