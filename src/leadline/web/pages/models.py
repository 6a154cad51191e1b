"""Tables of the pages: views that somebody saved, what was exported, and what is done with many leads at once."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leadline.web.accounts.models import User, Workspace


class SavedView(models.Model):
    """A list of leads under a name: its filters, order and columns, as the query of an address.

    A view that is shared is shown to the whole workspace, and is an editor's to change; any other is its owner's alone.
    Without an owner it was saved by a program, and is shared.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=4000, blank=True, default="", db_default="")
    is_shared = models.BooleanField(default=False, db_default=False)
    position = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True)
    """Since when it is gone; kept for some days, so that it can be put back."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(owner__isnull=False) | Q(is_shared=True), name="a_view_is_somebodys"),
        )
        indexes = (models.Index(fields=["workspace", "position"], name="saved_views_in_order"),)

    def __str__(self) -> str:
        return self.name


class FirstView(models.Model):
    """The view with which somebody's list of leads begins."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="first_of")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "user"], name="one_first_view_a_person"),)

    def __str__(self) -> str:
        return f"{self.view} for {self.user}"


class Export(models.Model):
    """That somebody took leads out of the app as a file: who, when, which and how many. The file itself is not kept.

    query: of the list; empty for all, and for a selection. count: leads in the file.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=254)
    at = models.DateTimeField()
    format = models.CharField(max_length=4)
    query = models.CharField(max_length=4000, blank=True, default="", db_default="")
    is_selection = models.BooleanField(default=False, db_default=False)
    columns = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    version_number = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=["workspace", "-at"], name="exports_by_time"),)

    def __str__(self) -> str:
        return f"{self.count} leads by {self.by}"


class Batch(models.Model):
    """One thing to be done with many leads, from the question to the end. It is done in parts; each part and *done* commit together.

    lead_ids: of whom it was asked, fixed then. said: what the form said. origin: ``batch:<id>`` in the rows that it wrote.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        UNDOING = "undoing"
        UNDONE = "undone"
        FAILED = "failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    action = models.CharField(max_length=20)
    said = models.JSONField(default=dict)
    lead_ids = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0, db_default=0)
    changed = models.PositiveIntegerField(default=0, db_default=0)
    """Of how many of them something new was written."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING, db_default="running")
    problem = models.TextField(blank=True, default="", db_default="")
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["state"], condition=models.Q(state__in=["running", "undoing"]), name="batches_that_run"
            ),
            models.Index(fields=["workspace", "-created_at"], name="batches_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.action} of {len(self.lead_ids)} leads"

    @property
    def origin(self) -> str:
        """What its rows carry."""
        return f"batch:{self.pk}"

    @property
    def total(self) -> int:
        """Of how many leads it was asked."""
        return len(self.lead_ids)
