"""Which mail provider reports to which source."""

from django.db import models
from django.db.models.functions import Now

from leadline.web.accounts.models import Source, Workspace


class MailHook(models.Model):
    """A mail provider that reports what becomes of mails. Its key is a `SourceKey`; this is what the provider signs with.

    signing_key: encrypted under this installation's secret (mail/secrets.py), since it has to be read again to check a signature;
                 empty where the provider does not sign.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="mail_hook")
    provider = models.CharField(max_length=20)
    signing_key = models.TextField(blank=True, default="", db_default="")
    last_seen_at = models.DateTimeField(null=True)
    """When it last reported something that was taken."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.provider
