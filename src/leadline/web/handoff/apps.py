"""The app's name."""

from django.apps import AppConfig


class HandoffConfig(AppConfig):
    """Hand-offs."""

    name = "leadline.web.handoff"
    label = "handoff"
