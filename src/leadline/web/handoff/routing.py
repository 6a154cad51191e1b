"""To whom a hand-off goes: what `leadline.engine.routing` decides by is read here, and the turns of teams move on.

    route_many    for leads whose hand-offs open now, in a transaction
    try_route     where a lead would go, without moving anything
    replay_route  whether what was stored with a hand-off comes to the same once more

All teams of the workspace are locked while hand-offs are routed, until the caller's transaction ends: two workers that open hand-offs at
once take turns, so that turns stay fair and nobody gets more than they work at once. On SQLite whoever writes is alone anyway. Whoever
also takes `leads.turn.take_turn` takes it before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Q

from leadline.engine.calendar import instant_of
from leadline.engine.expressions.bind import DECISIONS
from leadline.engine.playbook.model import Playbook
from leadline.engine.playbook.words import say
from leadline.engine.routing import (
    Asked,
    Candidate,
    Knows,
    RoutingDecision,
    RoutingInputs,
    RoutingWords,
    decide,
    find_route,
    from_json,
    say_routing,
    to_json,
)
from leadline.engine.values import text_key
from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.roles import WORKERS
from leadline.web.assessments.logs import read_logs_of
from leadline.web.handoff.models import Absence, HandOff, Seat, Team, TeamSeat
from leadline.web.leads.models import Lead, Outcome
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Compiled, get_plan

COMPANY_IS_KNOWN_FOR = timedelta(days=180)
"""So long after they claimed or accepted somebody of a company, others of it go to the same person."""
WAS_LATE = "The answer was late"
"""Why a new owner is wanted, where a late hand-off is given on."""
IS_AWAY = "Who has it is away"
"""The same, where it is open with somebody who is away."""
SOON = timedelta(days=6)
"""So far ahead an absence is told to who gives something away: each weekday comes once in it."""
_MOST = 500
"""Leads that are asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where a hand-off goes. given, decision: what `HandOff.route` keeps of it, as *stored*."""

    team: Team | None
    owner_id: int | None
    given: RoutingInputs
    decision: RoutingDecision

    @property
    def stored(self) -> dict[str, Any]:
        """Inputs and decision, for `HandOff.route`."""
        return to_json(self.given, self.decision)

    @property
    def words(self) -> RoutingWords:
        """Why, in sentences."""
        return say_routing(self.given, self.decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A stored decision, and what the same inputs come to now."""

    stored: RoutingDecision
    now: RoutingDecision

    @property
    def is_same(self) -> bool:
        """Whether both are the same."""
        return self.stored == self.now


def route(version: Version, lead: Lead, *, now: datetime) -> Routed:
    """Return where a hand-off of a lead goes that opens now; see `route_many`."""
    return route_many(version, [lead], now=now)[0]


def route_many(version: Version, leads: Sequence[Lead], *, now: datetime) -> list[Routed]:
    """Return where hand-offs go that open now, for each of *leads* in their order, and move the turns on.

    A lead that stands there twice, for two qualifications, goes to one person. The caller makes the hand-offs in the same transaction:
    they count among the open ones from then on.

    Raises:
        TransactionManagementError: there is no transaction in which the turns could be kept.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Turns are taken inside a transaction.")
    desk = _Desk(version, now=now, takes_turns=True)
    found = [routed for start in range(0, len(leads), _MOST) for routed in desk.route(leads[start : start + _MOST])]
    desk.save()
    return found


def route_on(version: Version, handoff: HandOff, team: Team, *, now: datetime, asked: str = WAS_LATE) -> Routed:
    """Return to whom a hand-off goes on of its team: whose turn it is, without whoever has it; and move the turns on.

    asked: why somebody else is wanted.

    Raises:
        TransactionManagementError: there is no transaction in which the turns could be kept.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Turns are taken inside a transaction.")
    desk = _Desk(version, now=now, takes_turns=True)
    routed = desk.route_on(handoff, team, asked)
    desk.save()
    return routed


def try_route(version: Version, lead: Lead, *, now: datetime) -> Routed:
    """Return where a hand-off of a lead would go if it opened now. Nothing moves."""
    return _Desk(version, now=now, takes_turns=False).route([lead])[0]


def not_to_get(version: Version, leads: Sequence[Lead], *, now: datetime) -> dict[int, int]:
    """Return of each lead whose last decision asks for a new owner who had it then, and so is not to get it."""
    asked = _asking_for_new_owner(get_plan(version).playbook, leads, now)
    if not asked:
        return {}
    rows = HandOff.objects.filter(Q(lead__in=asked) | Q(lead__merged_into__in=asked), owner__isnull=False)
    found: dict[int, int] = {}
    for lead, into, opened_at, owner in rows.order_by("opened_at", "pk").values_list(
        "lead_id", "lead__merged_into", "opened_at", "owner_id"
    ):
        if opened_at <= asked[into or lead][0]:
            found[into or lead] = owner
    return found


def explain_route(handoff: HandOff) -> RoutingWords | None:
    """Return in words why a hand-off went where it went; None where it was not routed."""
    return say_routing(*from_json(handoff.route)) if handoff.route else None


def replay_route(handoff: HandOff) -> Replayed | None:
    """Return the decision that a hand-off was routed by beside what its inputs come to now; None where it was not routed.

    Raises:
        ValueError: what is stored is no routing.
    """
    if not handoff.route:
        return None
    given, stored = from_json(handoff.route)
    return Replayed(stored=stored, now=decide(given))


class _Desk:
    """What hand-offs of a workspace are routed by at a moment, read once; turns and full hands move on with each that is routed."""

    def __init__(self, version: Version, *, now: datetime, takes_turns: bool) -> None:
        self.version, self.now = version, now
        self.compiled: Compiled = get_plan(version)
        workspace = version.workspace_id
        teams = Team.objects.filter(workspace=workspace).order_by("pk")
        if takes_turns:  # before anything else is read, so that what is read is what holds
            teams = teams.select_for_update(no_key=True)
        self.teams = {team.slug: team for team in teams}
        self.zone = ZoneInfo(Workspace.objects.values_list("timezone", flat=True).get(pk=workspace))
        self.seats = {seat.pk: seat for seat in Seat.objects.filter(workspace=workspace).select_related("user")}
        self.seat_of = {seat.user_id: seat for seat in self.seats.values()}
        self.here = set(
            Membership.objects.filter(workspace=workspace, role__in=WORKERS, user__is_active=True).values_list(
                "user_id", flat=True
            )
        )
        self.away = people_away(workspace, now)
        self.open = open_handoffs(workspace)
        self.places: dict[int, list[Seat]] = {}
        for team, seat in (
            TeamSeat.objects.filter(workspace=workspace).order_by("position", "pk").values_list("team_id", "seat_id")
        ):
            self.places.setdefault(team, []).append(self.seats[seat])
        self.last = {team.pk: team.last_seat_id for team in self.teams.values()}
        self.names: dict[int, str] = {}
        """Of owners who have no seat."""

    def route(self, leads: Sequence[Lead]) -> list[Routed]:
        """Route some leads, and keep in mind to whom they went."""
        places = _places_of_routes(self.compiled, leads, self.now)
        owners = _last_owners(leads)
        companies = _owners_of_companies(self.version.workspace_id, leads, self.now)
        new_owners = _asking_for_new_owner(self.compiled.playbook, leads, self.now)
        self._name({*(owner for _, owner in owners.values()), *companies.values()})
        found = []
        for lead in leads:
            opened_at, had = owners.get(lead.pk, (None, None))
            knows: Knows = "company" if had is None else "lead"
            asks_at, reason = new_owners.get(lead.pk, (None, None))
            # Who got it after the decision is the new owner, and keeps it.
            is_new = asks_at is not None and (opened_at is None or opened_at <= asks_at)
            owner = had if had is not None else companies.get(lead.company_id or 0)
            asked = _asked(self.compiled, places.get(lead.pk), self.teams)
            team = next((self.teams[one.to] for one in asked if one.is_there), None)
            given = RoutingInputs(
                asked=asked,
                turns=tuple(self._candidate(seat.user_id) for seat in self._seats_of(team)),
                last=self._last_of(team),
                sticky=None if owner is None else self._candidate(owner),
                knows=None if owner is None else knows,
                new_owner=reason if is_new else None,
                before=had,
            )
            routed = self._decide(given, team)
            if routed.owner_id is not None:
                owners[lead.pk] = (self.now, routed.owner_id)
                new_owners.pop(lead.pk, None)
            found.append(routed)
        return found

    def route_on(self, handoff: HandOff, team: Team, asked: str) -> Routed:
        """Route within a team to anybody but who has it."""
        given = RoutingInputs(
            asked=(Asked(to=team.slug, is_there=team.slug in self.teams, stays=True),),
            turns=tuple(self._candidate(seat.user_id) for seat in self._seats_of(team)),
            last=self._last_of(team),
            new_owner=asked,
            before=handoff.owner_id,
        )
        return self._decide(given, team)

    def _decide(self, given: RoutingInputs, team: Team | None) -> Routed:
        decision = decide(given)
        if decision.owner is not None:
            self.open[decision.owner] = self.open.get(decision.owner, 0) + 1
        if team is not None and decision.how == "turn" and decision.owner is not None:
            self.last[team.pk] = self.seat_of[decision.owner].pk
        return Routed(team=team, owner_id=decision.owner, given=given, decision=decision)

    def save(self) -> None:
        """Write who got the last one of each team by turns."""
        for team in self.teams.values():
            if self.last[team.pk] != team.last_seat_id:
                Team.objects.filter(pk=team.pk).update(last_seat=self.last[team.pk])

    def _seats_of(self, team: Team | None) -> list[Seat]:
        return [] if team is None else self.places.get(team.pk, [])

    def _last_of(self, team: Team | None) -> int | None:
        seat = None if team is None else self.seats.get(self.last[team.pk] or 0)
        return None if seat is None else seat.user_id

    def _name(self, people: Iterable[int]) -> None:
        unknown = {one for one in people if one not in self.seat_of and one not in self.names}
        if unknown:
            users = HandOff.objects.filter(owner__in=unknown).values_list("owner_id", "owner__name", "owner__email")
            self.names.update({pk: name or email for pk, name, email in users.distinct()})

    def _candidate(self, person: int) -> Candidate:
        seat = self.seat_of.get(person)
        if seat is None:
            return Candidate(person=person, name=self.names[person], is_here=False)
        away = self.away.get(seat.pk)
        return Candidate(
            person=person,
            name=str(seat.user),
            open_handoffs=self.open.get(person, 0),
            capacity=seat.capacity,
            is_here=person in self.here,
            is_open=seat.is_open,
            away_until=None if away is None else say_until(away.astimezone(self.zone)),
        )


# -- what is read -----------------------------------------------------------------------------------------------------


def _asked(compiled: Compiled, place: int | None, teams: dict[str, Team]) -> tuple[Asked, ...]:
    """Return the teams that a playbook names for a lead for which the route at *place* holds, or none."""
    handoff = compiled.playbook.handoff
    if handoff is None:
        return ()
    asked = []
    if place is not None:
        taken = handoff.routes[place]
        when = " ".join(taken.when.text.split())
        said = say(compiled.bound, taken.when)
        asked.append(Asked(to=taken.to, is_there=taken.to in teams, when=when, place=place, said=said))
    if handoff.otherwise is not None:
        asked.append(Asked(to=handoff.otherwise, is_there=handoff.otherwise in teams))
    return tuple(asked)


def _places_of_routes(compiled: Compiled, leads: Sequence[Lead], now: datetime) -> dict[int, int]:
    """Return for each lead the place of the route that holds for it as of now, where one does."""
    handoff = compiled.playbook.handoff
    if handoff is None or not handoff.routes:
        return {}
    as_of = compiled.zone.moment(instant_of(now))
    logs = read_logs_of(compiled, [lead.pk for lead in leads])
    found = {int(log.lead_id): find_route(compiled.bound, log, as_of) for log in logs}
    return {lead: place for lead, place in found.items() if place is not None}


def _last_owners(leads: Sequence[Lead]) -> dict[int, tuple[datetime, int]]:
    """Return who had each lead last, of whatever qualification, and since when; those of leads that were merged into it count."""
    ids = {lead.pk for lead in leads}
    rows = HandOff.objects.filter(Q(lead__in=ids) | Q(lead__merged_into__in=ids), owner__isnull=False)
    found = rows.order_by("opened_at", "pk").values_list("lead_id", "lead__merged_into", "opened_at", "owner_id")
    return {into or lead: (opened_at, owner) for lead, into, opened_at, owner in found}


def _owners_of_companies(workspace: int, leads: Sequence[Lead], now: datetime) -> dict[int, int]:
    """Return who last claimed or accepted somebody of each company, not long ago."""
    companies = {lead.company_id for lead in leads if lead.company_id is not None}
    if not companies:
        return {}
    since = now - COMPANY_IS_KNOWN_FOR
    is_accepted = Q(state=HandOff.State.ACCEPTED, decided_at__gte=since)
    rows = HandOff.objects.filter(
        Q(claimed_at__gte=since) | is_accepted, workspace=workspace, lead__company__in=companies, owner__isnull=False
    ).values_list("lead__company", "owner_id", "state", "claimed_at", "decided_at", "pk")
    latest: dict[int, tuple[datetime, int, int]] = {}
    for company, owner, state, claimed_at, decided_at, pk in rows:
        moments = [claimed_at, decided_at if state == HandOff.State.ACCEPTED else None]
        at = max(one for one in moments if one is not None)
        if at <= now and (company not in latest or (at, pk) > latest[company][:2]):
            latest[company] = (at, pk, owner)
    return {company: owner for company, (_, _, owner) in latest.items()}


def _asking_for_new_owner(playbook: Playbook, leads: Sequence[Lead], now: datetime) -> dict[int, tuple[datetime, str]]:
    """Return for each lead when it was decided last and the title of the reason, where that asks for a new owner."""
    titles = {
        (outcome.id, text_key(reason.id)): reason.title
        for outcome in playbook.outcomes
        for reason in outcome.reasons
        if reason.owner == "new"
    }
    if not titles:
        return {}
    rows = Outcome.objects.filter(lead__in={lead.pk for lead in leads}, outcome__in=DECISIONS, at__lte=now)
    found = rows.order_by("at", "outcome", "reason").values_list("lead_id", "at", "outcome", "reason")
    latest = {lead: (at, (outcome, text_key(reason))) for lead, at, outcome, reason in found}
    return {lead: (at, titles[decided]) for lead, (at, decided) in latest.items() if decided in titles}


def people_away(workspace: int, now: datetime) -> dict[int, datetime]:
    """Return until when each seat is away that is away now."""
    rows = Absence.objects.filter(workspace=workspace, begins_at__lte=now, ends_at__gt=now).order_by("ends_at")
    return dict(rows.values_list("seat_id", "ends_at"))


def people_away_soon(workspace: int, now: datetime) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """Return what `people_away` does; and from when on each seat is away that will be within days, its first absence."""
    rows = Absence.objects.filter(workspace=workspace, begins_at__lt=now + SOON, ends_at__gt=now).order_by("ends_at")
    away: dict[int, datetime] = {}
    soon: dict[int, datetime] = {}
    for seat, begins_at, ends_at in rows.values_list("seat_id", "begins_at", "ends_at"):
        if begins_at <= now:
            away[seat] = ends_at
        else:
            soon[seat] = min(begins_at, soon.get(seat, begins_at))
    return away, soon


def open_handoffs(workspace: int) -> dict[int, int]:
    """Return how many hand-offs each person has open."""
    rows = HandOff.objects.filter(workspace=workspace, state__in=HandOff.OPEN, owner__isnull=False)
    return dict(rows.values("owner").annotate(count=Count("pk")).values_list("owner", "count"))


def say_until(local: datetime) -> str:
    """Return a local time as people read the end of an absence: the day that it lasts to, where it ends with a day."""
    is_midnight = (local.hour, local.minute) == (0, 0)
    return f"{local:%Y-%m-%d}" if is_midnight else f"{local:%Y-%m-%d %H:%M}"
