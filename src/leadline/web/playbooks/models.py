"""Tables: published versions of playbooks, which never change, drafts of the next one, and proposals to publish it."""

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


class Side(models.TextChoices):
    """The two sides that approve a proposal."""

    MARKETING = "marketing"
    SALES = "sales"


class Proposal(models.Model):
    """That a playbook is to be published: put forward with a reason, talked about, approved by both sides. Every version names one.

    draft:       whose text it is about, while it is open; it may go on being written. Empty: published at once, or deleted since.
    digest:      of the text that was put forward; when it is over, of the one that was published or withdrawn.
    base_number: the version that it was put forward to replace; when it is published, the one that it replaced. 0: none.
    without:     why it was published without both approvals; empty: it had them, or is not published. override: who needed no approval
                 says why.
    """

    class State(models.TextChoices):
        """Where it stands. Whether an open one is approved follows from its steps."""

        OPEN = "open"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    class Without(models.TextChoices):
        """Why no approvals were needed."""

        FIRST = "first", "the first version needs none"
        NOBODY = "nobody", "nobody was named to approve for both sides"
        OVERRIDE = "override", "it was published without them"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="proposals")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    why = models.CharField(max_length=500, blank=True, default="", db_default="")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.SET_NULL, related_name="proposals")
    digest = models.CharField(max_length=64)
    base_number = models.PositiveIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    version = models.OneToOneField(Version, null=True, on_delete=models.CASCADE, related_name="proposal")
    without = models.CharField(max_length=10, choices=Without.choices, blank=True, default="", db_default="")
    override = models.CharField(max_length=500, blank=True, default="", db_default="")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["workspace", "number"], name="one_proposal_a_number"),
            models.UniqueConstraint(fields=["draft"], condition=Q(state="open"), name="one_open_proposal_a_draft"),
            models.CheckConstraint(
                condition=Q(state="published", version__isnull=False) | (~Q(state="published") & Q(version=None)),
                name="published_proposals_have_a_version",
            ),
        )
        indexes = (models.Index(fields=["workspace", "state", "-ended_at"], name="proposals_by_state"),)

    def __str__(self) -> str:
        return f"Proposal {self.number}: {self.title}"


class ProposalText(models.Model):
    """A text of a proposal that somebody put forward, approved or spoke of, kept so that what differs since can be said."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="texts")
    digest = models.CharField(max_length=64)
    toml = models.TextField()
    cases = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["proposal", "digest"], name="one_text_a_digest"),)

    def __str__(self) -> str:
        return self.digest[:12]


class ProposalStep(models.Model):
    """One thing that happened to a proposal: who, when, what, and of which text.

    side:        for which one approves or asks for changes.
    digest:      of the text as it was then. base_number: the version that it would have replaced then.
    via:         the API key by which it was done; empty: on a page, or on the server.
    taken_back_at: of an approval, or of a wish for changes: since when it stands no more.
    """

    class Kind(models.TextChoices):
        """What happened."""

        PUT_FORWARD = "put_forward", "put forward"
        CHANGED = "changed", "text changed"
        COMMENTED = "commented", "commented"
        APPROVED = "approved", "approved"
        ASKED = "asked", "asked for changes"
        TAKEN_BACK = "taken_back", "taken back"
        PUBLISHED = "published", "published"
        WITHDRAWN = "withdrawn", "withdrawn"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    side = models.CharField(max_length=10, choices=Side.choices, blank=True, default="", db_default="")
    text = models.CharField(max_length=2000, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64)
    base_number = models.PositiveIntegerField(default=0, db_default=0)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    via = models.CharField(max_length=100, blank=True, default="", db_default="")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["proposal", "side", "digest", "base_number"],
                condition=Q(kind="approved", taken_back_at=None),
                name="one_approval_a_side",
            ),
            models.UniqueConstraint(
                fields=["proposal", "by", "digest", "base_number"],
                condition=Q(kind="approved", taken_back_at=None),
                name="one_approval_a_person",
            ),
        )
        indexes = (models.Index(fields=["proposal", "at", "id"], name="steps_of_a_proposal"),)

    def __str__(self) -> str:
        return f"{self.kind} ({self.proposal_id})"
