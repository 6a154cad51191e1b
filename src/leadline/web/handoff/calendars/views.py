"""The pages of working hours: the list of calendars, adding one, changing one, deleting one.

A form is looked at before it is stored: *preview* shows what it would mean and the regions of its country, and stores nothing.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import LEADERS, needs_role
from leadline.web.handoff.calendars.actions import NameTakenError, delete_calendar, save_calendar
from leadline.web.handoff.calendars.forms import CalendarForm
from leadline.web.handoff.calendars.queries import get_calendar, list_calendars, meaning_of, promised_hours
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.clocks import usual_calendar
from leadline.web.handoff.models import WorkCalendar


@require_http_methods(["GET", "HEAD"])
@needs_role(*LEADERS)
def show_calendars(request: HttpRequest) -> HttpResponse:
    """Show the calendars of the workspace."""
    workspace = workspace_of(request)
    hours, is_promised = promised_hours(workspace)
    calendars = list_calendars(workspace, now=timezone.now())
    context = {
        "calendars": calendars,
        "has_default": any(one.is_default for one in calendars),
        "hours": hours,
        "is_promised": is_promised,
    }
    return render(request, "handoff/calendars/calendars.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def add_calendar(request: HttpRequest) -> HttpResponse:
    """Add a calendar, or look at what it would mean."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def change_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a calendar, or look at what the change would mean."""
    return _edit(request, get_calendar(workspace_of(request), pk))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def remove_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to delete a calendar; delete it."""
    calendar = get_calendar(workspace_of(request), pk)
    if request.method == "POST":
        delete_calendar(calendar)
        messages.success(request, f"The calendar “{calendar.name}” was deleted.")
        return redirect("calendars")
    return render(request, "handoff/calendars/delete.html", {"calendar": calendar})


def _edit(request: HttpRequest, calendar: WorkCalendar | None) -> HttpResponse:
    workspace = workspace_of(request)
    is_preview = "preview" in request.POST
    form = CalendarForm(_data_of(request, is_preview=is_preview), workspace=workspace, calendar=calendar)
    said: CalendarSaid | None
    if not form.is_bound:
        said = CalendarSaid.of(calendar or usual_calendar(workspace))
    else:
        said = form.said if form.is_valid() else None
        if said is not None and not is_preview:
            try:
                save_calendar(workspace, said, calendar=calendar)
            except WorkCalendar.DoesNotExist:
                raise Http404("This calendar was deleted meanwhile.") from None
            except NameTakenError:
                form.add_error("name", f"There is a calendar “{said.name}” already.")
            else:
                messages.success(request, f"The calendar “{said.name}” was {'changed' if calendar else 'added'}.")
                return redirect("calendars")
    context: dict[str, Any] = {
        "form": form,
        "calendar": calendar,
        "meaning": meaning_of(workspace, said, now=timezone.now()) if said else None,
        "zone": said.timezone.replace("_", " ") if said else "",
    }
    return render(
        request, "handoff/calendars/calendar.html", context, status=422 if form.errors and not is_preview else 200
    )


def _data_of(request: HttpRequest, *, is_preview: bool) -> QueryDict | None:
    """Return what was sent. Who looks at another country has not chosen its region yet: the one of the country before is dropped."""
    if request.method != "POST":
        return None
    if not is_preview or request.POST.get("country") == request.POST.get("shown_country"):
        return request.POST
    data = request.POST.copy()
    data["region"] = ""
    return data
