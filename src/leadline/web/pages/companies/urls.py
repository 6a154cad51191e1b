"""Addresses of the pages of companies."""

from django.urls import path

from leadline.web.pages.companies import views

urlpatterns = [
    path("companies/", views.companies, name="companies"),
    path("companies/<int:company_id>/", views.company, name="company"),
]
