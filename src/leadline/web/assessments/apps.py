"""The app's name for Django."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """The cache of the engine's answers: assessments, spells, stage moves; how they come about."""

    name = "leadline.web.assessments"
    label = "assessments"
