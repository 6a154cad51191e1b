"""Notes about leads, for people to read. They are written at a hand-off (`handoffs.py`)."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from leadline.web.api.given import Id, MomentIn, PageQuery, Text
from leadline.web.api.paging import page_of
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.service import Needs
from leadline.web.api.shapes import Moment
from leadline.web.leads.models import Note

router = Router(tags=["Notes"])


class NoteQuery(PageQuery):
    """Which notes: about a lead, by somebody, written since a moment."""

    lead: Id | None = None
    by: Annotated[Text, Field(description="The e-mail address of who wrote it.")] = ""
    recorded_since: MomentIn | None = None


class NoteOut(Schema):
    """What somebody wrote down about a lead. No playbook looks at it. `lead` has it now, also where it was of one that was merged."""

    id: int
    lead: int
    text: str
    at: Moment
    by: str


class NotePage(Schema):
    """A page of notes."""

    items: list[NoteOut]
    next: str | None


@router.get("/notes", response=NotePage, url_name="api-notes", auth=Needs("leads:read"))
def list_notes(request: HttpRequest, query: Query[NoteQuery]) -> Any:
    """List notes about leads, in the order in which they were written. What was taken away is not there any more."""
    rows = Note.objects.filter(workspace=workspace_of(request))
    if query.lead is not None:
        rows = rows.filter(lead=query.lead)
    if query.by:
        rows = rows.filter(by__iexact=query.by)
    if query.recorded_since is not None:
        rows = rows.filter(at__gte=query.recorded_since)
    return page_of(request, rows, _notes_of, limit=query.limit, cursor=query.cursor)


def _notes_of(rows: Sequence[Note]) -> list[dict[str, Any]]:
    return [{"id": one.pk, "lead": one.lead_id, "text": one.text, "at": one.at, "by": one.by} for one in rows]
