"""The log: events, facts and outcomes as they were written; sending events, reporting outcomes."""

import json
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from leadline.web.accounts.roles import LEADERS
from leadline.web.api.gate import key_of
from leadline.web.api.given import Body, Id, MomentIn, OutcomeIn, PageQuery, TakeBackIn, Text
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault, ProblemError
from leadline.web.api.resources.asking import get_standing, workspace_of
from leadline.web.api.resources.members import get_worker
from leadline.web.api.resources.writing import (
    WRITTEN_BY,
    Written,
    check_not_later,
    check_words,
    name_of,
    refuse,
    written,
)
from leadline.web.api.service import Needs
from leadline.web.api.shapes import EventOut, FactOut, OutcomeOut, event_of, fact_of, outcome_of
from leadline.web.capture.tracking import backlog
from leadline.web.capture.tracking.senders import Sender
from leadline.web.capture.tracking.storing import rows_of, sort_calls, write_rows
from leadline.web.leads.claims import clean_value
from leadline.web.leads.messages import Json
from leadline.web.leads.models import Event, Fact, Identity, Lead, Outcome
from leadline.web.leads.outcome_log import OURS, outcome_id_of, take_back_outcome
from leadline.web.leads.records import NewOutcome, record_outcomes
from leadline.web.pages.reporting.actions import is_report, take_back

router = Router(tags=["Log"])
MOST_EVENTS = 500


class LogQuery(PageQuery):
    """Which rows of the log: of a lead, of a field or a name, and what we learned since a moment."""

    lead: Id | None = None
    recorded_since: MomentIn | None = None


class EventQuery(LogQuery):
    """Which events."""

    name: Annotated[Text, Field(description="The event's name, in the playbook's words.")] = ""


class FactQuery(LogQuery):
    """Which facts."""

    company: Id | None = None
    field: Text = ""


class OutcomeQuery(LogQuery):
    """Which outcomes."""

    outcome: Text = ""


class EventPage(Schema):
    """A page of events."""

    items: list[EventOut]
    next: str | None


class FactPage(Schema):
    """A page of facts."""

    items: list[FactOut]
    next: str | None


class OutcomePage(Schema):
    """A page of outcomes."""

    items: list[OutcomeOut]
    next: str | None


class EventsIn(Body):
    """Calls as the tracking API takes them (docs/tracking.md): `type`, `userId` or `anonymousId`, `event`, `properties` …"""

    events: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_EVENTS)]


class RefusedCall(Schema):
    """A call that could not be used; it is kept among the refused events too."""

    index: int
    reason: str
    detail: str


class TakenOut(Schema):
    """What became of the calls. Those accepted wait a moment to be attributed and assessed."""

    accepted: int
    refused: list[RefusedCall]


class OutcomeWritten(Written):
    """What became of the outcome, and by which id it is known."""

    id: str


class TakenBackOut(Schema):
    """Whether it was taken back now; false: there is none of this id, because it was taken back before or never reported."""

    id: str
    taken_back: bool


@router.get("/events", response=EventPage, url_name="api-events", auth=Needs("leads:read"))
def list_events(request: HttpRequest, query: Query[EventQuery]) -> Any:
    """List events, in the order in which they were stored."""
    rows = Event.objects.filter(workspace=workspace_of(request)).select_related("source").defer("raw")
    if query.lead is not None:
        rows = rows.filter(lead=query.lead)
    if query.name:
        rows = rows.filter(name=query.name)
    if query.recorded_since is not None:
        rows = rows.filter(received_at__gte=query.recorded_since)
    return page_of(request, rows, lambda some: [event_of(one) for one in some], limit=query.limit, cursor=query.cursor)


@router.post("/events", response={202: TakenOut}, url_name="api-events", auth=Needs("events:write"))
def send_events(request: HttpRequest, given: EventsIn) -> Any:
    """Send events of a server, in the form of the tracking API. They are written down before this is answered."""
    key, now = key_of(request), timezone.now()
    if backlog.is_full():
        detail = "Too much waits already. Nothing was taken; send it again later."
        raise ProblemError(status=429, code="overload", detail=detail, headers={"Retry-After": "10"})
    context: dict[str, Json] = {
        "user_agent": request.headers.get("User-Agent", "")[:500],
        "type": "",
        "sent_at": "",
        "context": {},
    }
    calls = [json.dumps(one, ensure_ascii=False).encode() for one in given.events]
    usable, refused = sort_calls(calls, context, now)
    sender = Sender(workspace_id=key.workspace_id, source_id=key.source_id, is_server=True)
    write_rows([rows_of(sender, usable, refused, context, now)])
    places = {id(raw): index for index, raw in enumerate(calls)}
    said = [{"index": places[id(one.body)], "reason": one.reason, "detail": one.detail} for one in refused]
    return Status(202, {"accepted": len(usable), "refused": said})


@router.get("/facts", response=FactPage, url_name="api-facts", auth=Needs("leads:read"))
def list_facts(request: HttpRequest, query: Query[FactQuery]) -> Any:
    """List facts of leads and companies as they were written, in the order in which they were. `/leads/…/facts` says which hold."""
    rows = Fact.objects.filter(workspace=workspace_of(request)).exclude(field__startswith="_")
    if query.lead is not None:
        rows = rows.filter(lead=query.lead)
    if query.company is not None:
        rows = rows.filter(company=query.company)
    if query.field:
        rows = rows.filter(field=query.field)
    if query.recorded_since is not None:
        rows = rows.filter(recorded_at__gte=query.recorded_since)
    return page_of(request, rows, lambda some: [fact_of(one) for one in some], limit=query.limit, cursor=query.cursor)


@router.get("/outcomes", response=OutcomePage, url_name="api-outcomes", auth=Needs("leads:read"))
def list_outcomes(request: HttpRequest, query: Query[OutcomeQuery]) -> Any:
    """List outcomes, in the order in which they were reported."""
    rows = Outcome.objects.filter(workspace=workspace_of(request))
    if query.lead is not None:
        rows = rows.filter(lead=query.lead)
    if query.outcome:
        rows = rows.filter(outcome=query.outcome)
    if query.recorded_since is not None:
        rows = rows.filter(recorded_at__gte=query.recorded_since)
    return page_of(
        request, rows, lambda some: [outcome_of(one) for one in some], limit=query.limit, cursor=query.cursor
    )


@router.post(
    "/leads/{lead_id}/outcomes", response=OutcomeWritten, url_name="api-lead-outcomes", auth=Needs("leads:write")
)
def report_outcome(request: HttpRequest, lead_id: Path[Id], given: OutcomeIn) -> Any:
    """Report what became of a lead: accepted, rejected, recycled, disqualified, won, lost, or an outcome of your playbook."""
    from decimal import Decimal

    key, now = key_of(request), timezone.now()
    lead = get_standing(request, lead_id)
    refuse([*check_words(key.workspace_id, given.outcome, given.reason), *check_not_later(given.at, now, "/at")])
    said = given.model_dump() | {"value": None if given.value is None else Decimal(given.value)}
    said["at"] = min(given.at, now)
    outcome = NewOutcome(lead_id=lead.pk, source=key.source.name, by=name_of(key), **said)
    return written(record_outcomes(key.workspace, [outcome], now=now), id=outcome_id_of(outcome))


@router.post(
    "/leads/{lead_id}/outcomes/take-back",
    response=TakenBackOut,
    url_name="api-lead-outcome-take-back",
    auth=Needs("leads:write"),
)
def take_back_outcome_of_lead(request: HttpRequest, lead_id: Path[Id], given: TakeBackIn) -> Any:
    """Take back an outcome that was wrong, as if it had never been said: what keys of the same source reported, or people on the page.

    The lead is assessed anew. Taken back a second time it is answered with `taken_back: false`. What was decided in the queue is undone
    there (`/handoffs/…/undo`), and what came with an import or with one action for many leads is taken back with it, on its page.
    """
    lead = get_standing(request, lead_id)
    found_id = clean_value(Identity.Kind.CRM, given.outcome_id)
    outcome = Outcome.objects.filter(workspace=lead.workspace_id, outcome_id=found_id).first()
    return {"id": found_id, "taken_back": outcome is not None and _take_back(request, lead, outcome, given.by)}


def _take_back(request: HttpRequest, lead: Lead, outcome: Outcome, by: str) -> bool:
    """Take an outcome back where that may be.

    Raises:
        ProblemError: it is another lead's, or goes with something else; why and where it is taken back instead.
    """
    key = key_of(request)
    if outcome.lead_id != lead.pk:
        detail = f"This outcome is of lead {outcome.lead_id}."
        refuse([Fault(pointer="/outcome_id", code="other-lead", detail=detail)])
    if is_report(outcome):
        if not by:
            raise _not_possible("It was reported on the page of the lead. Name in `by` who reported it, or a manager.")
        member = get_worker(request, by, "/by")
        is_manager = member.role in LEADERS
        if not is_manager and outcome.by != member.user.email:
            raise _not_possible(f"{outcome.by} reported it. They take it back, or a manager does.")
        return take_back(lead, outcome.origin, by=member.user.email, is_manager=is_manager)
    kind = outcome.origin.partition(":")[0]
    if kind in _GOES_WITH:
        raise _not_possible(_GOES_WITH[kind])
    if outcome.source == OURS:
        raise _not_possible("Leadline wrote it itself, because a fact put right what the lead was sent back for.")
    if outcome.source != key.source.name or not outcome.by.startswith(WRITTEN_BY):
        who = f"the source {outcome.source}" if outcome.source != key.source.name else outcome.by or "no key"
        raise _not_possible(f"It was reported by {who}; this key takes back what keys reported as {key.source.name}.")
    return take_back_outcome(outcome, by=name_of(key))


_GOES_WITH = {
    "handoff": "It was decided at a hand-off. Undo it there: `/handoffs/…/undo`, in the name of who decided.",
    "import": "It came with an import. Undo the import, on its page.",
    "batch": "It was recorded for many leads at once. Take that back on its page.",
}


def _not_possible(detail: str) -> ProblemError:
    return ProblemError(status=422, code="not-possible", detail=f"{detail} Nothing was taken back.")
