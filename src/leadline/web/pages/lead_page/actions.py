"""Writes of the page: a fact that somebody knows, an answer that somebody got."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.web.leads.models import Lead
from leadline.web.leads.records import NewFact, Recorded, record_facts

BY_HAND = "person"
ANSWERS = ("yes", "partly", "no")


def add_fact(
    lead: Lead,
    *,
    field: str,
    value: str,
    evidence: str,
    by: str,
    source_rank: tuple[str, ...] = (),
    now: datetime | None = None,
) -> Recorded:
    """Note what a person knows of a lead. It is dated now, and the lead waits to be assessed again."""
    now = now or timezone.now()
    fact = NewFact(
        field=field, value=value or None, known_at=now, source=BY_HAND, lead_id=lead.pk, evidence=evidence, by=by
    )
    with transaction.atomic():
        return record_facts(lead.workspace, [fact], now=now, source_rank=source_rank)


def add_answer(
    lead: Lead,
    *,
    question: str,
    answer: str,
    evidence: str,
    by: str,
    source_rank: tuple[str, ...] = (),
    now: datetime | None = None,
) -> Recorded:
    """Note what a person answered to a question of the playbook; an empty answer takes back what people answered before."""
    field = f"questions.{question}"
    return add_fact(lead, field=field, value=answer, evidence=evidence, by=by, source_rank=source_rank, now=now)
