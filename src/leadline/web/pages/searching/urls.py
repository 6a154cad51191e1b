"""The address of the search."""

from django.urls import path

from leadline.web.pages.searching import views

urlpatterns = [path("search/", views.search_everything, name="search")]
