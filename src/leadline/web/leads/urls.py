"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.leads import duplicate_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/duplicates/", duplicate_views.list_duplicates, name="duplicates"),
    path("leads/duplicates/look/", duplicate_views.look_for_duplicates, name="look-for-duplicates"),
    path("leads/duplicates/<int:pk>/dismiss/", duplicate_views.dismiss, name="dismiss-duplicate"),
    path("leads/duplicates/<int:pk>/reopen/", duplicate_views.reopen, name="reopen-duplicate"),
    path("leads/duplicates/<int:lead>/and/<int:other>/", duplicate_views.compare, name="compare-leads"),
    path("leads/duplicates/<int:lead>/and/<int:other>/merge/", duplicate_views.merge, name="merge-leads"),
    path("leads/merges/<int:pk>/undo/", duplicate_views.undo_merge, name="undo-merge"),
    path("leads/titles/", views.titles, name="titles"),
    path("leads/titles/<int:pk>/remove/", views.remove_title, name="remove-title"),
    path("leads/<int:pk>/merge/", duplicate_views.merge_with, name="merge-with"),
    path("leads/<int:pk>/merges/", duplicate_views.merges, name="lead-merges"),
    path("leads/<int:pk>/consent/", views.consent, name="lead-consent"),
    path("leads/<int:pk>/export/", views.export, name="lead-export"),
    path("leads/<int:pk>/export/person.json", views.export_file, name="lead-export-file"),
    path("leads/<int:pk>/erase/", views.erase, name="lead-erase"),
]
