"""Finding out what a draft would have done: the log as files in a folder of its own, two replays, one row stored at the end.

It runs in a process of its own, since replays take memory and minutes (`operations/past_what_ifs.py` starts and ends it). Nothing is
stored in between but how far it is, and all that is stored is stored only while the lease of the row is the one that it was begun with.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from django.db.models import QuerySet
from django.utils import timezone

from leadline.engine.catalog import FieldSpec
from leadline.engine.comparison.model import WhatIf
from leadline.engine.comparison.whatif import whatif
from leadline.engine.compiler.plan import ANY_EVENT
from leadline.engine.playbook.model import EventSpec, Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.run import Inputs
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.log_files import TABLES, log_rows
from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past.actions import HORIZON_DAYS
from leadline.web.assessments.past.told import named_of, told_of
from leadline.web.playbooks.queries import Compiled, compile_toml, get_plan
from leadline.web.playbooks.reads import undeclared_company_fields, undeclared_events, undeclared_fields

log = logging.getLogger("leadline.past_what_ifs")
State = PastWhatIf.State
_TELLS_EVERY = 0.5
_READING = 30
"""Percent of the whole that reading the log is shown as."""
_ROWS_BETWEEN = 1_000
_NOBODY = "There are no leads yet, so there is no past to look at."


class TakenError(Exception):
    """It was stopped, asked anew, or is another's by now: there is nothing to go on with."""


def find_out(pk: int, lease: str, folder: Path) -> None:
    """Find out what was asked, and store it.

    Args:
        pk: of the row. lease: what it was claimed with.
        folder: an empty folder for the log's files; who calls deletes it.

    Raises:
        TakenError: it is no longer ours.
    """
    past = PastWhatIf.objects.select_related("live", "workspace").get(pk=pk)
    tell = _Teller(past, lease)
    try:
        found = _compare(past, folder, tell)
    except TakenError:
        raise
    except ProblemsError as error:
        problem = "; ".join(one.message for one in error.problems)
        tell.store(state=State.FAILED, problem=problem, ended_at=timezone.now())
    except Exception as error:
        log.exception("Past what-if %s failed", pk)
        problem = f"Leadline made a mistake ({type(error).__name__}). Nothing was changed; please report it."
        tell.store(state=State.FAILED, problem=problem, ended_at=timezone.now())
    else:
        tell.store(
            state=State.DONE, told=told_of(found), named=named_of(found), percent=100, doing="", ended_at=timezone.now()
        )


def _compare(past: PastWhatIf, folder: Path, tell: "_Teller") -> WhatIf:
    inputs = write_files(past.workspace, folder, lambda what, share: tell(what, share * _READING))
    if inputs.leads is None:
        raise ProblemsError([Problem(code="missing-input", message=_NOBODY, where="leads")])
    return whatif(
        _open(get_plan(past.live)),
        _open(compile_toml(past.toml)),
        inputs,
        start=past.first_day,
        end=past.last_day,
        capacity=None if past.capacity is None else f"{past.capacity}/week",
        horizon_days=HORIZON_DAYS,
        outcomes_to=past.last_day,
        progress=lambda what, share: tell(what, None if share is None else _READING + share * (100 - _READING)),
    )


def _open(compiled: Compiled) -> Playbook:
    """Return a playbook that declares all that it names: what nobody has or did yet is unknown or none here, and no mistake."""
    playbook, as_used = compiled.playbook, FieldSpec(type=None, declared=True)
    events = {name: dict(spec.properties) for name, spec in playbook.events.items()}
    for name in undeclared_events(compiled):
        events.setdefault(name, {})
    for field, names in compiled.plan.event_properties:
        for name in events if ANY_EVENT in names else names:
            events[name].setdefault(field.name, as_used)
    return replace(
        playbook,
        lead_fields={one.name: as_used for one in undeclared_fields(compiled)} | dict(playbook.lead_fields),
        company_fields={one.name: as_used for one in undeclared_company_fields(compiled)}
        | dict(playbook.company_fields),
        events={name: EventSpec(properties) for name, properties in events.items()},
    )


def write_files(workspace: Workspace, folder: Path, tell: Callable[[str, float], None]) -> Inputs:
    """Write the log of a workspace as files; a table without rows gets none."""
    paths: dict[str, Path] = {}
    for place, table in enumerate(TABLES):
        path = folder / f"{table}.jsonl"
        if _write(path, log_rows(workspace, table), partial(_tell_of, tell, table, place)):
            paths[table] = path
    others = {name: path for name, path in paths.items() if name != "leads"}
    return Inputs(leads=paths.get("leads"), **others)  # type: ignore[arg-type]


def _tell_of(tell: Callable[[str, float], None], table: str, place: int, count: int) -> None:
    tell(f"Reading {table}: {count:,}" if count else f"Reading {table}", place / len(TABLES))


def _write(path: Path, rows: Iterable[Mapping[str, str | None]], tell: Callable[[int], None]) -> int:
    """Write a table and return how many rows it has; one without rows gets no file."""
    tell(0)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
            if count % _ROWS_BETWEEN == 0:
                tell(count)
    if not count:
        path.unlink()
    return count


class _Teller:
    """Says how far it is, from time to time, and stores what was found: both only while the lease is ours."""

    def __init__(self, past: PastWhatIf, lease: str) -> None:
        self._pk, self._lease, self._asked_at = past.pk, lease, past.asked_at
        self._told_at = -_TELLS_EVERY

    def __call__(self, what: str, percent: float | None) -> None:
        if time.monotonic() - self._told_at < _TELLS_EVERY:
            return
        self._told_at = time.monotonic()
        self.store(doing=what[:200], **({} if percent is None else {"percent": min(99, int(percent))}))

    def store(self, **values: object) -> None:
        """Store values. Raises TakenError when the row is no longer ours."""
        if not self._ours().update(**values):
            raise TakenError

    def _ours(self) -> QuerySet[PastWhatIf]:
        return PastWhatIf.objects.filter(pk=self._pk, state=State.RUNNING, lease=self._lease, asked_at=self._asked_at)
