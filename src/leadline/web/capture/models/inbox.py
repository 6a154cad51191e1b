"""What came in: acknowledged and waiting to be taken apart, or refused and kept."""

from django.db import models
from django.db.models import Q

from leadline.web.accounts.models import Source, Workspace


class Delivery(models.Model):
    """One request that was acknowledged, as it came. The worker takes it apart into events and removes it in one transaction.

    protocol: which reader takes it apart: ``tracking``, ``mail``, ``form``.
    is_verified: a server's key came with it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    protocol = models.CharField(max_length=12)
    body = models.BinaryField()
    context = models.JSONField(default=dict)
    """What the request said beside its body: method, user agent, address where it may be kept."""
    event_count = models.PositiveIntegerField()
    is_verified = models.BooleanField(default=False, db_default=False)
    received_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    attempts = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.event_count} events of {self.received_at:%Y-%m-%d %H:%M:%S}"


class RefusedEvent(models.Model):
    """An event, or a whole request, that could not be used: with its reason, as it came, to be mended and sent again."""

    class State(models.TextChoices):
        OPEN = "open"
        REPLAYED = "replayed"
        DISMISSED = "dismissed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="+")
    protocol = models.CharField(max_length=12)
    reason = models.CharField(max_length=60)
    """A stable code, as in docs/tracking.md."""
    detail = models.CharField(max_length=500, blank=True, default="", db_default="")
    body = models.BinaryField()
    context = models.JSONField(default=dict)
    """As of a delivery: with it the event can be sent again as if it had just come."""
    is_verified = models.BooleanField(default=False, db_default=False)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN, db_default="open")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["workspace", "state", "-received_at"], name="refused_by_state"
            ),  # the page of refused events
            models.Index(fields=["workspace", "reason"], condition=Q(state="open"), name="refused_by_reason"),
        )

    def __str__(self) -> str:
        return f"{self.reason} at {self.received_at:%Y-%m-%d %H:%M:%S}"


class RefusedMeter(models.Model):
    """How much of what a source sent in an hour was refused and kept, and how much was refused and not kept (tracking/meter.py).

    It is a meter that guards the disk, and added to. Nothing about a lead is computed from it.

    hour: when it begins, in UTC.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    kept = models.PositiveBigIntegerField(default=0, db_default=0)
    not_kept = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "hour"], name="one_meter_a_source_and_hour"),)

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00}: {self.kept} kept, {self.not_kept} not"
