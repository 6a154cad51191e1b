"""Addresses of webhooks."""

from django.urls import path

from leadline.web.outgoing import views

urlpatterns = [
    path("settings/webhooks/", views.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", views.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/change/", views.change, name="webhook-change"),
    path("settings/webhooks/<int:pk>/switch/", views.switch_it, name="webhook-switch"),
    path("settings/webhooks/<int:pk>/secret/", views.new_secret, name="webhook-secret"),
    path("settings/webhooks/<int:pk>/test/", views.test_it, name="webhook-test"),
    path("settings/webhooks/<int:pk>/again/", views.failed_again, name="webhook-failed-again"),
    path("settings/webhooks/<int:pk>/delete/", views.delete, name="webhook-delete"),
    path("settings/webhooks/deliveries/<int:pk>/", views.delivery, name="webhook-delivery"),
]
