"""Imports of files: how columns are understood, how far a run is, and what it refused."""

from django.db import models
from django.db.models.functions import Now

from leadline.web.accounts.models import User, Workspace


class ImportMapping(models.Model):
    """How the columns of a kind of file are understood, kept under a name to be used again."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    table = models.CharField(max_length=12)
    columns = models.JSONField()
    """Column of the file → field, or empty for one that is left out."""
    options = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "name"], name="one_mapping_a_name"),)

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One import, from upload to done or undone. The worker does it in parts; each part and *rows_done* commit together.

    origin: ``import:<id>`` in the rows that it wrote.
    """

    class State(models.TextChoices):
        MAPPING = "mapping"
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        UNDOING = "undoing"
        UNDONE = "undone"
        FAILED = "failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    table = models.CharField(max_length=12)
    """leads, companies, events or outcomes."""
    file_name = models.CharField(max_length=255)
    stored_as = models.CharField(max_length=255)
    """The file in the uploads folder."""
    detected = models.JSONField(default=dict)
    """Format, encoding, delimiter, sheet, header, names of the columns: what was found, and may be set otherwise."""
    columns = models.JSONField(default=dict)
    """Column of the file → how it is understood: its field (empty for one that is left out), type, order of dates."""
    options = models.JSONField(default=dict)
    """Zone of times without offset, the event's name where no column says it, open questions and their answers."""
    position = models.JSONField(default=dict)
    """What the worker does (reading, checking, writing or undoing) and how far it is, beside *rows_done*."""
    source = models.CharField(max_length=60, default="import", db_default="import")
    state = models.CharField(max_length=12, choices=State.choices, default=State.MAPPING, db_default="mapping")
    counts = models.JSONField(default=dict)
    """Of the dry run (check) and of the run (run), each: new, updated, unchanged, refused, and refusals by reason."""
    rows_done = models.BigIntegerField(default=0, db_default=0)
    rows_in_all = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True, default="", db_default="")
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name

    @property
    def origin(self) -> str:
        """What the rows that it wrote carry."""
        return f"import:{self.pk}"


class RefusedRow(models.Model):
    """A row of a file that could not be used, with its reason."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refused")
    row_number = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    detail = models.CharField(max_length=500, blank=True, default="", db_default="")
    cells = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["run", "row_number"], name="one_refusal_a_row"),)

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.reason}"
