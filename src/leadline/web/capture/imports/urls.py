"""Addresses of imports."""

from django.urls import URLPattern, path

from leadline.web.capture.imports import views

urlpatterns: list[URLPattern] = [
    path("import/", views.imports, name="imports"),
    path("import/<int:pk>/", views.show, name="import"),
    path("import/<int:pk>/file/", views.read_otherwise, name="import-file"),
    path("import/<int:pk>/columns/", views.choose_columns, name="import-columns"),
    path("import/<int:pk>/mapping/", views.use_mapping, name="import-mapping"),
    path("import/<int:pk>/run/", views.start_run, name="import-run"),
    path("import/<int:pk>/stop/", views.stop, name="import-stop"),
    path("import/<int:pk>/go-on/", views.go_on, name="import-go-on"),
    path("import/<int:pk>/again/", views.change_columns, name="import-again"),
    path("import/<int:pk>/undo/", views.undo, name="import-undo"),
    path("import/<int:pk>/discard/", views.discard, name="import-discard"),
    path("import/<int:pk>/refused.csv", views.refused_rows, name="import-refused"),
]
