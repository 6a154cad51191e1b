"""Writes of teams, seats and absences."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Max

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.handoff.models import Absence, Seat, Team, TeamSeat, WorkCalendar


class TeamExistsError(Exception):
    """There is a team of this id in the workspace already."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is a team “{slug}” already.")


def make_team(workspace: Workspace, *, slug: str, name: str) -> Team:
    """Make a team without people.

    Raises:
        TeamExistsError: there is one of this id.
    """
    try:
        with transaction.atomic():
            return Team.objects.create(workspace=workspace, slug=slug, name=name)
    except IntegrityError:
        raise TeamExistsError(slug) from None


def change_team(team: Team, *, slug: str, name: str, **late: Any) -> None:
    """Give a team another id or name, and say by which hours its clocks run and what follows when an answer is late.

    Hand-offs that wait keep the promise that was made.

    Args:
        team: which.
        slug: its id in the playbook.
        name: what people call it.
        late: *calendar*, *gives_on*, *gives_on_away*, *raises_after* of `Team`; what is left out stays.

    Raises:
        TeamExistsError: there is another of this id.
    """
    try:
        with transaction.atomic():
            Team.objects.filter(pk=team.pk).update(slug=slug, name=name, **late)
    except IntegrityError:
        raise TeamExistsError(slug) from None


def delete_team(team: Team) -> None:
    """Delete a team. Its hand-offs stay, in no team; its people keep their seats."""
    team.delete()


@transaction.atomic
def add_to_team(team: Team, member: Membership) -> bool:
    """Put a member behind the others in the turns of a team; return False where they are in it already."""
    _lock(team)
    seat = take_seat(member)
    last = team.places.aggregate(last=Max("position"))["last"] or 0
    _, is_new = TeamSeat.objects.get_or_create(
        team=team, seat=seat, defaults={"workspace_id": team.workspace_id, "position": last + 1}
    )
    return is_new


@transaction.atomic
def move_in_team(place: TeamSeat, *, is_earlier: bool) -> None:
    """Move somebody one place in the turns of their team."""
    _lock(place.team)
    places = list(TeamSeat.objects.filter(team=place.team_id).order_by("position", "pk"))
    at = next((number for number, one in enumerate(places) if one.pk == place.pk), None)
    if at is None:
        return  # somebody took them out meanwhile
    other = at - 1 if is_earlier else at + 1
    if 0 <= other < len(places):
        places[at], places[other] = places[other], places[at]
        for number, one in enumerate(places, start=1):
            if one.position != number:
                TeamSeat.objects.filter(pk=one.pk).update(position=number)


@transaction.atomic
def remove_from_team(place: TeamSeat) -> None:
    """Take somebody out of a team. What they have open stays theirs, and the turns go on where they were."""
    _lock(place.team)
    team = Team.objects.get(pk=place.team_id)
    if team.last_seat_id == place.seat_id:
        seats = list(team.places.order_by("position", "pk").values_list("seat_id", flat=True))
        before = seats[seats.index(place.seat_id) - 1] if place.seat_id in seats else None
        Team.objects.filter(pk=team.pk).update(last_seat=None if before == place.seat_id else before)
    TeamSeat.objects.filter(pk=place.pk).delete()


def _lock(team: Team) -> None:
    """Wait until nobody else changes the people or the turns of a team; routing waits for the same."""
    Team.objects.select_for_update(no_key=True).filter(pk=team.pk).values_list("pk").first()


# -- how somebody works ------------------------------------------------------------------------------------------


def take_seat(member: Membership) -> Seat:
    """Return a member's seat; they get one where they had none."""
    return Seat.objects.get_or_create(workspace_id=member.workspace_id, user_id=member.user_id)[0]


def change_seat(member: Membership, *, capacity: int | None, calendar: WorkCalendar | None, is_open: bool) -> None:
    """Say how many hand-offs a member works at once, when they work, and whether new ones come to them."""
    _change(member, {"capacity": capacity, "calendar": calendar, "is_open": is_open})


def open_seat(member: Membership, *, is_open: bool) -> None:
    """Say whether new hand-offs come to a member."""
    _change(member, {"is_open": is_open})


def _change(member: Membership, columns: dict[str, Any]) -> None:
    Seat.objects.filter(pk=take_seat(member).pk).update(**columns)


def add_absence(member: Membership, *, first: date, last: date, why: str) -> Absence:
    """Note that a member is out of office: from the beginning of a day to the end of another, in the workspace's zone."""
    zone = ZoneInfo(member.workspace.timezone)
    return Absence.objects.create(
        workspace_id=member.workspace_id,
        seat=take_seat(member),
        begins_at=datetime.combine(first, time(), zone),
        ends_at=datetime.combine(last + timedelta(days=1), time(), zone),
        why=why,
    )


def end_absence(absence: Absence, *, now: datetime) -> None:
    """End an absence: one that has begun ends now, one that lies ahead is gone."""
    if absence.begins_at < now:
        Absence.objects.filter(pk=absence.pk, ends_at__gt=now).update(ends_at=now)
    else:
        Absence.objects.filter(pk=absence.pk).delete()
