"""Addresses: the snippet and hosted forms, which are public, and the pages to manage forms."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.capture.forms import public, views
from leadline.web.capture.forms.snippet import serve_snippet

urlpatterns: list[URLPattern | URLResolver] = [
    path("snippet.js", serve_snippet, name="snippet"),
    path("f/<slug:workspace>/<slug:slug>/", public.answer_form, name="answer-form"),
    path("f/<slug:workspace>/<slug:slug>/thanks/", public.thank, name="form-thanks"),
    path("forms/", views.list_forms, name="forms"),
    path("forms/new/", views.make_form, name="form-new"),
    path("forms/<int:pk>/", views.show_form, name="form"),
    path("forms/<int:pk>/edit/", views.edit_form, name="form-edit"),
    path("forms/<int:pk>/open/", views.open_form, name="form-open"),
]
