"""Meetings as pages show them: in the queue, on a lead's page and on Today, each with its file for calendars, and what moves it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import WORKERS
from leadline.web.handoff.actions.meetings import Meeting, meetings_of
from leadline.web.handoff.models import HandOff, Step
from leadline.web.pages.queue.forms import MoveForm

MOST = 8
_State = HandOff.State
KEPT = (_State.WAITING, _State.CLAIMED, _State.ACCEPTED)
"""Of hand-offs in these states a meeting is still somebody's."""
_OF_A_STEP = ("id", "kind", "at", "said", "undone_at")
_MOST_STEPS = 200
_BOOKED_WITHIN = timedelta(days=400)
"""How long ago a meeting of Today was booked or moved, at most: so that nobody's whole past is read every morning."""


@dataclass(frozen=True, slots=True)
class ShownMeeting:
    """A meeting. move_form: moves it; None: nothing is left to move, or not for this person. has_file: whether they may have its file."""

    handoff: HandOff
    meeting: Meeting
    begins_at: datetime
    ends_at: datetime
    move_form: MoveForm | None
    has_file: bool

    def is_ahead(self, now: datetime) -> bool:
        """Return whether it is still to take place, or takes place now."""
        return not self.meeting.is_cancelled and self.ends_at > now


@dataclass(frozen=True, slots=True)
class MyMeetings:
    """Somebody's meetings of today and to come, the first first. more: how many there are beyond these."""

    rows: Sequence[ShownMeeting]
    more: int


def show_meetings(
    handoff: HandOff, steps: Sequence[Step], member: Membership, *, name: str = "move"
) -> list[ShownMeeting]:
    """Return the meetings among the steps of a hand-off, cancelled ones too.

    Args:
        handoff: whose.
        steps: of it, in order: at least those of meetings.
        member: who looks.
        name: begins the ids of the fields, for pages that show one meeting twice.
    """
    is_worker = member.role in WORKERS
    is_theirs = handoff.owner_id == member.user_id and handoff.state in (_State.CLAIMED, _State.ACCEPTED)
    found = []
    for one in meetings_of(steps):
        said, form = one.step.said, None
        at = timezone.localtime(datetime.fromisoformat(said["at"]))
        if is_worker and is_theirs and not one.is_cancelled:
            values = {"meeting": one.id, "at": at, "minutes": said["minutes"], "place": said["place"]}
            form = MoveForm(initial=values, auto_id=f"{name}{one.id}_%s")
        found.append(ShownMeeting(handoff, one, at, at + timedelta(minutes=said["minutes"]), form, is_worker))
    return found


def by_step(meetings: Iterable[ShownMeeting]) -> dict[int, ShownMeeting]:
    """Return meetings by the step beside which each stands: the latest of its chain."""
    return {(one.meeting.last if one.meeting.is_cancelled else one.meeting.step).pk: one for one in meetings}


def with_meetings(handoffs: QuerySet[HandOff], most: int) -> dict[HandOff, list[Step]]:
    """Return up to so many hand-offs of a lead in their order, each with its steps of meetings, by one query."""
    met = FilteredRelation("steps", condition=Q(steps__kind__in=(Step.Kind.MET, Step.Kind.CANCELLED)))
    columns = {f"met_{name}": F(f"met__{name}") for name in _OF_A_STEP}
    rows = handoffs.annotate(met=met).annotate(**columns).order_by(*handoffs.query.order_by, "met__pk")
    found: dict[HandOff, list[Step]] = {}
    for row in rows[: most + _MOST_STEPS]:
        steps = found.setdefault(row, [])
        values = {name: getattr(row, f"met_{name}") for name in _OF_A_STEP}
        if values["id"] is not None:
            steps.append(Step(handoff=row, **values))
    return dict(list(found.items())[:most])


def my_meetings(member: Membership, *, now: datetime) -> MyMeetings:
    """Return the meetings that somebody has from this morning on with leads that are theirs, accepted or not.

    Args:
        member: whose.
        now: in their day, which ends at midnight.
    """
    morning = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Step.objects.filter(
        workspace=member.workspace_id,
        kind__in=(Step.Kind.MET, Step.Kind.CANCELLED),
        handoff__owner=member.user_id,
        handoff__state__in=KEPT,
        at__gte=now - _BOOKED_WITHIN,
    )
    steps: dict[HandOff, list[Step]] = {}
    for step in rows.select_related("handoff__lead__company").order_by("pk"):
        steps.setdefault(step.handoff, []).append(step)
    found = [
        one for handoff, some in steps.items() for one in show_meetings(handoff, some, member) if one.is_ahead(morning)
    ]
    found.sort(key=lambda one: (one.begins_at, one.meeting.id))
    return MyMeetings(found[:MOST], max(0, len(found) - MOST))
