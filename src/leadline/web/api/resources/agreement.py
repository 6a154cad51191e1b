"""What marketing and sales agreed on in numbers: how many hand-offs a week are promised, and how soon they are answered."""

from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import BeforeValidator, Field

from leadline.web.accounts.roles import LEADERS, name_roles
from leadline.web.api.given import PageQuery, read_whole
from leadline.web.api.handoff_given import ByIn, Day
from leadline.web.api.handoff_shapes import PersonName, person_of
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.calendars import faults_of_form
from leadline.web.api.resources.members import get_member
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.api.shapes import Day as DayOut
from leadline.web.api.shapes import Moment
from leadline.web.handoff.models import Promise
from leadline.web.handoff.promises import find_promises, promised_on, set_promise
from leadline.web.pages.agreement.forms import MOST_A_WEEK, PromiseForm
from leadline.web.playbooks.queries import find_live, get_plan

router = Router(tags=["Agreement"])


class PromiseOut(Schema):
    """How many hand-offs a week are promised from a day on, until a later promise begins; 0: none any more."""

    id: int
    per_week: int
    from_day: DayOut
    made_at: Moment
    by: PersonName | None


class PromisePage(Schema):
    """A page of promises."""

    items: list[PromiseOut]
    next: str | None


class AgreementOut(Schema):
    """What is agreed on today.

    `per_week`: how many hand-offs a week are promised; null: no number. `respond_within_hours`: within how many working hours sales
    answers, by the live playbook; null: it says no time.
    """

    per_week: int | None
    respond_within_hours: int | None


class PromiseIn(ByIn):
    """Who promises how many hand-offs a week, and from when on; left out, from today on."""

    per_week: Annotated[int, Field(ge=0, le=MOST_A_WEEK, description="0: none any more."), BeforeValidator(read_whole)]
    from_day: Day | None = None


@router.get("/agreement", response=AgreementOut, url_name="api-agreement", auth=Needs("handoffs:read"))
def show_agreement(request: HttpRequest) -> Any:
    """Show what is agreed on today. The response time is part of the playbook: publishing another one changes it."""
    workspace = workspace_of(request)
    version = find_live(workspace)
    handoff = get_plan(version).playbook.handoff if version else None
    today = timezone.localdate(timezone=ZoneInfo(workspace.timezone))
    return {
        "per_week": promised_on(find_promises(workspace), today),
        "respond_within_hours": handoff.respond_within_hours if handoff else None,
    }


@router.get("/agreement/promises", response=PromisePage, url_name="api-promises", auth=Needs("handoffs:read"))
def list_promises(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the promises that were made, in the order in which they were. Of two that begin on one day the later one holds."""
    rows = Promise.objects.filter(workspace=workspace_of(request)).select_related("by")
    return page_of(request, rows, _promises_of, limit=query.limit, cursor=query.cursor)


@router.post("/agreement/promises", response={201: PromiseOut}, url_name="api-promises", auth=Needs("teams:write"))
def make_promise(request: HttpRequest, given: PromiseIn) -> Any:
    """Promise a number of hand-offs a week, in the name of a manager or an administrator. Earlier promises stay as history."""
    workspace, now = workspace_of(request), timezone.now()
    member = get_member(request, given.by, "/by")
    if member.role not in LEADERS:
        detail = (
            f"A number is promised by {name_roles(LEADERS)}; the role of this person is {member.get_role_display()}."
        )
        refuse([Fault(pointer="/by", code="wrong-role", detail=detail)])
    day = given.from_day or timezone.localdate(now, ZoneInfo(workspace.timezone)).isoformat()
    form = PromiseForm({"per_week": given.per_week, "from_day": day})
    refuse(faults_of_form(form))
    made = set_promise(workspace, **form.cleaned_data, by=member.user, now=now)
    return Status(201, _promises_of([made])[0])


def _promises_of(rows: Sequence[Promise]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "per_week": one.per_week,
            "from_day": one.from_day.isoformat(),
            "made_at": one.made_at,
            "by": person_of(one.by),
        }
        for one in rows
    ]
