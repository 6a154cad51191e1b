"""Tables: who works hand-offs, in which teams, and when they are away."""

from django.db import models

from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.models.times import WorkCalendar


class Seat(models.Model):
    """A member of the workspace who works hand-offs.

    calendar: when they work; empty: the workspace's. capacity: how many hand-offs they have open at once; empty: any number.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seats")
    calendar = models.ForeignKey(WorkCalendar, null=True, on_delete=models.SET_NULL, related_name="seats")
    capacity = models.PositiveIntegerField(null=True)
    is_open = models.BooleanField(default=True, db_default=True)
    """Whether new hand-offs come to them."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "user"], name="one_seat_a_member"),)

    def __str__(self) -> str:
        return str(self.user)


class Team(models.Model):
    """Where routes lead: the playbook's ``to`` and ``otherwise`` name a team by its id.

    last_seat: who got the last hand-off by turns: the next one begins behind them.
    calendar: by which the clocks of its hand-offs run, of people without one of their own; empty: the workspace's.
    gives_on: whether a late hand-off goes to the next in the turns. raises_after: working hours after which one that is late and still
    waits comes to the administrators; empty: it does not. gives_on_away: whether what falls due while its owner is away goes to the next
    in the turns when the absence begins.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="teams")
    slug = models.CharField(max_length=60)
    """Its id in the playbook."""
    name = models.CharField(max_length=100)
    last_seat = models.ForeignKey(Seat, null=True, on_delete=models.SET_NULL, related_name="+")
    calendar = models.ForeignKey(WorkCalendar, null=True, on_delete=models.SET_NULL, related_name="teams")
    gives_on = models.BooleanField(default=False, db_default=False)
    gives_on_away = models.BooleanField(default=False, db_default=False)
    raises_after = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "slug"], name="one_team_an_id"),)

    def __str__(self) -> str:
        return self.name


class TeamSeat(models.Model):
    """Somebody in a team. *position*: their place in the turns."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="places")
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="places")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["team", "seat"], name="one_place_a_team"),)

    def __str__(self) -> str:
        return f"{self.seat} in {self.team}"


class Absence(models.Model):
    """That somebody is out of office: from a moment until another. Nothing new comes to them.

    followed_at: when it had begun and what falls due in it was given on, where a team wants that.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="absences")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    why = models.CharField(max_length=100, blank=True, default="", db_default="")
    followed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["begins_at"], condition=models.Q(followed_at=None), name="absences_to_follow"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("begins_at")), name="absences_last"),
        )

    def __str__(self) -> str:
        return f"{self.seat} is away"
