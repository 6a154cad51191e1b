"""How long notices and posts are kept: those that wait for nothing go after `LEADLINE_TOLD_DAYS`, a part at a time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from leadline.web.notices.models import Leaving, Notice, Post

A_PART = 500
"""Rows of each kind that are deleted in one round of the worker."""
_WAITING = (Leaving.DUE, Leaving.SENDING)


def forget_notices(now: datetime | None = None) -> int:
    """Delete a part of the notices and posts that are older than they are kept, read or not; return how many."""
    now, done = now or timezone.now(), 0
    for found in (old_notices(now), old_posts(now)):
        ids = list(found.order_by("at").values_list("pk", flat=True)[:A_PART])
        if ids:
            found.model._default_manager.filter(pk__in=ids).delete()
        done += len(ids)
    return done


def old_notices(now: datetime) -> QuerySet[Notice]:
    """Return the notices that are kept no longer. One whose mail waits or is leaving is kept until that has ended."""
    return Notice.objects.filter(at__lt=_first_kept(now)).exclude(mail_state__in=_WAITING)


def old_posts(now: datetime) -> QuerySet[Post]:
    """Return the posts that are kept no longer."""
    return Post.objects.filter(at__lt=_first_kept(now)).exclude(state__in=_WAITING)


def _first_kept(now: datetime) -> datetime:
    return now - timedelta(days=settings.TOLD_DAYS)
