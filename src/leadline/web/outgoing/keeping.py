"""How long what was told by webhooks is kept: messages whose deliveries have all ended go after `LEADLINE_TOLD_DAYS`, a part at a time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from leadline.web.outgoing.models import Delivery, Message

A_PART = 500
"""Messages that are deleted in one round of the worker."""


def forget_messages(now: datetime | None = None) -> int:
    """Delete a part of the messages that are older than they are kept, with their deliveries; return how many."""
    ids = list(old_messages(now or timezone.now()).order_by("made_at").values_list("pk", flat=True)[:A_PART])
    if ids:
        Message.objects.filter(pk__in=ids).delete()
    return len(ids)


def old_messages(now: datetime) -> QuerySet[Message]:
    """Return the messages that are kept no longer. What waits, also for an endpoint that is off, is kept until it has ended."""
    waiting = Delivery.objects.filter(message=OuterRef("pk"), state__in=(Delivery.State.DUE, Delivery.State.SENDING))
    return Message.objects.filter(~Exists(waiting), made_at__lt=now - timedelta(days=settings.TOLD_DAYS))
