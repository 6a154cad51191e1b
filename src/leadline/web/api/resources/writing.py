"""Writing facts that a key says: checked all at once, then by the one way into the log of facts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Schema

from leadline.web.api.gate import key_of
from leadline.web.api.given import FactIn, check_field
from leadline.web.api.models import ApiKey
from leadline.web.api.problems import Fault, ProblemError
from leadline.web.api.resources.asking import CLOCKS_DIFFER_S
from leadline.web.flow import rank_of_sources
from leadline.web.leads.records import NewFact, Recorded, record_facts
from leadline.web.playbooks.outcome_words import find_outcome_words

WRITTEN_BY = "API key "
"""How the name begins under which the log keeps what keys write."""


class Written(Schema):
    """What became of what was given: stored, or known so already."""

    stored: int
    unchanged: int


def check_facts(facts: Sequence[FactIn], now: datetime) -> None:
    """Refuse facts that cannot be written.

    Raises:
        ProblemError: all that is wrong with them.
    """
    faults: list[Fault] = []
    for number, fact in enumerate(facts):
        if why := check_field(fact.field, fact.evidence):
            faults.append(Fault(pointer=f"/facts/{number}/field", code="field", detail=why))
        faults += check_not_later(fact.known_at, now, f"/facts/{number}/known_at")
    refuse(faults)


def check_not_later(moment: datetime | None, now: datetime, pointer: str) -> list[Fault]:
    """Return what is wrong with a moment that may not lie ahead."""
    if moment is None or moment <= now + timedelta(seconds=CLOCKS_DIFFER_S):
        return []
    return [Fault(pointer=pointer, code="later-than-now", detail="It lies ahead; say what is so now.")]


def check_words(workspace_id: int, outcome: str, reason: str) -> list[Fault]:
    """Return what is wrong with an outcome and its reason: the live playbook has to know both."""
    wrong = find_outcome_words(workspace_id).find_fault(outcome, reason)
    return [] if wrong is None else [Fault(pointer=f"/{wrong.where}", code=f"unknown-{wrong.where}", detail=wrong.text)]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise faults, if there are any."""
    if faults:
        detail = "Something in the request cannot be used."
        raise ProblemError(status=422, code="invalid", detail=detail, errors=list(faults))


def write(
    request: HttpRequest,
    facts: Iterable[FactIn],
    now: datetime,
    *,
    lead_id: int | None = None,
    company_id: int | None = None,
) -> Recorded:
    """Write facts of a lead or of a company under the name of the key's source."""
    key = key_of(request)
    new = [
        NewFact(
            field=one.field,
            value=one.value,
            known_at=min(one.known_at or now, now),
            source=key.source.name,
            evidence=one.evidence,
            by=name_of(key),
            lead_id=lead_id,
            company_id=company_id,
        )
        for one in facts
    ]
    return record_facts(key.workspace, new, now=now, source_rank=rank_of_sources(key.workspace_id))


def name_of(key: ApiKey) -> str:
    """Return under which name the log keeps what a key writes."""
    return f"{WRITTEN_BY}{key.name}"


def written(recorded: Recorded, **more: Any) -> dict[str, Any]:
    """Return what became of facts or outcomes."""
    return {"stored": recorded.stored, "unchanged": recorded.unchanged} | more
