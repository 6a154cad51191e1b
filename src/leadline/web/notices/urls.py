"""Addresses of notices."""

from django.urls import path

from leadline.web.notices import admin_views, views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read, name="notices-read"),
    path("notices/preferences/", views.preferences, name="notice-preferences"),
    path("settings/notices/", admin_views.settings, name="notice-settings"),
    path("settings/notices/<int:pk>/", admin_views.channel, name="notice-channel"),
    path("settings/notices/remove/", admin_views.remove, name="notice-channel-remove"),
    path("settings/notices/try/", admin_views.attempt, name="notice-channel-try"),
    path("settings/notices/again/", admin_views.again, name="notice-again"),
]
