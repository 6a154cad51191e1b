"""Tables: published versions of playbooks, which never change, which of them holds, and drafts of the next one."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leadline.web.accounts.models import User, Workspace


class Version(models.Model):
    """A playbook as it was published. *toml*, *cases* and *number* never change; *state* says what it is for now.

    preparing: every lead is being assessed by it in the background; pages still show the live one.
    live:      what pages show. One a workspace. The flip from preparing to live is one transaction.
    retired:   was live before.   failed: could not be brought to life; *problem* says why.   cancelled: another was published first.
    """

    class State(models.TextChoices):
        PREPARING = "preparing"
        LIVE = "live"
        RETIRED = "retired"
        CANCELLED = "cancelled"
        FAILED = "failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    toml = models.TextField()
    cases = models.TextField(blank=True, default="", db_default="")
    plan_hash = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=State.choices)
    problem = models.TextField(blank=True, default="", db_default="")
    published_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)
    prepared_up_to = models.BigIntegerField(default=0, db_default=0)
    """The last lead, in the order of ids, that was assessed by it while preparing."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["workspace", "number"], name="one_version_a_number"),
            models.UniqueConstraint(fields=["workspace"], condition=Q(state="live"), name="one_live_version"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(state="preparing"), name="one_version_in_preparation"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Draft(models.Model):
    """A playbook that is being written. Several people may have it open: a change names the *revision* that it was made of.

    toml, cases: as they were saved last, right or wrong. based_on: the version that it began with; empty for a new one.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="drafts")
    name = models.CharField(max_length=120)
    based_on = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="+")
    toml = models.TextField(blank=True, default="", db_default="")
    cases = models.TextField(blank=True, default="", db_default="")
    note = models.CharField(max_length=500, blank=True, default="", db_default="")
    """What will be new with it, for people."""
    revision = models.PositiveIntegerField(default=1, db_default=1)
    """Counts the changes: one that was made of an older text is not saved over a newer one."""
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()
    published_as = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="drafts")
    """The version that it became; then it is not changed any more."""
    deleted_at = models.DateTimeField(null=True)
    """Since when it is gone; kept for some days, so that it can be put back."""

    class Meta:
        indexes = (
            models.Index(
                fields=["workspace", "-updated_at"],
                condition=Q(deleted_at=None, published_as=None),
                name="drafts_at_work",
            ),
        )

    def __str__(self) -> str:
        return self.name
