"""Meetings of a hand-off: booking, moving and cancelling them in the name of a member, and the file of each for calendars."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router

from leadline.web.api.given import Id
from leadline.web.api.handoff_given import ByIn, MeetingIn, MovedIn
from leadline.web.api.handoff_shapes import HandOffDetail
from leadline.web.api.problems import missing
from leadline.web.api.resources.acting import act_on, get_handoff
from leadline.web.api.service import Needs
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.handoff.actions.meetings import Meeting
from leadline.web.handoff.models import HandOff
from leadline.web.pages.queue.meeting import meeting_file

router = Router(tags=["Hand-offs"])


@router.post(
    "/handoffs/{handoff_id}/meetings",
    response=HandOffDetail,
    url_name="api-handoff-meetings",
    auth=Needs("handoffs:write"),
)
def book_meeting(request: HttpRequest, handoff_id: Path[Id], given: MeetingIn) -> Any:
    """Write down a meeting that is to come; it stands last in `meetings`. Who books it has the hand-off from then on."""
    return act_on(
        request,
        handoff_id,
        given,
        lambda one: actions.book_meeting(
            handoff_id, by=one.user, at=given.at, minutes=given.minutes, place=given.place, tell=handoffs_changed
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/meetings/{meeting_id}/move",
    response=HandOffDetail,
    url_name="api-meeting-move",
    auth=Needs("handoffs:write"),
)
def move_meeting(request: HttpRequest, handoff_id: Path[Id], meeting_id: Path[Id], given: MovedIn) -> Any:
    """Say that a meeting is at another time or place. Whoever has the hand-off may, also after they accepted it."""
    _get_meeting(get_handoff(request, handoff_id), meeting_id)
    return act_on(
        request,
        handoff_id,
        given,
        lambda one: actions.move_meeting(
            handoff_id,
            meeting=meeting_id,
            by=one.user,
            at=given.at,
            minutes=given.minutes,
            place=given.place,
            tell=handoffs_changed,
        ),
    )


@router.post(
    "/handoffs/{handoff_id}/meetings/{meeting_id}/cancel",
    response=HandOffDetail,
    url_name="api-meeting-cancel",
    auth=Needs("handoffs:write"),
)
def cancel_meeting(request: HttpRequest, handoff_id: Path[Id], meeting_id: Path[Id], given: ByIn) -> Any:
    """Say that a meeting does not take place. Whoever has the hand-off may, also after they accepted it."""
    _get_meeting(get_handoff(request, handoff_id), meeting_id)
    return act_on(
        request,
        handoff_id,
        given,
        lambda one: actions.cancel_meeting(handoff_id, meeting=meeting_id, by=one.user, tell=handoffs_changed),
    )


@router.get(
    "/handoffs/{handoff_id}/meetings/{meeting_id}/file.ics",
    response={200: str},
    url_name="api-meeting-file",
    auth=Needs("handoffs:read"),
    openapi_extra={"responses": {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}},
)
def download_meeting(request: HttpRequest, handoff_id: Path[Id], meeting_id: Path[Id]) -> Any:
    """Hand out a meeting as a file for calendars: it puts the meeting in, moves it, or takes it out, as the meeting stands now."""
    handoff = get_handoff(request, handoff_id)
    meeting = _get_meeting(handoff, meeting_id)
    text = meeting_file(handoff, meeting, request.build_absolute_uri(reverse("lead", args=[handoff.lead_id])))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="meeting-{meeting.id}.ics"'
    return answer


def _get_meeting(handoff: HandOff, meeting_id: int) -> Meeting:
    """Return a meeting of a hand-off, also one that is off.

    Raises:
        ProblemError: there is none (404).
    """
    meetings = actions.meetings_of(list(handoff.steps.select_related("by").order_by("pk")))
    found = next((one for one in meetings if one.id == meeting_id), None)
    if found is None:
        raise missing("meeting")
    return found
