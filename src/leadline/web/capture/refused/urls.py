"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.capture.refused import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("refused/", views.show_list, name="refused"),
    path("refused/replay/", views.replay_all, name="refused-replay-all"),
    path("refused/dismiss/", views.dismiss_all, name="refused-dismiss-all"),
    path("refused/<int:pk>/", views.show_one, name="refused-one"),
    path("refused/<int:pk>/body", views.download_body, name="refused-body"),
    path("refused/<int:pk>/dismiss/", views.dismiss, name="refused-dismiss"),
    path("refused/<int:pk>/reopen/", views.reopen, name="refused-reopen"),
]
