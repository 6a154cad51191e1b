"""Addresses of the list of leads."""

from django.urls import path

from leadline.web.pages.leads_list import views

urlpatterns = [
    path("leads/", views.leads, name="leads"),
    path("leads/add/", views.add, name="add-lead"),
]
