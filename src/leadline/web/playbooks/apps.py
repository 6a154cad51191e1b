"""The app's name for Django."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """Drafts and published versions of playbooks."""

    name = "leadline.web.playbooks"
    label = "playbooks"
