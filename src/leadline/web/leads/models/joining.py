"""Who was merged, who may have to be, and whom we have forgotten."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leadline.web.accounts.models import Workspace
from leadline.web.leads.models.people import Lead


class Merge(models.Model):
    """Two leads are one person. Rows are appended and, when it was wrong, given an *undone_at*; never deleted."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="merges")
    into = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="merges_into")
    because = models.CharField(max_length=255)
    """The rule or the person: ``identify of a server``, ``alias``, ``by hand``."""
    by = models.CharField(max_length=254, blank=True, default="", db_default="")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=254, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["lead"], condition=Q(undone_at__isnull=True), name="a_lead_is_merged_into_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lead_id} into {self.into_id}"


class Suggestion(models.Model):
    """Two leads that may be one person, waiting for somebody to look."""

    class State(models.TextChoices):
        OPEN = "open"
        MERGED = "merged"
        DISMISSED = "dismissed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="suggestions")
    other = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    """The one with the smaller id is *lead*."""
    because = models.CharField(max_length=255)
    probability = models.FloatField(null=True)
    """From 0 to 1, where a model said it."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN, db_default="open")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["lead", "other"], name="one_suggestion_a_pair"),)

    def __str__(self) -> str:
        return f"{self.lead_id} and {self.other_id}: {self.because}"


class Erasure(models.Model):
    """A person who asked to be forgotten: only keyed hashes of their identities, so that what comes later is refused."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "digest"], name="one_erasure_a_digest"),)

    def __str__(self) -> str:
        return f"erased at {self.at:%Y-%m-%d}"
