"""The list of leads, and the form that adds one."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import push_url

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import ADMINS, EDITORS, EVERYBODY, WORKERS, needs_role
from leadline.web.pages.conditions.chips import condition_chips
from leadline.web.pages.leads_list.actions import add_lead
from leadline.web.pages.leads_list.columns import choices, known_fields
from leadline.web.pages.leads_list.facets import count_unassessed, find_facets, has_leads
from leadline.web.pages.leads_list.filters import SORTS, read_filters
from leadline.web.pages.leads_list.forms import AddLeadForm
from leadline.web.pages.leads_list.queries import list_leads
from leadline.web.pages.leads_list.shown import filter_chips, presets, score_filters
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.saved_views.actions import plain_query
from leadline.web.pages.saved_views.queries import address_of, first_view_of, may_change, missing_of, views_for
from leadline.web.playbooks.queries import find_live, find_preparing, progress_of
from leadline.web.shell.nav import exists


@require_safe
@needs_role(*EVERYBODY)
def leads(request: HttpRequest) -> HttpResponse:
    """Show the leads that match, page by page. Asked in place, answer with the list alone."""
    workspace, filters = workspace_of(request), read_filters(request.GET)
    address = f"/leads/?{filters.query}" if filters.query else "/leads/"
    in_place = bool(request.htmx) and request.htmx.target == "listing"  # type: ignore[attr-defined]
    if not in_place and any(value == "" for values in request.GET.lists() for value in values[1]):
        return redirect(address)
    member: Membership = request.membership  # type: ignore[attr-defined]
    if not request.GET and not in_place and (first := first_view_of(member)):
        return redirect(address_of(first))
    version = find_live(workspace)
    words = words_of(version) if version else None
    wanted = Wanted(workspace, version, filters)
    views = list(views_for(member))
    view = next((one for one in views if one.pk == filters.view), None)
    context = {
        "listing": list_leads(wanted, words),
        "unassessed": count_unassessed(workspace, version) if wanted.is_by_assessment else 0,
        "filters": filters,
        "words": words,
        "version": version,
        "chips": [*filter_chips(filters, words), *condition_chips(workspace, version, filters)],
        "where_problems": wanted.problems,
        "sorts": SORTS,
        "column_choices": choices(filters, words, known_fields(workspace)),
        "views": views,
        "view": view,
        "view_is_changed": view is not None and plain_query(filters.query) != view.query,
        "may_change_view": view is not None and may_change(member, view),
        "missing": missing_of(filters, words),
        "usual_query": replace(filters, columns=()).query,
        "menu": request.GET.get("menu", "") if in_place else "",
        "may_select": member.role in WORKERS,
        "is_admin": member.role in ADMINS,
        "may_add": request.membership.role in WORKERS,  # type: ignore[attr-defined]
        "may_edit": request.membership.role in EDITORS,  # type: ignore[attr-defined]
    }
    if in_place:
        response = push_url(render(request, "pages/leads/listing.html", context), address)
    else:
        context |= {
            "has_leads": has_leads(workspace),
            "preparing": (preparing := find_preparing(workspace)),
            "progress": progress_of(preparing) if preparing else None,
            "facets": find_facets(workspace, version, filters.who),
            "presets": presets(filters, words),
            "score_filters": score_filters(filters, words),
            "may_connect": request.membership.role in ADMINS and exists("/settings/sources/"),  # type: ignore[attr-defined]
        }
        response = render(request, "pages/leads/leads.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*WORKERS)
def add(request: HttpRequest) -> HttpResponse:
    """Ask for somebody and add them; who is known already is found, not made twice."""
    form = AddLeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lead, was_made = add_lead(workspace_of(request), **form.cleaned_data, by=request.user.email)  # type: ignore[union-attr]
        messages.success(
            request, f"{lead} was added." if was_made else f"{lead} was known already; what you said was added."
        )
        return redirect("lead", lead.pk)
    return render(request, "pages/leads/add.html", {"form": form}, status=422 if form.errors else 200)
