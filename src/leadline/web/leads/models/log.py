"""The log: what happened, what is known, what was reported. Rows are appended; nothing here is a sum of anything.

Each row has two leads: *first_lead*, to whom it was attributed when it came and which never changes, and *lead*, whose it is now. The
second follows from the first and the merges, so that an unmerge puts everything back.
"""

from django.db import models
from django.db.models import Q

from leadline.web.accounts.models import Source, Workspace
from leadline.web.leads.models.people import Company, Lead


class Event(models.Model):
    """Something that a source said. Of one (source, message_id) there is one.

    kind:       track, page, screen, mail and form are behaviour, which playbooks read; identify, group and alias say who it is.
    name:       in a playbook's words: ``page_viewed``, ``demo_requested``.
    properties: what a playbook's conditions read: texts, numbers, booleans and lists of those, one level deep.
    touch:      where it came from: source, medium, campaign, term, content, referrer, click_id, page; what there is of those.
    raw:        what was sent, as JSON text.
    is_bot:     what a rule or a person says; `bot_rule` says which: a rule's id, ``person``, or empty.
    """

    BEHAVIOUR = ("track", "page", "screen", "mail", "form")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=255)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="events")
    first_lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=255)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    properties = models.JSONField(default=dict)
    touch = models.JSONField(default=dict)
    raw = models.TextField(blank=True, default="", db_default="")
    is_bot = models.BooleanField(default=False, db_default=False)
    bot_rule = models.CharField(max_length=60, blank=True, default="", db_default="")
    origin = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "message_id"], name="one_event_a_message"),)
        indexes = (
            models.Index(fields=["lead", "occurred_at"], name="events_of_a_lead"),  # assessing, and the timeline
            models.Index(fields=["first_lead"], name="events_first_of_a_lead"),  # merging
            # the catalog; and filters count by it without looking at the rows
            models.Index(fields=["workspace", "name", "occurred_at", "is_bot", "kind", "lead"], name="events_by_name"),
            models.Index(
                fields=["workspace", "origin", "first_lead"], condition=~Q(origin=""), name="events_of_an_import"
            ),
            # what a rule marked: counted on the page of bots, and freed when the rule is withdrawn
            models.Index(fields=["workspace", "bot_rule"], condition=~Q(bot_rule=""), name="events_of_a_bot_rule"),
        )

    def __str__(self) -> str:
        return f"{self.name} at {self.occurred_at:%Y-%m-%d %H:%M}"


class Fact(models.Model):
    """A dated value of a field of a lead or of a company, with who said it. An empty value withdraws what that source said.

    value:    as JSON: a text, a number, a boolean or a list of texts.
    known_at: from when on it is so; recorded_at: when we learned of it.
    evidence: why somebody believes it: a sentence, an address, the lawful basis of a consent.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="facts")
    first_lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, null=True, on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=120)
    value = models.JSONField(null=True)
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=60)
    evidence = models.CharField(max_length=1000, blank=True, default="", db_default="")
    by = models.CharField(max_length=254, blank=True, default="", db_default="")
    origin = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(lead__isnull=False, first_lead__isnull=False, company__isnull=True)
                | Q(lead__isnull=True, first_lead__isnull=True, company__isnull=False),
                name="a_fact_is_of_a_lead_or_a_company",
            ),
        )
        indexes = (
            models.Index(fields=["lead", "field", "known_at"], name="facts_of_a_lead"),
            models.Index(fields=["company", "field", "known_at"], name="facts_of_a_company"),
            models.Index(fields=["first_lead"], name="facts_first_of_a_lead"),
            models.Index(
                fields=["workspace", "origin", "first_lead"], condition=~Q(origin=""), name="facts_of_an_import"
            ),
        )

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


class Note(models.Model):
    """Something that somebody wrote down about a lead, for people to read: no playbook looks at it. What changes a score is a fact."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="notes")
    first_lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=5000)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        indexes = (
            models.Index(fields=["lead", "-at"], name="notes_of_a_lead"),
            models.Index(fields=["first_lead"], name="notes_first_of_a_lead"),
        )

    def __str__(self) -> str:
        return f"{self.by} at {self.at:%Y-%m-%d %H:%M}"


class Outcome(models.Model):
    """What people and CRMs report of a lead: accepted, rejected, won, lost …"""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="outcomes")
    first_lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=60)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True, default="", db_default="")
    qualification = models.CharField(max_length=60, blank=True, default="", db_default="")
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    opportunity_id = models.CharField(max_length=120, blank=True, default="", db_default="")
    outcome_id = models.CharField(max_length=255)
    """One outcome an id; a source that has none gets one made of what it says."""
    source = models.CharField(max_length=60)
    by = models.CharField(max_length=254, blank=True, default="", db_default="")
    origin = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "outcome_id"], name="one_outcome_an_id"),)
        indexes = (
            models.Index(fields=["lead", "at"], name="outcomes_of_a_lead"),
            models.Index(fields=["first_lead"], name="outcomes_first_of_a_lead"),
            models.Index(
                fields=["workspace", "origin", "first_lead"], condition=~Q(origin=""), name="outcomes_of_an_import"
            ),
        )

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at:%Y-%m-%d %H:%M}"


class TakenBack(models.Model):
    """Something that was reported of a lead by mistake: what it said, who said it, and who took it out of the log.

    No playbook looks at it.
    """

    class Kind(models.TextChoices):
        """What it was."""

        OUTCOME = "outcome"
        EVENT = "event"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="taken_back")
    first_lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True, default="", db_default="")
    qualification = models.CharField(max_length=60, blank=True, default="", db_default="")
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    opportunity_id = models.CharField(max_length=120, blank=True, default="", db_default="")
    known_by = models.CharField(max_length=255)
    """The id of the outcome, or of the event."""
    source = models.CharField(max_length=60)
    said_by = models.CharField(max_length=254, blank=True, default="", db_default="")
    taken_back_at = models.DateTimeField()
    taken_back_by = models.CharField(max_length=254, blank=True, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(fields=["lead", "-taken_back_at"], name="taken_back_of_a_lead"),
            models.Index(fields=["first_lead"], name="taken_back_first_of_a_lead"),
            models.Index(fields=["workspace", "id"], name="taken_back_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M}, taken back"

    @property
    def outcome(self) -> str:
        """The outcome, as where it stood in the log; empty of an event."""
        return self.name if self.kind == self.Kind.OUTCOME else ""
