"""The app's name for Django."""

from django.apps import AppConfig


class CaptureConfig(AppConfig):
    """From outside to the log: the tracking API, forms, imports, mail events, bots."""

    name = "leadline.web.capture"
    label = "capture"
