"""What the API answers about hand-offs: the shapes, and how rows become them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ninja import Schema

from leadline.engine.calendar import date_text
from leadline.engine.playbook.model import Playbook
from leadline.web.accounts.models import User
from leadline.web.api.shapes import CompanyName, Day, Moment, Reason
from leadline.web.assessments.reasons import read_reasons
from leadline.web.handoff.actions.deciding import decisions_of
from leadline.web.handoff.actions.meetings import Meeting, meetings_of
from leadline.web.handoff.models import Absence, HandOff, Step, Team
from leadline.web.handoff.routing import explain_route
from leadline.web.handoff.urgency import is_late
from leadline.web.pages.playbook_words import PlaybookWords, say_id

LOADED = ("lead__company", "owner", "decided_by", "team")
"""What has to be loaded with a hand-off before it is shown."""
_REASONS_IN_WHY = 3


class PersonName(Schema):
    """A person."""

    email: str
    name: str


class TeamName(Schema):
    """A team by its id in the playbook."""

    slug: str
    name: str


class AbsenceOut(Schema):
    """That somebody is out of office."""

    id: int
    begins_at: Moment
    ends_at: Moment
    why: str


class LeadName(Schema):
    """Whom a hand-off is about."""

    id: int
    name: str
    email: str
    title: str
    company: CompanyName | None


class HandOffOut(Schema):
    """A hand-off as it is now. `revision` counts its changes; `why` is for people, `hand_raise` and `reasons` for programs."""

    id: int
    lead: LeadName
    qualification: str
    number: int
    state: str
    revision: int
    is_late: bool
    team: TeamName | None
    owner: PersonName | None
    is_hand_raise: bool
    hand_raise: str
    reasons: list[Reason]
    why: str
    grade: str
    version: int
    cools_on: Day | None
    began_at: Moment
    opened_at: Moment
    respond_by: Moment | None
    breached_at: Moment | None
    snoozed_until: Moment | None
    claimed_at: Moment | None
    touched_at: Moment | None
    decided_at: Moment | None
    decided_by: PersonName | None
    reason: str
    cooled_at: Moment | None


class StepOut(Schema):
    """One thing that happened: who, when, what was given with it. `by` null: Leadline itself, or somebody who is gone."""

    kind: str
    at: Moment
    by: PersonName | None
    said: dict[str, Any]
    undone_at: Moment | None


class PassedOver(Schema):
    """Somebody to whom it did not go, and why."""

    name: str
    why: str


class RouteOut(Schema):
    """Why it went where it went, in sentences."""

    team: str
    owner: str
    others: list[PassedOver]


class MeetingOut(Schema):
    """A meeting as it stands; its `id` stays when it is moved. `sequence` counts what became of it, as in its file for calendars."""

    id: int
    at: Moment
    minutes: int
    place: str
    by: PersonName | None
    is_cancelled: bool
    sequence: int


class HandOffDetail(HandOffOut):
    """A hand-off with all that happened to it, the first step first, its meetings, and why it went where it went."""

    steps: list[StepOut]
    meetings: list[MeetingOut]
    route: RouteOut | None


class UndoneOut(HandOffDetail):
    """A hand-off after something was undone. `undone`: what it was and how the hand-off is now, for people."""

    undone: str


class HandOffPage(Schema):
    """A page of hand-offs."""

    items: list[HandOffOut]
    next: str | None


class PlannedRoute(Schema):
    """Where hand-offs go: the first route counts whose `when` holds, in the words of the playbook; null: all the rest.

    `to` is the id that the playbook names. `team` null: no team has this id, so they go where all the rest go.
    """

    when: str | None
    to: str
    team: TeamName | None


class RoutesOut(Schema):
    """What the live playbook hands to sales, within how many working hours they respond, and to which teams it goes."""

    qualifications: list[str]
    respond_within_hours: int | None
    routes: list[PlannedRoute]


class DecisionReason(Schema):
    """A reason of the playbook, and what follows from it.

    For how many days the lead stays quiet, what brings it back, to which owner, and which fields have to be put right.
    """

    id: str
    title: str
    quiet_days: int | None
    returns: str
    owner: str
    fix: list[str]


class DecisionOut(Schema):
    """What can be decided. Where there are reasons, one has to be given, except to accept."""

    id: str
    title: str
    reasons: list[DecisionReason]


def person_of(user: User | None) -> dict[str, str] | None:
    """Return a person as they are shown."""
    return None if user is None else {"email": user.email, "name": user.name}


def absence_of(absence: Absence) -> dict[str, Any]:
    """Return an absence as it is shown."""
    return {"id": absence.pk} | {name: getattr(absence, name) for name in ("begins_at", "ends_at", "why")}


def why_of(handoff: HandOff, words: PlaybookWords | None) -> str:
    """Return in one line why a hand-off is there: what the lead asked for, or what gave most points."""
    if handoff.is_hand_raise:
        return say_id(handoff.because)
    reasons = words.reasons(handoff.because) if words else [name for name, _ in _points(handoff.because)]
    return ", ".join(reasons[:_REASONS_IN_WHY])


def _points(because: str) -> list[tuple[str, float]]:
    return [(name, float(points)) for name, points in read_reasons(because)]


def handoff_of(handoff: HandOff, words: PlaybookWords | None, now: datetime) -> dict[str, Any]:
    """Return a hand-off as it is shown, in the words of the live playbook; `LOADED` has to be loaded."""
    lead, company, team = handoff.lead, handoff.lead.company, handoff.team
    reasons = [] if handoff.is_hand_raise else _points(handoff.because)
    named = (
        "qualification", "number", "state", "revision", "is_hand_raise", "grade", "began_at", "opened_at", "respond_by",
        "breached_at", "snoozed_until", "claimed_at", "touched_at", "decided_at", "reason", "cooled_at",
    )  # fmt: skip
    return {
        "id": handoff.pk,
        "lead": {
            "id": lead.pk,
            "name": lead.name,
            "email": lead.email,
            "title": lead.title,
            "company": None if company is None else {"id": company.pk, "name": company.name, "domain": company.domain},
        },
        "is_late": is_late(handoff, now),
        "team": None if team is None else {"slug": team.slug, "name": team.name},
        "owner": person_of(handoff.owner),
        "hand_raise": handoff.because if handoff.is_hand_raise else "",
        "reasons": [{"criterion": name, "points": points} for name, points in reasons],
        "why": why_of(handoff, words),
        "version": handoff.version_number,
        "cools_on": None if handoff.cools_day is None else date_text(handoff.cools_day),
        "decided_by": person_of(handoff.decided_by),
    } | {name: getattr(handoff, name) for name in named}


def detail_of(handoff: HandOff, words: PlaybookWords | None, now: datetime) -> dict[str, Any]:
    """Return a hand-off with its steps and its route as it is shown."""
    steps = list(handoff.steps.select_related("by").order_by("pk"))
    return handoff_of(handoff, words, now) | {
        "steps": [step_of(one) for one in sorted(steps, key=lambda one: (one.at, one.pk))],
        "meetings": [_meeting_of(one) for one in meetings_of(steps)],
        "route": _route_of(handoff),
    }


def step_of(step: Step) -> dict[str, Any]:
    """Return a step as it is shown; who did it has to be loaded."""
    return {
        "kind": step.kind,
        "at": step.at,
        "by": person_of(step.by),
        "said": step.said,
        "undone_at": step.undone_at,
    }


def _meeting_of(meeting: Meeting) -> dict[str, Any]:
    said = meeting.step.said
    return {
        "id": meeting.id,
        "at": datetime.fromisoformat(said["at"]),
        "minutes": said["minutes"],
        "place": said.get("place", ""),
        "by": person_of(meeting.step.by),
        "is_cancelled": meeting.is_cancelled,
        "sequence": meeting.sequence,
    }


def _route_of(handoff: HandOff) -> dict[str, Any] | None:
    words = explain_route(handoff)
    if words is None:
        return None
    others: Sequence[tuple[str, str]] = words.others
    return {
        "team": words.team,
        "owner": words.owner,
        "others": [{"name": name, "why": why} for name, why in others],
    }


def routes_out(playbook: Playbook, teams: Iterable[Team]) -> dict[str, Any]:
    """Return where a playbook leads hand-offs, beside the teams that there are."""
    handoff = playbook.handoff
    if handoff is None:
        return {"qualifications": [], "respond_within_hours": None, "routes": []}
    there = {one.slug: {"slug": one.slug, "name": one.name} for one in teams}
    planned: list[tuple[str | None, str]] = [(one.when.text, one.to) for one in handoff.routes]
    if handoff.otherwise is not None:
        planned.append((None, handoff.otherwise))
    return {
        "qualifications": list(handoff.qualifications),
        "respond_within_hours": handoff.respond_within_hours,
        "routes": [{"when": when, "to": to, "team": there.get(to)} for when, to in planned],
    }


def decisions_out(playbook: Playbook) -> list[dict[str, Any]]:
    """Return what a playbook lets one decide, each with its reasons."""
    return [
        {
            "id": one.id,
            "title": one.outcome.title,
            "reasons": [
                {name: getattr(reason, name) for name in ("id", "title", "quiet_days", "returns", "owner", "fix")}
                for reason in one.reasons
            ],
        }
        for one in decisions_of(playbook)
    ]
