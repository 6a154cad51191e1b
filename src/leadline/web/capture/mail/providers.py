"""The mail providers that can report, as django-anymail knows them: which class reads their reports, and what they sign with.

django-anymail comes with the `[mail]` extra and is imported when a report is read. Guarded by tests/web/capture/mail.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A mail provider.

    reader, inbound: classes of anymail.webhooks, for what became of mails and for replies; *inbound* may be empty.
    signs_with:      how anymail calls the key by which the provider signs; empty: it does not sign.
    has_to_sign:     whether a report without a signature is refused.
    """

    id: str
    title: str
    reader: str
    inbound: str = ""
    signs_with: str = ""
    has_to_sign: bool = False


PROVIDERS = {
    one.id: one
    for one in (
        Provider(id="brevo", title="Brevo", reader="brevo.BrevoTrackingWebhookView"),
        Provider(
            id="mailersend",
            title="MailerSend",
            reader="mailersend.MailerSendTrackingWebhookView",
            signs_with="signing_secret",
            has_to_sign=True,
        ),
        Provider(
            id="mailgun",
            title="Mailgun",
            reader="mailgun.MailgunTrackingWebhookView",
            inbound="mailgun.MailgunInboundWebhookView",
            signs_with="webhook_signing_key",
            has_to_sign=True,
        ),
        Provider(
            id="mailjet",
            title="Mailjet",
            reader="mailjet.MailjetTrackingWebhookView",
            inbound="mailjet.MailjetInboundWebhookView",
        ),
        Provider(
            id="mailtrap", title="Mailtrap", reader="mailtrap.MailtrapTrackingWebhookView", signs_with="tracking_secret"
        ),
        Provider(
            id="mandrill",
            title="Mandrill",
            reader="mandrill.MandrillCombinedWebhookView",
            signs_with="webhook_key",
            has_to_sign=True,
        ),
        Provider(
            id="postal",
            title="Postal",
            reader="postal.PostalTrackingWebhookView",
            inbound="postal.PostalInboundWebhookView",
            signs_with="webhook_key",
            has_to_sign=True,
        ),
        Provider(
            id="postmark",
            title="Postmark",
            reader="postmark.PostmarkTrackingWebhookView",
            inbound="postmark.PostmarkInboundWebhookView",
        ),
        Provider(id="resend", title="Resend", reader="resend.ResendTrackingWebhookView"),
        Provider(
            id="sendgrid",
            title="SendGrid",
            reader="sendgrid.SendGridTrackingWebhookView",
            inbound="sendgrid.SendGridInboundWebhookView",
            signs_with="tracking_webhook_verification_key",
        ),
        Provider(
            id="sparkpost",
            title="SparkPost",
            reader="sparkpost.SparkPostTrackingWebhookView",
            inbound="sparkpost.SparkPostInboundWebhookView",
        ),
        Provider(
            id="unisender_go",
            title="Unisender Go",
            reader="unisender_go.UnisenderGoTrackingWebhookView",
            signs_with="api_key",
            has_to_sign=True,
        ),
    )
}


def is_installed() -> bool:
    """Return whether the `[mail]` extra is there."""
    return find_spec("anymail") is not None


def make_reader(provider: Provider, *, is_inbound: bool, basic_auth: str, signing_key: str) -> Any:
    """Return anymail's view of a provider, to check a request's signature and to read it.

    Args:
        provider: whose report it is. is_inbound: whether it is a reply.
        basic_auth: what the request was let in with, which anymail checks again.
        signing_key: the provider's; empty where it does not sign.
    """
    path = provider.inbound if is_inbound else provider.reader
    options: dict[str, Any] = {"webhook_secret": [basic_auth]}
    if signing_key and (not is_inbound or provider.id in ("mailgun", "postal")):
        options[provider.signs_with] = signing_key
    return import_string(f"anymail.webhooks.{path}")(**options)
