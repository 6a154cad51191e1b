"""What bots are recognised by, what a change of that did, and the forms that we host."""

from django.db import models
from django.db.models.functions import Now

from leadline.web.accounts.models import Source, User, Workspace


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
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "rule_id"], name="one_bot_rule_an_id"),)

    def __str__(self) -> str:
        return self.rule_id


class BotChange(models.Model):
    """A qualification that no longer stands, or stands again, since events were reclassified."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    rule = models.ForeignKey(BotRule, null=True, on_delete=models.CASCADE, related_name="changes")
    lead_id_text = models.CharField(max_length=40)
    qualification = models.CharField(max_length=60)
    began_at = models.DateTimeField()
    stands = models.BooleanField()
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.qualification} of {self.lead_id_text}"


class Form(models.Model):
    """A form that we host or that a page embeds. An answer becomes facts and one event.

    fields: a list of {name, label, type, required, options, fact}; *fact* is the field that the answer becomes, empty for a property
    of the event only.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="forms")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    intro = models.TextField(blank=True, default="", db_default="")
    event = models.CharField(max_length=120)
    """The name of the event, such as ``demo_requested``."""
    fields = models.JSONField(default=list)
    consent_text = models.TextField(blank=True, default="", db_default="")
    thanks = models.TextField(default="Thank you. We will be in touch.")
    origins = models.JSONField(default=list)
    """Sites that may embed it; empty for none but our own page."""
    is_open = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "slug"], name="one_form_a_slug"),)

    def __str__(self) -> str:
        return self.title
