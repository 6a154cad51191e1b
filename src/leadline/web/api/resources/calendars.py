"""Working hours, by which answers are due: reading, adding, changing and deleting calendars. What the page refuses is refused here."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.forms import Form
from django.http import HttpRequest
from ninja import Path, Router, Schema, Status

from leadline.web.api.given import Id
from leadline.web.api.handoff_given import CalendarChangeIn, CalendarIn
from leadline.web.api.problems import Fault, ProblemError, missing
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.api.shapes import Day
from leadline.web.handoff.calendars.actions import NameTakenError, delete_calendar, save_calendar
from leadline.web.handoff.calendars.forms import CalendarForm
from leadline.web.handoff.calendars.hours import USUAL_HOURS, WEEKDAYS, say_day
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.models import WorkCalendar

router = Router(tags=["Calendars"])


class DayOut(Schema):
    """A day, and what it is called."""

    day: Day
    name: str


class CalendarOut(Schema):
    """Working hours: the stretches of seven weekdays, Monday first, in a time zone; and which days are off beside."""

    id: int
    name: str
    timezone: str
    hours: list[list[list[str]]]
    country: str
    region: str
    days_off: list[DayOut]
    worked: list[DayOut]
    is_default: bool


@router.get("/calendars", response=list[CalendarOut], url_name="api-calendars", auth=Needs("handoffs:read"))
def list_calendars(request: HttpRequest) -> Any:
    """List the calendars, the one of who has none of their own first. None: everybody works Monday to Friday from nine to five."""
    rows = WorkCalendar.objects.filter(workspace=workspace_of(request)).prefetch_related("days_off")
    return [_calendar_of(one) for one in rows.order_by("-is_default", "name", "pk")]


@router.post("/calendars", response={201: CalendarOut}, url_name="api-calendars", auth=Needs("teams:write"))
def add_calendar(request: HttpRequest, given: CalendarIn) -> Any:
    """Add a calendar. Hand-offs that wait keep the promise that was made before."""
    said = given.model_dump()
    said["timezone"] = said["timezone"] or workspace_of(request).timezone
    said["hours"] = USUAL_HOURS if given.hours is None else given.hours
    return Status(201, _calendar_of(_save(request, said, None)))


@router.get("/calendars/{calendar_id}", response=CalendarOut, url_name="api-calendar", auth=Needs("handoffs:read"))
def show_calendar(request: HttpRequest, calendar_id: Path[Id]) -> Any:
    """Show a calendar."""
    return _calendar_of(_get(request, calendar_id))


@router.patch("/calendars/{calendar_id}", response=CalendarOut, url_name="api-calendar", auth=Needs("teams:write"))
def change_calendar(request: HttpRequest, calendar_id: Path[Id], given: CalendarChangeIn) -> Any:
    """Change parts of a calendar. Hand-offs that wait keep the promise that was made before."""
    calendar = _get(request, calendar_id)
    changed = {name: value for name, value in given.model_dump().items() if value is not None}
    return _calendar_of(_save(request, _calendar_of(calendar) | changed, calendar))


@router.delete("/calendars/{calendar_id}", response={204: None}, url_name="api-calendar", auth=Needs("teams:write"))
def remove_calendar(request: HttpRequest, calendar_id: Path[Id]) -> Any:
    """Delete a calendar. Whose own it was works by the workspace's from then on."""
    delete_calendar(_get(request, calendar_id))
    return Status(204, None)


def _get(request: HttpRequest, calendar_id: int) -> WorkCalendar:
    found = WorkCalendar.objects.filter(workspace=workspace_of(request), pk=calendar_id).first()
    if found is None:
        raise missing("calendar")
    return found


def _calendar_of(calendar: WorkCalendar) -> dict[str, Any]:
    said = CalendarSaid.of(calendar)
    return {
        "id": calendar.pk,
        "name": said.name,
        "timezone": said.timezone,
        "hours": [[list(stretch) for stretch in day] for day in said.hours],
        "country": said.country,
        "region": said.region,
        "days_off": _days_of(said.days_off),
        "worked": _days_of(said.worked),
        "is_default": said.is_default,
    }


def _days_of(days: Mapping[date, str]) -> list[dict[str, str]]:
    return [{"day": str(day), "name": name} for day, name in sorted(days.items())]


def _save(request: HttpRequest, said: Mapping[str, Any], calendar: WorkCalendar | None) -> WorkCalendar:
    """Store what was said of a calendar, checked by the form of the page.

    Raises:
        ProblemError: all that is wrong with it; or somebody has deleted it meanwhile.
    """
    workspace = workspace_of(request)
    form = CalendarForm(_as_form(said), workspace=workspace, calendar=calendar)
    places = {weekday.lower(): f"/hours/{number}" for number, weekday in enumerate(WEEKDAYS)}
    refuse(faults_of_form(form, places))
    try:
        return save_calendar(workspace, form.said, calendar=calendar)
    except NameTakenError:
        detail = "Another calendar has got this name meanwhile."
        raise ProblemError(status=409, code="name-taken", detail=detail) from None
    except WorkCalendar.DoesNotExist:
        raise missing("calendar") from None


def _as_form(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people would fill in to say the same."""
    filled: dict[str, Any] = {name: said[name] for name in ("name", "timezone", "country", "region")}
    filled |= {weekday.lower(): say_day(day) for weekday, day in zip(WEEKDAYS, said["hours"], strict=True)}
    for name in ("days_off", "worked"):
        filled[name] = "\n".join(f"{one['day']} {' '.join(one['name'].split())}" for one in said[name])
    return filled | ({"is_default": "on"} if said["is_default"] else {})


def faults_of_form(form: Form, places: Mapping[str, str] | None = None) -> list[Fault]:
    """Return what is wrong with what a form was filled in with, each with its place in the body."""
    return [
        Fault(pointer=(places or {}).get(name, f"/{name}"), code="unusable", detail=message)
        for name, messages in form.errors.items()
        for message in map(str, messages)
    ]
