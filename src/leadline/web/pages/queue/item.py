"""One hand-off as the queue shows it: the clock, why it is here, what was before, what happened, and what can be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, prefetch_related_objects

from leadline.engine.routing import RoutingWords
from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import LEADERS, WORKERS
from leadline.web.assessments.models import Assessment
from leadline.web.handoff.actions.deciding import Decision, decisions_of
from leadline.web.handoff.clocks import Calendars, work_time_of
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.routing import explain_route
from leadline.web.leads.models import Event
from leadline.web.leads.notes import notes_of
from leadline.web.pages.phones import find_phone
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.queue.booked import ShownMeeting, by_step, show_meetings
from leadline.web.pages.queue.later import snooze_times
from leadline.web.pages.queue.receivers import receivers
from leadline.web.pages.queue.said import ShownStep, say_past, show_step
from leadline.web.playbooks.models import Version

MOST_EVENTS = 6
MOST_POINTS = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """A criterion that gave points, with its bar from 0 to 100."""

    title: str
    units: int
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A hand-off with all that the queue shows of it.

    ahead: meetings that are not over. meetings: the others, each by the step beside which it stands, the latest of its chain.
    may_act: whether who looks may decide it. may_work: whether they may call and meet: also what they have accepted.
    withdrawn_by: the version that withdrew it, or by which who is worked is no longer qualified; None where it was no version.
    """

    handoff: HandOff
    past: str
    reasons: Sequence[Reason]
    events: Sequence[Event]
    steps: Sequence[ShownStep]
    ahead: Sequence[ShownMeeting]
    meetings: Mapping[int, ShownMeeting]
    phone: str
    route: RoutingWords | None
    decisions: Sequence[Decision]
    colleagues: Sequence[tuple[int, str]]
    others: Sequence[HandOff]
    notes: Sequence[object]
    may_act: bool
    may_work: bool
    is_mine: bool
    times: Sequence[tuple[str, str]]
    withdrawn_by: int | None


def show_item(
    handoff: HandOff,
    version: Version,
    words: PlaybookWords,
    member: Membership,
    calendars: Calendars,
    *,
    now: datetime,
) -> Item:
    """Return a hand-off as the queue shows it. calendars: of its workspace."""
    prefetch_related_objects([handoff.lead], "facts")  # the phone number and the questions both read them
    assessment = Assessment.objects.filter(version=version, lead=handoff.lead_id).first()
    events = Event.objects.filter(lead=handoff.lead_id, is_bot=False, kind__in=Event.BEHAVIOUR).defer("raw")
    steps = list(handoff.steps.select_related("by").order_by("pk"))
    may_act = member.role in WORKERS and handoff.is_open and may_have(handoff, member)
    is_theirs = handoff.owner_id == member.user_id
    may_work = may_act or (member.role in WORKERS and is_theirs and handoff.state == HandOff.State.ACCEPTED)
    meetings = show_meetings(handoff, steps, member)
    return Item(
        handoff=handoff,
        past=say_past(handoff, words),
        reasons=_reasons(assessment, words),
        events=list(events.select_related("source").order_by("-occurred_at", "-pk")[:MOST_EVENTS]),
        steps=[show_step(one, words) for one in steps],
        ahead=[one for one in meetings if one.is_ahead(now)],
        meetings=by_step(one for one in meetings if not one.is_ahead(now)),
        phone=find_phone(handoff.lead.facts.all(), words.playbook.source_rank),
        route=explain_route(handoff),
        decisions=decisions_of(words.playbook),
        colleagues=receivers(handoff.workspace, now, without=handoff.owner_id, handoffs=[handoff], version=version)
        if may_act
        else [],
        others=list(_others(handoff)),
        notes=notes_of(handoff.lead)[:3],
        may_act=may_act,
        may_work=may_work,
        is_mine=is_theirs and handoff.state == HandOff.State.CLAIMED,
        times=_times(handoff, member, calendars, now) if may_work else [],
        withdrawn_by=next(
            (one.said.get("version") for one in reversed(steps) if one.kind == Step.Kind.WITHDRAWN), None
        ),
    )


def _times(handoff: HandOff, member: Membership, calendars: Calendars, now: datetime) -> list[tuple[str, str]]:
    work = work_time_of(calendars.of(member.user_id, handoff.team_id))
    return snooze_times(now, work, ZoneInfo(handoff.workspace.timezone), cools_day=handoff.cools_day)


def may_have(handoff: HandOff, member: Membership) -> bool:
    """Return whether a person may act on a hand-off: it waits, or is theirs, or they manage."""
    is_theirs = handoff.owner_id == member.user_id or handoff.state == HandOff.State.WAITING
    return is_theirs or member.role in LEADERS


def _others(handoff: HandOff) -> QuerySet[HandOff]:
    """Return the other open hand-offs of the same lead, for other qualifications."""
    rows = HandOff.objects.filter(lead=handoff.lead_id, state__in=HandOff.OPEN).exclude(pk=handoff.pk)
    return rows.select_related("owner").order_by("pk")


def _reasons(assessment: Assessment | None, words: PlaybookWords) -> list[Reason]:
    if assessment is None:
        return []
    largest = sorted(assessment.contributions.items(), key=lambda one: -abs(one[1]))[:MOST_POINTS]
    most = max((abs(units) for _, units in largest), default=1) or 1
    return [Reason(words.criterion(name), units, 100 * abs(units) / most) for name, units in largest]
