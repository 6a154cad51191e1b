"""Addresses of exports."""

from django.urls import path

from leadline.web.pages.exporting import views

urlpatterns = [
    path("leads/export/", views.export, name="export-leads"),
    path("leads/exports/", views.exports, name="exports"),
]
