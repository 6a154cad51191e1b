"""The settings page of teams: who is in them, how each works, what the playbook's routes say, and where a lead would go."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.roles import EVERYBODY, LEADERS, needs_role
from leadline.web.handoff.away import has_due
from leadline.web.handoff.models import Team
from leadline.web.handoff.routing import Routed, try_route
from leadline.web.handoff.teams.actions import (
    TeamExistsError,
    add_absence,
    add_to_team,
    change_seat,
    change_team,
    delete_team,
    end_absence,
    make_team,
    move_in_team,
    remove_from_team,
)
from leadline.web.handoff.teams.forms import AbsenceForm, AddForm, SeatForm, TeamForm, TeamSettingsForm
from leadline.web.handoff.teams.queries import (
    count_waiting,
    find_leads,
    get_absence,
    get_place,
    get_team,
    get_worker,
    list_absences,
    list_people,
    routes_of,
    seat_of,
    show_teams,
    workers_of,
)
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live
from leadline.web.shell.numbers import whole_number


@require_safe
@needs_role(*EVERYBODY)
def teams(request: HttpRequest) -> HttpResponse:
    """Show all teams; where somebody asks, where a lead would go."""
    return _teams(request, TeamForm())


@require_POST
@needs_role(*LEADERS)
def make(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            made = make_team(workspace_of(request), **form.cleaned_data)
        except TeamExistsError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, f"The team {made} is there. Add who is in it.")
            return redirect("team", made.pk)
    return _teams(request, form, status=422)


def _teams(request: HttpRequest, form: TeamForm, *, status: int = 200) -> HttpResponse:
    workspace = workspace_of(request)
    version = find_live(workspace)
    routes = routes_of(version)
    people = list_people(workspace, now=timezone.now())
    shown = show_teams(workspace, people, routes.named)
    there = {one.team.slug for one in shown}
    context = {
        "teams": shown,
        "people": people,
        "routes": routes,
        "missing": routes.missing(there),
        "form": form,
        "may_change": _member_of(request).role in LEADERS,
        **_tried(workspace, version, request.GET.get("lead", "")),
    }
    return render(request, "handoff/teams/teams.html", context, status=status)


def _tried(workspace: Workspace, version: Version | None, text: str) -> dict[str, Any]:
    """Return where the lead would go that somebody asks for; a choice, where the text may mean several."""
    found = find_leads(workspace, text)
    routed: Routed | None = None
    if version is not None and len(found) == 1:
        routed = try_route(version, found[0], now=timezone.now())
    return {"asked": text.strip(), "found": found, "routed": routed, "version": version}


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change a team."""
    found = get_team(workspace_of(request), pk)
    form = _settings_form(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            change_team(found, **form.cleaned_data)
        except TeamExistsError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, "Saved.")
            return redirect("team", found.pk)
    return _team(request, found, form=form, status=200 if request.method != "POST" else 422)


def _team(
    request: HttpRequest,
    found: Team,
    *,
    form: TeamSettingsForm | None = None,
    add: AddForm | None = None,
    status: int = 200,
) -> HttpResponse:
    workspace = workspace_of(request)
    routes = routes_of(find_live(workspace))
    shown = show_teams(workspace, list_people(workspace, now=timezone.now()), routes.named)
    context = {
        "shown": next(one for one in shown if one.team.pk == found.pk),
        "form": form or _settings_form(found, None),
        "add": add or AddForm(choices=_others(found)),
    }
    return render(request, "handoff/teams/team.html", context, status=status)


def _settings_form(found: Team, given: QueryDict | None) -> TeamSettingsForm:
    kept = {name: getattr(found, name) for name in ("slug", "name", "gives_on", "gives_on_away", "raises_after")}
    return TeamSettingsForm(given, workspace=found.workspace, initial=kept | {"calendar": found.calendar_id})


def _others(found: Team) -> Any:
    inside = found.places.values("seat__user")
    return workers_of(found.workspace).exclude(user__in=inside)


@require_POST
@needs_role(*LEADERS)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody into a team."""
    found = get_team(workspace_of(request), pk)
    form = AddForm(request.POST, choices=_others(found))
    if not form.is_valid():
        return _team(request, found, add=form, status=422)
    member = form.cleaned_data["member"]
    add_to_team(found, member)
    messages.success(request, f"{member.user} takes turns in {found} from now on.")
    return redirect("team", found.pk)


@require_POST
@needs_role(*LEADERS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move somebody one place in the turns."""
    found = get_team(workspace_of(request), pk)
    place = get_place(found, _given(request, "seat"))
    move_in_team(place, is_earlier=request.POST.get("to") == "earlier")
    return redirect("team", found.pk)


@require_POST
@needs_role(*LEADERS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody out of a team."""
    found = get_team(workspace_of(request), pk)
    place = get_place(found, _given(request, "seat"))
    remove_from_team(place)
    messages.success(request, f"{place.seat.user} is out of {found}. What they have open stays theirs.")
    return redirect("team", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a team is to go; delete it."""
    found = get_team(workspace_of(request), pk)
    if request.method == "POST":
        delete_team(found)
        messages.success(request, f"The team {found} is gone.")
        return redirect("teams")
    is_named = found.slug in routes_of(find_live(workspace_of(request))).named
    context = {"team": found, "waiting": count_waiting(found), "is_named": is_named}
    return render(request, "handoff/teams/delete.html", context)


# -- somebody of a team -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change how somebody works."""
    member = get_worker(workspace_of(request), pk)
    if request.method != "POST":
        return _person(request, member)
    form = SeatForm(request.POST, workspace=member.workspace)
    if not form.is_valid():
        return _person(request, member, form=form, status=422)
    change_seat(member, **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("team-person", member.pk)


@require_POST
@needs_role(*LEADERS)
def person_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that somebody is away."""
    member = get_worker(workspace_of(request), pk)
    others = list_absences(seat_of(member), now=timezone.now())
    form = AbsenceForm(request.POST, today=timezone.localdate(), others=others)
    if not form.is_valid():
        return _person(request, member, absence=form, status=422)
    made = add_absence(member, **form.cleaned_data)
    messages.success(request, f"Nothing new comes to {member.user} in these days.")
    return redirect("away", made.pk) if has_due(made, now=timezone.now()) else redirect("team-person", member.pk)


@require_POST
@needs_role(*LEADERS)
def person_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that somebody is back, or does not go."""
    member = get_worker(workspace_of(request), pk)
    end_absence(get_absence(member, _given(request, "absence")), now=timezone.now())
    messages.success(request, "That absence is over.")
    return redirect("team-person", member.pk)


def _person(
    request: HttpRequest,
    member: Membership,
    *,
    form: SeatForm | None = None,
    absence: AbsenceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now, seat = timezone.now(), seat_of(member)
    initial: dict[str, Any] = {"is_open": True}
    if seat is not None:
        initial = {"capacity": seat.capacity, "calendar": seat.calendar_id, "is_open": seat.is_open}
    context = {
        "member": member,
        "form": form or SeatForm(workspace=member.workspace, initial=initial),
        "absence": absence or AbsenceForm(today=timezone.localdate()),
        "absences": list_absences(seat, now=now),
        "now": now,
    }
    return render(request, "handoff/teams/person.html", context, status=status)


def _given(request: HttpRequest, name: str) -> int:
    """Return the id that a form names. Raises BadRequest where it names none."""
    pk = whole_number(request.POST.get(name))
    if pk is None:
        raise BadRequest(f"The form does not say which {name}.")
    return pk


def _member_of(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member
