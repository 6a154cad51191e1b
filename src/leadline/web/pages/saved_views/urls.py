"""Addresses of saved views."""

from django.urls import path

from leadline.web.pages.saved_views import views

urlpatterns = [
    path("leads/views/", views.saved_views, name="saved-views"),
    path("leads/views/<int:pk>/", views.change, name="saved-view"),
    path("leads/views/<int:pk>/move/", views.move, name="move-view"),
    path("leads/views/<int:pk>/delete/", views.delete, name="delete-view"),
    path("leads/views/<int:pk>/restore/", views.restore, name="restore-view"),
    path("leads/views/begin/", views.begin, name="first-view"),
]
