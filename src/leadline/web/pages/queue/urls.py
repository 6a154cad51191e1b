"""Addresses of the queue."""

from django.urls import path

from leadline.web.pages.queue import sharing, views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/give/", sharing.give, name="queue-give"),
    path("queue/<int:pk>/", views.item, name="queue-item"),
    path("queue/<int:pk>/meeting.ics", views.calendar_file, name="queue-meeting"),
    path("queue/<int:pk>/<slug:what>/", views.act, name="queue-act"),
]
