"""Addresses of calendars."""

from django.urls import path

from leadline.web.handoff.calendars import views

urlpatterns = [
    path("settings/calendars/", views.show_calendars, name="calendars"),
    path("settings/calendars/add/", views.add_calendar, name="calendar-add"),
    path("settings/calendars/<int:pk>/", views.change_calendar, name="calendar"),
    path("settings/calendars/<int:pk>/delete/", views.remove_calendar, name="calendar-delete"),
]
