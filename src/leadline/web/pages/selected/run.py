"""Doing a batch, in parts: each part and how far the batch is commit together, under a lease, so that no lead is taken twice.

Whatever kills a worker, another goes on where the batch says. A lead that went meanwhile, or was merged into another, is left to the
lead that has its log now.
"""

import logging
import os
import secrets
import time
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from leadline.web.leads.models import Lead
from leadline.web.leads.scrub import scrub_free_space
from leadline.web.leads.turn import take_turn
from leadline.web.leads.undo import undo_part
from leadline.web.pages.models import Batch
from leadline.web.pages.selected.kinds import KINDS, Kind

log = logging.getLogger("leadline.batches")
State = Batch.State
AT_WORK = (State.RUNNING, State.UNDOING)
LEASE = timedelta(seconds=60)
SLICE_SECONDS = 1.0
_KEPT_WORDS = ("field", "what", "purpose")
"""What a batch still says when it is over: which field, which outcome. Values and evidence may name people and are forgotten."""
_process: dict[int, str] = {}


def run_batches(*, now: datetime | None = None, seconds: float = SLICE_SECONDS) -> int:
    """Work for a moment on the batch that waits longest; return of how many leads that was, 0 when none waits."""
    batch = claim_batch(now=now)
    return 0 if batch is None else max(1, work_on(batch, now=now, seconds=seconds))


def claim_batch(*, pk: int | None = None, now: datetime | None = None) -> Batch | None:
    """Claim a batch that is ours already, or that nobody has."""
    now = now or timezone.now()
    mine = _process.setdefault(os.getpid(), secrets.token_hex(16))
    free = Q(lease=mine) | Q(leased_until=None) | Q(leased_until__lt=now)
    with transaction.atomic():
        waiting = Batch.objects.filter(free, state__in=AT_WORK).order_by("pk")
        waiting = waiting if pk is None else waiting.filter(pk=pk)
        if connection.vendor == "postgresql":
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        found = waiting.values_list("pk", flat=True).first()
        if found is None:
            return None
        Batch.objects.filter(pk=found).update(lease=mine, leased_until=now + LEASE)
    return Batch.objects.select_related("workspace", "created_by").get(pk=found)


def work_on(batch: Batch, *, now: datetime | None = None, seconds: float = SLICE_SECONDS) -> int:
    """Work for a moment on a batch that was claimed; return of how many leads that was."""
    until, began_with = time.monotonic() + seconds, batch.done
    try:
        if batch.state == State.UNDOING:
            while _undo_part(batch, now or timezone.now()) and time.monotonic() < until:
                pass
            return batch.done
        kind = KINDS[batch.action]
        while batch.done < batch.total:
            if not _do_part(batch, kind, now or timezone.now()) or time.monotonic() >= until:
                break
        if batch.done >= batch.total:
            _end(batch, kind, now or timezone.now())
    except (OperationalError, InterfaceError):
        raise  # the lease ends, and somebody goes on
    except Exception as error:
        log.exception("Batch %s failed", batch.pk)
        problem = f"Leadline made a mistake ({type(error).__name__}). What was done so far stays."
        Batch.objects.filter(pk=batch.pk, lease=batch.lease).update(state=State.FAILED, problem=problem)
    return batch.done - began_with


def _do_part(batch: Batch, kind: Kind, now: datetime) -> bool:
    """Do the next part; False where somebody stopped the batch, or another has it by now."""
    ids = batch.lead_ids[batch.done : batch.done + kind.part]
    after = batch.done + len(ids)
    with transaction.atomic():
        take_turn(batch.workspace_id)
        ours = Batch.objects.filter(pk=batch.pk, state=State.RUNNING, lease=batch.lease, done=batch.done)
        if not ours.update(done=after, leased_until=now + LEASE):
            return False
        leads = Lead.objects.filter(workspace=batch.workspace_id, pk__in=ids, merged_into=None)
        changed = kind.act(batch, list(leads.select_related("workspace").order_by("pk")), now)
        Batch.objects.filter(pk=batch.pk).update(changed=F("changed") + changed)
    batch.done = after
    return True


def _end(batch: Batch, kind: Kind, now: datetime) -> None:
    said = {name: value for name, value in batch.said.items() if name in _KEPT_WORDS}
    ours = Batch.objects.filter(pk=batch.pk, state=State.RUNNING, lease=batch.lease)
    if ours.update(state=State.DONE, ended_at=now, said=said) and kind.id == "erase":
        scrub_free_space()


def _undo_part(batch: Batch, now: datetime) -> bool:
    """Take the next part back; False where nothing is left, or another has the batch by now.

    What is still to be taken back is what still carries the batch's name.
    """
    ours = Batch.objects.filter(pk=batch.pk, state=State.UNDOING, lease=batch.lease)
    with transaction.atomic():
        take_turn(batch.workspace_id)
        if not ours.update(leased_until=now + LEASE):
            return False
        if undo_part(batch.workspace, batch.origin, now=now) is not None:
            return True
        ours.update(state=State.UNDONE, ended_at=now)
    return False
