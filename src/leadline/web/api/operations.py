"""All operations, with their addresses. Loaded by the first request to one of them (`late.py`)."""

from leadline.web.api.resources import (
    absences,
    agreement,
    answers,
    assessed,
    calendars,
    companies,
    export,
    handoffs,
    leads,
    log,
    meetings,
    notes,
    playbooks,
    proposals,
    taken_back,
    teams,
    views,
    webhooks,
)
from leadline.web.api.service import api, list_operations, make_urls

__all__ = ["api", "list_operations", "urlpatterns"]

_ORDER = (
    leads, answers, views, companies, log, taken_back, notes, assessed, handoffs, meetings, teams, absences, calendars, agreement,
    playbooks, proposals, webhooks, export,
)  # fmt: skip

for resource in _ORDER:
    api.add_router("", resource.router)

urlpatterns = make_urls()
