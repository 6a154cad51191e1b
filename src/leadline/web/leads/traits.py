"""What a source says of somebody, as fields and values of facts: names as playbooks write them, values in bounds.

tests/web/leads/test_traits.py guards it.
"""

import math
import re
from collections.abc import Mapping

from leadline.web.leads.claims import clean_address
from leadline.web.leads.messages import Json

FactValue = str | int | float | bool | list[str] | None

MOST_FIELDS = 60
MOST_CHARACTERS = 1000
MOST_ENTRIES = 50
_MOST_OF_A_NAME = 100
_CALLED_OTHERWISE = {
    "firstname": "first_name",
    "lastname": "last_name",
    "fullname": "name",
    "full_name": "name",
    "given_name": "first_name",
    "family_name": "last_name",
    "job_title": "title",
    "jobtitle": "title",
    "position": "title",
    "email_address": "email",
    "phone_number": "phone",
    "company_name": "company",
    "organization": "company",
    "organisation": "company",
}
_COMPANY_CALLED_OTHERWISE = {
    "employee_count": "employees",
    "number_of_employees": "employees",
    "size": "employees",
    "company_size": "employees",
    "company_name": "name",
    "website": "domain",
    "url": "domain",
}
_ANSWER = re.compile(r"(consent|questions)\.[a-z0-9_]{1,60}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def trait_field(text: str) -> str:
    """Return a trait's name as a field's: ``firstName`` and ``First name`` are both ``first_name``; empty for what is no name.

    A dot is no part of it: consent and answers to questions, whose fields have one, cannot be said by the way. What people write
    themselves, in a label of a form, keeps the letters of their script: `names.worded_field`.

    >>> trait_field("firstName"), trait_field("Company Size"), trait_field("consent.scoring"), trait_field("_company")
    ('first_name', 'company_size', 'consent_scoring', 'company')
    """
    return _OTHER.sub("_", _HUMP.sub("_", text).lower()).strip("_")[:_MOST_OF_A_NAME].rstrip("_")


def bounded(value: Json) -> FactValue:
    """Return a value as a fact may have it; None for nothing, and for what has parts with names of their own."""
    match value:
        case str():
            return value.replace("\x00", "").strip()[:MOST_CHARACTERS] or None
        case bool():
            return value
        case int():
            return value if abs(value) < 2**63 else float(value) if abs(value) < 10**300 else None
        case float():
            return value if math.isfinite(value) else None
        case list():
            entries = [bounded(entry) for entry in value[:MOST_ENTRIES]]
            texts = [
                entry if isinstance(entry, str) else str(entry) for entry in entries if not isinstance(entry, list)
            ]
            return [text for text, entry in zip(texts, entries, strict=False) if entry is not None] or None
        case _:
            return None


def facts_of(traits: Mapping[str, Json], *, may_answer: bool = False) -> dict[str, FactValue]:
    """Return what traits say of a person, as fields and values. None takes back what the same source said before.

    An address that is none is left out; of a company and a postal address the parts that a person's card shows are taken.
    With *may_answer* (a form of ours, a report of a mail provider) fields of consent and of questions are let through as they are named.
    """
    found: dict[str, FactValue] = {}
    for key, value in traits.items():
        name = trait_field(key)
        if may_answer and _ANSWER.fullmatch(key):
            found[key] = bounded(value)
            continue
        name = _CALLED_OTHERWISE.get(name, name)
        if isinstance(value, Mapping):
            found.update(_parts(name, value))
        elif name == "email":
            address = clean_address(value)
            if address or value in (None, ""):
                found[name] = address or None
        elif name and name != "id":
            found[name] = bounded(value)
        if len(found) >= MOST_FIELDS:
            break
    return found


def _parts(name: str, value: Mapping[str, Json]) -> dict[str, FactValue]:
    if name == "company":
        return {"company": bounded(value["name"])} if "name" in value else {}
    if name == "address":
        return {part: bounded(value[part]) for part in ("country", "city", "postal_code", "state") if part in value}
    return {}


def company_facts_of(traits: Mapping[str, Json]) -> dict[str, FactValue]:
    """Return what traits say of a company, as fields and values; a web address becomes the domain that it is at."""
    from leadline.web.leads.companies import registrable_domain

    found: dict[str, FactValue] = {}
    for key, value in list(traits.items())[:MOST_FIELDS]:
        name = trait_field(key)
        name = _COMPANY_CALLED_OTHERWISE.get(name, name)
        if isinstance(value, Mapping):
            found.update(_parts(name, value) if name == "address" else {})
        elif name == "domain":
            domain = registrable_domain(value) if isinstance(value, str) else ""
            if domain:
                found[name] = domain
        elif name and name != "id":
            found[name] = bounded(value)
    return found
