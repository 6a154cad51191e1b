"""Tables: a cache of the engine's answers. All of it can be thrown away and computed again; `verify` compares the two.

A what-if is no part of what `verify` compares: it is what somebody asked at a moment.
"""

from django.db import models
from django.db.models import Q

from leadline.web.accounts.models import User, Workspace
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Draft, Version


class Assessment(models.Model):
    """What a version of the playbook says of a lead at *as_of*. One a lead and version. Points are ten-thousandths.

    scores, contributions: points by score, by criterion (those that gave any). qualifications: ids of those whose spell is open.
    answers: of the questions. Days are local days of the playbook, counted from 1970.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="assessments", db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="assessments")
    as_of = models.DateTimeField()
    log_version = models.BigIntegerField()
    """The `log_version` of the lead when its log was read."""
    plan_hash = models.CharField(max_length=64)
    scores = models.JSONField(default=dict)
    contributions = models.JSONField(default=dict)
    grade = models.CharField(max_length=60, blank=True, default="", db_default="")
    coverage = models.JSONField(default=dict)
    persona = models.CharField(max_length=100, blank=True, default="", db_default="")
    excluded_by = models.CharField(max_length=100, blank=True, default="", db_default="")
    answers = models.JSONField(default=dict)
    held = models.JSONField(default=dict)
    """What else holds, by the names of conditions (`held.py`): what lists are filtered by."""
    reasons = models.CharField(max_length=500, blank=True, default="", db_default="")
    qualifications = models.JSONField(default=list)
    next_step = models.CharField(max_length=1000, blank=True, default="", db_default="")
    stage = models.CharField(max_length=100, blank=True, default="", db_default="")
    cools_day = models.IntegerField(null=True)
    """The first day on which one of its open spells will have ended."""
    turns_day = models.IntegerField(null=True)
    """The first day in sight on which a spell begins or ends or the stage moves if nothing happens."""
    next_change_day = models.IntegerField(null=True)
    """The day on which it is assessed again though nothing happens: no later than anything shown differs; empty: never (`ahead.py`)."""

    # -- what lists sort and filter by, taken from the above -----------------------------------------------
    rank = models.BigIntegerField(default=0, db_default=0)
    """The sum of the points of the scores that make the grade, of who is excluded below everybody else's: whom to look at first."""
    first_score = models.BigIntegerField(default=0, db_default=0)
    second_score = models.BigIntegerField(default=0, db_default=0)
    is_qualified = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["version", "lead"], name="one_assessment_a_lead_and_version"),)
        indexes = (
            # The list of leads in its usual order, of all and of a stage: ids are read off the index, rows only of a page.
            models.Index(fields=["version", "-rank", "lead"], name="assessments_by_rank"),
            models.Index(fields=["version", "stage", "-rank", "lead"], name="assessments_by_stage"),
            models.Index(fields=["version", "grade"], name="assessments_by_grade"),
            models.Index(  # who cools first, and how many do this week
                fields=["version", "cools_day", "lead"],
                condition=Q(cools_day__isnull=False),
                name="assessments_that_cool",
            ),
            models.Index(  # midnight: whose numbers change today
                fields=["version", "next_change_day"],
                condition=Q(next_change_day__isnull=False),
                name="assessments_that_change",
            ),
        )

    def __str__(self) -> str:
        return f"{self.lead_id} by {self.version_id}"


class Spell(models.Model):
    """One stay of a lead in a qualification, as the engine finds it in the log.

    noticed_at: when the app first saw it: it may have begun before, with an event that came late. Not part of what `verify` compares,
    and kept when the same spell is found again.
    first_touch, last_touch: where the lead first came from, and last before it qualified.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="spells", db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="spells")
    qualification = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    began_by = models.CharField(max_length=20)
    hand_raise = models.CharField(max_length=255, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=20, blank=True, default="", db_default="")
    ended_because = models.CharField(max_length=255, blank=True, default="", db_default="")
    reason = models.CharField(max_length=120, blank=True, default="", db_default="")
    outcome = models.CharField(max_length=100, blank=True, default="", db_default="")
    evidence = models.JSONField(default=dict)
    first_touch = models.JSONField(default=dict)
    last_touch = models.JSONField(default=dict)
    noticed_at = models.DateTimeField()
    cools_day = models.IntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["version", "lead", "qualification", "began_at"], name="one_spell_a_beginning"
            ),
        )
        indexes = (models.Index(fields=["version", "qualification", "-began_at"], name="spells_by_beginning"),)

    def __str__(self) -> str:
        return f"{self.qualification} {self.number} of {self.lead_id}"


class StageMove(models.Model):
    """A move of a lead from one stage of the lifecycle to another, forward or backward."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="stage_moves", db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="stage_moves")
    at = models.DateTimeField()
    before = models.CharField(max_length=100, blank=True, default="", db_default="")
    after = models.CharField(max_length=100, blank=True, default="", db_default="")
    because = models.CharField(max_length=255)
    is_forward = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["version", "lead", "at"], name="one_move_a_moment"),)
        indexes = (models.Index(fields=["version", "-at"], name="moves_by_moment"),)  # this week's

    def __str__(self) -> str:
        return f"{self.before or 'nothing'} → {self.after or 'nothing'}"


class FailingLead(models.Model):
    """A lead that cannot be assessed by a version: what the program says, since when, and how often it was tried. Gone when it can be."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="failing_leads")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="failing")
    error = models.CharField(max_length=500)
    since = models.DateTimeField()
    tried_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["version", "lead"], name="one_failure_a_lead_and_version"),)

    def __str__(self) -> str:
        return f"{self.lead_id} by {self.version_id}: {self.error}"


class WhatIf(models.Model):
    """What a draft of the playbook says of all known leads, beside what the live version says: asked at a moment, kept with the draft.

    Both texts are those of the moment when it was asked, whatever becomes of the draft: *toml* is a copy, *live* never changes. Leads are
    looked at in the order of their ids, in parts; each part and *last_lead* commit together (`whatif/run.py`).
    counts: how many leads have what (`whatif/tally.py`). named: ids of the most telling leads, each with why (`whatif/telling.py`).
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="whatif")
    live = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    """The version that it is compared with."""
    revision = models.PositiveIntegerField()
    """Of the draft, when it was asked."""
    toml = models.TextField()
    plan_hash = models.CharField(max_length=64)
    """Of *toml*: while the text of the draft comes to the same, the figures are of it."""
    as_of = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING, db_default="running")
    problem = models.TextField(blank=True, default="", db_default="")
    done = models.PositiveIntegerField(default=0, db_default=0)
    total = models.PositiveIntegerField(default=0, db_default=0)
    """Known leads when it was asked; when it is done, those that were looked at."""
    last_lead = models.BigIntegerField(default=0, db_default=0)
    """The id of the last lead that was looked at."""
    counts = models.JSONField(default=dict)
    named = models.JSONField(default=dict)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["state"], condition=Q(state="running"), name="whatifs_that_run"),)

    def __str__(self) -> str:
        return f"{self.draft} beside {self.live}"


class PastWhatIf(models.Model):
    """What a draft would have done over the weeks before it was asked, beside the live version: two replays of the whole log.

    A process of its own computes it (`past/run.py`), and stores all of it at once. told: words and numbers (`past/told.py`). named: ids of
    the most telling leads, *for* and *against* the draft, each with what it shows and why.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="past_whatif")
    live = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    """The version that it is compared with."""
    revision = models.PositiveIntegerField()
    """Of the draft, when it was asked."""
    toml = models.TextField()
    plan_hash = models.CharField(max_length=64)
    """Of *toml*: while the text of the draft comes to the same, the figures are of it."""
    first_day = models.DateField()
    last_day = models.DateField()
    """Both are included, and local days of the draft's zone."""
    capacity = models.PositiveIntegerField(null=True)
    """Hand-offs that sales can work in a week."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING, db_default="running")
    problem = models.TextField(blank=True, default="", db_default="")
    doing = models.CharField(max_length=200, blank=True, default="", db_default="")
    percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    told = models.JSONField(default=dict)
    named = models.JSONField(default=dict)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["state"], condition=Q(state="running"), name="past_whatifs_that_run"),)

    def __str__(self) -> str:
        return f"{self.draft} over {self.first_day} to {self.last_day}"
