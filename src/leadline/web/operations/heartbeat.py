"""Signs of life. A worker calls `beat` at least every `EVERY`, also when there is nothing to do; `rest` when it ends in peace."""

import os
import socket
from datetime import datetime, timedelta

from django.utils import timezone

from leadline.web.operations.models import Heartbeat

WORKER = "worker"
EVERY = timedelta(seconds=10)
LATE = timedelta(seconds=60)
"""After this without a sign of life, a process counts as gone."""
FORGOTTEN = timedelta(days=1)


def name_of(kind: str) -> str:
    """Return what this process is called: its kind, machine and id."""
    return f"{kind}:{socket.gethostname()[:80]}:{os.getpid()}"


def beat(kind: str = WORKER, *, now: datetime | None = None) -> None:
    """Say that this process lives."""
    now = now or timezone.now()
    name = name_of(kind)
    if not Heartbeat.objects.filter(pk=name).update(beat_at=now):
        Heartbeat.objects.filter(beat_at__lt=now - FORGOTTEN).delete()
        Heartbeat.objects.update_or_create(name=name, defaults={"kind": kind, "started_at": now, "beat_at": now})


def rest(kind: str = WORKER) -> None:
    """Say that this process ends, and is not missed."""
    Heartbeat.objects.filter(pk=name_of(kind)).delete()


def forget_all(kind: str = WORKER) -> None:
    """Forget every sign of life, of whatever process: in an installation that was just put in place nobody lives."""
    Heartbeat.objects.filter(kind=kind).delete()
