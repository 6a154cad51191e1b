"""The search, as a page or as the results alone for the dialog."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EVERYBODY, needs_role
from leadline.web.pages.leads_list.filters import read_filters
from leadline.web.pages.searching.queries import search


@require_safe
@needs_role(*EVERYBODY)
def search_everything(request: HttpRequest) -> HttpResponse:
    """Show what a text finds. Asked in place, answer with the results alone."""
    text = read_filters(request.GET).q
    context = {"found": search(request.membership, workspace_of(request), text)}  # type: ignore[attr-defined]
    in_place = bool(request.htmx) and request.htmx.target == "palette-results"  # type: ignore[attr-defined]
    response = render(request, "pages/search/results.html" if in_place else "pages/search/search.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
