"""Addresses: where mail providers report, and the settings of mail sources."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.capture.mail import endpoint, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("mail/<int:source_id>/<slug:provider>/", endpoint.take_report, name="mail-report"),
    path(
        "mail/<int:source_id>/<slug:provider>/inbound/", endpoint.take_report, {"is_inbound": True}, name="mail-inbound"
    ),
    path("settings/mail/", views.show_hooks, name="mail-hooks"),
    path("settings/mail/<int:pk>/key/", views.replace_key, name="mail-key"),
]
