"""Reads of calendars: which there are, and what one means: when an answer would be due, and which days are off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.http import Http404

from leadline.engine.business_time import NoWorkingTimeError
from leadline.web.accounts.models import Workspace
from leadline.web.handoff.calendars.hours import say_week
from leadline.web.handoff.calendars.public_holidays import holidays_of, name_country, name_region
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.clocks import HOUR, due_after
from leadline.web.handoff.models import WorkCalendar
from leadline.web.playbooks.queries import find_live, get_plan

EXAMPLE_HOURS = 4
"""By so many working hours a calendar is shown where the playbook promises none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """A day that differs from others of its weekday. kind: a *holiday*, *own* to the company, or a holiday that is *worked*."""

    day: date
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a calendar means.

    due: when a hand-off that opens now has to be answered, in words and in the calendar's zone; empty: never.
    hours: the working hours until then. is_promised: whether the playbook promises them.
    years: this year and the next, each with the days off.
    """

    due: str
    hours: int
    is_promised: bool
    years: list[tuple[int, list[Off]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A calendar in the list. holidays: of where. seats: how many people have it as their own."""

    pk: int
    name: str
    is_default: bool
    zone: str
    week: list[tuple[str, str]]
    holidays: str
    due: str
    seats: int


def get_calendar(workspace: Workspace, pk: int) -> WorkCalendar:
    """Return a calendar of a workspace.

    Raises:
        Http404: it has no such calendar.
    """
    found = WorkCalendar.objects.filter(workspace=workspace, pk=pk).annotate(seats_count=Count("seats")).first()
    if found is None:
        raise Http404("There is no such calendar.")
    return found


def list_calendars(workspace: Workspace, *, now: datetime) -> list[Listed]:
    """Return the calendars of a workspace: the default first, then by name."""
    hours, _ = promised_hours(workspace)
    found = WorkCalendar.objects.filter(workspace=workspace).annotate(seats_count=Count("seats"))
    rows = found.prefetch_related("days_off").order_by("-is_default", "name", "pk")
    return [_listed(row, CalendarSaid.of(row), hours, now) for row in rows]


def _listed(row: WorkCalendar, said: CalendarSaid, hours: int, now: datetime) -> Listed:
    return Listed(
        pk=row.pk,
        name=row.name,
        is_default=row.is_default,
        zone=row.timezone.replace("_", " "),
        week=say_week(said.hours),
        holidays=say_where(said.country, said.region),
        due=say_due(said, hours, now),
        seats=getattr(row, "seats_count", 0),
    )


def say_where(country: str, region: str) -> str:
    """Return whose public holidays are days off; nothing, where none are."""
    where = name_country(country)
    return f"{where}, {name_region(country, region)}" if region else where


def promised_hours(workspace: Workspace) -> tuple[int, bool]:
    """Return within how many working hours the live playbook promises an answer, and True; else an example, and False."""
    version = find_live(workspace)
    spec = get_plan(version).playbook.handoff if version else None
    if spec is None or spec.respond_within_hours is None:
        return EXAMPLE_HOURS, False
    return spec.respond_within_hours, True


def meaning_of(workspace: Workspace, said: CalendarSaid, *, now: datetime) -> Meaning:
    """Return what a calendar means, stored or not."""
    hours, is_promised = promised_hours(workspace)
    this_year = now.astimezone(ZoneInfo(said.timezone)).year
    years = [(year, list(_days_off(said, year))) for year in (this_year, this_year + 1)]
    return Meaning(due=say_due(said, hours, now), hours=hours, is_promised=is_promised, years=years)


def say_due(said: CalendarSaid, hours: int, now: datetime) -> str:
    """Return until when a hand-off of now has to be answered, in the calendar's zone: ``Monday 30 November 2026, 11:15``."""
    try:
        due = due_after(said.work_time, now, hours * HOUR).astimezone(ZoneInfo(said.timezone))
    except NoWorkingTimeError:
        return ""
    return f"{due:%A} {due.day} {due:%B %Y}, {due:%H:%M}"


def _days_off(said: CalendarSaid, year: int) -> Iterator[Off]:
    """Yield the days of a year that differ from others, in order. A day of the company's own that is a holiday counts once."""
    public = holidays_of(said.country, said.region, year)
    own = {day: name for day, name in said.days_off.items() if day.year == year}
    for day in sorted({*public, *own}):
        if day in own:
            yield Off(day=day, name=own[day] or public.get(day, ""), kind="own")
        else:
            yield Off(day=day, name=public[day], kind="worked" if day in said.worked else "holiday")
