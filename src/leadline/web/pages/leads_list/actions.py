"""Writes of the list: a lead added by hand."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.models import Identity, Lead
from leadline.web.leads.records import NewFact, find_or_make_lead, record_facts

BY_HAND = "person"


def add_lead(
    workspace: Workspace,
    *,
    name: str,
    email: str,
    title: str,
    company: str,
    evidence: str,
    by: str,
    now: datetime | None = None,
) -> tuple[Lead, bool]:
    """Add somebody whom a person knows, and say whether they are new; what is said becomes facts of that person."""
    now = now or timezone.now()
    with transaction.atomic():
        lead, was_made = find_or_make_lead(
            workspace, identities=[(Identity.Kind.EMAIL, email)], source=BY_HAND, is_verified=True, at=now, now=now
        )
        said = {"name": name, "email": email, "title": title, "company": company}
        facts = [
            NewFact(field=field, value=value, known_at=now, source=BY_HAND, lead_id=lead.pk, evidence=evidence, by=by)
            for field, value in said.items()
            if value
        ]
        record_facts(workspace, facts, now=now)
    lead.refresh_from_db()
    return lead, was_made
