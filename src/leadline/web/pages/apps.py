"""The app's name for Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The pages that read several apps: leads, a lead."""

    name = "leadline.web.pages"
    label = "pages"
