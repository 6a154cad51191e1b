"""What columns can be: for each table what an import knows to do with.

Anything else becomes a fact (of leads and companies), or a property (of events), under a name of its own. What columns are called in files
stands in spellings.toml.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from leadline.engine.values import text_key
from leadline.web.capture.imports.values import Type

Table = Literal["leads", "companies", "events", "outcomes"]
TABLES: dict[str, str] = {
    "leads": "Leads",
    "companies": "Companies",
    "events": "Events",
    "outcomes": "Outcomes",
}
Use = Literal["identity", "time", "word", "fact", "company", "touch"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a column can be.

    use:  who it is about; a moment; a word that the table needs; a fact; a fact of the lead's company; where an event came from.
    type: how its cells are read, unless somebody says otherwise.
    """

    id: str
    label: str
    use: Use
    type: Type = "text"


_LEAD_ID = Field("lead_id", "Lead’s id (CRM)", "identity")
_EMAIL = Field("email", "E-mail", "identity")
_USER_ID = Field("user_id", "User id", "identity")
_KNOWN_AT = Field("known_at", "Known since", "time", "date")

_FIELDS: dict[str, tuple[Field, ...]] = {
    "leads": (
        _EMAIL,
        _LEAD_ID,
        _USER_ID,
        _KNOWN_AT,
        Field("name", "Name", "fact"),
        Field("first_name", "First name", "fact"),
        Field("last_name", "Last name", "fact"),
        Field("title", "Job title", "fact"),
        Field("phone", "Phone", "fact"),
        Field("country", "Country", "fact"),
        Field("company", "Company’s name", "fact"),
        Field("consent.contact", "Consent to contact", "fact", "boolean"),
        Field("consent.scoring", "Consent to scoring", "fact", "boolean"),
        Field("company.domain", "Company’s domain", "company"),
        Field("company.id", "Company’s id", "company"),
        Field("company.industry", "Company’s industry", "company"),
        Field("company.employees", "Company’s employees", "company", "number"),
        Field("company.country", "Company’s country", "company"),
    ),
    "companies": (
        Field("domain", "Domain", "identity"),
        Field("company_id", "Company’s id", "identity"),
        _KNOWN_AT,
        Field("name", "Name", "fact"),
        Field("industry", "Industry", "fact"),
        Field("employees", "Employees", "fact", "number"),
        Field("country", "Country", "fact"),
    ),
    "events": (
        Field("event", "Event", "word"),
        Field("occurred_at", "Happened at", "time", "date"),
        _EMAIL,
        _LEAD_ID,
        _USER_ID,
        Field("anonymous_id", "Anonymous id", "identity"),
        Field("received_at", "Received at", "time", "date"),
        Field("event_id", "Event’s id", "word"),
        Field("touch.source", "Came from: source", "touch"),
        Field("touch.medium", "Came from: medium", "touch"),
        Field("touch.campaign", "Came from: campaign", "touch"),
        Field("touch.term", "Came from: term", "touch"),
        Field("touch.content", "Came from: content", "touch"),
        Field("touch.referrer", "Came from: referrer", "touch"),
        Field("touch.click_id", "Came from: click id", "touch"),
    ),
    "outcomes": (
        Field("outcome", "Outcome", "word"),
        Field("at", "Happened at", "time", "date"),
        _EMAIL,
        _LEAD_ID,
        _USER_ID,
        Field("reason", "Reason", "word"),
        Field("qualification", "Qualification", "word"),
        Field("value", "Value", "word", "number"),
        Field("opportunity_id", "Opportunity’s id", "word"),
        Field("outcome_id", "Outcome’s id", "word"),
    ),
}
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "leads": (("email", "lead_id", "user_id"),),
    "companies": (("domain", "company_id"),),
    "events": (("email", "lead_id", "user_id", "anonymous_id"), ("event",), ("occurred_at",)),
    "outcomes": (("email", "lead_id", "user_id"), ("outcome",), ("at",)),
}
"""What an import of a table cannot do without: of each group at least one."""


def fields_of(table: str) -> Sequence[Field]:
    """Return what columns of a table can be, in the order in which they are offered."""
    return _FIELDS[table]


@cache
def field_by_id(table: str) -> dict[str, Field]:
    """Return the fields of a table by their ids."""
    return {field.id: field for field in fields_of(table)}


@cache
def fields_by_name(table: str) -> dict[str, Field]:
    """Return the fields of a table by the names that columns of it have; the first of several fields has a name."""
    spellings = tomllib.loads((files(__package__) / "spellings.toml").read_text(encoding="utf-8"))[table]
    found: dict[str, Field] = {}
    for field in fields_of(table):
        for name in (field.id, *spellings.get(field.id, ())):
            found.setdefault(header_key(name), field)
    return found


def header_key(text: str) -> str:
    """Return a column's name as it is compared: without capitals, signs and humps.

    >>> header_key("E-Mail Address"), header_key("firstName"), header_key(" Company_Size ")
    ('e mail address', 'first name', 'company size')
    """
    spaced = "".join(
        f" {sign}" if sign.isupper() and index and text[index - 1].islower() else sign
        for index, sign in enumerate(text)
    )
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text_key(spaced)).split())
