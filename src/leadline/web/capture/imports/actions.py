"""Every write of an import but the rows themselves, which the worker writes (`run`).

Each change of state names the states from which it may happen, in one UPDATE: when two people press at once, or the worker was faster, the
loser learns that nothing was changed.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.models import User, Workspace
from leadline.web.capture.imports import storing
from leadline.web.capture.imports.choices import Choices, default_options
from leadline.web.capture.imports.detection import Chosen, Detected, detect, read_rows
from leadline.web.capture.imports.fields import TABLES
from leadline.web.capture.imports.file_kinds import CannotImportError
from leadline.web.capture.imports.guesses import Column, guess_columns, guess_table
from leadline.web.capture.imports.samples import SAMPLE_ROWS, keep_sample, take_sample
from leadline.web.capture.models import ImportMapping, ImportRun, RefusedRow
from leadline.web.leads.undo import ROWS, count_rows

State = ImportRun.State
OPEN = (State.MAPPING, State.CHECKED)
"""States in which nothing is at work and nothing was written: everything may still be chosen otherwise."""


class NotNowError(Exception):
    """An import is not in a state in which this can be done."""


class FileGoneError(Exception):
    """The file of an import lies on the server no more, such as after moving there without the uploads; says what to do."""


def start_import(
    workspace: Workspace,
    chunks: Iterable[bytes],
    *,
    file_name: str,
    table: str = "",
    by: User | None = None,
    now: datetime | None = None,
) -> ImportRun:
    """Take a file in and say what it probably is. Nothing of it is imported yet.

    Args:
        workspace: whose it is.
        chunks: the file, piece by piece.
        file_name: what people call it. Nothing follows from it.
        table: what its rows are; empty to guess.
        by: who brought it.
        now: the moment; facts without a time of their own are known since then.

    Raises:
        CannotImportError: it is no table that can be read; says what to do. The file is not kept.
    """
    stored_as = storing.store_upload(chunks)
    try:
        path = storing.upload_path(stored_as)
        detected = detect(path)
        sample = take_sample(read_rows(path, detected))
        table = table if table in TABLES else guess_table(detected.names)
        columns = guess_columns(table, detected.names, [row.cells for row in sample if row.fault is None])
        options = default_options(workspace) | {"sample": keep_sample(sample[:SAMPLE_ROWS])}
        run = ImportRun(
            workspace=workspace,
            table=table,
            file_name=file_name[-255:] or "file",
            stored_as=stored_as,
            detected=detected.to_json(),
            columns={name: column.to_json() for name, column in columns.items()},
            options=options,
            created_by=by,
            created_at=now or timezone.now(),
        )
        if mapping := _find_same_columns(workspace, table, detected.names):
            _apply(run, mapping)
        run.save(force_insert=True)
    except BaseException:
        storing.remove_upload(stored_as)
        raise
    return run


def read_otherwise(run: ImportRun, *, chosen: Chosen, table: str = "") -> None:
    """Read the file as somebody says, or as rows of another table; what was chosen for columns that are still there is kept.

    Raises:
        CannotImportError: it cannot be read so. Nothing was changed.
        FileGoneError: there is no file to be read any more.
        NotNowError: the import is at work, or done.
    """
    path = storing.upload_path(run.stored_as)
    try:
        detected = detect(path, chosen)
        sample = take_sample(read_rows(path, detected))
    except FileNotFoundError:
        raise FileGoneError(
            f"The file {run.file_name} is not on the server any more. Discard this import, and upload the file again."
        ) from None
    table = table if table in TABLES else run.table
    columns = guess_columns(table, detected.names, [row.cells for row in sample if row.fault is None])
    kept = {} if table != run.table else run.columns
    found = {name: kept.get(name) or column.to_json() for name, column in columns.items()}
    options = {
        "zone": run.options["zone"],
        "event": run.options.get("event", ""),
        "sample": keep_sample(sample[:SAMPLE_ROWS]),
    }
    _move(
        run, OPEN, State.MAPPING, table=table, detected=detected.to_json(), columns=found, options=options, position={}
    )
    storing.remove_rows(run.stored_as)


def apply_mapping(run: ImportRun, mapping: ImportMapping) -> None:
    """Understand the columns as it was kept under a name; columns that it does not know stay as they are.

    Raises:
        NotNowError: the import is at work, or done.
    """
    _apply(run, mapping)
    _move(run, OPEN, State.MAPPING, columns=run.columns, options=run.options, source=run.source)


def start_check(run: ImportRun, choices: Choices) -> None:
    """Begin the dry run: every row is understood and compared with what is known, and nothing is written but the counts.

    Raises:
        ChoiceError: something that is needed was not chosen.
        NotNowError: the import is at work, or done.
    """
    choices = choices.checked(run.table)
    columns = {name: column.to_json() for name, column in choices.columns.items()}
    options = run.options | {"zone": choices.zone, "event": choices.event}
    with transaction.atomic():
        _move(run, OPEN, State.CHECKING, columns=columns, options=options, source=choices.source, counts={}, rows_done=0,
              position={}, problem="")  # fmt: skip
        RefusedRow.objects.filter(run=run).delete()
        if choices.save_as:
            _keep_mapping(run, choices)


def start_run(run: ImportRun) -> None:
    """Begin to write what the dry run has counted.

    Raises:
        NotNowError: it was not checked, or somebody has begun already.
    """
    with transaction.atomic():
        _move(run, (State.CHECKED,), State.RUNNING, rows_done=0, position={"step": "writing", "place": 0}, problem="")
        RefusedRow.objects.filter(run=run).delete()


def stop(run: ImportRun) -> None:
    """Stop what is at work. A dry run goes back to the columns; of a run what was written stays, and it can go on or be undone.

    Raises:
        NotNowError: nothing is at work.
    """
    was = run.state
    target = State.STOPPED if was == State.RUNNING else State.MAPPING
    _move(run, tuple({State.CHECKING, State.RUNNING} & {State(was)}), target, leased_until=None, lease="")


def go_on(run: ImportRun) -> None:
    """Let a run that was stopped, or failed, go on where it was.

    Raises:
        NotNowError: it does not stand still.
    """
    steps = {"writing": State.RUNNING, "undoing": State.UNDOING}
    target = steps.get(run.position.get("step", ""), State.CHECKING)
    _move(run, (State.STOPPED, State.FAILED), target, problem="", leased_until=None, lease="")


def change_columns(run: ImportRun) -> None:
    """Go back to the columns of an import that has failed before anything was written.

    Raises:
        NotNowError: something was written, or it is at work.
    """
    if run.position.get("step") in ("writing", "undoing"):
        raise NotNowError("Rows of this import are in the log. Undo it first; nothing was changed.")
    _move(run, (State.FAILED, *OPEN), State.MAPPING, problem="")


def start_undo(run: ImportRun) -> None:
    """Begin to take everything back that an import wrote.

    Raises:
        NotNowError: it wrote nothing, or is at work.
    """
    if run.position.get("step") not in ("writing", "undoing"):
        raise NotNowError("This import has written nothing that could be undone.")
    was = (State.DONE, State.STOPPED, State.FAILED)
    taken = run.counts.get("undo", {})
    of = count_rows(run.workspace, run.origin) + sum(taken.get(name, 0) for name in ROWS)
    _move(run, was, State.UNDOING, position={"step": "undoing", "of": of}, problem="", leased_until=None, lease="")


def discard(run: ImportRun) -> None:
    """Forget an import that has written nothing, or was undone, with its file and the rows that it refused.

    Raises:
        NotNowError: it is at work, or what it wrote stands in the log.
    """
    with transaction.atomic():
        _move(run, (*OPEN, State.UNDONE, State.FAILED), run.state)
        if run.position.get("step") == "writing":
            raise NotNowError("Rows of this import are in the log. Undo it first; nothing was changed.")
        run.delete()
    storing.remove_upload(run.stored_as)


def _move(run: ImportRun, come_from: Iterable[str], to: str, **changes: Any) -> None:
    states = list(come_from)
    if not ImportRun.objects.filter(pk=run.pk, state__in=states).update(state=to, **changes):
        state = ImportRun.objects.filter(pk=run.pk).values_list("state", flat=True).first() or "gone"
        raise NotNowError(f"This import is {state} by now. Nothing was changed.")
    run.state = to
    for name, value in changes.items():
        setattr(run, name, value)


def _find_same_columns(workspace: Workspace, table: str, names: Iterable[str]) -> ImportMapping | None:
    wanted = set(names)
    kept = ImportMapping.objects.filter(workspace=workspace, table=table).order_by("-pk")
    return next((mapping for mapping in kept if set(mapping.columns) == wanted), None)


def _apply(run: ImportRun, mapping: ImportMapping) -> None:
    known = {name: column for name, column in mapping.columns.items() if name in run.columns}
    run.columns = run.columns | known
    run.options = run.options | {
        "zone": mapping.options.get("zone") or run.options["zone"],
        "event": mapping.options.get("event", ""),
        "mapping": mapping.name,
    }
    run.source = mapping.options.get("source") or run.source


def _keep_mapping(run: ImportRun, choices: Choices) -> None:
    columns = {name: replace(column, reading="").to_json() for name, column in choices.columns.items()}
    options = {"zone": choices.zone, "event": choices.event, "source": choices.source}
    ImportMapping.objects.update_or_create(
        workspace=run.workspace,
        name=choices.save_as[:120],
        defaults={"table": run.table, "columns": columns, "options": options},
    )


def detected_of(run: ImportRun) -> Detected:
    """Return how the file of an import is written."""
    return Detected.from_json(run.detected)


__all__ = ["CannotImportError", "Column", "FileGoneError", "NotNowError", "apply_mapping", "change_columns", "detected_of", "discard",
           "go_on", "read_otherwise", "start_check", "start_import", "start_run", "start_undo", "stop"]  # fmt: skip
