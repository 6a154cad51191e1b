"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.playbooks import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("playbook/", views.show_playbook, name="playbook"),
    path("playbook/progress/", views.show_progress, name="playbook-progress"),
    path("playbook/publish/", views.publish, name="playbook-publish"),
    path("playbook/versions/<int:number>/", views.show_version, name="playbook-version"),
    path("playbook/versions/<int:number>/playbook.toml", views.download_version, name="playbook-toml"),
]
