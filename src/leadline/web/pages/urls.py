"""Addresses of the pages that read several apps."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="leads"), name="home"),
    path("", include("leadline.web.pages.leads_list.urls")),
    path("", include("leadline.web.pages.lead_page.urls")),
]
