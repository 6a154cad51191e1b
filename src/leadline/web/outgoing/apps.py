"""The app's name."""

from django.apps import AppConfig


class OutgoingConfig(AppConfig):
    """Webhooks that go out."""

    name = "leadline.web.outgoing"
    label = "outgoing"
