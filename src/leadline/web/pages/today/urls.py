"""Addresses of the page of the morning."""

from django.urls import path

from leadline.web.pages.today import views

urlpatterns = [
    path("today/", views.today, name="today"),
]
