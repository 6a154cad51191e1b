"""Reads of teams, of who is in them, and of how free everybody is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from leadline.engine.playbook.words import say_handoff
from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.roles import WORKERS
from leadline.web.handoff.models import Absence, HandOff, Seat, Team, TeamSeat
from leadline.web.handoff.routing import open_handoffs, people_away_soon
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan
from leadline.web.shell.numbers import whole_number

_MOST_FOUND = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member who works leads. seat: None where they work no hand-offs yet. open_handoffs: how many they have open.

    away_until: None where they are here. away_from: when an absence of the next days begins; None where there is none.
    """

    member: Membership
    seat: Seat | None
    open_handoffs: int
    away_until: datetime | None
    away_from: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Whether they have as many open as they work at once."""
        return self.seat is not None and self.seat.capacity is not None and self.open_handoffs >= self.seat.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somebody's place in the turns of a team. person: None who is no member any more. is_next: whose turn it is."""

    seat: Seat
    person: Person | None
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTeam:
    """A team with its people in the order of the turns. is_named: whether the live playbook leads to it."""

    team: Team
    places: Sequence[Place]
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """What the live playbook says of hand-offs.

    lines: in words. named: the ids of the teams that it names, in their order. otherwise: that of the rest, where it names one.
    """

    lines: Sequence[str] = ()
    named: Sequence[str] = ()
    otherwise: str | None = None

    def missing(self, there: Collection[str]) -> list[tuple[str, str | None]]:
        """Return the ids that no team has, each with where hand-offs go instead; None: to no team."""
        instead = self.otherwise if self.otherwise in there else None
        return [(slug, instead) for slug in self.named if slug not in there]


def routes_of(version: Version | None) -> Routes:
    """Return what a version says of where hand-offs go; nothing where there is none or it hands nothing over."""
    if version is None:
        return Routes()
    bound = get_plan(version).bound
    handoff = bound.playbook.handoff
    if handoff is None:
        return Routes()
    named = [route.to for route in handoff.routes] + ([] if handoff.otherwise is None else [handoff.otherwise])
    return Routes(
        lines=[line.removeprefix("- ") for line in say_handoff(bound)],
        named=list(dict.fromkeys(named)),
        otherwise=handoff.otherwise,
    )


def list_people(workspace: Workspace, *, now: datetime) -> list[Person]:
    """Return the members of a workspace who work leads, by name, each as free as they are now."""
    seats = {seat.user_id: seat for seat in Seat.objects.filter(workspace=workspace).select_related("calendar")}
    counts, (away, soon) = open_handoffs(workspace.pk), people_away_soon(workspace.pk, now)
    found = []
    for member in workers_of(workspace):
        seat = seats.get(member.user_id)
        found.append(
            Person(
                member=member,
                seat=seat,
                open_handoffs=counts.get(member.user_id, 0),
                away_until=None if seat is None else away.get(seat.pk),
                away_from=None if seat is None else soon.get(seat.pk),
            )
        )
    return found


def workers_of(workspace: Workspace) -> QuerySet[Membership]:
    """Return who may work leads in a workspace, by name."""
    members = Membership.objects.filter(workspace=workspace, role__in=WORKERS, user__is_active=True)
    return members.select_related("user").order_by("user__name", "pk")


def show_teams(workspace: Workspace, people: Sequence[Person], named: Sequence[str]) -> list[ShownTeam]:
    """Return the teams of a workspace by name, with their people."""
    of_seat = {one.seat.pk: one for one in people if one.seat is not None}
    return [
        ShownTeam(team=team, places=_places(team, of_seat), is_named=team.slug in named) for team in teams_of(workspace)
    ]


def teams_of(workspace: Workspace) -> QuerySet[Team]:
    """Return the teams of a workspace by name, each with its places in the order of the turns."""
    places = TeamSeat.objects.order_by("position", "pk").select_related("seat__user")
    return Team.objects.filter(workspace=workspace).prefetch_related(Prefetch("places", places)).order_by("name", "pk")


def _places(team: Team, of_seat: dict[int, Person]) -> list[Place]:
    seats = [one.seat for one in team.places.all()]
    behind = next((place + 1 for place, seat in enumerate(seats) if seat.pk == team.last_seat_id), 0)
    free = [seat for seat in (*seats[behind:], *seats[:behind]) if _is_free(of_seat.get(seat.pk))]
    return [
        Place(seat=seat, person=of_seat.get(seat.pk), is_next=bool(free) and seat.pk == free[0].pk) for seat in seats
    ]


def _is_free(person: Person | None) -> bool:
    return (
        person is not None
        and person.seat is not None
        and person.seat.is_open
        and person.away_until is None
        and not person.is_full
    )


def get_team(workspace: Workspace, pk: int) -> Team:
    """Return a team of a workspace; of another it is as missing as one that never was (404)."""
    return get_object_or_404(teams_of(workspace), pk=pk)


def get_place(team: Team, seat: int | None) -> TeamSeat:
    """Return somebody's place in a team (404 where they have none)."""
    return get_object_or_404(TeamSeat.objects.select_related("seat__user"), team=team, seat=seat)


def get_worker(workspace: Workspace, pk: int) -> Membership:
    """Return a member who works leads (404 for anybody else)."""
    return get_object_or_404(workers_of(workspace), pk=pk)


def seat_of(member: Membership) -> Seat | None:
    """Return how a member works hand-offs; None where they do not yet."""
    seats = Seat.objects.filter(workspace=member.workspace_id, user=member.user_id)
    return seats.select_related("calendar", "user").first()


def list_absences(seat: Seat | None, *, now: datetime) -> list[Absence]:
    """Return when somebody is away, now and later, the next first."""
    return [] if seat is None else list(seat.absences.filter(ends_at__gt=now).order_by("begins_at", "pk"))


def get_absence(member: Membership, pk: int | None) -> Absence:
    """Return an absence of a member (404 for anybody else's)."""
    return get_object_or_404(Absence, pk=pk, workspace=member.workspace_id, seat__user=member.user_id)


def count_waiting(team: Team) -> int:
    """Return how many hand-offs of a team are open."""
    return HandOff.objects.filter(team=team, state__in=HandOff.OPEN).count()


def find_leads(workspace: Workspace, text: str) -> list[Lead]:
    """Return the leads that a text may mean: an id, an e-mail address, or a part of a name or of an address; a few at most."""
    leads = Lead.objects.filter(workspace=workspace, merged_into=None, is_known=True).select_related("company")
    if (pk := whole_number(text.strip())) is not None:
        return list(leads.filter(pk=pk))
    text = text.strip()[:120]
    if not text or "\x00" in text:  # which no name has, and PostgreSQL takes in no text
        return []
    exact = list(leads.filter(email__is_alike=text)[:_MOST_FOUND])
    part = leads.filter(Q(name__contains_alike=text) | Q(email__contains_alike=text)).order_by("name", "pk")
    return exact or list(part[:_MOST_FOUND])
