"""The worker's part of imports: reading, the dry run, the run and the undo, each in short steps that commit with how far they are.

One worker at a time has an import, by a lease that ends soon after the worker does. A step of the run writes its rows, the rows that it
refused, the counts and the place in the file in one transaction, which names the lease and the number of rows that were done: whatever
kills a worker, and however late one wakes up, every row is written once. An undo goes in parts as well; what is still to be taken back is
what still carries the import's name.
"""

import logging
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from leadline.web.capture.imports import storing
from leadline.web.capture.imports.checking import Checker
from leadline.web.capture.imports.choices import choices_of, way_of
from leadline.web.capture.imports.detection import Detected
from leadline.web.capture.imports.fields import field_by_id
from leadline.web.capture.imports.file_kinds import CannotImportError
from leadline.web.capture.imports.guesses import Column
from leadline.web.capture.imports.kept_rows import KeptRow, digest_of, plain_cells, read_part
from leadline.web.capture.imports.knowledge import Status, count_statuses
from leadline.web.capture.imports.odd import add_odd
from leadline.web.capture.imports.reading import FileReading, settle, votes_of
from leadline.web.capture.imports.rows import Refused, Understood
from leadline.web.capture.imports.seen import Seen
from leadline.web.capture.imports.understanding import Reader
from leadline.web.capture.imports.writing import Writer
from leadline.web.capture.models import ImportRun, RefusedRow
from leadline.web.leads.forgotten import find_erased
from leadline.web.leads.models import Erasure
from leadline.web.leads.undo import undo_part

logger = logging.getLogger(__name__)

State = ImportRun.State
AT_WORK = (State.CHECKING, State.RUNNING, State.UNDOING)
LEASE = timedelta(seconds=30)
PART_ROWS = 250
"""Rows of one transaction: on SQLite everybody else who writes waits meanwhile."""
SLICE_SECONDS = 1.0
"""How long one call works, so that other work gets its turn."""
_TROUBLE_OF_THE_STORE = (OperationalError, InterfaceError)


class _LostError(Exception):
    """Another worker has the import by now, or somebody stopped it."""


@dataclass(slots=True)
class _Process:
    """What a process keeps between calls: its name on leases, and files that it is in the middle of."""

    pid: int = 0
    lease: str = ""
    readings: dict[int, FileReading] = field(default_factory=dict)

    def mine(self) -> str:
        """Return this process's name on leases; a fork has its own."""
        if self.pid != os.getpid():
            self.pid, self.lease, self.readings = os.getpid(), secrets.token_hex(16), {}
        return self.lease


_PROCESS = _Process()


def run_imports(*, now: datetime | None = None, seconds: float = SLICE_SECONDS) -> int:
    """Work for a moment on the import that waits longest; return how much was done, 0 when none waits."""
    run = claim_run(now=now)
    return 0 if run is None else max(1, work_on(run, now=now, seconds=seconds))


def claim_run(*, now: datetime | None = None, pk: int | None = None) -> ImportRun | None:
    """Claim an import that is to be worked on: one that is ours already, or that nobody has."""
    now = now or timezone.now()
    mine = _PROCESS.mine()
    free = Q(lease=mine) | Q(leased_until=None) | Q(leased_until__lt=now)
    with transaction.atomic():
        waiting = ImportRun.objects.filter(free, state__in=AT_WORK).order_by("pk")
        if pk is not None:
            waiting = waiting.filter(pk=pk)
        if connection.vendor == "postgresql":
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        found = waiting.values_list("pk", flat=True).first()
        if found is None:
            return None
        ImportRun.objects.filter(pk=found).update(lease=mine, leased_until=now + LEASE)
    return ImportRun.objects.select_related("workspace", "created_by").get(pk=found)


def work_on(run: ImportRun, *, now: datetime | None = None, seconds: float = SLICE_SECONDS) -> int:
    """Work for a moment on an import that was claimed; return how many rows that were."""
    until = time.monotonic() + seconds
    done = 0
    try:
        while run.state in AT_WORK:
            done += _step(run, until, now or timezone.now())
            if time.monotonic() >= until:
                break
    except _LostError:
        _PROCESS.readings.pop(run.pk, None)
    except _TROUBLE_OF_THE_STORE:
        raise  # the lease ends, and somebody goes on
    except CannotImportError as error:
        _fail(run, str(error))
    except FileNotFoundError:
        _fail(run, "The file of this import is gone. Upload it again.")
    except Exception as error:
        logger.exception("Import %s failed", run.pk)
        _fail(run, f"Leadline made a mistake ({type(error).__name__}). What was written so far stays.")
    return done


def _step(run: ImportRun, until: float, now: datetime) -> int:
    match run.state:
        case State.CHECKING if not storing.rows_path(run.stored_as).exists():
            return _read(run, until, now)
        case State.CHECKING:
            return _check_part(run, now)
        case State.RUNNING:
            return _write_part(run, now)
        case _:
            return _undo(run, now)


# -- reading ------------------------------------------------------------------------------------------------------


def _read(run: ImportRun, until: float, now: datetime) -> int:
    reading = _PROCESS.readings.get(run.pk)
    if reading is None:
        detected = Detected.from_json(run.detected)
        reading = FileReading(run.stored_as, detected, finds_twins=run.table == "events")
        _PROCESS.readings[run.pk] = reading
    before = reading.rows_read
    try:
        is_whole = reading.read_on(until)
    except BaseException:
        _PROCESS.readings.pop(run.pk, None)
        raise
    changes: dict[str, Any] = {"position": {"step": "reading", "rows": reading.rows_read}}
    if is_whole:
        _PROCESS.readings.pop(run.pk, None)
        changes = {
            "position": {"step": "checking", "place": 0},
            "rows_in_all": reading.rows_read,
            "rows_done": 0,
            "options": run.options | {"votes": reading.votes()},
        }
    with transaction.atomic():
        _save(run, now, **changes)
    return reading.rows_read - before


def settle_columns(run: ImportRun) -> tuple[dict[str, Column], list[str]]:
    """Return the columns with the readings that their values decided, and the names of those of which somebody has to say it."""
    kept = run.options.get("votes", {})
    fields = field_by_id(run.table)
    settled: dict[str, Column] = {}
    asked: list[str] = []
    for name, column in choices_of(run).columns.items():
        field_of = fields.get(column.field)
        is_time = field_of is not None and field_of.use == "time"
        typed = (
            column
            if field_of is None or is_time
            else Column(column.field, _type_of(column, field_of.id, field_of.type), column.reading)
        )
        votes = votes_of(kept, name, typed, is_time=is_time) if column.field else None
        settled[name], is_open = settle(typed, votes)
        if is_open:
            asked.append(name)
    return settled, asked


def _type_of(column: Column, field_id: str, own: Any) -> Any:
    """Return how a field's cells are read: a value is a number, whatever was chosen."""
    return own if field_id == "value" else column.type


# -- the dry run --------------------------------------------------------------------------------------------------


def _check_part(run: ImportRun, now: datetime) -> int:
    settled, asked = settle_columns(run)
    if asked:
        with transaction.atomic():
            _save(run, now, state=State.MAPPING, columns={name: column.to_json() for name, column in settled.items()})
        return 0
    place = int(run.position.get("place", 0))
    rows, after = read_part(storing.rows_path(run.stored_as), place, PART_ROWS)
    if not rows:
        with transaction.atomic():
            _save(run, now, state=State.CHECKED, position={"step": "checked"}, leased_until=None, lease="")
        return 0
    if place == 0:
        storing.seen_path(run.stored_as).unlink(missing_ok=True)
    understood, refused = _understand(run, rows, settled, now)
    with Seen(storing.seen_path(run.stored_as)) as seen:
        checker = Checker(workspace=run.workspace, source=run.source, at=run.created_at, now=now, seen=seen)
        statuses = checker.check(understood)
    before = run.counts.get("check")
    counted = _add(before, statuses, refused)
    if checker.people:
        counted["people"] = counted.get("people", 0) + len(checker.people)
    counts = run.counts | {"check": counted, "odd": add_odd(run.counts.get("odd"), understood)}
    with transaction.atomic():
        _save(run, now, position={"step": "checking", "place": after}, rows_done=run.rows_done + len(rows), counts=counts,
              expected_rows_done=run.rows_done)  # fmt: skip
        _keep_refused(run, rows, refused)
    return len(rows)


# -- the run ------------------------------------------------------------------------------------------------------


def _write_part(run: ImportRun, now: datetime) -> int:
    settled, _ = settle_columns(run)
    place = int(run.position.get("place", 0))
    rows, after = read_part(storing.rows_path(run.stored_as), place, PART_ROWS)
    if not rows:
        with transaction.atomic():
            _save(run, now, state=State.DONE, ended_at=now, leased_until=None, lease="", options=_without_sample(run))
        storing.remove_upload(run.stored_as)
        return 0
    understood, refused = _understand(run, rows, settled, now)
    writer = Writer(
        workspace=run.workspace,
        source=run.source,
        origin=run.origin,
        by=run.created_by.email if run.created_by else "",
        at=run.created_at,
        now=now,
    )
    with transaction.atomic():
        _hold(run, now)
        statuses = writer.write(understood)
        counts = run.counts | {"run": _add(run.counts.get("run"), statuses, refused)}
        counts.pop("odd", None)  # said before it began; it has values of the file, which may name who is erased
        _save(run, now, position={"step": "writing", "place": after}, rows_done=run.rows_done + len(rows), counts=counts,
              expected_rows_done=run.rows_done)  # fmt: skip
        _keep_refused(run, rows, refused)
    return len(rows)


def _without_sample(run: ImportRun) -> dict[str, Any]:
    """Return an import's options without the first rows of its file: they go when the file goes, which may name who was erased."""
    return {name: value for name, value in run.options.items() if name != "sample"}


# -- undo ---------------------------------------------------------------------------------------------------------


def _undo(run: ImportRun, now: datetime) -> int:
    """Take the next part back; of people, all that the import said of them goes at once."""
    with transaction.atomic():
        _hold(run, now)
        part = undo_part(run.workspace, run.origin, now=now)
        if part is not None:
            before = run.counts.get("undo", {})
            total = {name: before.get(name, 0) + part.get(name, 0) for name in before | part}
            _save(run, now, counts=run.counts | {"undo": total})
            return sum(part.values())
        RefusedRow.objects.filter(run=run).delete()
        _save(run, now, state=State.UNDONE, ended_at=now, position={"step": "undone"}, leased_until=None, lease="",
              options=_without_sample(run))  # fmt: skip
    storing.remove_upload(run.stored_as)
    return 0


# -- what they share ----------------------------------------------------------------------------------------------


def _understand(
    run: ImportRun, rows: Sequence[KeptRow], settled: dict[str, Column], now: datetime
) -> tuple[list[Understood], list[Refused]]:
    reader = Reader(way_of(run, settled), now=now)
    understood: list[Understood] = []
    refused: list[Refused] = []
    for kept in rows:
        said = reader.read(kept.row)
        if isinstance(said, Refused):
            refused.append(said)
        else:
            digest = digest_of(kept.row.cells).hex()
            understood.append(Understood(kept.row.number, said, digest, kept.twin))
    return _without_erased(run, understood, refused)


def _without_erased(
    run: ImportRun, understood: list[Understood], refused: list[Refused]
) -> tuple[list[Understood], list[Refused]]:
    """Refuse rows about people who asked to be forgotten."""
    if run.table == "companies" or not Erasure.objects.filter(workspace=run.workspace).exists():
        return understood, refused
    named = {identity for row in understood for identity in getattr(row.said, "identities", ())}
    erased = find_erased(run.workspace_id, named)
    kept: list[Understood] = []
    for row in understood:
        if erased.isdisjoint(getattr(row.said, "identities", ())):
            kept.append(row)
        else:
            refused.append(
                Refused(row.number, "erased", "The person asked to be forgotten; nothing of the row is kept.")
            )
    return kept, refused


def _add(counts: dict[str, Any] | None, statuses: Sequence[Status], refused: Sequence[Refused]) -> dict[str, Any]:
    """Return counts with those of a part: rows = new + updated + unchanged + refused."""
    total: dict[str, Any] = {"new": 0, "updated": 0, "unchanged": 0, "refused": 0, "reasons": {}} | (counts or {})
    for name, number in count_statuses(statuses).items():
        total[name] += number
    total["refused"] += len(refused)
    reasons = dict(total["reasons"])
    for row in refused:
        reasons[row.reason] = reasons.get(row.reason, 0) + 1
    return total | {"reasons": reasons}


def _keep_refused(run: ImportRun, rows: Sequence[KeptRow], refused: Sequence[Refused]) -> None:
    cells = {kept.row.number: plain_cells(kept.row.cells) for kept in rows}
    RefusedRow.objects.bulk_create(
        [
            RefusedRow(
                workspace_id=run.workspace_id,
                run=run,
                row_number=row.number,
                reason=row.reason,
                detail=row.detail,
                cells=[] if row.reason == "erased" else cells[row.number],
            )
            for row in refused
        ],
        batch_size=200,
    )


def _hold(run: ImportRun, now: datetime) -> None:
    """Lock the import's row for the transaction, if it is still ours and nobody has stopped it.

    Raises:
        _LostError: it is not.
    """
    held = ImportRun.objects.filter(pk=run.pk, state=run.state, lease=_PROCESS.mine(), rows_done=run.rows_done)
    if not held.update(leased_until=now + LEASE):
        raise _LostError


def _save(run: ImportRun, now: datetime, *, expected_rows_done: int | None = None, **changes: Any) -> None:
    """Write how far the import is, in the transaction of what was done.

    Raises:
        _LostError: it is not ours any more, and the transaction has to be taken back.
    """
    changes.setdefault("leased_until", now + LEASE)
    held = ImportRun.objects.filter(pk=run.pk, state=run.state, lease=_PROCESS.mine())
    if expected_rows_done is not None:
        held = held.filter(rows_done=expected_rows_done)
    if not held.update(**changes):
        raise _LostError
    for name, value in changes.items():
        setattr(run, name, value)


def _fail(run: ImportRun, problem: str) -> None:
    _PROCESS.readings.pop(run.pk, None)
    ImportRun.objects.filter(pk=run.pk, lease=_PROCESS.mine()).update(
        state=State.FAILED, problem=problem, lease="", leased_until=None
    )
    run.state, run.problem = State.FAILED, problem
