"""The app's name for Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The pages that read several apps: leads, a lead."""

    name = "leadline.web.pages"
    label = "pages"

    def ready(self) -> None:
        """Say what an erasure removes of what is kept here."""
        from leadline.web.leads.erasure import also_erase
        from leadline.web.pages.saved_views.actions import erase_from_queries

        also_erase("words that were searched for", erase_from_queries)
