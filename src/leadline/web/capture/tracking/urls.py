"""Addresses. With and without a slash at the end: a redirect would lose what was sent."""

from django.urls import URLPattern, URLResolver, re_path

from leadline.web.capture.tracking.endpoint import FOLDER
from leadline.web.capture.tracking.views import take_in

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(rf"^{FOLDER.removeprefix('/')}", take_in, name="tracking"),
]
