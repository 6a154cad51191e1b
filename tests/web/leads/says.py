"""What sources say in stories: messages with what a story needs, in a few words."""

from datetime import UTC, datetime, timedelta
from itertools import count

from django.db import transaction

from leadline.web.leads.intake import take_messages
from leadline.web.leads.messages import Message

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ids = count(1)


def says(kind="track", *, minute=0, verified=False, message_id="", name="", **who):
    at = BEGIN + timedelta(minutes=minute)
    return Message(
        message_id=message_id or f"m{next(_ids)}",
        kind=kind,
        name=name or {"page": "page_viewed", "track": "demo_requested"}.get(kind, kind),
        occurred_at=at,
        received_at=at,
        is_verified=verified,
        **who,
    )


def take(source, *messages, **more):
    with transaction.atomic():
        return take_messages(source, list(messages), **{"now": BEGIN + timedelta(days=1), **more})
