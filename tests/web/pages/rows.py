"""Single rows by hand: a lead, what is said of it, what it did, and where it went."""

from datetime import timedelta

from django.utils import timezone

from leadline.web.accounts.models import Source
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.leads.models import Event, Lead

NOW = timezone.now()


def make_lead(workspace, name, **more):
    return Lead.objects.create(
        workspace=workspace, name=name, is_known=True, first_seen_at=NOW, last_seen_at=NOW, **more
    )


def qualify(lead, version, *, level="mql", stage="mql", rank=0, **more):
    Assessment.objects.create(
        workspace=lead.workspace, version=version, lead=lead, as_of=NOW, log_version=1, plan_hash="", stage=stage,
        rank=rank, is_qualified=True, qualifications=[level], **more,
    )  # fmt: skip
    return Spell.objects.create(
        workspace=lead.workspace, version=version, lead=lead, qualification=level, number=1, began_at=NOW - timedelta(days=30),
        began_by="enter", noticed_at=NOW,
    )  # fmt: skip


def happened(lead, name, *, ago, **more):
    source, _ = Source.objects.get_or_create(workspace=lead.workspace, name="website", defaults={"kind": "website"})
    at = timezone.now() - ago
    return Event.objects.create(
        workspace=lead.workspace, source=source, message_id=f"{lead.pk} {name} {at}", lead=lead, first_lead=lead,
        kind=more.pop("kind", "track"), name=name, occurred_at=at, received_at=at, **more,
    )  # fmt: skip


def move(lead, version, before, after, *, ago, is_forward=True, because="mql began"):
    return StageMove.objects.create(
        workspace=lead.workspace, version=version, lead=lead, at=timezone.now() - ago, before=before, after=after,
        because=because, is_forward=is_forward,
    )  # fmt: skip
