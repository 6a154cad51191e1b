"""Addresses of reports."""

from django.urls import path

from leadline.web.pages.reporting import views

urlpatterns = [
    path("leads/<int:lead_id>/report/", views.report, name="lead-report"),
    path("leads/<int:lead_id>/report/undo/", views.undo, name="undo-report"),
]
