"""Addresses of what-ifs."""

from django.urls import path

from leadline.web.pages.whatif import past_views, views

urlpatterns = [
    path("playbook/drafts/<int:pk>/what-if/", views.whatif, name="draft-whatif"),
    path("playbook/drafts/<int:pk>/what-if/stop/", views.stop_whatif, name="draft-whatif-stop"),
    path("playbook/drafts/<int:pk>/what-if/past/", past_views.past_whatif, name="draft-whatif-past"),
    path("playbook/drafts/<int:pk>/what-if/past/stop/", past_views.stop_past_whatif, name="draft-whatif-past-stop"),
]
