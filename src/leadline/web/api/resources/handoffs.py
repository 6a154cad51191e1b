"""Hand-offs: what waits for sales and what became of it, and all that people do with one, in the name of a member.

So a CRM can be the place where reps work. Who comes too late is told who was faster, with the hand-off as it is now.
"""

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from leadline.web.accounts.models import User
from leadline.web.accounts.roles import LEADERS
from leadline.web.api.given import Id
from leadline.web.api.handoff_given import (
    NOBODY,
    AssignIn,
    ByIn,
    CallIn,
    DecisionIn,
    HandOffQuery,
    NoteIn,
    ReleaseIn,
    SnoozeIn,
)
from leadline.web.api.handoff_shapes import (
    LOADED,
    DecisionOut,
    HandOffDetail,
    HandOffPage,
    RoutesOut,
    UndoneOut,
    decisions_out,
    handoff_of,
    routes_out,
)
from leadline.web.api.paging import page_in_order, page_of
from leadline.web.api.resources.acting import act_on, get_handoff, show_detail, words_of_live
from leadline.web.api.resources.asking import get_version, workspace_of
from leadline.web.api.resources.members import get_member
from leadline.web.api.service import Needs
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.handoff.models import HandOff, Step, Team
from leadline.web.handoff.urgency import ORDER, late, with_urgency
from leadline.web.pages.queue.said import say_undone
from leadline.web.playbooks.queries import get_plan

router = Router(tags=["Hand-offs"])


@router.get("/handoffs", response=HandOffPage, url_name="api-handoffs", auth=Needs("handoffs:read"))
def list_handoffs(request: HttpRequest, query: Query[HandOffQuery]) -> Any:
    """List hand-offs in the order of their ids, or with the most urgent first."""
    now = timezone.now()
    words = words_of_live(request)
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


@router.get("/handoffs/routes", response=RoutesOut, url_name="api-handoff-routes", auth=Needs("handoffs:read"))
def list_routes(request: HttpRequest) -> Any:
    """Say what the live playbook hands to sales, and to which teams. Publishing another playbook changes it."""
    teams = Team.objects.filter(workspace=workspace_of(request))
    return routes_out(get_plan(get_version(request)).playbook, teams)


@router.get(
    "/handoffs/{handoff_id}",
    response={200: HandOffDetail, 304: None},
    url_name="api-handoff",
    auth=Needs("handoffs:read"),
)
def show_handoff(request: HttpRequest, handoff_id: Path[Id], response: HttpResponse) -> Any:
    """Show a hand-off, with all that happened to it and why it went where it went."""
    said = show_detail(request, get_handoff(request, handoff_id))
    tag = '"' + hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:20] + '"'
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return Status(304, None) if request.headers.get("If-None-Match") == tag else said


# -- acting --------------------------------------------------------------------------------------------------------------


@router.post(
    "/handoffs/{handoff_id}/claim", response=HandOffDetail, url_name="api-handoff-claim", auth=Needs("handoffs:write")
)
def claim_handoff(request: HttpRequest, handoff_id: Path[Id], given: ByIn) -> Any:
    """Claim what waits. Who has it already keeps it."""
    return act_on(request, handoff_id, given, lambda one: actions.claim(handoff_id, by=one.user, tell=handoffs_changed))


@router.post(
    "/handoffs/{handoff_id}/release",
    response=HandOffDetail,
    url_name="api-handoff-release",
    auth=Needs("handoffs:write"),
)
def release_handoff(request: HttpRequest, handoff_id: Path[Id], given: ReleaseIn) -> Any:
    """Give back what one has to the queue of its team."""
    return act_on(
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
    get_handoff(request, handoff_id)
    to: User = get_member(request, given.to, "/to").user
    return act_on(
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
    return act_on(
        request,
        handoff_id,
        given,
        lambda one: actions.log_call(
            handoff_id, by=one.user, result=given.result, text=given.text, again=given.again, tell=handoffs_changed
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/notes", response=HandOffDetail, url_name="api-handoff-notes", auth=Needs("handoffs:write")
)
def write_note(request: HttpRequest, handoff_id: Path[Id], given: NoteIn) -> Any:
    """Keep a note with the lead, whoever has the hand-off and however it ended."""
    return act_on(
        request,
        handoff_id,
        given,
        lambda one: actions.write_note(handoff_id, by=one.user, text=given.text, tell=handoffs_changed),
    )


@router.post(
    "/handoffs/{handoff_id}/snooze", response=HandOffDetail, url_name="api-handoff-snooze", auth=Needs("handoffs:write")
)
def snooze_handoff(request: HttpRequest, handoff_id: Path[Id], given: SnoozeIn) -> Any:
    """Put it off until a moment. When an answer is due stays as it was."""
    return act_on(
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
    return act_on(
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
    "/handoffs/{handoff_id}/undo", response=UndoneOut, url_name="api-handoff-undo", auth=Needs("handoffs:write")
)
def undo_handoff(request: HttpRequest, handoff_id: Path[Id], given: ByIn) -> Any:
    """Take back the last thing that the person did with it, within an hour and if nothing happened since."""
    undone: list[Step] = []
    detail = act_on(
        request,
        handoff_id,
        given,
        lambda one: undone.append(actions.undo(handoff_id, by=one.user, tell=handoffs_changed)),
    )
    zone = ZoneInfo(workspace_of(request).timezone)
    return detail | {"undone": say_undone(undone[0], words_of_live(request), zone)}
