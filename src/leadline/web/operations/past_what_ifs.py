"""The worker's child for what-ifs over the past: one at a time, started, looked after and ended.

Replays take memory and minutes, so they get a process, and the worker's other jobs go on. Whoever holds the lease of a row renews it
while the child lives; when the row is somebody else's, or was stopped, or a person was erased meanwhile, the child is ended and its
files are deleted. `past_what_if.py` is the child.
"""

import atexit
import logging
import os
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from leadline.web.assessments.models import PastWhatIf

log = logging.getLogger("leadline.past_what_ifs")
State = PastWhatIf.State
CHILD = "leadline.web.operations.past_what_if"
LEASE = timedelta(seconds=60)
RENEWED_EVERY = 5.0
_FAILED = "It ended before it was done (%s). Ask again; if it happens twice, ask about fewer weeks."


@dataclass(slots=True)
class _Running:
    """A child that is at it. looked_at: when its row was last looked at, by the clock that only goes forward."""

    pk: int
    lease: str
    folder: Path
    process: "subprocess.Popen[bytes]"
    looked_at: float


_running: list[_Running] = []
"""None or one; of this process."""


def run_past_what_ifs() -> int:
    """Look after the child that is at it, or start one for what waits longest; return how many were started or ended."""
    if _running:
        return _look_after(_running[0])
    claimed = claim(now=timezone.now())
    if claimed is None:
        return 0
    _running.append(_start(*claimed))
    return 1


def claim(*, now: datetime) -> tuple[int, str] | None:
    """Claim what waits longest, with its new lease; None where nothing waits, or another was faster."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    found = (
        PastWhatIf.objects.filter(free, state=State.RUNNING, draft__deleted_at=None).order_by("asked_at", "pk").first()
    )
    if found is None:
        return None
    lease = secrets.token_hex(16)
    with transaction.atomic():
        taken = PastWhatIf.objects.filter(free, pk=found.pk, state=State.RUNNING)
        return (found.pk, lease) if taken.update(lease=lease, leased_until=now + LEASE) else None


def _start(pk: int, lease: str) -> _Running:
    """Start a child. Files that a killed worker left behind are deleted first."""
    place = Path(settings.DATA) / "past-what-ifs"
    place.mkdir(mode=0o700, exist_ok=True)
    at_work = PastWhatIf.objects.filter(state=State.RUNNING, leased_until__gte=timezone.now())
    keep = {one for one in at_work.values_list("lease", flat=True) if one != lease}
    for left in place.iterdir():
        if left.name not in keep:
            shutil.rmtree(left, ignore_errors=True)
    folder = place / lease
    folder.mkdir(mode=0o700)
    command = [sys.executable, "-m", "leadline.web.operations.child", CHILD, str(pk), lease, str(folder)]
    environment = {**os.environ, "LEADLINE_CHILD": "1"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)
    one = _Running(pk, lease, folder, process, time.monotonic())
    atexit.register(end_child, one)
    return one


def _look_after(one: _Running) -> int:
    code = one.process.poll()
    ours = _ours(one)
    if code is None:
        if time.monotonic() - one.looked_at < RENEWED_EVERY:
            return 0
        one.looked_at = time.monotonic()
        if ours.update(leased_until=timezone.now() + LEASE):
            return 0
        log.info("Past what-if %s is not wanted any more", one.pk)
    end_child(one)
    if code:
        ours.update(state=State.FAILED, problem=_FAILED % _said(code), ended_at=timezone.now())
    return 1


def end_child(one: _Running) -> None:
    """End a child however far it is, and delete its files."""
    atexit.unregister(end_child)
    one.process.kill()
    one.process.wait()
    if one.process.stdin is not None:
        one.process.stdin.close()
    shutil.rmtree(one.folder, ignore_errors=True)
    _running.clear()


def _ours(one: _Running) -> "QuerySet[PastWhatIf]":
    return PastWhatIf.objects.filter(pk=one.pk, state=State.RUNNING, lease=one.lease)


def _said(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"signal {-code}"
