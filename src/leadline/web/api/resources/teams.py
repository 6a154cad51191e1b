"""Who works hand-offs: teams with their people in the order of the turns, how much each works, and when somebody is away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status

from leadline.web.accounts.models import Membership
from leadline.web.api.given import Id
from leadline.web.api.handoff_given import SeatIn, TeamChangeIn, TeamIn
from leadline.web.api.handoff_shapes import AbsenceOut, PersonName, absence_of
from leadline.web.api.problems import Fault, ProblemError, missing
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.calendars import faults_of_form
from leadline.web.api.resources.members import get_worker
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.api.shapes import Moment
from leadline.web.handoff.models import Absence, Team, TeamSeat, WorkCalendar
from leadline.web.handoff.teams import actions
from leadline.web.handoff.teams.forms import TeamForm
from leadline.web.handoff.teams.queries import Person, list_people, routes_of, teams_of
from leadline.web.playbooks.queries import find_live

router = Router(tags=["Teams"])
_LATE = {"calendar", "gives_on", "gives_on_away", "raises_after"}
"""What is said of a team beside its name and its people."""


class CalendarName(Schema):
    """A calendar, as a person names it."""

    id: int
    name: str


class TeamOut(Schema):
    """A team with its people in the order of the turns. `is_named`: the live playbook leads to it.

    `calendar` null: it works by the workspace's. `gives_on`: a late hand-off goes to the next in the turns. `gives_on_away`: so does what
    falls due while its owner is away, when the absence begins. `raises_after`: working hours after which a late one that waits comes to
    the administrators; null: it does not.
    """

    id: int
    slug: str
    name: str
    is_named: bool
    people: list[PersonName]
    calendar: CalendarName | None
    gives_on: bool
    gives_on_away: bool
    raises_after: int | None


class PersonOut(PersonName):
    """A member who works on leads. `calendar` null: they work by the workspace's. `away_until` null: they are here now."""

    id: int
    role: str
    is_open: bool
    capacity: int | None
    calendar: CalendarName | None
    open_handoffs: int
    away_until: Moment | None
    absences: list[AbsenceOut]


# -- teams ---------------------------------------------------------------------------------------------------------------


@router.get("/teams", response=list[TeamOut], url_name="api-teams", auth=Needs("handoffs:read"))
def list_teams(request: HttpRequest) -> Any:
    """List the teams by name."""
    return _teams(request, list(teams_of(workspace_of(request)).select_related("calendar")))


@router.post("/teams", response={201: TeamOut}, url_name="api-teams", auth=Needs("teams:write"))
def make_team(request: HttpRequest, given: TeamIn) -> Any:
    """Make a team, with its people in the order of the turns."""
    slug, name = _named(given.slug, given.name)
    members = _members(request, given.people)
    calendar = _get_calendar(request, given.calendar)
    try:
        team = actions.make_team(workspace_of(request), slug=slug, name=name)
    except actions.TeamExistsError as error:
        raise _exists(error) from None
    late = given.model_dump(include=_LATE) | {"calendar": calendar}
    actions.change_team(team, slug=slug, name=name, **late)
    _seat(team, members)
    return Status(201, _show(request, team.pk))


@router.get("/teams/{team_id}", response=TeamOut, url_name="api-team", auth=Needs("handoffs:read"))
def show_team(request: HttpRequest, team_id: Path[Id]) -> Any:
    """Show a team."""
    return _show(request, team_id)


@router.patch("/teams/{team_id}", response=TeamOut, url_name="api-team", auth=Needs("teams:write"))
def change_team(request: HttpRequest, team_id: Path[Id], given: TeamChangeIn) -> Any:
    """Change what is said of a team, or who is in it. What somebody has open stays theirs, with the promise that was made."""
    team = _get_team(request, team_id)
    slug, name = _named(given.slug or team.slug, given.name or team.name)
    members = None if given.people is None else _members(request, given.people)
    late = given.model_dump(include=given.model_fields_set & _LATE)
    if "calendar" in late:
        late["calendar"] = _get_calendar(request, given.calendar)
    try:
        actions.change_team(team, slug=slug, name=name, **late)
    except actions.TeamExistsError as error:
        raise _exists(error) from None
    if members is not None:
        _seat(team, members)
    return _show(request, team_id)


@router.delete("/teams/{team_id}", response={204: None}, url_name="api-team", auth=Needs("teams:write"))
def delete_team(request: HttpRequest, team_id: Path[Id]) -> Any:
    """Delete a team. Its hand-offs stay, in no team."""
    actions.delete_team(_get_team(request, team_id))
    return Status(204, None)


def _get_team(request: HttpRequest, team_id: int) -> Team:
    found = teams_of(workspace_of(request)).filter(pk=team_id).first()
    if found is None:
        raise missing("team")
    return found


def _show(request: HttpRequest, team_id: int) -> dict[str, Any]:
    return _teams(request, [_get_team(request, team_id)])[0]


def _teams(request: HttpRequest, teams: Sequence[Team]) -> list[dict[str, Any]]:
    named = routes_of(find_live(workspace_of(request))).named
    return [
        {
            "id": one.pk,
            "slug": one.slug,
            "name": one.name,
            "is_named": one.slug in named,
            "people": [{"email": at.seat.user.email, "name": at.seat.user.name} for at in one.places.all()],
            "calendar": None if one.calendar is None else {"id": one.calendar.pk, "name": one.calendar.name},
            "gives_on": one.gives_on,
            "gives_on_away": one.gives_on_away,
            "raises_after": one.raises_after,
        }
        for one in teams
    ]


def _named(slug: str, name: str) -> tuple[str, str]:
    """Return id and name of a team as the page takes them.

    Raises:
        ProblemError: one of them is blank.
    """
    form = TeamForm({"slug": slug, "name": name})
    refuse(faults_of_form(form))
    return form.cleaned_data["slug"], form.cleaned_data["name"]


def _members(request: HttpRequest, people: Sequence[str]) -> list[Membership]:
    """Return members by their addresses, in that order.

    Raises:
        ProblemError: all that is wrong with them.
    """
    found: list[Membership] = []
    faults: list[Fault] = []
    for number, email in enumerate(people):
        try:
            member = get_worker(request, email, f"/people/{number}")
        except ProblemError as error:
            faults += error.errors
            continue
        if member in found:
            detail = "This person stands here twice."
            faults.append(Fault(pointer=f"/people/{number}", code="twice", detail=detail))
        found.append(member)
    refuse(faults)
    return found


def _seat(team: Team, members: Sequence[Membership]) -> None:
    """Let a team have just these people, in the order of the turns."""
    wanted = [one.user_id for one in members]
    for place in TeamSeat.objects.filter(team=team).exclude(seat__user__in=wanted).select_related("team"):
        actions.remove_from_team(place)
    for member in members:
        actions.add_to_team(team, member)
    for target, user_id in enumerate(wanted):
        order = list(TeamSeat.objects.filter(team=team).order_by("position", "pk").select_related("seat", "team"))
        at = next(number for number, one in enumerate(order) if one.seat.user_id == user_id)
        for _ in range(at - target):
            actions.move_in_team(order[at], is_earlier=True)


def _exists(error: actions.TeamExistsError) -> ProblemError:
    return ProblemError(status=409, code="team-exists", detail=str(error))


# -- people --------------------------------------------------------------------------------------------------------------


@router.get("/people", response=list[PersonOut], url_name="api-people", auth=Needs("handoffs:read"))
def list_workers(request: HttpRequest) -> Any:
    """List the members who work on leads, by name: how much each works at once, has open, and when they are away."""
    return _people(request)


@router.get("/people/{person_id}", response=PersonOut, url_name="api-person", auth=Needs("handoffs:read"))
def show_person(request: HttpRequest, person_id: Path[Id]) -> Any:
    """Show how a member works hand-offs."""
    return _show_person(request, person_id)


@router.patch("/people/{person_id}", response=PersonOut, url_name="api-person", auth=Needs("teams:write"))
def change_seat(request: HttpRequest, person_id: Path[Id], given: SeatIn) -> Any:
    """Say how many hand-offs a member works at once, when they work, and whether new ones come to them."""
    person = get_person(request, person_id)
    seat = person.seat or actions.take_seat(person.member)
    changed = given.model_dump(include=given.model_fields_set)
    calendar = seat.calendar
    if "calendar" in changed:
        calendar = _get_calendar(request, changed["calendar"])
    actions.change_seat(
        person.member,
        capacity=changed.get("capacity", seat.capacity),
        calendar=calendar,
        is_open=changed.get("is_open", seat.is_open),
    )
    return _show_person(request, person_id)


def _get_calendar(request: HttpRequest, calendar_id: int | None) -> WorkCalendar | None:
    if calendar_id is None:
        return None
    found = WorkCalendar.objects.filter(workspace=workspace_of(request), pk=calendar_id).first()
    if found is None:
        detail = "There is no such calendar in this workspace."
        refuse([Fault(pointer="/calendar", code="unknown-calendar", detail=detail)])
    return found


def get_person(request: HttpRequest, person_id: int) -> Person:
    """Return a member who works on leads.

    Raises:
        ProblemError: the workspace has none of this id (404).
    """
    everybody = list_people(workspace_of(request), now=timezone.now())
    found = next((one for one in everybody if one.member.pk == person_id), None)
    if found is None:
        raise missing("member who works on leads")
    return found


def _show_person(request: HttpRequest, person_id: int) -> dict[str, Any]:
    get_person(request, person_id)
    return next(one for one in _people(request) if one["id"] == person_id)


def _people(request: HttpRequest) -> list[dict[str, Any]]:
    now = timezone.now()
    absences: dict[int, list[dict[str, Any]]] = {}
    for one in Absence.objects.filter(workspace=workspace_of(request), ends_at__gt=now).order_by("begins_at", "pk"):
        absences.setdefault(one.seat_id, []).append(absence_of(one))
    return [
        _person_of(one, [] if one.seat is None else absences.get(one.seat.pk, []))
        for one in list_people(workspace_of(request), now=now)
    ]


def _person_of(person: Person, absences: list[dict[str, Any]]) -> dict[str, Any]:
    seat, member = person.seat, person.member
    calendar = None if seat is None else seat.calendar
    away_until: datetime | None = person.away_until
    return {
        "id": member.pk,
        "email": member.user.email,
        "name": member.user.name,
        "role": member.role,
        "is_open": seat is not None and seat.is_open,
        "capacity": None if seat is None else seat.capacity,
        "calendar": None if calendar is None else {"id": calendar.pk, "name": calendar.name},
        "open_handoffs": person.open_handoffs,
        "away_until": away_until,
        "absences": absences,
    }
