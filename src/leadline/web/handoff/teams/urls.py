"""Addresses of teams and of who works in them."""

from django.urls import path

from leadline.web.handoff.teams import own_views, views

urlpatterns = [
    path("settings/teams/", views.teams, name="teams"),
    path("settings/teams/new/", views.make, name="team-new"),
    path("settings/teams/<int:pk>/", views.team, name="team"),
    path("settings/teams/<int:pk>/delete/", views.delete, name="delete-team"),
    path("settings/teams/<int:pk>/add/", views.add, name="team-add"),
    path("settings/teams/<int:pk>/move/", views.move, name="team-move"),
    path("settings/teams/<int:pk>/remove/", views.remove, name="team-remove"),
    path("settings/teams/people/<int:pk>/", views.person, name="team-person"),
    path("settings/teams/people/<int:pk>/away/", views.person_away, name="team-person-away"),
    path("settings/teams/people/<int:pk>/back/", views.person_back, name="team-person-back"),
    path("settings/me/", own_views.me, name="my-seat"),
    path("settings/me/away/", own_views.away, name="my-away"),
    path("settings/me/back/", own_views.back, name="my-back"),
]
