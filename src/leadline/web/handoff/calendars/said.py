"""What a calendar says, stored or not yet: it goes from the form to the database, and shows before it is stored what it would mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from leadline.engine.business_time import WorkTime
from leadline.web.handoff.calendars.hours import StoredDay
from leadline.web.handoff.clocks import work_time
from leadline.web.handoff.models import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSaid:
    """A calendar by its content.

    hours: seven lists of stretches, Monday first. days_off, worked: dates and what they are called, maybe nothing.
    """

    name: str
    timezone: str
    hours: Sequence[StoredDay]
    country: str = ""
    region: str = ""
    days_off: Mapping[date, str] = field(default_factory=dict)
    worked: Mapping[date, str] = field(default_factory=dict)
    is_default: bool = False

    @classmethod
    def of(cls, calendar: WorkCalendar) -> "CalendarSaid":
        """Return what a calendar says; one that is not stored has no days of its own."""
        days = list(calendar.days_off.all()) if calendar.pk else []
        return cls(
            name=calendar.name,
            timezone=calendar.timezone,
            hours=[*calendar.hours, *[[]] * (7 - len(calendar.hours))],
            country=calendar.country,
            region=calendar.region,
            days_off={one.day: one.name for one in days if not one.is_worked},
            worked={one.day: one.name for one in days if one.is_worked},
            is_default=calendar.is_default,
        )

    @property
    def work_time(self) -> WorkTime:
        """When people work by it."""
        return work_time(
            self.timezone,
            tuple(tuple((begins, ends) for begins, ends in day) for day in self.hours),
            self.country,
            self.region,
            frozenset(self.days_off),
            frozenset(self.worked),
        )
