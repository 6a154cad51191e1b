"""What people fill in about a calendar: hours as text, a day a line, and what is wrong beside its field."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from leadline.engine.business_time import BadStretchError, NoWorkingTimeError
from leadline.web.accounts.forms import list_zones
from leadline.web.accounts.models import Workspace
from leadline.web.handoff.calendars.hours import USUAL_HOURS, WEEKDAYS, read_day, say_day
from leadline.web.handoff.calendars.public_holidays import list_countries, list_regions, name_country
from leadline.web.handoff.calendars.said import CalendarSaid
from leadline.web.handoff.models import WorkCalendar

MOST_DAYS = 100
"""So that the page stays small; days of years that are over can go."""
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[\s,;:]+(.*))?")


class LongSelect(forms.Select):
    """A choice among hundreds, in half the bytes and a tenth of the time: no template for each, no value that is the label."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the field."""
        del renderer
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        chosen = "" if value is None else str(value)
        options = (
            (
                "" if one == label else format_html(' value="{}"', one),
                mark_safe(" selected") if one == chosen else "",
                label,
            )
            for one, label in self.choices
        )
        return format_html(
            "<select{}>{}</select>", attributes, format_html_join("", "<option{}{}>{}</option>", options)
        )


class HoursField(forms.CharField):
    """The hours of a weekday: text for people, a list of stretches for the calendar."""

    def prepare_value(self, value: Any) -> Any:
        """Return stored hours as people write them."""
        return value if value is None or isinstance(value, str) else say_day(value)

    def clean(self, value: Any) -> Any:
        """Return the stretches that somebody wrote."""
        try:
            return read_day(super().clean(value))
        except BadStretchError as error:
            raise ValidationError(str(error)) from None


class DaysField(forms.CharField):
    """Days with their names, one a line: text for people, a dictionary for the calendar."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Return stored days as people write them."""
        if value is None or isinstance(value, str):
            return value
        return "\n".join(f"{day} {name}" for day, name in sorted(value.items()))

    def clean(self, value: Any) -> Any:
        """Return the days that somebody wrote."""
        lines = [line.strip() for line in super().clean(value).splitlines()]
        days: dict[date, str] = {}
        for number, line in enumerate(lines, start=1):
            if line:
                day, name = self._read(number, line)
                if day in days:
                    raise ValidationError(f"Line {number}: {day} stands here twice.")
                days[day] = name
        if len(days) > MOST_DAYS:
            raise ValidationError(f"These are {len(days)} days; a calendar keeps {MOST_DAYS}.")
        return days

    def _read(self, number: int, line: str) -> tuple[date, str]:
        found = _DAY.fullmatch(line)
        try:
            day = date.fromisoformat(found[1]) if found else None
        except ValueError:
            day = None
        if found is None or day is None or not 1900 <= day.year <= 2200:
            raise ValidationError(
                f"Line {number}: “{line[:40]}” does not begin with a date; write it as 2026-12-24 Christmas Eve."
            )
        name = " ".join((found[2] or "").split())
        if len(name) > 100:
            raise ValidationError(f"Line {number}: the name is longer than 100 letters.")
        return day, name


class CalendarForm(forms.Form):
    """A calendar. Which regions can be chosen depends on the country that the form says."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the calendar a name, such as “Berlin office”."}
    )
    timezone = forms.ChoiceField(label="Time zone", widget=LongSelect)
    country = forms.ChoiceField(label="Public holidays of", required=False, widget=LongSelect)
    region = forms.ChoiceField(label="Region", required=False)
    days_off = DaysField(
        label="More days off",
        required=False,
        max_length=40_000,
        help_text="One a line, such as 2026-12-24 Christmas Eve.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    worked = DaysField(
        label="Public holidays on which you work",
        required=False,
        max_length=40_000,
        help_text="One a line, such as 2026-10-31 Trade fair.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_default = forms.BooleanField(
        label="These are the hours of everybody who has no calendar of their own", required=False
    )

    def __init__(
        self, *arguments: Any, workspace: Workspace, calendar: WorkCalendar | None = None, **names: Any
    ) -> None:
        names.setdefault("initial", initial_of(workspace, calendar))
        super().__init__(*arguments, **names)
        self.workspace, self.calendar = workspace, calendar
        for weekday in WEEKDAYS:
            self.fields[weekday.lower()] = HoursField(label=weekday, required=False, max_length=200)
        weekdays = [weekday.lower() for weekday in WEEKDAYS]
        self.order_fields(["name", "timezone", *weekdays, "country", "region", "days_off", "worked", "is_default"])
        country = str(self["country"].value() or "")
        self._choose("timezone", self._zones(str(self.initial["timezone"])), "Choose a time zone from the list.")
        self._choose("country", [("", "No country"), *list_countries()], "Choose a country from the list, or none.")
        whole = ("", "The whole country")
        message = f"This is no region of {name_country(country)}. Choose one, or the whole country."
        self._regions = list_regions(country) if country else ()
        self._choose("region", [whole, *self._regions], message)

    def _choose(self, name: str, choices: list[tuple[str, str]], message: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.error_messages["invalid_choice"] = message

    @staticmethod
    def _zones(current: str) -> list[tuple[str, str]]:
        """Return the zones to choose among; one that stands there already stays, if people are not offered it any more."""
        zones = list_zones()
        return zones if current in dict(zones) else [*zones, (current, current)]

    def clean_name(self) -> str:
        """Return the name in one line; no other calendar has it."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = WorkCalendar.objects.filter(workspace=self.workspace, name__iexact=name)
        if self.calendar is not None:
            others = others.exclude(pk=self.calendar.pk)
        if others.exists():
            raise ValidationError(f"There is a calendar “{name}” already.")
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse what contradicts itself, and hours by which nobody would ever work."""
        said = self.cleaned_data
        both = sorted({*said.get("days_off", {})} & {*said.get("worked", {})})
        if both:
            self.add_error("worked", f"{both[0]} cannot be a day off and be worked.")
        if not self.errors:
            try:
                self.said.work_time.next_working_moment(0)
            except NoWorkingTimeError:
                self.add_error("monday", "By these hours nobody ever works. Write hours for one weekday at least.")
        return said

    @property
    def said(self) -> CalendarSaid:
        """What the form says, once it is valid."""
        said = self.cleaned_data
        return CalendarSaid(
            name=said.get("name", ""),
            timezone=said["timezone"],
            hours=[said[weekday.lower()] for weekday in WEEKDAYS],
            country=said["country"],
            region=said["region"],
            days_off=said["days_off"],
            worked=said["worked"],
            is_default=said["is_default"],
        )

    @property
    def week(self) -> list[forms.BoundField]:
        """The fields of the seven weekdays."""
        return [self[weekday.lower()] for weekday in WEEKDAYS]

    @property
    def has_regions(self) -> bool:
        """Whether there is a region to choose."""
        return bool(self._regions) or "region" in self.errors


def initial_of(workspace: Workspace, calendar: WorkCalendar | None) -> dict[str, Any]:
    """Return what a form begins with: what a calendar says; for a new one, the usual hours in the workspace's zone."""
    if calendar is None:
        is_first = not WorkCalendar.objects.filter(workspace=workspace).exists()
        hours = dict(zip(WEEKDAYS, USUAL_HOURS, strict=True))
        given: dict[str, Any] = {"timezone": workspace.timezone, "is_default": is_first}
    else:
        said = CalendarSaid.of(calendar)
        hours = dict(zip(WEEKDAYS, said.hours, strict=True))
        given = {
            "name": said.name,
            "timezone": said.timezone,
            "country": said.country,
            "region": said.region,
            "days_off": said.days_off,
            "worked": said.worked,
            "is_default": said.is_default,
        }
    return given | {weekday.lower(): day for weekday, day in hours.items()}
