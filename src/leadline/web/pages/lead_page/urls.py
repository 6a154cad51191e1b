"""Addresses of the page of a lead."""

from django.urls import path

from leadline.web.pages.lead_page import views

urlpatterns = [
    path("leads/<int:lead_id>/", views.lead, name="lead"),
    path("leads/<int:lead_id>/assessed/", views.assessed, name="lead-assessed"),
    path("leads/<int:lead_id>/handoffs/", views.handoffs, name="lead-handoffs"),
    path("leads/<int:lead_id>/notes/", views.new_note, name="add-note"),
    path("leads/<int:lead_id>/notes/<int:note_id>/remove/", views.take_note_away, name="remove-note"),
    path("leads/<int:lead_id>/facts/", views.new_fact, name="add-fact"),
]
