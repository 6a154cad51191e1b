"""The app's name for Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Workspaces, members, roles, sources and keys."""

    name = "leadline.web.accounts"
    label = "accounts"
