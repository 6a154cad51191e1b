"""Addresses of what is done with many leads at once."""

from django.urls import path

from leadline.web.pages.selected import views

urlpatterns = [
    path("leads/selected/", views.selected, name="selected-leads"),
    path("leads/batches/", views.batches, name="batches"),
    path("leads/batches/<int:pk>/", views.batch, name="batch"),
    path("leads/batches/<int:pk>/stop/", views.stop, name="stop-batch"),
    path("leads/batches/<int:pk>/undo/", views.undo, name="undo-batch"),
]
