"""What lies here of a person, and is no lead's yet: requests that wait or were refused, refused rows and files of imports.

`flow.py` adds this to the export and the erasure of a person. Whom something names, `Subject.is_named_in` says.

At an erasure a request that waits is taken apart at once, and what it says of them is left out; the rest goes into the log as it would
have. What was refused is removed whole. From the file of an import rows cannot be cut, since the work on it counts them: the file is
deleted; an import that was not done with it stops.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef

from leadline.web.capture.bots.classify import classifier_of
from leadline.web.capture.imports.detection import Detected, read_rows
from leadline.web.capture.imports.kept_rows import read_part
from leadline.web.capture.imports.storing import remove_upload, rows_path, upload_path
from leadline.web.capture.models import BotChange, Delivery, ImportRun, RefusedEvent, RefusedRow, WaitingClick
from leadline.web.capture.tracking.inbox import Refusal, refused_row
from leadline.web.capture.tracking.readers import READERS
from leadline.web.leads.claims import claim_of
from leadline.web.leads.erasure import Erased
from leadline.web.leads.intake import take_messages
from leadline.web.leads.messages import Message
from leadline.web.leads.models import Event
from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject

_WORK = ("lease", "leased_until", "workspace_id", "attempts")
_ROWS_AT_ONCE = 1000
_ENDED = (ImportRun.State.DONE, ImportRun.State.UNDONE, ImportRun.State.FAILED)
_STOPPED_BECAUSE = (
    "The file was deleted, since somebody in it was erased. What it had written before is kept, and can be undone. "
    "Upload the file again without them."
)


# -- finding ----------------------------------------------------------------------------------------------------


def find_waiting(subject: Subject) -> list[Row]:
    """Return what requests that wait say of a person. What they say of others is not theirs to have."""
    return [
        {
            "source_id": delivery.source_id,
            "received_at": delivery.received_at.isoformat(),
            "said": one.raw if isinstance(one, Message) else one.body.decode("utf-8", errors="replace"),
        }
        for delivery in _deliveries(subject)
        for one in READERS[delivery.protocol](delivery)
        if _is_about(one, subject)
    ]


def find_refused_events(subject: Subject) -> list[Row]:
    """Return the refused events that name a person."""
    return rows_as_json(_refused_events(subject), without=_WORK)


def find_refused_rows(subject: Subject) -> list[Row]:
    """Return the refused rows of imports that name a person."""
    return rows_as_json(_refused_rows(subject), without=_WORK)


def find_file_rows(subject: Subject) -> list[Row]:
    """Return the rows that name a person in the files of imports that are still there."""
    return [
        {"import": run.pk, "file": run.file_name, "row": number, "cells": cells}
        for run in ImportRun.objects.filter(workspace=subject.workspace_id).order_by("pk")
        for number, cells in _rows_in_file(run, subject)
    ]


def find_bot_changes(subject: Subject) -> list[Row]:
    """Return the qualifications of a person that no longer stand since events turned out to be bots'."""
    return rows_as_json(BotChange.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=_WORK)


def _deliveries(subject: Subject) -> list[Delivery]:
    waiting = Delivery.objects.filter(workspace=subject.workspace_id).select_related("source").order_by("pk")
    return [one for one in waiting.iterator(200) if subject.is_named_in(one.body) or subject.is_named_in(one.context)]


def _refused_events(subject: Subject) -> list[RefusedEvent]:
    refused = RefusedEvent.objects.filter(workspace=subject.workspace_id).order_by("pk")
    return [
        one
        for one in refused.iterator(200)
        if subject.is_named_in(one.body) or subject.is_named_in(one.detail) or subject.is_named_in(one.context)
    ]


def _refused_rows(subject: Subject) -> list[RefusedRow]:
    refused = RefusedRow.objects.filter(workspace=subject.workspace_id).order_by("pk")
    return [one for one in refused.iterator(500) if subject.is_named_in(one.cells) or subject.is_named_in(one.detail)]


def _rows_in_file(run: ImportRun, subject: Subject) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of an import's file that name a person, by the names of the columns."""
    names = tuple(run.detected.get("names") or ())
    for number, cells in _rows_of(run):
        text = "\n".join(map(str, cells))
        if subject.may_be_in(text):
            named = {
                names[place] if place < len(names) else f"column {place + 1}": cell for place, cell in enumerate(cells)
            }
            if subject.is_named_in(named):
                yield number, {name: cell if cell is None else str(cell) for name, cell in named.items()}


def _rows_of(run: ImportRun) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a file: those that were read already, else from the upload. A file that cannot be read has none."""
    kept = rows_path(run.stored_as)
    if run.stored_as and kept.exists():
        part, place = read_part(kept, 0, _ROWS_AT_ONCE)
        while part:
            yield from ((one.row.number, one.row.cells) for one in part)
            part, place = read_part(kept, place, _ROWS_AT_ONCE)
    elif run.stored_as and run.detected.get("format") and upload_path(run.stored_as).exists():
        yield from (
            (row.number, row.cells) for row in read_rows(upload_path(run.stored_as), Detected.from_json(run.detected))
        )


# -- erasing ----------------------------------------------------------------------------------------------------


def erase_from_capture(subject: Subject, erased: Erased) -> None:
    """Remove what names a person from all that has come in, in the caller's transaction."""
    runs = _runs_with(subject)
    for delivery in _deliveries(subject):
        _take_without(delivery, subject, erased)
    erased.count("refused events", _delete(RefusedEvent, _refused_events(subject)))
    refused = _refused_rows(subject)
    erased.count("refused rows", _delete(RefusedRow, refused))
    theirs = Event.objects.filter(
        lead__in=subject.lead_ids, source=OuterRef("source"), message_id=OuterRef("message_id")
    )
    WaitingClick.objects.filter(Exists(theirs), workspace=subject.workspace_id).delete()
    for run in runs:
        _erase_from_run(run, subject, erased)


def _delete(model: Any, rows: list[Any]) -> int:
    count: int = model.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]
    return count


def _take_without(delivery: Delivery, subject: Subject, erased: Erased) -> None:
    """Take a request apart and let into the log what it says of others."""
    said = list(READERS[delivery.protocol](delivery))
    others = [one for one in said if not _is_about(one, subject)]
    delivery.delete()
    erased.count("waiting events", len(said) - len(others))
    messages = [one for one in others if isinstance(one, Message)]
    take_messages(delivery.source, messages, classify=classifier_of(delivery.source))
    RefusedEvent.objects.bulk_create(
        refused_row(
            delivery.workspace_id,
            delivery.source_id,
            delivery.protocol,
            one,
            is_verified=delivery.is_verified,
            received_at=delivery.received_at,
        )
        for one in others
        if isinstance(one, Refusal)
    )


def _is_about(said: Message | Refusal, subject: Subject) -> bool:
    if isinstance(said, Refusal):
        return subject.is_named_in(said.body) or subject.is_named_in(said.detail)
    names = claim_of(said, "").names()
    return not subject.identities.isdisjoint(names) or subject.is_named_in(said.raw)


def _runs_with(subject: Subject) -> list[ImportRun]:
    """Return the imports that wrote something of a person, refused a row of theirs, or whose file names them."""
    origins = subject.origins()
    refused = {row.run_id for row in _refused_rows(subject)}
    return [
        run
        for run in ImportRun.objects.filter(workspace=subject.workspace_id).order_by("pk")
        if f"import:{run.pk}" in origins or run.pk in refused or any(True for _ in _rows_in_file(run, subject))
    ]


def _erase_from_run(run: ImportRun, subject: Subject, erased: Erased) -> None:
    if run.stored_as:
        erased.count("files of imports", 1)
        erased.after_commit.append(partial(remove_upload, run.stored_as))
    clean: Callable[[Any], Any] = partial(_without, subject)
    changes: dict[str, Any] = {
        "detected": clean(run.detected),
        "columns": clean(run.columns),
        "options": clean(run.options),
        "position": clean(run.position),
        "problem": clean(run.problem),
        "file_name": clean(run.file_name) or "a file",
    }
    if run.state not in _ENDED:
        changes |= {"state": ImportRun.State.FAILED, "problem": _STOPPED_BECAUSE, "lease": "", "leased_until": None}
        erased.notes.append(f"The import of {changes['file_name']} was stopped: its file held them, and was deleted.")
    ImportRun.objects.filter(pk=run.pk).update(**changes)


def _without(subject: Subject, said: Any) -> Any:
    """Return parsed JSON without the texts that name a person, and without rows (lists in lists) in which they are named."""
    if isinstance(said, dict):
        return {name: _without(subject, value) for name, value in said.items() if not subject.is_named_in([name])}
    if isinstance(said, list):
        others = [one for one in said if not (isinstance(one, list | dict) and subject.is_named_in(one))]
        return [_without(subject, value) for value in others]
    return "" if isinstance(said, str) and subject.is_named_in([said]) else said
