"""Writes of calendars. Hand-offs that wait keep the promise that was made by the calendar as it was."""

from django.db import transaction

from leadline.web.accounts.models import Workspace
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.models import DayOff, WorkCalendar


class NameTakenError(ValueError):
    """Another calendar of the workspace has this name."""


def save_calendar(workspace: Workspace, said: CalendarSaid, *, calendar: WorkCalendar | None = None) -> WorkCalendar:
    """Store what a calendar says: a new one, or in place of what *calendar* said. A new default takes the place of the one before.

    Raises:
        NameTakenError: another calendar has the name.
        WorkCalendar.DoesNotExist: somebody has deleted it meanwhile.
    """
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)  # two people at once: one after the other
        others = WorkCalendar.objects.filter(workspace=workspace)
        if calendar is not None:
            others = others.exclude(pk=calendar.pk)
        if others.filter(name__iexact=said.name).exists():
            raise NameTakenError(said.name)
        if said.is_default:
            others.filter(is_default=True).update(is_default=False)
        kept = WorkCalendar.objects.get(pk=calendar.pk) if calendar else WorkCalendar(workspace=workspace)
        kept.name, kept.timezone, kept.is_default = said.name, said.timezone, said.is_default
        kept.country, kept.region = said.country, said.region
        kept.hours = [[list(stretch) for stretch in day] for day in said.hours]
        kept.save()
        DayOff.objects.filter(calendar=kept).delete()
        DayOff.objects.bulk_create(
            DayOff(workspace=workspace, calendar=kept, day=day, name=name, is_worked=is_worked)
            for days, is_worked in ((said.days_off, False), (said.worked, True))
            for day, name in days.items()
        )
    return kept


def delete_calendar(calendar: WorkCalendar) -> None:
    """Delete a calendar. Whose own it was works by the workspace's from then on."""
    calendar.delete()
