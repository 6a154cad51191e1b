"""The app's name."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices to people."""

    name = "leadline.web.notices"
    label = "notices"
