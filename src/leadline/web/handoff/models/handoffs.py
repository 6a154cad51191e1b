"""Tables: hand-offs, and the steps of each."""

from django.db import models
from django.db.models import Q

from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.models.people import Team
from leadline.web.leads.models import Lead


class HandOff(models.Model):
    """A qualified lead that marketing hands to sales: from the beginning of a spell to what sales decides.

    It belongs to one spell: *qualification* and *began_at* of its lead, under the live version of the playbook. What was decided stands
    in the log, as an outcome; the columns here are the state of the work, and every change of them is a `Step`.

    waiting:   nobody has it, or somebody to whom it was routed has not claimed it.
    claimed:   its owner works it.
    accepted … bad_data: what sales decided. `rejected`: no opportunity now; `recycled`: later; `disqualified`: never, by who they are;
               `excluded`: never was a lead; `bad_data`: the record cannot be used. Without *decided_by* it was reported elsewhere.
    cooled:    the spell ended before anybody claimed it.   withdrawn: the spell no longer stands.
    merged:    the lead is another now.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        CLAIMED = "claimed"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        RECYCLED = "recycled"
        DISQUALIFIED = "disqualified"
        EXCLUDED = "excluded"
        BAD_DATA = "bad_data"
        COOLED = "cooled"
        WITHDRAWN = "withdrawn"
        MERGED = "merged"

    OPEN = (State.WAITING, State.CLAIMED)

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="handoffs")
    qualification = models.CharField(max_length=100)
    began_at = models.DateTimeField()
    """When the spell began, by the log. A late event may move it."""
    number = models.PositiveIntegerField(default=1)
    """Which hand-off of this lead for this qualification it is: 3 is the third."""
    version_number = models.PositiveIntegerField()
    """Of the playbook, by which the lead qualified."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    revision = models.PositiveIntegerField(default=1)
    """Counts its changes: who acts on an older one is told who was faster."""

    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="handoffs")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="handoffs")
    route = models.JSONField(default=dict)
    """What routing was decided by, and how: it can be replayed (`leadline.engine.routing`)."""

    # -- why it is urgent, as of its opening ----------------------------------------------------------------
    is_hand_raise = models.BooleanField(default=False)
    grade = models.CharField(max_length=60, blank=True, default="")
    rank = models.BigIntegerField(default=0)
    cools_day = models.IntegerField(null=True)
    because = models.CharField(max_length=500, blank=True, default="")
    """The hand raise, or the criteria that gave most: ids with points, as in `Assessment.reasons`."""
    brought_by = models.TextField(blank=True, default="")
    """All criteria that gave points when the spell began: their ids, in order, with spaces between."""

    # -- the clock ------------------------------------------------------------------------------------------------
    opened_at = models.DateTimeField()
    """When the app noticed the spell: clocks run from here."""
    respond_by = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    gives_on = models.BooleanField(default=False, db_default=False)
    """Whether it became late and is still to be given to the next in the turns of its team."""
    raise_at = models.DateTimeField(null=True)
    """When it comes to the administrators, if it is late and waits until then."""
    raised_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True)
    """The first call, meeting or mail of sales."""
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=120, blank=True, default="")
    cooled_at = models.DateTimeField(null=True)
    """When the spell ended while somebody had it."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["lead", "qualification"],
                condition=Q(state__in=("waiting", "claimed")),
                name="one_open_handoff_a_qualification",
            ),
        )
        indexes = (
            models.Index(
                fields=["workspace", "state", "respond_by"],
                condition=Q(state__in=("waiting", "claimed")),
                name="handoffs_in_the_queue",
            ),
            models.Index(
                fields=["respond_by"], condition=Q(state="waiting", breached_at=None), name="handoffs_on_the_clock"
            ),
            models.Index(
                fields=["raise_at"],
                condition=Q(state="waiting", raised_at=None, raise_at__isnull=False),
                name="handoffs_to_raise",
            ),
            models.Index(fields=["id"], condition=Q(state="waiting", gives_on=True), name="handoffs_to_give_on"),
            models.Index(fields=["lead", "-opened_at"], name="handoffs_of_a_lead"),
            # All that figures count: so they read this index, and not the rows, which are ten times as wide.
            models.Index(
                fields=[
                    "workspace",
                    "-opened_at",
                    "state",
                    "reason",
                    "lead",
                    "owner",
                    "team",
                    "respond_by",
                    "breached_at",
                    "claimed_at",
                    "touched_at",
                    "decided_at",
                    "cooled_at",
                ],
                name="handoffs_by_time",
            ),
            models.Index(fields=["owner", "state"], name="handoffs_of_an_owner"),
        )

    def __str__(self) -> str:
        return f"{self.lead}: {self.qualification}"

    @property
    def is_open(self) -> bool:
        """Whether it waits or is being worked."""
        return self.state in self.OPEN


class Step(models.Model):
    """One thing that happened to a hand-off: who, when, what, why. Never changed but to say that it was undone.

    said: what was given with it: the reason, the result of a call, the text of a note, the time of a meeting.
    before: the columns of the hand-off that it changed, as they were: what undoing puts back.
    """

    class Kind(models.TextChoices):
        OPENED = "opened"
        ROUTED = "routed"
        CLAIMED = "claimed"
        RELEASED = "released"
        ASSIGNED = "assigned"
        CALLED = "called"
        MET = "met"
        WROTE = "wrote"
        NOTED = "noted"
        CANCELLED = "cancelled"
        SNOOZED = "snoozed"
        DECIDED = "decided"
        WARNED = "warned"
        BREACHED = "breached"
        ESCALATED = "escalated"
        COOLED = "cooled"
        WITHDRAWN = "withdrawn"
        MERGED = "merged"
        REOPENED = "reopened"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    handoff = models.ForeignKey(HandOff, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    """Empty: Leadline itself, or somebody who is gone."""
    said = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    revision = models.PositiveIntegerField()
    """Of the hand-off, after it."""
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["handoff", "at"], name="steps_of_a_handoff"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.handoff_id}"

    @property
    def origin(self) -> str:
        """What the rows carry that it wrote into the lead's log."""
        return f"handoff:{self.pk}"
