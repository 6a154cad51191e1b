"""The app's name for Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API and its keys."""

    name = "leadline.web.api"
    label = "api"
