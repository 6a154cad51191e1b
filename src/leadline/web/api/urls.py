"""Addresses: the operations behind their gate, what describes them, and the pages about keys."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.api.late import LateResolver
from leadline.web.api.pages import reference, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/openapi.json", reference.show_openapi, name="api-openapi"),
    LateResolver("api/v1/", "leadline.web.api.operations"),
    path("settings/api-keys/", views.keys, name="api-keys"),
    path("settings/api-keys/<int:pk>/end/", views.end_key, name="api-key-end"),
    path("reference/api/", reference.reference, name="api-reference"),
]
