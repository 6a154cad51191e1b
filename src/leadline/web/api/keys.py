"""Keys that open the API: what they may do, how they are made and found, and how often one may be used.

Uses are counted in the database, so that the limit holds across processes. tests/web/api/test_keys.py guards it.
"""

import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from leadline.web.accounts.keys import digest_of, prefix_of
from leadline.web.accounts.models import Source, User, Workspace
from leadline.web.api.models import ApiKey

SCOPES = {
    "leads:read": "Read leads, companies, events, facts, outcomes, notes, assessments, spells and moves",
    "leads:write": "Write leads, companies, facts and outcomes; merge leads",
    "leads:erase": "Erase people, which has no undo",
    "views:write": "Save, change and delete the views that a workspace shares",
    "events:write": "Send events",
    "handoffs:read": "Read hand-offs, what can be decided, calendars, teams, people and promises",
    "handoffs:write": "Claim, call, decide and undo hand-offs in the name of members",
    "teams:write": "Change calendars, teams, seats and absences, and promise hand-offs",
    "webhooks:read": "Read where webhooks go, and how that goes",
    "webhooks:write": "Add, change, test and delete where webhooks go, and read their secrets",
    "playbooks:read": "Read, check and compare playbooks",
    "playbooks:write": "Publish playbooks, put proposals forward and comment on them",
    "proposals:approve": "Approve proposals, and ask for changes, in the name of members",
    "export": "Take out whole tables, and all that is held of a person",
}
"""What a key may be allowed."""
RESERVED = ("person", "form", "consent", "group", "import")
"""Sources that the app itself writes under: no key speaks in their name."""


class SourceTakenError(Exception):
    """The source is something else than a server, whose name a key cannot write under."""


def make_api_key(
    workspace: Workspace,
    *,
    name: str,
    scopes: Iterable[str],
    source: str = "api",
    by: User | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key, and the source it writes under where there is none; return it, and its text, which is shown this once.

    Raises:
        SourceTakenError: the source is a website, a form … or one that the app writes under.
    """
    if source in RESERVED:
        raise SourceTakenError(f"The app itself writes as {source}: choose another name.")
    with transaction.atomic():
        found, _ = Source.objects.get_or_create(workspace=workspace, name=source, defaults={"kind": Source.Kind.SERVER})
        if found.kind != Source.Kind.SERVER:
            raise SourceTakenError(f"The source {source} is of kind {found.kind}: choose a server's, or another name.")
        prefix = secrets.token_hex(6)
        text = f"ll_api_{prefix}_{secrets.token_urlsafe(32).replace('_', '-')}"
        key = ApiKey.objects.create(
            workspace=workspace,
            name=name,
            source=found,
            scopes=[one for one in SCOPES if one in set(scopes)],
            prefix=prefix,
            digest=digest_of(text),
            made_by=by,
            expires_at=expires_at,
        )
    return key, text


def find_api_key(text: str, now: datetime) -> ApiKey | None:
    """Return a key by its text, when it is known, was not revoked and has not expired."""
    prefix = prefix_of(text)
    if prefix is None or not text.startswith("ll_api_") or "\0" in text:
        return None
    key = ApiKey.objects.select_related("workspace", "source").filter(prefix=prefix).first()
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    return key if hmac.compare_digest(key.digest, digest_of(text)) else None


def revoke_api_key(key: ApiKey) -> None:
    """End a key; what was written with it stays."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def count_use(key: ApiKey, now: datetime) -> bool:
    """Count one use of a key, and return whether it may be made: so many a minute as `LEADLINE_API_REQUESTS_A_MINUTE` says.

    One UPDATE that names the limit counts: however many come at once, no more than the limit pass.
    """
    minute, most = int(now.timestamp()) // 60, settings.API_REQUESTS_A_MINUTE
    row = ApiKey.objects.filter(pk=key.pk)
    for _ in range(2):
        if row.filter(minute=minute, minute_count__lt=most).update(minute_count=F("minute_count") + 1):
            return True
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if row.filter(minute__lt=minute).update(minute=minute, minute_count=1, last_used_at=hour):
            return True
    return False


def seconds_to_next_minute(now: datetime) -> int:
    """Return when a key that was used too often may be used again."""
    return 60 - int(now.timestamp()) % 60
