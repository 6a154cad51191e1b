"""Addresses of the list of leads."""

from django.urls import path

from leadline.web.pages.conditions.views import build
from leadline.web.pages.leads_list import views

urlpatterns = [
    path("leads/", views.leads, name="leads"),
    path("leads/add/", views.add, name="add-lead"),
    path("leads/where/", build, name="build-condition"),
]
