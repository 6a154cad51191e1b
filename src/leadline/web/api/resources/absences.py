"""When somebody is away: noting that, what falls due in it, and ending it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status

from leadline.web.api.given import Id
from leadline.web.api.handoff_given import AbsenceIn
from leadline.web.api.handoff_shapes import AbsenceOut, absence_of
from leadline.web.api.problems import missing
from leadline.web.api.resources.calendars import faults_of_form
from leadline.web.api.resources.teams import get_person
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.api.shapes import Moment
from leadline.web.handoff.away import open_while_away
from leadline.web.handoff.models import Absence, HandOff
from leadline.web.handoff.teams import actions
from leadline.web.handoff.teams.forms import AbsenceForm
from leadline.web.handoff.teams.queries import list_absences

router = Router(tags=["Teams"])


class OpenHandOff(Schema):
    """A hand-off that is open with who is away; `/handoffs/{id}` shows more of it.

    `goes_on`: its team wants it to go to the next in the turns when the absence begins.
    """

    id: int
    lead: int
    qualification: str
    state: str
    team: str | None
    respond_by: Moment | None
    goes_on: bool


class AbsenceDetail(AbsenceOut):
    """An absence with what is open with its person now, what is due first in front.

    `due`: waits, and its answer falls due before they are back. `others`: the rest, such as what they have claimed.
    """

    due: list[OpenHandOff]
    others: list[OpenHandOff]


@router.post(
    "/people/{person_id}/absences", response={201: AbsenceDetail}, url_name="api-absences", auth=Needs("teams:write")
)
def add_absence(request: HttpRequest, person_id: Path[Id], given: AbsenceIn) -> Any:
    """Note that a member is out of office. Nothing new comes to them by then; what is open with them by now is answered.

    `/handoffs/…/assign` gives one of those to somebody else.
    """
    person, now = get_person(request, person_id), timezone.now()
    with timezone.override(person.member.workspace.timezone):  # in which absences begin and end
        form = AbsenceForm(
            given.model_dump(), today=timezone.localdate(now), others=list_absences(person.seat, now=now)
        )
        refuse(faults_of_form(form))
    return Status(201, _detail_of(actions.add_absence(person.member, **form.cleaned_data)))


@router.get(
    "/people/{person_id}/absences/{absence_id}",
    response=AbsenceDetail,
    url_name="api-absence",
    auth=Needs("handoffs:read"),
)
def show_absence(request: HttpRequest, person_id: Path[Id], absence_id: Path[Id]) -> Any:
    """Show an absence with what is open with its person."""
    return _detail_of(_get_absence(request, person_id, absence_id))


@router.delete(
    "/people/{person_id}/absences/{absence_id}",
    response={204: None},
    url_name="api-absence",
    auth=Needs("teams:write"),
)
def end_absence(request: HttpRequest, person_id: Path[Id], absence_id: Path[Id]) -> Any:
    """End an absence: one that has begun ends now, one that lies ahead is gone."""
    actions.end_absence(_get_absence(request, person_id, absence_id), now=timezone.now())
    return Status(204, None)


def _get_absence(request: HttpRequest, person_id: int, absence_id: int) -> Absence:
    member = get_person(request, person_id).member
    rows = Absence.objects.filter(workspace=member.workspace_id, seat__user=member.user_id)
    found = rows.select_related("seat").filter(pk=absence_id).first()
    if found is None:
        raise missing("absence")
    return found


def _detail_of(absence: Absence) -> dict[str, Any]:
    now = timezone.now()
    found = open_while_away(absence, now=now)
    ahead = absence.followed_at is None and now < absence.ends_at
    return absence_of(absence) | {
        "due": [_open_of(one, goes_on=ahead and one.team is not None and one.team.gives_on_away) for one in found.due],
        "others": [_open_of(one, goes_on=False) for one in found.others],
    }


def _open_of(handoff: HandOff, *, goes_on: bool) -> dict[str, Any]:
    return {
        "id": handoff.pk,
        "lead": handoff.lead_id,
        "qualification": handoff.qualification,
        "state": handoff.state,
        "team": None if handoff.team is None else handoff.team.slug,
        "respond_by": handoff.respond_by,
        "goes_on": goes_on,
    }
