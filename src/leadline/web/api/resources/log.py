"""The log: events, facts and outcomes as they were written; sending events, reporting outcomes."""

import json
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from leadline.web.api.gate import key_of
from leadline.web.api.given import Body, Id, MomentIn, OutcomeIn, PageQuery, Text
from leadline.web.api.paging import page_of
from leadline.web.api.problems import ProblemError
from leadline.web.api.resources.asking import get_standing, workspace_of
from leadline.web.api.resources.writing import Written, check_not_later, refuse, written
from leadline.web.api.service import Needs
from leadline.web.api.shapes import EventOut, FactOut, OutcomeOut, event_of, fact_of, outcome_of
from leadline.web.capture.tracking import backlog
from leadline.web.capture.tracking.senders import Sender
from leadline.web.capture.tracking.storing import rows_of, sort_calls, write_rows
from leadline.web.leads.messages import Json
from leadline.web.leads.models import Event, Fact, Outcome
from leadline.web.leads.records import NewOutcome, record_outcomes

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


@router.post("/leads/{lead_id}/outcomes", response=Written, url_name="api-lead-outcomes", auth=Needs("leads:write"))
def report_outcome(request: HttpRequest, lead_id: Path[Id], given: OutcomeIn) -> Any:
    """Report what became of a lead: accepted, rejected, recycled, disqualified, won, lost, or an outcome of your playbook."""
    from decimal import Decimal

    key, now = key_of(request), timezone.now()
    lead = get_standing(request, lead_id)
    refuse(check_not_later(given.at, now, "/at"))
    said = given.model_dump() | {"value": None if given.value is None else Decimal(given.value)}
    said["at"] = min(given.at, now)
    outcome = NewOutcome(lead_id=lead.pk, source=key.source.name, by=f"API key {key.name}", **said)
    return written(record_outcomes(key.workspace, [outcome], now=now))
