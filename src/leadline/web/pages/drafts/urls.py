"""Addresses of drafts."""

from django.urls import path

from leadline.web.pages.drafts import form_views, views

urlpatterns = [
    path("playbook/drafts/", views.drafts, name="drafts"),
    path("playbook/drafts/<int:pk>/", views.draft, name="draft"),
    path("playbook/drafts/<int:pk>/form/", form_views.form, name="draft-form"),
    path("playbook/drafts/<int:pk>/form/add/", form_views.add, name="draft-add"),
    path("playbook/drafts/<int:pk>/form/remove/", form_views.remove, name="draft-remove"),
    path("playbook/drafts/<int:pk>/check/", views.check, name="draft-check"),
    path("playbook/drafts/<int:pk>/playbook.toml", views.download, name="draft-toml"),
    path("playbook/drafts/<int:pk>/publish/", views.publish, name="draft-publish"),
    path("playbook/drafts/<int:pk>/delete/", views.delete, name="draft-delete"),
    path("playbook/drafts/<int:pk>/restore/", views.restore, name="draft-restore"),
]
