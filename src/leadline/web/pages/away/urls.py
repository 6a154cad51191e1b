"""Addresses of what is open with somebody who is away."""

from django.urls import path

from leadline.web.pages.away import views

urlpatterns = [path("queue/away/<int:pk>/", views.away, name="away")]
