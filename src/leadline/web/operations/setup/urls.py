"""Addresses of the pages for setting up."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.operations.setup import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("welcome/", views.welcome, name="welcome"),
    path("settings/sources/", views.show_sources, name="sources"),
    path("settings/sources/<int:pk>/", views.show_source, name="source"),
    path("settings/sources/<int:pk>/keys/", views.add_key, name="add-key"),
    path("settings/sources/<int:pk>/consent/", views.set_consent, name="set-consent"),
    path("settings/sources/<int:pk>/identity-secret/", views.renew_identity_secret, name="identity-secret"),
    path("settings/keys/<int:pk>/end/", views.end_key, name="end-key"),
]
