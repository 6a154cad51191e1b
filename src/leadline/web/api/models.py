"""Tables: keys that open the API, and receipts of what was asked once and must not be done twice."""

from django.db import models
from django.db.models.functions import Now

from leadline.web.accounts.models import Source, User, Workspace


class ApiKey(models.Model):
    """A key that opens the API of one workspace, for some scopes. Kept as a prefix to find it by, and an HMAC of the whole.

    source:       under whose name it writes: facts, outcomes and events carry it, and a playbook's `[sources] rank` ranks it.
    scopes:       what it may do; `keys.SCOPES` says what there is.
    last_used_at: the hour in which it was last used, no finer.
    minute, minute_count: how often it was used in a minute, counted from 1970: its rate is held to the limit by them.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="api_keys")
    scopes = models.JSONField(default=list)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    minute = models.BigIntegerField(default=0, db_default=0)
    minute_count = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Receipt(models.Model):
    """What a key was answered to a request that carried an `Idempotency-Key`: asked again, it is answered the same.

    Written in the transaction of what was done, so that there is one exactly when it was done. Nothing of the request is kept in
    clear: *mark* and *request* are keyed hashes of the idempotency key and of the request. Answers name ids and counts, nobody.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="receipts")
    mark = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0, db_default=0)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key", "mark"], name="one_receipt_a_mark"),)
        indexes = (models.Index(fields=["key", "created_at"], name="receipts_by_age"),)  # those that are forgotten

    def __str__(self) -> str:
        return f"{self.status} of {self.created_at:%Y-%m-%d %H:%M}"
