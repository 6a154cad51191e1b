"""Writes of the page: a fact that somebody knows, an answer that somebody got."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.engine.playbook.model import Playbook
from leadline.web.leads.mending import BY_HAND
from leadline.web.leads.models import Fact, Lead
from leadline.web.leads.records import NewFact, Recorded, record_facts
from leadline.web.leads.turn import take_turn


def add_fact(
    lead: Lead,
    *,
    field: str,
    value: str,
    evidence: str,
    by: str,
    playbook: Playbook | None = None,
    now: datetime | None = None,
) -> Recorded:
    """Note what a person knows of a lead. It is dated now, and the lead waits to be assessed again."""
    now = now or timezone.now()
    fact = NewFact(
        field=field, value=value or None, known_at=now, source=BY_HAND, lead_id=lead.pk, evidence=evidence, by=by
    )
    rank = playbook.source_rank if playbook else ()
    with transaction.atomic():
        take_turn(lead.workspace_id)
        return record_facts(lead.workspace, [fact], now=now, source_rank=rank)


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
    """Note what a person answered to a question of the playbook; an empty answer takes back what people answered before.

    What was answered about a lead that was merged into this one is taken back where it was said.
    """
    now, field = now or timezone.now(), f"questions.{question}"
    with transaction.atomic():
        take_turn(lead.workspace_id)
        about = {lead.pk} if answer else said_about(lead, field)
        facts = [
            NewFact(
                field=field,
                value=answer or None,
                known_at=now,
                source=BY_HAND,
                lead_id=lead_id,
                evidence=evidence,
                by=by,
            )
            for lead_id in sorted(about)
        ]
        return record_facts(lead.workspace, facts, now=now, source_rank=source_rank)


def said_about(lead: Lead, field: str) -> set[int]:
    """Return whom people's words on a field were about: the lead itself, or leads that were merged into it."""
    said = Fact.objects.filter(lead=lead, field=field, source=BY_HAND)
    return set(said.exclude(first_lead=None).values_list("first_lead_id", flat=True)) | {lead.pk}
