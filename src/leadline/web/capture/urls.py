"""Addresses of everything by which data comes in."""

from django.urls import include, path

urlpatterns = [
    path("", include(f"leadline.web.capture.{part}.urls"))
    for part in ("tracking", "imports", "forms", "mail", "bots", "refused")
]
