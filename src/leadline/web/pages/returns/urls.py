"""Addresses of what sales sends back."""

from django.urls import path

from leadline.web.pages.returns import views

urlpatterns = [
    path("returns/", views.returns, name="returns"),
    path("returns/file/", views.returns_file, name="returns-file"),
]
