"""Addresses of the pages that read several apps."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("leadline.web.pages.today.urls")),
    path("", include("leadline.web.pages.companies.urls")),
    path("", include("leadline.web.pages.pipeline.urls")),
    path("", include("leadline.web.pages.leads_list.urls")),
    path("", include("leadline.web.pages.saved_views.urls")),
    path("", include("leadline.web.pages.exporting.urls")),
    path("", include("leadline.web.pages.selected.urls")),
    path("", include("leadline.web.pages.searching.urls")),
    path("", include("leadline.web.pages.lead_page.urls")),
    path("", include("leadline.web.pages.questions.urls")),
    path("", include("leadline.web.pages.drafts.urls")),
    path("", include("leadline.web.pages.proposals.urls")),
    path("", include("leadline.web.pages.away.urls")),
    path("", include("leadline.web.pages.queue.urls")),
    path("", include("leadline.web.pages.returns.urls")),
    path("", include("leadline.web.pages.agreement.urls")),
    path("", include("leadline.web.pages.reporting.urls")),
    path("", include("leadline.web.pages.whatif.urls")),
]
