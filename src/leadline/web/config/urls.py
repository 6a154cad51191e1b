"""Every address of the app: each app lists its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("leadline.web.capture.urls")),
    path("", include("leadline.web.accounts.urls")),
    path("", include("leadline.web.leads.urls")),
    path("", include("leadline.web.playbooks.urls")),
    path("", include("leadline.web.handoff.teams.urls")),
    path("", include("leadline.web.handoff.calendars.urls")),
    path("", include("leadline.web.notices.urls")),
    path("", include("leadline.web.outgoing.urls")),
    path("", include("leadline.web.operations.urls")),
    path("", include("leadline.web.pages.urls")),
    path("", include("leadline.web.api.urls")),
]
