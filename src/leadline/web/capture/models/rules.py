"""What bots are recognised by, and what a change of that did to leads."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leadline.web.accounts.models import Source, User, Workspace
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Version


class BotRule(models.Model):
    """Which events bots made: a condition about the event's properties, as in a playbook. Rules are withdrawn, not deleted."""

    class State(models.TextChoices):
        APPLYING = "applying"
        ACTIVE = "active"
        WITHDRAWING = "withdrawing"
        WITHDRAWN = "withdrawn"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    rule_id = models.SlugField(max_length=60)
    why = models.CharField(max_length=255)
    events = models.JSONField(default=list)
    """Names of events; empty for all."""
    condition = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.APPLYING, db_default="applying")
    applied_up_to = models.BigIntegerField(default=0, db_default=0)
    """The last event, in the order of ids, that a rule in work has looked at."""
    marked = models.BigIntegerField(default=0, db_default=0)
    """How many events of the past were marked, or freed again, by the work that is going on or was done last."""
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "rule_id"], name="one_bot_rule_an_id"),)
        indexes = (
            models.Index(fields=["id"], condition=Q(state__in=["applying", "withdrawing"]), name="bot_rules_in_work"),
        )

    def __str__(self) -> str:
        return self.rule_id


class BuiltInList(models.Model):
    """Which edition of the built-in rules a workspace's past has been looked at by, and how far the work has come."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    applied_up_to = models.BigIntegerField(default=0, db_default=0)
    """The last event, in the order of ids, that was looked at."""
    is_done = models.BooleanField(default=False, db_default=False)
    marked = models.BigIntegerField(default=0, db_default=0)
    """How many events of the past were marked, or freed again."""

    def __str__(self) -> str:
        return self.fingerprint


class BotReview(models.Model):
    """A lead whose events were marked otherwise, with its spells from before, until it has been assessed anew.

    rule:        because of which; empty when a person said it of an event, or a built-in rule found out late.
    version:     of the playbook by which *spells* were computed.
    spells:      as they stood, each as a mapping of the columns of `assessments.Spell`.
    log_version: of the lead when its events were marked: an assessment of this one, or a later one, knows of it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    rule = models.ForeignKey(BotRule, null=True, on_delete=models.CASCADE, related_name="+")
    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    spells = models.JSONField(default=list)
    log_version = models.BigIntegerField()
    began_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"review of {self.lead_id}"


class BotChange(models.Model):
    """A qualification that no longer stands as it did, or stands again, since events were marked otherwise.

    how:     gone, later, earlier or ended, as the engine says it; ``again`` for one that stands and had not.
    because: in a sentence, where there is more to say.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    rule = models.ForeignKey(BotRule, null=True, on_delete=models.CASCADE, related_name="changes")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    qualification = models.CharField(max_length=60)
    began_at = models.DateTimeField()
    how = models.CharField(max_length=12)
    because = models.CharField(max_length=500, blank=True, default="", db_default="")
    was_acted_on = models.BooleanField(default=False, db_default=False)
    """Whether somebody had reported an outcome of that spell."""
    noted_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["workspace", "-noted_at"], name="bot_changes_by_time"),)  # the page

    def __str__(self) -> str:
        return f"{self.qualification} of {self.lead_id}: {self.how}"


class WaitingClick(models.Model):
    """A click in a mail that is yet to be looked at together with those beside it: link scanners show in groups only."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=255)
    look_at = models.DateTimeField()
    """When those beside it should have come in."""
    give_up_at = models.DateTimeField()
    """From when on its event is not expected any more: it was refused, or its person erased."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "message_id"], name="a_click_waits_once"),)
        indexes = (models.Index(fields=["look_at"], name="clicks_that_wait"),)  # the worker

    def __str__(self) -> str:
        return self.message_id
