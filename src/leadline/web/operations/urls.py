"""Addresses of what is about running it, and of setting it up."""

from django.urls import URLPattern, URLResolver, include, path

from leadline.web.operations import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", views.show_health, name="health"),
    path("", include("leadline.web.operations.setup.urls")),
]
