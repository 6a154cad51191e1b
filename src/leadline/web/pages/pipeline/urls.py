"""Addresses of the pipeline."""

from django.urls import path

from leadline.web.pages.pipeline import views

urlpatterns = [
    path("pipeline/", views.pipeline, name="pipeline"),
]
