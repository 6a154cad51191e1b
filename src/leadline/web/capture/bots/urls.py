"""Addresses of the pages about bots."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.capture.bots import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("bots/", views.show_rules, name="bots"),
    path("bots/<int:pk>/withdraw/", views.withdraw_rule, name="bot-rule-withdraw"),
    path("bots/marked/<slug:rule_id>/", views.show_marked, name="bots-marked"),
    path("bots/events/<int:pk>/", views.say_who, name="bot-event"),
]
