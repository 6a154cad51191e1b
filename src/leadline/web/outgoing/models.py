"""Tables: where webhooks go (`Endpoint`), what there is to tell (`Message`), and each of it to each of them (`Delivery`)."""

from django.db import models

from leadline.web.accounts.models import Workspace

ERASED = "is_erased"
"""What marks the data of a message whose person was erased."""

TELLS_OF_ERASURE = "lead.erased"


class Endpoint(models.Model):
    """An address that is told what happens.

    types:         of events that it is told; empty: all.
    salt:          what its secret is derived from, together with the secret of this installation (`signing.secret_of`).
    old_salt:      that of the secret before; both sign until *old_until*.
    off_why:       why it was switched off, when Leadline did it.
    failing_since: the first failure after which nothing went well; empty while it works.
    rests_until:   until when it asked to be sent nothing (``Retry-After``).
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="endpoints")
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True, default="", db_default="")
    types = models.JSONField(default=list)
    salt = models.CharField(max_length=64)
    old_salt = models.CharField(max_length=64, blank=True, default="", db_default="")
    old_until = models.DateTimeField(null=True)
    is_on = models.BooleanField(default=True, db_default=True)
    off_why = models.CharField(max_length=300, blank=True, default="", db_default="")
    failing_since = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.description or self.url


class Message(models.Model):
    """One thing that happened, as it is told. It is written in the transaction of what happened.

    uid:           its id to the outside, the same at every attempt.
    lead_id:       whom it is about; a number and no reference, since it outlives the lead. other_lead_id: of a merge, the lead that went.
    data:          what is told of it; emptied but for the ids when the person is erased: then it is not sent any more.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    uid = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=60)
    lead_id = models.BigIntegerField(null=True, db_index=True)
    other_lead_id = models.BigIntegerField(null=True, db_index=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    made_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"


class Delivery(models.Model):
    """A message on its way to an endpoint.

    attempts:   how often it was tried, counted when it is taken. next_at: when it is tried next.
    lease:      who sends it now, until *leased_until*; after that, somebody else may.
    last_ms:    how long the last attempt took, in milliseconds. last_answer: the beginning of what came back.
    """

    class State(models.TextChoices):
        """Where a delivery stands. Gone: the endpoint said that it is no longer there. Erased: the person was, before it arrived."""

        DUE = "due", "waits"
        SENDING = "sending", "is sent now"
        SENT = "sent", "sent"
        FAILED = "failed", "failed"
        GONE = "gone", "gone"
        ERASED = "erased", "not sent: the person was erased"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField()
    lease = models.CharField(max_length=32, blank=True, default="", db_default="")
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    last_status = models.PositiveIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="", db_default="")
    last_answer = models.TextField(blank=True, default="", db_default="")
    last_ms = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (models.UniqueConstraint(fields=["message", "endpoint"], name="one_delivery_an_endpoint"),)
        indexes = (
            models.Index(
                fields=["next_at"], condition=models.Q(state__in=("due", "sending")), name="deliveries_waiting"
            ),
            models.Index(fields=["endpoint", "-id"], name="deliveries_of_an_endpoint"),
        )

    def __str__(self) -> str:
        return f"{self.message} to {self.endpoint}"
