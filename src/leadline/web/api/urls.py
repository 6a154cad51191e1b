"""Addresses: the operations behind their gate, what describes them, and the pages about keys."""

from django.urls import URLPattern, URLResolver, include, path

from leadline.web.api.pages import views
from leadline.web.api.resources import (
    answers,
    assessed,
    calendars,
    companies,
    export,
    handoffs,
    leads,
    log,
    playbooks,
    teams,
)
from leadline.web.api.resources import views as saved_views
from leadline.web.api.service import api, make_urls

for resource in (leads, answers, saved_views, companies, log, assessed, handoffs, teams, calendars, playbooks, export):
    api.add_router("", resource.router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/openapi.json", views.show_openapi, name="api-openapi"),
    path("api/v1/", include(make_urls())),
    path("settings/api-keys/", views.keys, name="api-keys"),
    path("settings/api-keys/<int:pk>/end/", views.end_key, name="api-key-end"),
    path("reference/api/", views.reference, name="api-reference"),
]
