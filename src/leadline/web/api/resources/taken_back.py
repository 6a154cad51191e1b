"""What was reported of leads by mistake and taken back. It is taken back with `log.py`, or by people on the page of a lead."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from leadline.web.api.given import Id, MomentIn, PageQuery, Text
from leadline.web.api.paging import page_of
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.service import Needs
from leadline.web.api.shapes import Moment
from leadline.web.leads.models import TakenBack

router = Router(tags=["Log"])


class TakenBackQuery(PageQuery):
    """Which: of a lead, by somebody, taken back since a moment."""

    lead: Id | None = None
    by: Annotated[
        Text, Field(description="Who took it back: an e-mail address, or `API key ` and the name of a key.")
    ] = ""
    taken_back_since: MomentIn | None = None


class TakenBackRow(Schema):
    """What an outcome or a referral said, who said it and who took it out of the log. `lead` has it now, also after a merge."""

    id: int
    lead: int
    kind: Literal["outcome", "event"]
    name: str
    at: Moment
    recorded_at: Moment
    reason: str
    qualification: str
    value: str | None
    opportunity_id: str
    outcome_id: Annotated[str, Field(description="Of an event its message id.")]
    source: str
    said_by: str
    taken_back_at: Moment
    taken_back_by: str


class TakenBackPage(Schema):
    """A page of what was taken back."""

    items: list[TakenBackRow]
    next: str | None


@router.get("/outcomes/taken-back", response=TakenBackPage, url_name="api-taken-back", auth=Needs("leads:read"))
def list_taken_back(request: HttpRequest, query: Query[TakenBackQuery]) -> Any:
    """List what was reported of leads and taken back, in the order in which that was done. It counts for nothing any more."""
    rows = TakenBack.objects.filter(workspace=workspace_of(request))
    if query.lead is not None:
        rows = rows.filter(lead=query.lead)
    if query.by:
        rows = rows.filter(taken_back_by__iexact=query.by)
    if query.taken_back_since is not None:
        rows = rows.filter(taken_back_at__gte=query.taken_back_since)
    return page_of(request, rows, _rows_of, limit=query.limit, cursor=query.cursor)


def _rows_of(rows: Sequence[TakenBack]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "lead": one.lead_id,
            "kind": one.kind,
            "name": one.name,
            "at": one.at,
            "recorded_at": one.recorded_at,
            "reason": one.reason,
            "qualification": one.qualification,
            "value": None if one.value is None else str(one.value),
            "opportunity_id": one.opportunity_id,
            "outcome_id": one.known_by,
            "source": one.source,
            "said_by": one.said_by,
            "taken_back_at": one.taken_back_at,
            "taken_back_by": one.taken_back_by,
        }
        for one in rows
    ]
