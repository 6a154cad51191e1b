"""Hand-offs: what waits for sales and what became of it, and all that people do with one, in the name of a member.

So a CRM can be the place where reps work. Who comes too late is told who was faster, with the hand-off as it is now.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import LEADERS
from leadline.web.api.given import Id
from leadline.web.api.handoff_given import (
    NOBODY,
    AssignIn,
    ByIn,
    CallIn,
    DecisionIn,
    HandOffQuery,
    MeetingIn,
    ReleaseIn,
    SnoozeIn,
)
from leadline.web.api.handoff_shapes import (
    LOADED,
    DecisionOut,
    HandOffDetail,
    HandOffPage,
    decisions_out,
    detail_of,
    handoff_of,
)
from leadline.web.api.paging import page_in_order, page_of
from leadline.web.api.problems import ProblemError, missing
from leadline.web.api.resources.asking import get_version, workspace_of
from leadline.web.api.resources.members import get_member, get_worker
from leadline.web.api.service import Needs
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.urgency import ORDER, late, with_urgency
from leadline.web.pages.playbook_words import PlaybookWords, words_of
from leadline.web.playbooks.queries import find_live, get_plan

router = Router(tags=["Hand-offs"])


@router.get("/handoffs", response=HandOffPage, url_name="api-handoffs", auth=Needs("handoffs:read"))
def list_handoffs(request: HttpRequest, query: Query[HandOffQuery]) -> Any:
    """List hand-offs in the order of their ids, or with the most urgent first."""
    now = timezone.now()
    words = _words(request)
    rows = _wanted(request, query, now).select_related(*LOADED)

    def say(some: Any) -> list[dict[str, Any]]:
        return [handoff_of(one, words, now) for one in some]

    if query.sort == "id":
        return page_of(request, rows, say, limit=query.limit, cursor=query.cursor)
    return page_in_order(
        request,
        lambda moment: with_urgency(rows, moment),
        say,
        limit=query.limit,
        cursor=query.cursor,
        order=ORDER,
        now=now,
    )


def _wanted(request: HttpRequest, query: HandOffQuery, now: datetime) -> QuerySet[HandOff]:
    rows = HandOff.objects.filter(workspace=workspace_of(request))
    if query.state is not None:
        rows = rows.filter(state__in=HandOff.OPEN if query.state == "open" else [query.state])
    if query.owner:
        rows = rows.filter(Q(owner=None) if query.owner == NOBODY else Q(owner__email__iexact=query.owner))
    if query.team:
        rows = rows.filter(Q(team=None) if query.team == NOBODY else Q(team__slug=query.team))
    if query.lead is not None:
        rows = rows.filter(lead=query.lead)
    if query.qualification:
        rows = rows.filter(qualification=query.qualification)
    if query.late is not None:
        rows = rows.filter(late(now)) if query.late else rows.exclude(pk__in=rows.filter(late(now)).values("pk"))
    if query.updated_since is not None:
        since = Q(at__gte=query.updated_since) | Q(undone_at__gte=query.updated_since)
        rows = rows.filter(Exists(Step.objects.filter(since, handoff=OuterRef("pk"))))
    return rows


@router.get(
    "/handoffs/decisions", response=list[DecisionOut], url_name="api-handoff-decisions", auth=Needs("handoffs:read")
)
def list_decisions(request: HttpRequest) -> Any:
    """List what the live playbook lets one decide, each with its reasons."""
    return decisions_out(get_plan(get_version(request)).playbook)


@router.get(
    "/handoffs/{handoff_id}",
    response={200: HandOffDetail, 304: None},
    url_name="api-handoff",
    auth=Needs("handoffs:read"),
)
def show_handoff(request: HttpRequest, handoff_id: Path[Id], response: HttpResponse) -> Any:
    """Show a hand-off, with all that happened to it and why it went where it went."""
    said = _detail(request, _get(request, handoff_id))
    tag = '"' + hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:20] + '"'
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return Status(304, None) if request.headers.get("If-None-Match") == tag else said


# -- acting --------------------------------------------------------------------------------------------------------------


@router.post(
    "/handoffs/{handoff_id}/claim", response=HandOffDetail, url_name="api-handoff-claim", auth=Needs("handoffs:write")
)
def claim_handoff(request: HttpRequest, handoff_id: Path[Id], given: ByIn) -> Any:
    """Claim what waits. Who has it already keeps it."""
    return _act(request, handoff_id, given, lambda one: actions.claim(handoff_id, by=one.user, tell=handoffs_changed))


@router.post(
    "/handoffs/{handoff_id}/release",
    response=HandOffDetail,
    url_name="api-handoff-release",
    auth=Needs("handoffs:write"),
)
def release_handoff(request: HttpRequest, handoff_id: Path[Id], given: ReleaseIn) -> Any:
    """Give back what one has to the queue of its team."""
    return _act(
        request,
        handoff_id,
        given,
        lambda one: actions.release(handoff_id, by=one.user, why=given.why, tell=handoffs_changed),
    )


@router.post(
    "/handoffs/{handoff_id}/assign", response=HandOffDetail, url_name="api-handoff-assign", auth=Needs("handoffs:write")
)
def assign_handoff(request: HttpRequest, handoff_id: Path[Id], given: AssignIn) -> Any:
    """Give it to somebody, who has to claim it. What somebody else works, only managers and administrators give away."""
    _get(request, handoff_id)
    to: User = get_member(request, given.to, "/to").user
    return _act(
        request,
        handoff_id,
        given,
        lambda one: actions.assign(
            handoff_id, to=to, by=one.user, is_manager=one.role in LEADERS, tell=handoffs_changed
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/calls", response=HandOffDetail, url_name="api-handoff-calls", auth=Needs("handoffs:write")
)
def log_call(request: HttpRequest, handoff_id: Path[Id], given: CallIn) -> Any:
    """Write down a call and how it went. Who calls has the hand-off from then on."""
    return _act(
        request,
        handoff_id,
        given,
        lambda one: actions.log_call(
            handoff_id, by=one.user, result=given.result, text=given.text, tell=handoffs_changed
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/meetings",
    response=HandOffDetail,
    url_name="api-handoff-meetings",
    auth=Needs("handoffs:write"),
)
def book_meeting(request: HttpRequest, handoff_id: Path[Id], given: MeetingIn) -> Any:
    """Write down a meeting. Who books it has the hand-off from then on."""
    return _act(
        request,
        handoff_id,
        given,
        lambda one: actions.book_meeting(
            handoff_id, by=one.user, at=given.at, minutes=given.minutes, place=given.place, tell=handoffs_changed
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/snooze", response=HandOffDetail, url_name="api-handoff-snooze", auth=Needs("handoffs:write")
)
def snooze_handoff(request: HttpRequest, handoff_id: Path[Id], given: SnoozeIn) -> Any:
    """Put it off until a moment. When an answer is due stays as it was."""
    return _act(
        request,
        handoff_id,
        given,
        lambda one: actions.snooze(handoff_id, by=one.user, until=given.until, tell=handoffs_changed),
    )


@router.post(
    "/handoffs/{handoff_id}/decision",
    response=HandOffDetail,
    url_name="api-handoff-decision",
    auth=Needs("handoffs:write"),
)
def decide_handoff(request: HttpRequest, handoff_id: Path[Id], given: DecisionIn) -> Any:
    """Decide it. The decision goes into the lead's log as an outcome, and the playbook says what follows."""
    return _act(
        request,
        handoff_id,
        given,
        lambda one: actions.decide(
            handoff_id,
            given.decision,
            by=one.user,
            reason=given.reason,
            text=given.text,
            is_manager=one.role in LEADERS,
            tell=handoffs_changed,
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/undo", response=HandOffDetail, url_name="api-handoff-undo", auth=Needs("handoffs:write")
)
def undo_handoff(request: HttpRequest, handoff_id: Path[Id], given: ByIn) -> Any:
    """Take back the last thing that the person did with it, within an hour and if nothing happened since."""
    return _act(request, handoff_id, given, lambda one: actions.undo(handoff_id, by=one.user, tell=handoffs_changed))


def _act(request: HttpRequest, handoff_id: int, given: ByIn, act: Callable[[Membership], HandOff]) -> dict[str, Any]:
    """Act in the name of a member, and return the hand-off as it is then.

    Raises:
        ProblemError: there is no such hand-off or member; somebody was faster (409); it cannot be done (422).
    """
    _get(request, handoff_id)
    member = get_worker(request, given.by, "/by")
    try:
        act(member)
    except actions.ChangedError as error:
        code = "already-taken" if isinstance(error, actions.AlreadyTakenError) else "changed"
        now = HandOffDetail.model_validate(_detail(request, _get(request, handoff_id))).model_dump(mode="json")
        raise ProblemError(status=409, code=code, detail=str(error), also={"handoff": now}) from None
    except actions.NotPossibleError as error:
        raise ProblemError(status=422, code="not-possible", detail=str(error)) from None
    return _detail(request, _get(request, handoff_id))


def _get(request: HttpRequest, handoff_id: int) -> HandOff:
    found = HandOff.objects.filter(workspace=workspace_of(request), pk=handoff_id).select_related(*LOADED).first()
    if found is None:
        raise missing("hand-off")
    return found


def _words(request: HttpRequest) -> PlaybookWords | None:
    version = find_live(workspace_of(request))
    return None if version is None else words_of(version)


def _detail(request: HttpRequest, handoff: HandOff) -> dict[str, Any]:
    return detail_of(handoff, _words(request), timezone.now())
