"""Is it well? What /health answers and `leadline doctor` begins with: findings, each with what is wrong, where, and how to mend it.

A finding that *fails* means that leads are not being served as promised; a *warning* that somebody should look. The checks read a few
rows by an index and write nothing that stays. Guarded by tests/web/operations/test_health.py.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max, Min, Sum
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import FailingLead
from leadline.web.capture.models import Delivery, RefusedEvent, RefusedMeter
from leadline.web.capture.tracking.meter import hour_of
from leadline.web.leads.models import Lead
from leadline.web.notices.keeping import old_notices, old_posts
from leadline.web.operations import heartbeat
from leadline.web.operations.models import Heartbeat
from leadline.web.outgoing.keeping import old_messages

GIGABYTE = 1_000_000_000
_HOUR = timedelta(hours=1)


class State(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found.

    check: its stable name.   says: what was found.   mend: what to do about it; empty when all is well.
    example: what of it may hold values of a lead, such as the text of an error. It is for whoever runs the installation, and for
             administrators of the workspace with the key *workspace_id*, which the lead is of.
    """

    check: str
    state: State
    says: str
    mend: str = ""
    example: str = ""
    workspace_id: int | None = None

    def in_full(self) -> str:
        """Return what was found with its example: for whoever runs the installation."""
        return f"{self.says}; {self.example}" if self.example else self.says

    def as_told_to(self, workspace_id: int) -> str:
        """Return what was found as administrators of a workspace may read it: no lead of another workspace stands in it."""
        return self.in_full() if self.workspace_id == workspace_id else self.says


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From when on something that waits is worth a look, and when it is a failure."""

    warn: timedelta
    fail: timedelta


WAITING = {
    "deliveries": Bounds(warn=timedelta(minutes=1), fail=timedelta(minutes=15)),
    "leads_due": Bounds(warn=timedelta(minutes=2), fail=timedelta(hours=1)),
}
"""A big import makes many leads due at once; events that were acknowledged should never wait long."""
MANY_REFUSED = 100
LOW_DISK, NO_DISK = 2 * GIGABYTE, GIGABYTE // 5
CLOCK_APART = timedelta(seconds=5)


def check_health(*, now: datetime | None = None) -> list[Finding]:
    """Return what every check found; when the database cannot be reached, what needs none."""
    now = now or timezone.now()
    found = [*_check_disk()]
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return [
            _fail("database", f"cannot be reached: {_first_line(error)}", "Start it, and check DATABASE_URL."),
            *found,
        ]
    migrations = list(_check_migrations(now))
    found += migrations
    checks: tuple[Callable[[datetime], Iterator[Finding]], ...] = (
        _check_writing, _check_worker, _check_waiting, _check_failing, _check_refused, _check_told, _check_durability, _check_clock,
    )  # fmt: skip
    if not is_well(migrations):  # without its tables everything else would fail for the same reason
        checks = (_check_durability,)
    for check in checks:
        try:
            found += check(now)
        except DatabaseError as error:
            name = check.__name__.removeprefix("_check_")
            found.append(_fail(name, f"could not be checked: {_first_line(error)}", "Look at what else fails here."))
    return found


def is_well(findings: list[Finding]) -> bool:
    """Return whether nothing fails."""
    return not any(one.state is State.FAIL for one in findings)


# -- the checks -------------------------------------------------------------------------------------------------


def _check_migrations(_now: datetime) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield _fail("migrations", f"{len(waiting)} have not run", "Start `leadline up`, which runs them.")
    else:
        yield _ok("migrations", "all have run")


def _check_writing(now: datetime) -> Iterator[Finding]:
    """Write a row and take it back: a database that is read-only, full or locked shows here."""
    try:
        with transaction.atomic():
            Heartbeat.objects.create(name=heartbeat.name_of("health"), kind="health", started_at=now, beat_at=now)
            transaction.set_rollback(True)
    except DatabaseError as error:
        yield _fail(
            "database", f"cannot be written to: {_first_line(error)}", "Look at its disk, its rights and who locks it."
        )
    else:
        yield _ok("database", f"{connection.vendor}, can be written to")


def _check_worker(now: datetime) -> Iterator[Finding]:
    newest = Heartbeat.objects.filter(kind=heartbeat.WORKER).aggregate(at=Max("beat_at"))["at"]
    if newest is None:
        yield _fail("worker", "none has ever worked here", "Start `leadline up`, or `leadline worker`.")
    elif now - newest > heartbeat.LATE:
        yield _fail(
            "worker",
            f"the last sign of life was {_long(now - newest)} ago",
            "Start `leadline worker`, and read its log.",
        )
    else:
        yield _ok("worker", f"gave a sign of life {_long(now - newest)} ago")


def _check_waiting(now: datetime) -> Iterator[Finding]:
    delivery = Delivery.objects.aggregate(at=Min("received_at"))["at"]
    due = Lead.objects.filter(due_at__isnull=False, merged_into=None)
    lead = due.exclude(pk__in=FailingLead.objects.values("lead")).aggregate(at=Min("due_at"))["at"]
    yield _waiting("deliveries", "events that came in", delivery, now)
    yield _waiting("leads_due", "leads to be assessed", lead, now)


def _waiting(check: str, what: str, since: datetime | None, now: datetime) -> Finding:
    age = now - since if since else timedelta(0)
    bounds = WAITING[check]
    says = f"{what}: the oldest waits for {_long(age)}" if since else f"{what}: none waits"
    mend = "Is the worker well? On PostgreSQL, `leadline worker` adds another."
    if age > bounds.fail:
        return _fail(check, says, mend)
    return _warn(check, says, mend) if age > bounds.warn else _ok(check, says)


def _check_failing(_now: datetime) -> Iterator[Finding]:
    """Name leads that cannot be assessed: they hold nobody up, so that nothing else would show them."""
    failing = FailingLead.objects.filter(lead__merged_into=None)
    count = failing.values("lead").distinct().count()
    first = failing.select_related("version").order_by("since", "pk").first()
    if first is None:
        yield _ok("assessing", "every lead can be assessed")
        return
    leads = "1 lead cannot" if count == 1 else f"{count:,} leads cannot"
    yield Finding(
        check="assessing",
        state=State.WARN,
        says=f"{leads} be assessed",
        mend="This is a defect of Leadline: report it with what the worker's log says. Each is tried again every hour.",
        example=f"first lead {first.lead_id}, by {first.version}, since {first.since:%Y-%m-%d %H:%M}: {first.error}",
        workspace_id=first.workspace_id,
    )


def _check_told(now: datetime) -> Iterator[Finding]:
    """Say whether what was told is deleted in time: the worker does it a part at a time, and may be behind."""
    day, days = timedelta(days=1), settings.TOLD_DAYS
    oldest = [
        old_messages(now).aggregate(at=Min("made_at"))["at"],
        old_notices(now).aggregate(at=Min("at"))["at"],
        old_posts(now).aggregate(at=Min("at"))["at"],
    ]
    since = min((one for one in oldest if one), default=None)
    if since is None:
        yield _ok("told", f"what was told is kept for {days} d, and nothing for longer")
        return
    says = f"what was told is kept for {days} d; the oldest of what is to be deleted is {_long(now - since)} old"
    is_late = now - since > (days + 1) * day
    yield _warn("told", says, "The worker deletes it, a part at a time: is it well?") if is_late else _ok("told", says)


def _check_refused(now: datetime) -> Iterator[Finding]:
    workspaces = list(Workspace.objects.values_list("pk", flat=True))  # by these the index of that table begins
    refused = RefusedEvent.objects.filter(workspace__in=workspaces, state=RefusedEvent.State.OPEN)
    count = refused.filter(received_at__gte=now - _HOUR).count()
    meters = RefusedMeter.objects.filter(workspace__in=workspaces, hour__gte=hour_of(now - _HOUR))
    not_kept = meters.aggregate(count=Sum("not_kept"))["count"] or 0
    says = f"{count:,} events refused in the last hour" + (f", and {not_kept:,} more not even kept" if not_kept else "")
    yield (
        _warn("refused", says, "The page Refused events says why.")
        if count > MANY_REFUSED or not_kept
        else _ok("refused", says)
    )


def _check_durability(_now: datetime) -> Iterator[Finding]:
    """What is acknowledged has to be on disk; anything less is somebody's choice, and said."""
    if connection.vendor == "sqlite":
        level = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}[int(_ask("PRAGMA synchronous"))]
        is_durable = level in ("FULL", "EXTRA")
        says = f"synchronous = {level}, journal_mode = {_ask('PRAGMA journal_mode')}"
        mend = "The last seconds may be lost at a power cut. Take LEADLINE_SQLITE_SYNCHRONOUS away to be sure."
    else:
        level, fsync = str(_ask("SHOW synchronous_commit")), str(_ask("SHOW fsync"))
        is_durable = level in ("on", "remote_write", "remote_apply") and fsync == "on"
        says = f"synchronous_commit = {level}, fsync = {fsync}"
        mend = "Set both to on: what was acknowledged may be lost in a crash of the database."
    yield _ok("durability", says) if is_durable else _warn("durability", says, mend)


def _check_clock(now: datetime) -> Iterator[Finding]:
    """Events are dated by clocks: those of this machine and of the database should agree."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            there = cursor.fetchone()[0]
        apart = abs(timezone.now() - there)
        if apart > CLOCK_APART:
            yield _warn("clock", f"the database's differs by {_long(apart)}", "Let both machines ask a time server.")
            return
    ahead = Heartbeat.objects.filter(beat_at__gt=now + heartbeat.LATE).aggregate(at=Max("beat_at"))["at"]
    if ahead:
        yield _warn(
            "clock",
            f"went back, or another machine's is {_long(ahead - now)} ahead",
            "Let the machines ask a time server.",
        )
    else:
        yield _ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _check_disk() -> Iterator[Finding]:
    folder = Path(settings.DATA)
    free = shutil.disk_usage(folder).free
    says = f"{free / GIGABYTE:,.1f} GB free where {folder} is"
    mend = "Make room: without any, nothing more can be acknowledged."
    if free < NO_DISK:
        yield _fail("disk", says, mend)
    else:
        yield _warn("disk", says, mend) if free < LOW_DISK else _ok("disk", says)


# -- words ------------------------------------------------------------------------------------------------------


def _ok(check: str, says: str) -> Finding:
    return Finding(check=check, state=State.OK, says=says)


def _warn(check: str, says: str, mend: str) -> Finding:
    return Finding(check=check, state=State.WARN, says=says, mend=mend)


def _fail(check: str, says: str, mend: str) -> Finding:
    return Finding(check=check, state=State.FAIL, says=says, mend=mend)


def _ask(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason was given"])[0]


def _long(span: timedelta) -> str:
    """Return a stretch of time in its largest unit.

    >>> _long(timedelta(seconds=4)), _long(timedelta(minutes=90)), _long(timedelta(days=2))
    ('4 s', '1 h', '2 d')
    """
    seconds = max(int(span.total_seconds()), 0)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
