"""Playbooks: the published versions, checking a text, publishing it, and comparing two."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from leadline.engine.problems import Problem, ProblemsError
from leadline.web.accounts.models import Workspace
from leadline.web.api.gate import key_of
from leadline.web.api.given import CompareIn, PageQuery, PlaybookIn, PublishIn
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault, ProblemError
from leadline.web.api.proposal_shapes import ProposalDetail, detail_of
from leadline.web.api.resources.asking import get_version, workspace_of
from leadline.web.api.service import Needs
from leadline.web.api.shapes import VersionDetail, VersionOut, version_of
from leadline.web.assessments.whatif.compare import compare
from leadline.web.pages.whatif.withdrawing import show_withdrawing
from leadline.web.playbooks import actions
from leadline.web.playbooks.checking import check_texts
from leadline.web.playbooks.proposals.publishing import ApprovalNeededError
from leadline.web.playbooks.queries import Compiled, diff_texts, versions_of
from leadline.web.playbooks.unseen import find_unseen

router = Router(tags=["Playbooks"])
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class VersionPage(Schema):
    """A page of versions."""

    items: list[VersionOut]
    next: str | None


class ProblemOut(Schema):
    """One thing that is wrong with a playbook: a stable code, where, and how to mend it."""

    code: str
    message: str
    where: str
    file: str
    line: int | None
    severity: str


class WithdrawingOut(Schema):
    """How many open hand-offs a playbook withdraws (`waiting`), and how many are being worked and lose the reason why (`claimed`).

    `looked_at` are the most urgent; `is_all` says whether those are all that are open. Where `is_known` is false it could not be told.
    The ids of the hand-offs are there for keys that may read those (`handoffs:read`), null for others.
    """

    is_known: bool
    looked_at: int
    is_all: bool
    waiting: int
    claimed: int
    waiting_ids: list[int] | None
    claimed_ids: list[int] | None


class PublishedOut(VersionOut):
    """A version that was published. `warnings` hinder nothing: what is most likely not meant, as `/playbooks/check` says it.

    `withdraws` is null where nothing is open.
    """

    warnings: list[ProblemOut]
    withdraws: WithdrawingOut | None


class FailedCase(Schema):
    """A case that comes out otherwise than it says."""

    name: str
    line: int | None
    differences: list[str]


class CheckedOut(Schema):
    """Whether a playbook could be published, and all that is wrong with it or its cases.

    `warnings` hinder nothing: what is most likely not meant, among it names that were never seen here while something like them was.
    """

    is_usable: bool
    problems: list[ProblemOut]
    warnings: list[ProblemOut]
    failed_cases: list[FailedCase]
    withdraws: Annotated[
        WithdrawingOut | None,
        Field(
            description="What it would do to hand-offs if it were published now; null where nothing is open, or it is unusable."
        ),
    ]
    plan_hash: str | None


class ChangeOut(Schema):
    """How many leads have something before and after, and how many gain or lose it."""

    before: int
    after: int
    added: int
    removed: int


class DiffLineOut(Schema):
    """A line of what is written otherwise: `same`, `added`, `removed`, or `gap`."""

    kind: str
    text: str


class ComparedOut(Schema):
    """What is written otherwise, and what both say of known leads now; of very many, of those seen last."""

    lines: list[DiffLineOut]
    leads: int
    is_everybody: bool
    moved: int
    qualifications: dict[str, ChangeOut]
    grades: dict[str, ChangeOut]


@router.get("/playbooks", response=VersionPage, url_name="api-playbooks", auth=Needs("playbooks:read"))
def list_playbooks(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the versions, the first one first."""
    rows = versions_of(workspace_of(request))
    return page_of(
        request,
        rows,
        lambda some: [version_of(one) for one in some],
        limit=query.limit,
        cursor=query.cursor,
        key="number",
    )


@router.post("/playbooks", response={201: PublishedOut}, url_name="api-playbooks", auth=Needs("playbooks:write"))
def publish_playbook(request: HttpRequest, given: PublishIn) -> Any:
    """Publish a playbook. It is checked, its cases are run, and it goes live when everybody has been assessed by it."""
    workspace, toml = workspace_of(request), text_of_file(given.toml)
    try:
        compiled = actions.check_playbook(toml)
        withdraws = _withdraws(request, compiled)
        version = actions.publish(
            workspace,
            toml=toml,
            cases=text_of_file(given.cases),
            note=given.note,
            by=None,
        )
    except ProblemsError as error:
        detail = "The playbook or its cases cannot be used, so nothing was published."
        faults = [fault_of(one) for one in error.problems]
        raise ProblemError(status=422, code="playbook-unusable", detail=detail, errors=faults) from None
    except actions.CasesFailedError as error:
        detail = "Cases fail, so nothing was published."
        faults = [
            Fault(pointer="/cases", code="case-failed", line=one.line, detail=" ".join(one.lines()).strip())
            for one in error.failed
        ]
        raise ProblemError(status=422, code="cases-failed", detail=detail, errors=faults) from None
    except actions.SamePlaybookError as error:
        raise ProblemError(status=409, code="same-playbook", detail=str(error)) from None
    except ApprovalNeededError as error:
        shown = ProposalDetail.model_validate(detail_of(error.proposal)) if error.proposal else None
        also = {"proposal": shown.model_dump(mode="json")} if shown else {}
        raise ProblemError(status=409, code="approval-needed", detail=str(error), also=also) from None
    said = {"warnings": _warnings_of(workspace, toml, compiled), "withdraws": withdraws}
    return Status(201, version_of(version) | said)


@router.get("/playbooks/live", response=VersionDetail, url_name="api-playbook-live", auth=Needs("playbooks:read"))
def show_live_playbook(request: HttpRequest) -> Any:
    """Show the version by which leads are shown now, with its text."""
    return version_of(get_version(request))


@router.get(
    "/playbooks/live.toml",
    response={200: str},
    url_name="api-playbook-live-toml",
    auth=Needs("playbooks:read"),
    openapi_extra={"responses": {200: {"content": {"application/toml": {"schema": {"type": "string"}}}}}},
)
def download_live_playbook(request: HttpRequest) -> Any:
    """Hand out the text of the live version as a file."""
    return HttpResponse(get_version(request).toml, content_type="application/toml; charset=utf-8")


@router.post("/playbooks/check", response=CheckedOut, url_name="api-playbook-check", auth=Needs("playbooks:read"))
def check_playbook(request: HttpRequest, given: PlaybookIn) -> Any:
    """Say all that is wrong with a playbook and its cases, and what is most likely not meant. Nothing is published."""
    toml = text_of_file(given.toml)
    checked = check_texts(toml, text_of_file(given.cases))
    return {
        "is_usable": checked.is_usable,
        "problems": _said(one.problem for one in checked.problems),
        "warnings": _warnings_of(workspace_of(request), toml, checked.compiled) if checked.compiled else [],
        "failed_cases": [
            {"name": one.name, "line": one.line, "differences": one.lines()[1:]} for one in checked.failed
        ],
        "withdraws": _withdraws(request, checked.compiled) if checked.is_usable else None,
        "plan_hash": checked.compiled.plan_hash if checked.compiled and not checked.problems else None,
    }


@router.post("/playbooks/compare", response=ComparedOut, url_name="api-playbook-compare", auth=Needs("playbooks:read"))
def compare_playbooks(request: HttpRequest, given: CompareIn) -> Any:
    """Say what differs between two playbooks: in what is written, and in what they say of the leads of now."""
    sides: dict[str, Compiled] = {}
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    for name, side in (("before", given.before), ("after", given.after)):
        text = text_of_file(side) if isinstance(side, str) else get_version(request, side).toml
        try:
            texts[name], sides[name] = text, actions.check_playbook(text)
        except ProblemsError as error:
            faults += [fault_of(one, f"/{name}") for one in error.problems]
    if faults:
        detail = "A playbook cannot be used."
        raise ProblemError(status=422, code="playbook-unusable", detail=detail, errors=faults)
    found = compare(workspace_of(request), sides["before"], sides["after"], timezone.now())
    return asdict(found) | {"lines": [asdict(one) for one in diff_texts(texts["before"], texts["after"])]}


@router.get("/playbooks/{number}", response=VersionDetail, url_name="api-playbook", auth=Needs("playbooks:read"))
def show_playbook(request: HttpRequest, number: Path[Number]) -> Any:
    """Show a version with its text and its cases."""
    return version_of(get_version(request, number))


def text_of_file(text: str) -> str:
    """Return a text as files have it: with their line ends, without a mark of its bytes."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _warnings_of(workspace: Workspace, toml: str, compiled: Compiled) -> list[dict[str, Any]]:
    """Return what is most likely not meant in a playbook, among it names that were never seen in a workspace."""
    return _said([*compiled.warnings, *(one.beside(toml) for one in find_unseen(workspace, compiled))])


def _said(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    named = ("code", "message", "where", "file", "line", "severity")
    return [{name: getattr(one, name) for name in named} for one in problems]


def fault_of(one: Problem, pointer: str = "") -> Fault:
    """Return a problem of a playbook as a fault of a request."""
    pointer = pointer or ("/cases" if one.file == "cases.toml" else "/toml")
    detail = f"{one.where}: {one.message}" if one.where else one.message
    return Fault(pointer=pointer, code=one.code, line=one.line, detail=detail)


def _withdraws(request: HttpRequest, compiled: Compiled | None) -> dict[str, Any] | None:
    """Return what publishing a playbook now does to open hand-offs; None where nothing is open, or no version is live."""
    shown = show_withdrawing(workspace_of(request).pk, compiled)
    if shown is None:
        return None
    found, may_read = shown.found, "handoffs:read" in key_of(request).scopes
    waiting, claimed = (found.waiting, found.claimed) if found else ((), ())
    return {
        "is_known": found is not None,
        "looked_at": found.looked_at if found else 0,
        "is_all": found is not None and found.is_all,
        "waiting": len(waiting),
        "claimed": len(claimed),
        "waiting_ids": [one.pk for one in waiting] if may_read else None,
        "claimed_ids": [one.pk for one in claimed] if may_read else None,
    }
