"""What the API takes: the parts of queries and bodies, each with its bounds. Bodies are read strictly: a number is no text."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from leadline.web.leads.facts import is_internal
from leadline.web.leads.traits import MOST_CHARACTERS, MOST_ENTRIES, bounded

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
OUTSIDE = "There is no such time, or it lies outside the years 1990 to 2199."
FIELD_PATTERN = r"^([a-z][a-z0-9_]{0,99}|(consent|questions)\.[a-z0-9_]{1,60})$"
NO_NUL = r"^[^\x00]*$"
READABLE = r"^[^\x00]*[^\s\x00][^\x00]*$"
"""A text that is more than blanks."""
MOST_ID = 2**63 - 1
MOST_OF_A_PLAYBOOK = 400_000


def read_moment(value: object) -> datetime:
    """Return a time that was written with its offset.

    Raises:
        ValueError: it is none, has no offset, or lies outside the years 1990 to 2199.
    """
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("A time is written like 2026-03-01T09:30:00Z, with its offset.")
    try:
        found = datetime.fromisoformat(value.upper().replace(":60", ":59")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(OUTSIDE) from None
    if not _EARLIEST <= found < _LATEST:
        raise ValueError(OUTSIDE)
    return found


def _read_value(value: Any) -> Any:
    """Return a value as a fact may have it.

    Raises:
        ValueError: it has parts with names of their own, or entries that are no texts.
    """
    entries = value if isinstance(value, list) else [value]
    texts = [one for one in entries if isinstance(one, str)]
    if isinstance(value, dict) or (isinstance(value, list) and len(texts) < len(value)):
        raise ValueError("A value is a text, a number, true or false, a list of texts, or null to take back.")
    if len(entries) > MOST_ENTRIES or any(len(one) > MOST_CHARACTERS or "\0" in one for one in texts):
        raise ValueError(f"A text has at most {MOST_CHARACTERS:,} characters, a list at most {MOST_ENTRIES} texts.")
    found = bounded(value)
    if found is None and isinstance(value, int | float):
        raise ValueError("This number is beyond all measure.")
    return found


def read_whole(value: Any) -> Any:
    """Return a whole number that was written as 2.0 as what it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read_side(value: Any) -> Any:
    """Return a playbook as it is named: its text, or the number of a version.

    Raises:
        ValueError: it is neither.
    """
    value = read_whole(value)
    is_number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31
    if not is_number and not (isinstance(value, str) and len(value) <= MOST_OF_A_PLAYBOOK):
        raise ValueError("A playbook is named by its text, or by the number of a version.")
    return value


MomentIn = Annotated[datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Id = Annotated[int, Field(ge=1, le=MOST_ID)]
Text = Annotated[str, StringConstraints(max_length=255, pattern=NO_NUL)]
LongText = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]
FieldName = Annotated[str, StringConstraints(pattern=FIELD_PATTERN)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Limit = Annotated[int, Field(ge=1, le=500, description="How many rows a page has.")]
Cursor = Annotated[
    str, StringConstraints(max_length=300), Field(description="`next` of the page before; left out, the first page.")
]
_TEXT = {"type": "string", "maxLength": MOST_CHARACTERS, "pattern": NO_NUL}
_VALUES = {
    "anyOf": [
        _TEXT,
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "array", "items": _TEXT, "maxItems": MOST_ENTRIES},
    ]
}
FactValue = Annotated[Any, BeforeValidator(_read_value), WithJsonSchema(_VALUES)]


class Body(Schema):
    """What every body has in common: nothing unknown in it, and nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PageQuery(Schema):
    """Which page of a list."""

    limit: Limit = 100
    cursor: Cursor = ""


class FactIn(Body):
    """A value of a field. Left out, `known_at` is now. `null` takes back what this key's source said before."""

    field: FieldName
    value: FactValue
    known_at: MomentIn | None = None
    evidence: LongText = ""


Facts = Annotated[list[FactIn], Field(min_length=1, max_length=200)]


class FactsIn(Body):
    """Facts of one lead or company."""

    facts: Facts


class LeadIn(Body):
    """Who it is, by at least one of the three identities, and what is known of them."""

    email: Annotated[str, StringConstraints(max_length=254, pattern=NO_NUL)] = ""
    user_id: Text = ""
    crm_id: Text = Field(default="", description="An id in another system, with its name: `hubspot:17`.")
    facts: Annotated[list[FactIn], Field(max_length=200)] = Field(default_factory=list)


class CompanyIn(Body):
    """Which company it is, by its domain, by what your system calls it, or by its name; and what is known of it."""

    domain: Text = ""
    group_id: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = ""
    name: Text = ""
    facts: Annotated[list[FactIn], Field(max_length=200)] = Field(default_factory=list)


class MergeIn(Body):
    """Into which lead another goes."""

    into: Annotated[Id, BeforeValidator(read_whole)]


class OutcomeIn(Body):
    """What is reported of a lead. Without an `outcome_id` it is known by what it says: said twice it is one."""

    outcome: Slug
    at: MomentIn
    reason: Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)] = ""
    qualification: Annotated[str, StringConstraints(max_length=60, pattern=NO_NUL)] = ""
    value: Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$")] | None = None
    opportunity_id: Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)] = ""
    outcome_id: Text = ""


class TakeBackIn(Body):
    """Which outcome was wrong. `by`: of what people reported on the page, who did, or a manager."""

    outcome_id: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_NUL)]
    by: Annotated[str, StringConstraints(max_length=254, pattern=NO_NUL)] = ""


MOST_OF_A_QUERY = 4_000
ViewName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=NO_NUL),
    Field(description="What people read above the list."),
]
ListQuery = Annotated[
    str,
    StringConstraints(max_length=MOST_OF_A_QUERY, pattern=NO_NUL),
    Field(
        description="The filters, order and columns, as the address of the page Leads has them: `stage=mql&sort=seen`."
    ),
]


class ViewIn(Body):
    """A list of leads under a name."""

    name: ViewName
    query: ListQuery = ""


class ViewChangeIn(Body):
    """What is to be otherwise of a view; what is left out stays."""

    name: ViewName | None = None
    query: ListQuery | None = None


class PlaybookIn(Body):
    """A playbook and its cases, as texts."""

    toml: Annotated[str, StringConstraints(max_length=MOST_OF_A_PLAYBOOK)]
    cases: Annotated[str, StringConstraints(max_length=MOST_OF_A_PLAYBOOK)] = ""


class PublishIn(PlaybookIn):
    """A playbook that is to hold from now on; `note` says what is new in it."""

    note: Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] = ""


_SIDES = [{"type": "integer", "minimum": 1, "maximum": 2**31 - 1}, {"type": "string", "maxLength": MOST_OF_A_PLAYBOOK}]
Side = Annotated[Any, BeforeValidator(_read_side), WithJsonSchema({"anyOf": _SIDES})]


class CompareIn(Body):
    """Two playbooks, each as its text or as the number of a published version. Left out, `before` is the live one."""

    before: Side | None = None
    after: Side


def check_field(field: str, evidence: str) -> str:
    """Return why a field cannot be written as it is; empty when it can."""
    if is_internal(field):
        return "Fields that begin with an underscore are the app's own."
    if field.startswith("consent.") and not evidence.strip():
        return "A word on consent needs its evidence: the lawful basis, and how you know."
    return ""
