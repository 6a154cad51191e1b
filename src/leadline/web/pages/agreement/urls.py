"""Addresses of the agreement."""

from django.urls import path

from leadline.web.pages.agreement import views

urlpatterns = [
    path("agreement/", views.agreement, name="agreement"),
    path("agreement/promise/", views.promise, name="agreement-promise"),
]
