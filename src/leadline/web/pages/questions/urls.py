"""Addresses of answers to questions."""

from django.urls import path

from leadline.web.pages.questions import views

urlpatterns = [
    path("leads/<int:lead_id>/answers/", views.answer, name="answer-question"),
    path("leads/<int:lead_id>/answers/withdraw/", views.withdraw, name="withdraw-answer"),
    path("leads/<int:lead_id>/answers/restore/", views.restore, name="restore-answer"),
]
