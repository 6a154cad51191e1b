"""Tables: what people are told (`Notice`), how they want to be told (`Preference`), and the channels that a workspace tells."""

from datetime import time

from django.db import models
from django.db.models import Q

from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import ProposalStep


class Kind(models.TextChoices):
    """What somebody is told."""

    YOURS = "yours", "A hand-off waits for you"
    AGAIN = "again", "Somebody qualified again, and waits for you"
    TEAM = "team", "A hand-off waits for your team, without an owner"
    WARNED = "warned", "An answer is due soon"
    LATE = "late", "An answer is late"
    ESCALATED = "escalated", "A late hand-off came to the managers"
    COOLED = "cooled", "Somebody cooled while you work on them"
    WITHDRAWN = "withdrawn", "A new version of the playbook withdraws a hand-off"
    MOVED = "moved", "A colleague took, gave away or decided one of yours"
    UNDONE = "undone", "A colleague took back what you were told of"
    SENT_BACK = "sent_back", "Sales sent somebody back"
    PROPOSED = "proposed", "A proposal waits for your approval"
    APPROVED = "approved", "Somebody approved your proposal"
    ASKED = "asked", "Somebody asks for changes of your proposal"
    COMMENTED = "commented", "Somebody commented on a proposal that you speak on"


class Leaving(models.TextChoices):
    """Where a message stands on its way out.

    Nothing comes after *sending* but by who sends it, or by a look after its lease: then whether it left is unknown, and it stays unknown.
    """

    NONE = "none", "not wanted"
    DUE = "due", "waits"
    SENDING = "sending", "is being sent"
    SENT = "sent", "sent"
    UNCERTAIN = "uncertain", "may have been sent"
    FAILED = "failed", "failed"
    SKIPPED = "skipped", "no longer needed"


class Notice(models.Model):
    """That something happened to a hand-off or a proposal, for one person. Of one step and kind there is one a person.

    lead, handoff, step: what happened to a hand-off. proposal_step: to a proposal; then those are empty.
    said:     what it is about beside the hand-off, without names: those are joined when it is shown.
    by:       who did it; empty: Leadline, or somebody who is gone.
    in_app:   whether the page of notices shows it.
    seen_at:  when its reader marked it as read.
    mail_due_at: when its mail may leave. What is due for a person at a time leaves as one mail, under one *lease*.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="+")
    handoff = models.ForeignKey(HandOff, null=True, on_delete=models.CASCADE, related_name="+")
    step = models.ForeignKey(Step, null=True, on_delete=models.CASCADE, related_name="+")
    proposal_step = models.ForeignKey(ProposalStep, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    said = models.JSONField(default=dict)
    in_app = models.BooleanField(default=True, db_default=True)
    seen_at = models.DateTimeField(null=True)

    mail_state = models.CharField(max_length=10, choices=Leaving.choices, default=Leaving.NONE)
    mail_due_at = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True)
    """When it was sent, or last tried."""
    mail_tries = models.PositiveIntegerField(default=0, db_default=0)
    mail_error = models.CharField(max_length=200, blank=True, default="", db_default="")
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "step", "kind"], name="one_notice_a_step"),
            models.UniqueConstraint(fields=["user", "proposal_step", "kind"], name="one_notice_a_proposal_step"),
            models.CheckConstraint(
                condition=Q(lead=None, handoff=None, step=None, proposal_step__isnull=False)
                | Q(lead__isnull=False, handoff__isnull=False, step__isnull=False, proposal_step=None),
                name="notice_is_about_one_thing",
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "user", "-at"], condition=Q(in_app=True), name="notices_of_a_person"),
            models.Index(fields=["workspace", "user"], condition=Q(in_app=True, seen_at=None), name="notices_not_read"),
            models.Index(fields=["mail_due_at"], condition=Q(mail_state="due"), name="notice_mails_due"),
            models.Index(fields=["leased_until"], condition=Q(mail_state="sending"), name="notice_mails_leaving"),
            models.Index(
                fields=["workspace", "-at"],
                condition=Q(mail_state__in=("uncertain", "failed")),
                name="notice_mails_in_doubt",
            ),
            models.Index(fields=["at"], name="notices_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class Preference(models.Model):
    """How somebody wants to be told in a workspace. Who has none is told as `wishes.DEFAULTS` says.

    ways:     for topics that they chose something for: ``{"late": {"in_app": true, "mail": "once"}}``; mail is once, digest or none.
    timezone: theirs; empty: the workspace's. digest_hour: of their day, at which the day's mail leaves, on working days.
    quiet_from, quiet_until: of their day; mails wait until they end, also past midnight. Empty: none.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    ways = models.JSONField(default=dict)
    timezone = models.CharField(max_length=64, blank=True, default="", db_default="")
    digest_hour = models.PositiveSmallIntegerField(default=8, db_default=8)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "user"], name="one_preference_a_member"),)

    def __str__(self) -> str:
        return f"How {self.user_id} is told"

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From when until when nothing is mailed; None: at no time."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return None
        return self.quiet_from, self.quiet_until


class Channel(models.Model):
    """A channel of Slack or Teams that is told, by the address of an incoming webhook.

    url:    as secret as a password: whoever has it can write there. topics: what is told there.
    """

    class Program(models.TextChoices):
        """Where the channel is."""

        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    program = models.CharField(max_length=10, choices=Program.choices)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=2000)
    topics = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A message to a channel. Of one step and kind there is one a channel."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="posts")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    handoff = models.ForeignKey(HandOff, on_delete=models.CASCADE, related_name="+")
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    said = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=Leaving.choices, default=Leaving.DUE)
    due_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0, db_default=0)
    error = models.CharField(max_length=300, blank=True, default="", db_default="")
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "step", "kind"], name="one_post_a_step"),)
        indexes = (
            models.Index(fields=["due_at"], condition=Q(state="due"), name="posts_due"),
            models.Index(fields=["leased_until"], condition=Q(state="sending"), name="posts_leaving"),
            models.Index(
                fields=["workspace", "-at"], condition=Q(state__in=("uncertain", "failed")), name="posts_in_doubt"
            ),
            models.Index(fields=["at"], name="posts_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.channel}"
