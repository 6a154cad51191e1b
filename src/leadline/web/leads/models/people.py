"""Leads, companies, and by what they are recognised."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from leadline.web.accounts.models import Workspace


class Company(models.Model):
    """An organisation. What is known of it is facts; the columns here are what lists show, taken from those."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    """By what it is recognised: ``domain:acme.com``, or ``group:`` with the id that a source calls it by."""
    name = models.CharField(max_length=255, blank=True, default="", db_default="")
    domain = models.CharField(max_length=255, blank=True, default="", db_default="")
    industry = models.CharField(max_length=120, blank=True, default="", db_default="")
    employees = models.BigIntegerField(null=True)
    country = models.CharField(max_length=80, blank=True, default="", db_default="")
    origin = models.CharField(max_length=40, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "key"], name="one_company_a_key"),)
        indexes = (
            models.Index(fields=["workspace", "name"], name="companies_by_name"),  # the list, and search
            models.Index(fields=["workspace", "domain"], name="companies_by_domain"),  # whose address it is
            models.Index(fields=["workspace", "origin"], condition=~Q(origin=""), name="companies_of_an_import"),
        )

    def __str__(self) -> str:
        return self.name or self.domain or self.key


class Lead(models.Model):
    """Anyone who came into contact: a known person, or a visitor who is only an anonymous id yet.

    What is known stands in the log (events, facts, outcomes). The columns here are for finding and listing, taken from the log by
    `leads.card`; the state of work is below them.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    company = models.ForeignKey(Company, null=True, on_delete=models.SET_NULL, related_name="leads")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="merged")
    """The lead that all of this one's log belongs to now; empty for one that stands for itself."""

    name = models.CharField(max_length=255, blank=True, default="", db_default="")
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    title = models.CharField(max_length=255, blank=True, default="", db_default="")
    country = models.CharField(max_length=80, blank=True, default="", db_default="")
    first_source = models.CharField(max_length=60, blank=True, default="", db_default="")
    """The source through which it first came in."""
    said_source = models.CharField(max_length=120, blank=True, default="", db_default="")
    """Where it came from by what the field ``lead_source`` says; empty where nobody says."""
    is_known = models.BooleanField(default=False, db_default=False)
    """Whether it has a name, an address or a user id: somebody to speak to."""
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    """The last event that no bot made."""
    origin = models.CharField(max_length=40, blank=True, default="", db_default="")
    """Which import made it, as ``import:12``; empty otherwise."""

    # -- the work that is due ------------------------------------------------------------------------------
    log_version = models.BigIntegerField(default=1, db_default=1)
    """Grows with everything that is written to the lead's log: an assessment of an older version is not the last word."""
    due_at = models.DateTimeField(null=True)
    """Since when it waits to be assessed; empty when it does not."""
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(merged_into=F("id")), name="no_lead_is_merged_into_itself"),)
        indexes = (
            # the worker: what waits, longest first
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="leads_due"),
            # the list of leads, by last activity; and search by the beginning of a name or an address
            models.Index(fields=["workspace", "-last_seen_at"], name="leads_by_activity"),
            models.Index(fields=["workspace", "name"], name="leads_by_name"),
            models.Index(fields=["workspace", "email"], name="leads_by_email"),
            models.Index(fields=["company"], name="leads_of_a_company"),
            models.Index(fields=["workspace", "origin"], condition=~Q(origin=""), name="leads_of_an_import"),
        )

    def __str__(self) -> str:
        return self.name or self.email or f"Visitor {self.pk}"

    @property
    def label(self) -> str:
        """How the lead is called on a page."""
        return str(self)

    @property
    def lead_source(self) -> str:
        """Where it came from: what somebody says of that, else the source through which it first came in (`lead_source.py`)."""
        return self.said_source or self.first_source


class Identity(models.Model):
    """Something by which a source recognises a lead. Of one kind and value there is one a workspace."""

    class Kind(models.TextChoices):
        ANONYMOUS = "anonymous"
        USER = "user"
        EMAIL = "email"
        CRM = "crm"
        """An id in another system, as ``hubspot:123``; also the `lead_id` of an import."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    value = models.CharField(max_length=255)
    """Normalised: an address in lower case; an id over 255 characters as its hash."""
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="identities")
    """The lead that it is of now."""
    first_lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    """The lead that it was given to, before anybody was merged."""
    is_verified = models.BooleanField(default=False, db_default=False)
    """Whether a server, a signature, a form of ours or a person vouched for it."""
    source = models.CharField(max_length=60)
    first_seen_at = models.DateTimeField()
    origin = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The import that named it, as ``import:12``, while nothing else has; empty otherwise."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "kind", "value"], name="one_identity_a_value"),)
        indexes = (
            models.Index(
                fields=["workspace", "origin", "first_lead"], condition=~Q(origin=""), name="identities_of_an_import"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class TitleRule(models.Model):
    """A workspace's own word on job titles, before the table that comes with Leadline.

    pattern: words in lower case; all of them have to stand in the title, in this order and side by side.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    pattern = models.CharField(max_length=120)
    seniority = models.CharField(max_length=40, blank=True, default="", db_default="")
    function = models.CharField(max_length=40, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "pattern"], name="one_rule_a_title_pattern"),)

    def __str__(self) -> str:
        return self.pattern
