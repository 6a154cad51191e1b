"""The app's name for Django."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    """Workspaces, members, roles, sources and keys."""

    name = "leadline.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Note the beginning of every session."""
        from leadline.web.accounts.sessions import begin_session

        user_logged_in.connect(begin_session, dispatch_uid="leadline.begin_session")
