"""The app's name for Django."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Running it: worker, health, doctor, verify, backup, demo data."""

    name = "leadline.web.operations"
    label = "operations"

    def ready(self) -> None:
        """Connect the apps: they are all there now."""
        from leadline.web import flow

        flow.connect()
