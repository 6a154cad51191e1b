"""Addresses: the snippet and hosted forms, which are public, and the pages to manage forms."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.capture.forms.snippet import serve_snippet

urlpatterns: list[URLPattern | URLResolver] = [
    path("snippet.js", serve_snippet, name="snippet"),
]
