"""Which leads wait to be assessed. What is due is a state of the lead's row, written in the transaction that makes it due.

A worker claims some by a conditional UPDATE with a lease; when it stores what it found, the lease has to be its own still, and a
lead whose log has grown meanwhile stays due.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from leadline.web.leads.models import Lead

LEASE = timedelta(seconds=60)
_MOST_IDS = 500


def make_due(lead_ids: Iterable[int], *, now: datetime | None = None) -> None:
    """Say that the log of some leads has changed: each waits to be assessed, from now on if it did not wait already.

    Call it in the transaction that changes the log.
    """
    ids = sorted(set(lead_ids))
    now = now or timezone.now()
    for start in range(0, len(ids), _MOST_IDS):
        part = Lead.objects.filter(pk__in=ids[start : start + _MOST_IDS])
        _lock(part)
        part.update(due_at=Coalesce(F("due_at"), now), log_version=F("log_version") + 1)


def claim_due(most: int, *, now: datetime | None = None) -> tuple[str, list[int]]:
    """Claim leads that wait, longest first: the lease to store with, and their ids.

    Leads that were merged into another are never due by themselves: whoever merges makes the survivor due.
    """
    now = now or timezone.now()
    lease = secrets.token_hex(16)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    with transaction.atomic():
        waiting = Lead.objects.filter(free, due_at__isnull=False, merged_into=None).order_by("due_at")
        if connection.vendor == "postgresql":
            waiting = waiting.select_for_update(skip_locked=True)
        ids = list(waiting.values_list("pk", flat=True)[:most])
        Lead.objects.filter(pk__in=ids).update(leased_until=now + LEASE, lease=lease)
    return lease, ids


def release(lease: str, versions: dict[int, int]) -> set[int]:
    """End a lease in the transaction that stores what was found; return the leads whose answer may be stored.

    Args:
        lease: from `claim_due`.
        versions: of each lead the `log_version` that was read.

    A lead whose lease is another's by now is not in the answer. One whose log grew is (what was found holds for the version that was
    read), but stays due.
    """
    ours = Lead.objects.filter(pk__in=versions, lease=lease)
    _lock(ours)
    held = dict(ours.values_list("pk", "log_version"))
    done = [pk for pk, version in held.items() if version == versions[pk]]
    Lead.objects.filter(pk__in=done).update(due_at=None, leased_until=None, lease="")
    Lead.objects.filter(pk__in=set(held) - set(done)).update(leased_until=None, lease="")
    return set(held)


def _lock(leads: QuerySet[Lead]) -> None:
    """Lock rows in the order of their ids, so that nobody waits in a circle; rows may still refer to them. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        list(leads.select_for_update(no_key=True).order_by("pk").values_list("pk"))
