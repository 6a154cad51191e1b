"""The app's name for Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The pages that read several apps: leads, a lead."""

    name = "leadline.web.pages"
    label = "pages"

    def ready(self) -> None:
        """Say what an erasure removes of what is kept here, and what publishing a playbook would withdraw."""
        from leadline.web.leads.erasure import also_erase
        from leadline.web.pages.saved_views.actions import erase_from_queries
        from leadline.web.pages.whatif.asked import say_withdrawing
        from leadline.web.playbooks.asking import also_ask

        also_erase("words that were searched for", erase_from_queries)
        also_ask("hand-offs that would be withdrawn", say_withdrawing)
