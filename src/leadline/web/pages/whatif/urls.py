"""Addresses of what-ifs."""

from django.urls import path

from leadline.web.pages.whatif import views

urlpatterns = [
    path("playbook/drafts/<int:pk>/what-if/", views.whatif, name="draft-whatif"),
    path("playbook/drafts/<int:pk>/what-if/stop/", views.stop_whatif, name="draft-whatif-stop"),
]
