"""The app's name for Django."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The frame of every page: base template, components, static files, security headers."""

    name = "leadline.web.shell"
    label = "shell"
