"""The app's name for Django."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Who it is: leads, companies, identities, the log of events, facts and outcomes, merging, erasure."""

    name = "leadline.web.leads"
    label = "leads"

    def ready(self) -> None:
        """Let queries compare texts by all forms of their letters."""
        from leadline.web.leads import alike  # noqa: F401 - registers its lookups
