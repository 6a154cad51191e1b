"""The list of companies and the page of one; its timeline is asked for in place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EVERYBODY, needs_role
from leadline.web.leads.models import Company
from leadline.web.pages.companies.listing import SORTS, find_industries, list_companies, read_wanted
from leadline.web.pages.companies.queries import (
    events_of,
    facts_of,
    get_company,
    last_seen,
    open_spells_of,
    people_of,
    roles_of,
    visitors_of,
)
from leadline.web.pages.lead_page.timeline import read_timeline
from leadline.web.pages.playbook_words import words_of
from leadline.web.playbooks.queries import find_live


@require_safe
@needs_role(*EVERYBODY)
def companies(request: HttpRequest) -> HttpResponse:
    """Show the companies that match, page by page."""
    workspace, wanted = workspace_of(request), read_wanted(request.GET)
    version = find_live(workspace)
    words = words_of(version) if version else None
    context = {
        "wanted": wanted,
        "words": words,
        "listing": list_companies(workspace, version, words, wanted),
        "industries": find_industries(workspace),
        "sorts": SORTS,
    }
    return render(request, "pages/companies/companies.html", context)


@require_safe
@needs_role(*EVERYBODY)
def company(request: HttpRequest, company_id: int) -> HttpResponse:
    """Show a company. Asked for the timeline in place, answer with that alone."""
    found = get_company(workspace_of(request), company_id)
    context: dict[str, Any] = {"company": found, "joint": True, "timeline": _timeline(request, found)}
    if request.htmx and request.htmx.target == "timeline":  # type: ignore[attr-defined]
        response = render(request, "pages/lead/timeline.html", context)
    else:
        version = find_live(found.workspace_id)
        words = words_of(version) if version else None
        rank = words.playbook.source_rank if words else ()
        people = people_of(found, version, words, rank)
        context |= {
            "version": version,
            "words": words,
            "people": people,
            "roles": roles_of(people),
            "spells": open_spells_of(found, version) if version else [],
            "known": facts_of(found, rank),
            "visitors": visitors_of(found),
            "last_seen": last_seen(found),
        }
        response = render(request, "pages/companies/company.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _timeline(request: HttpRequest, found: Company) -> Any:
    return read_timeline(events_of(found), request.GET.get("kind", ""), request.GET.get("before", ""), {})
