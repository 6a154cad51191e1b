"""The forms that we host."""

from django.db import models
from django.db.models.functions import Now

from leadline.web.accounts.models import Source, Workspace


class Form(models.Model):
    """A form that we host or that a page embeds. An answer becomes facts and one event.

    fields: a list of {name, label, type, required, options, fact}; *fact* is the field that the answer becomes, empty for a property
    of the event only.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="forms")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    intro = models.TextField(blank=True, default="", db_default="")
    event = models.CharField(max_length=120)
    """The name of the event, such as ``demo_requested``."""
    fields = models.JSONField(default=list)
    contact_text = models.TextField(blank=True, default="", db_default="")
    """What a person who is to be contacted agrees to by ticking; empty: they are not asked. It is kept with each answer as it read then."""
    scoring_text = models.TextField(blank=True, default="", db_default="")
    """The same of being scored. The two are asked apart: who agrees to one has not agreed to the other."""
    thanks = models.TextField(default="Thank you. We will be in touch.")
    origins = models.JSONField(default=list)
    """Sites that may embed it or send to it; empty for none but our own page."""
    is_open = models.BooleanField(default=True, db_default=True)
    answer_count = models.BigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "slug"], name="one_form_a_slug"),)

    def __str__(self) -> str:
        return self.title
