"""Every write of mail sources: adding one, a new key, and taking reports."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.keys import make_key, revoke_key
from leadline.web.accounts.models import Source, SourceKey, Workspace
from leadline.web.capture.mail.reader import PROTOCOL
from leadline.web.capture.mail.sealing import seal
from leadline.web.capture.models import MailHook, WaitingClick
from leadline.web.capture.tracking.inbox import put_delivery, refuse
from leadline.web.leads.messages import Json

LOOK_AFTER = timedelta(seconds=20)
"""Clicks of one scanner come within seconds; then they are looked at together."""
EXPECTED_FOR = timedelta(days=7)
UNREADABLE = "unreadable-mail-report"


def add_hook(workspace: Workspace, *, name: str, provider: str, signing_key: str = "") -> tuple[MailHook, str]:
    """Add a source of mail events; return it with the key that the provider is to send, which is shown this once."""
    with transaction.atomic():
        source = Source.objects.create(workspace=workspace, name=name, kind=Source.Kind.MAIL)
        hook = MailHook.objects.create(
            workspace=workspace, source=source, provider=provider, signing_key=seal(signing_key.strip())
        )
        return hook, make_key(source, SourceKey.Kind.MAIL)


def replace_key(hook: MailHook) -> str:
    """Make a new key for a source and end those before."""
    with transaction.atomic():
        for key in SourceKey.objects.filter(source=hook.source, kind=SourceKey.Kind.MAIL, revoked_at=None):
            revoke_key(key)
        return make_key(hook.source, SourceKey.Kind.MAIL)


def take_report(hook: MailHook, events: Sequence[dict[str, Json]], *, now: datetime | None = None) -> None:
    """Write down what a provider reports, and that its clicks are to be looked at together."""
    now = now or timezone.now()
    with transaction.atomic():
        body = json.dumps({"provider": hook.provider, "events": list(events)}, ensure_ascii=False).encode()
        put_delivery(hook.source, PROTOCOL, body, event_count=len(events), is_verified=True, now=now)
        clicks = [
            WaitingClick(
                workspace_id=hook.workspace_id,
                source=hook.source,
                message_id=str(one["message_id"]),
                look_at=now + LOOK_AFTER,
                give_up_at=now + EXPECTED_FOR,
            )
            for one in events
            if one["name"] == "mail_clicked"
        ]
        WaitingClick.objects.bulk_create(clicks, ignore_conflicts=True)
        MailHook.objects.filter(pk=hook.pk).update(last_seen_at=now)


def keep_unreadable(hook: MailHook, body: bytes, error: Exception, *, now: datetime | None = None) -> None:
    """Keep a report that was let in and cannot be read. Sent again it could not be read either."""
    detail = (
        f"{hook.provider} sent something that is none of its reports ({type(error).__name__}). Is it the right address?"
    )
    refuse(hook.workspace, hook.source, PROTOCOL, UNREADABLE, detail, body, is_verified=True, now=now)
