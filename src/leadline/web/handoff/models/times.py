"""Tables: when people work."""

from django.db import models

from leadline.web.accounts.models import Workspace


class WorkCalendar(models.Model):
    """Working hours in a time zone, with the public holidays of a country. Response clocks run while it says so.

    hours: for each weekday, Monday first, the stretches of work as ``[["09:00", "12:30"], ["13:30", "17:00"]]``; none: a day off.
    country, region: whose public holidays are days off, by ISO 3166 codes; empty: none.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="calendars")
    name = models.CharField(max_length=60)
    timezone = models.CharField(max_length=64)
    hours = models.JSONField(default=list)
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    region = models.CharField(max_length=10, blank=True, default="", db_default="")
    is_default = models.BooleanField(default=False, db_default=False)
    """The one of who has none of their own."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["workspace", "name"], name="one_calendar_a_name"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(is_default=True), name="one_default_calendar"
            ),
        )

    def __str__(self) -> str:
        return self.name


class DayOff(models.Model):
    """A day on which a calendar differs from its country's holidays: a day off of the company, or a holiday on which it works."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="days_off")
    day = models.DateField()
    name = models.CharField(max_length=100)
    is_worked = models.BooleanField(default=False, db_default=False)
    """Whether people work though it is a public holiday."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["calendar", "day"], name="one_word_a_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"
