"""Tables: what marketing promises."""

from django.db import models

from leadline.web.accounts.models import User, Workspace


class Promise(models.Model):
    """How many hand-offs a week marketing promises, from a day on, until a later promise begins. All are kept, as history.

    per_week: 0: none is promised any more.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="promises")
    per_week = models.PositiveIntegerField()
    from_day = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["workspace", "-from_day"], name="promises_by_day"),)

    def __str__(self) -> str:
        return f"{self.per_week} a week from {self.from_day}"
