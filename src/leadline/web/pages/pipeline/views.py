"""The pipeline as a board or as a list; which of them stands in the address."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EDITORS, EVERYBODY, needs_role
from leadline.web.pages.leads_list.facets import find_facets, has_leads
from leadline.web.pages.pipeline.queries import Only, find_columns, find_rows
from leadline.web.pages.playbook_words import words_of
from leadline.web.playbooks.queries import find_live, find_preparing, progress_of


@require_safe
@needs_role(*EVERYBODY)
def pipeline(request: HttpRequest) -> HttpResponse:
    """Show the stages with the leads in them."""
    workspace, version = workspace_of(request), find_live(workspace_of(request))
    is_list = request.GET.get("view") == "list"
    only = Only(source=request.GET.get("source", "").replace("\0", "")[:120])
    context: dict[str, Any] = {
        "version": version,
        "preparing": (preparing := find_preparing(workspace)),
        "progress": progress_of(preparing) if preparing else None,
        "has_leads": has_leads(workspace),
        "is_list": is_list,
        "only": only,
        "may_edit": request.membership.role in EDITORS,  # type: ignore[attr-defined]
    }
    if version is not None:
        words = words_of(version)
        context |= {"words": words, "sources": find_facets(workspace, version, "known").sources}
        if is_list:
            context["rows"] = find_rows(version, words, only, timezone.now())
        else:
            context["columns"] = find_columns(version, words, only)
    return render(request, "pages/pipeline/pipeline.html", context)
