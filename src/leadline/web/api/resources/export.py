"""Whole tables as files, written while they are read: what the pages show, and the log as the engine reads it."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Literal

import msgspec
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from leadline.engine.inputs.formula_cells import quote_formula
from leadline.web.accounts.models import Workspace
from leadline.web.api.gate import key_of
from leadline.web.api.resources.asking import get_version, workspace_of
from leadline.web.api.resources.leads import say_leads
from leadline.web.api.service import Needs
from leadline.web.api.shapes import company_of, event_of, fact_of, iso, move_of, outcome_of, spell_of
from leadline.web.assessments.log_files import log_rows
from leadline.web.assessments.models import Spell, StageMove
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome
from leadline.web.pages.models import Export
from leadline.web.playbooks.as_file import playbook_as_file
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live

router = Router(tags=["Export"])
Table = Literal["leads", "companies", "events", "facts", "outcomes", "spells", "stage-moves"]
LogTable = Literal["leads", "companies", "events", "facts", "outcomes"]
NDJSON, CSV = "application/x-ndjson", "text/csv"
_AT_ONCE = 500
_COLUMNS_FIRST = 200
"""Rows that are looked at for the columns of a CSV file."""
_FILE = {"responses": {200: {"description": "OK", "content": {NDJSON: {"schema": {"type": "string"}}}}}}
_FILES = {
    "responses": {200: {"description": "OK", "content": {one: {"schema": {"type": "string"}} for one in (NDJSON, CSV)}}}
}


class ExportQuery(Schema):
    """In which form."""

    format: Literal["ndjson", "csv"] = "ndjson"


@router.get("/export/{table}", url_name="api-export", auth=Needs("export"), openapi_extra=_FILES)
def export_table(request: HttpRequest, table: Path[Table], query: Query[ExportQuery]) -> Any:
    """Hand out a whole table: one JSON object a line, or CSV with one column a value (`assessment.scores.fit`)."""
    workspace = workspace_of(request)
    rows = _rows(table, workspace, find_live(workspace))
    if query.format == "csv":
        return _file(_recorded(request, table, "csv", _csv(map(_flat, rows))), CSV, f"{table}.csv")
    lines = (msgspec.json.encode(_plain(row)) + b"\n" for row in rows)
    return _file(_recorded(request, table, "json", lines), NDJSON, f"{table}.ndjson")


@router.get(
    "/log/playbook.toml",
    url_name="api-log-playbook",
    auth=Needs("playbooks:read"),
    openapi_extra={
        "responses": {200: {"description": "OK", "content": {"application/toml": {"schema": {"type": "string"}}}}}
    },
)
def export_playbook(request: HttpRequest) -> Any:
    """Hand out the live playbook to go with the files of the log: it declares what the app takes for granted."""
    text = playbook_as_file(get_version(request).toml)
    return HttpResponse(text, content_type="application/toml; charset=utf-8")


@router.get("/log/{table}", url_name="api-log", auth=Needs("export"), openapi_extra=_FILE)
def export_log(request: HttpRequest, table: Path[LogTable]) -> Any:
    """Hand out the log as `leadline score` reads it, one row a line. `leadline pull` writes all five files."""
    rows = log_rows(workspace_of(request), table)
    lines = (msgspec.json.encode(row) + b"\n" for row in rows)
    return _file(_recorded(request, table, "json", lines), NDJSON, f"{table}.ndjson")


def _recorded(request: HttpRequest, table: str, format_: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a file; that a key takes all leads out is recorded first, where people's exports are."""
    if table == "leads":
        _record(request, format_)
    yield from lines


def _record(request: HttpRequest, format_: str) -> None:
    key, version = key_of(request), find_live(workspace_of(request))
    Export.objects.create(
        workspace=key.workspace,
        by=f"API key {key.name}",
        at=timezone.now(),
        format=format_,
        count=Lead.objects.filter(workspace=key.workspace, merged_into=None).count(),
        version_number=version.number if version else None,
    )


def _file(content: Iterable[bytes], media_type: str, name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(_chunks(content), content_type=f"{media_type}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _chunks(lines: Iterable[bytes], size: int = 65_536) -> Iterator[bytes]:
    """Put lines together, so that not each is sent by itself."""
    waiting: list[bytes] = []
    length = 0
    for line in lines:
        waiting.append(line)
        length += len(line)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    yield b"".join(waiting)


# -- rows -----------------------------------------------------------------------------------------------------------

Say = Callable[[list[Any]], Iterable[dict[str, Any]]]


def _rows(table: str, workspace: Workspace, version: Version | None) -> Iterator[dict[str, Any]]:
    number = version.number if version else 0
    kinds: dict[str, tuple[QuerySet[Any], Say]] = {
        "leads": (
            Lead.objects.filter(merged_into=None).select_related("company"),
            lambda some: say_leads(some, version),
        ),
        "companies": (Company.objects.all(), lambda some: map(company_of, some)),
        "events": (Event.objects.select_related("source").defer("raw"), lambda some: map(event_of, some)),
        "facts": (Fact.objects.exclude(field__startswith="_"), lambda some: map(fact_of, some)),
        "outcomes": (Outcome.objects.all(), lambda some: map(outcome_of, some)),
        "spells": (Spell.objects.filter(version=version), lambda some: [spell_of(one, number) for one in some]),
        "stage-moves": (StageMove.objects.filter(version=version), lambda some: [move_of(one, number) for one in some]),
    }
    found, say = kinds[table]
    rows = found.filter(workspace=workspace).order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:_AT_ONCE]):
        assert isinstance(some[-1], Model)
        last = some[-1].pk
        yield from say(some)


def _plain(value: Any) -> Any:
    """Return a value with its times as texts."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return iso(value) if hasattr(value, "astimezone") else value


# -- CSV ------------------------------------------------------------------------------------------------------------


def _flat(row: dict[str, Any], before: str = "") -> dict[str, str]:
    """Return a row with one column a value: ``company.name``, ``assessment.scores.fit``."""
    found: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[before + name] = _cell(value)
    return found


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return quote_formula(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() if all(isinstance(one, str) for one in value):
            return quote_formula(" ".join(value))
        case list():
            return msgspec.json.encode(value).decode()
        case _:
            return iso(value)


def _csv(rows: Iterator[dict[str, str]]) -> Iterator[bytes]:
    """Write rows under the columns that the first of them have; what a later row has besides stands in the last column, as JSON."""
    first = list(islice(rows, _COLUMNS_FIRST))
    columns = list(dict.fromkeys(name for row in first for name in row))
    known = set(columns)
    yield _line([*map(quote_formula, columns), "more"])
    for row in chain(first, rows):
        more = {name: value for name, value in row.items() if name not in known and value}
        yield _line([*(row.get(name, "") for name in columns), msgspec.json.encode(more).decode() if more else ""])


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
