"""Duplicates: what is suggested, two leads side by side, merging them, taking a merge apart."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from leadline.engine.problems import how_to_install
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EDITORS, EVERYBODY, needs_role
from leadline.web.leads import duplicates
from leadline.web.leads.likeness import can_compare
from leadline.web.leads.merging import MergeError, merge_leads, preview_merge, unmerge
from leadline.web.leads.models import Lead
from leadline.web.leads.queries import (
    compare_fields,
    dismissed_suggestions,
    find_merge,
    find_partners,
    find_suggestion,
    get_lead,
    get_merge,
    get_pair,
    get_suggestion,
    merges_of,
)
from leadline.web.leads.ranks import rank_of
from leadline.web.leads.views import person_of

_A_PAGE = 25


@require_safe
@needs_role(*EDITORS)
def list_duplicates(request: HttpRequest) -> HttpResponse:
    """Show the pairs that wait for somebody to look, the likeliest first."""
    workspace = workspace_of(request)
    page = Paginator(duplicates.open_suggestions(workspace), _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "can_compare": can_compare(),
        "dismissed": dismissed_suggestions(workspace)[:_A_PAGE],
        "merged": find_merge(workspace, request.GET.get("merged")),
    }
    return render(request, "leads/duplicates.html", context)


@require_POST
@needs_role(*EDITORS)
def look_for_duplicates(request: HttpRequest) -> HttpResponse:
    """Compare all leads with one another."""
    if not can_compare():
        messages.error(request, f"Comparing needs the extra: {how_to_install('duplicates')}. Nothing was changed.")
        return redirect("duplicates")
    new = duplicates.suggest_duplicates(workspace_of(request))
    said = {0: "Nothing new was found.", 1: "One more pair may be one person."}
    messages.success(request, f"All leads were compared. {said.get(new, f'{new} more pairs may be one person.')}")
    return redirect("duplicates")


@require_POST
@needs_role(*EDITORS)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that two leads are two people; asked in place, answer with the row that says so."""
    suggestion = get_suggestion(workspace_of(request), pk)
    was_open = duplicates.dismiss_suggestion(suggestion)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "leads/dismissed.html", {"one": suggestion})
    if was_open:
        messages.success(request, f"{suggestion.lead} and {suggestion.other} stay two. It is not suggested again.")
    else:
        messages.warning(request, "Somebody has decided about these two already. Nothing was changed.")
    return redirect("duplicates")


@require_POST
@needs_role(*EDITORS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that two leads are two people."""
    suggestion = get_suggestion(workspace_of(request), pk)
    duplicates.reopen_suggestion(suggestion)
    messages.success(request, f"{suggestion.lead} and {suggestion.other} are suggested again.")
    return redirect("duplicates")


@require_safe
@needs_role(*EDITORS)
def compare(request: HttpRequest, lead: int, other: int) -> HttpResponse:
    """Show two leads side by side and what a merge would do. ``?into=`` says who is to survive."""
    workspace = workspace_of(request)
    one, two = get_pair(workspace, lead, other)
    rank = rank_of(workspace.pk)
    survivor = two if request.GET.get("into") == str(two.pk) else one
    if "into" not in request.GET and _stands_better(two) > _stands_better(one):
        survivor = two
    context = {
        "one": one,
        "other": two,
        "survivor": survivor,
        "fields": compare_fields(one, two, rank),
        "preview": preview_merge(one if survivor is two else two, survivor, source_rank=rank),
        "suggestion": find_suggestion(one, two),
    }
    return render(request, "leads/compare.html", context)


def _stands_better(lead: Lead) -> tuple[bool, float, int]:
    """Order two leads as merges by rule do: the known one survives, then the one seen first, then the one with the smaller id."""
    return (lead.is_known, -lead.first_seen_at.timestamp(), -lead.pk)


@require_POST
@needs_role(*EDITORS)
def merge(request: HttpRequest, lead: int, other: int) -> HttpResponse:
    """Merge two leads; ``into`` says who survives. What follows offers to take it back."""
    workspace = workspace_of(request)
    one, two = get_pair(workspace, lead, other)
    into = two if request.POST.get("into") == str(two.pk) else one
    was_suggested = find_suggestion(one, two) is not None
    try:
        merged = merge_leads(
            one if into is two else two,
            into,
            because="by hand",
            by=person_of(request).email,
            source_rank=rank_of(workspace.pk),
        )
    except MergeError as error:
        messages.error(request, str(error))
        return redirect("compare-leads", one.pk, two.pk)
    back = reverse("duplicates") if was_suggested else reverse("lead-merges", args=[into.pk])
    return redirect(f"{back}?merged={merged.pk}")


@require_safe
@needs_role(*EDITORS)
def merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for the lead that a lead is to be merged with."""
    lead = get_lead(workspace_of(request), pk)
    text = request.GET.get("q", "").replace("\0", "")  # which PostgreSQL takes in no text
    context = {"lead": lead, "q": text, "found": find_partners(lead, text)}
    return render(request, "leads/merge_with.html", context)


@require_safe
@needs_role(*EVERYBODY)
def merges(request: HttpRequest, pk: int) -> HttpResponse:
    """Show of what a lead was merged, and since when."""
    workspace = workspace_of(request)
    lead = get_lead(workspace, pk)
    context = {
        "lead": lead,
        "merges": merges_of(lead),
        "merged": find_merge(workspace, request.GET.get("merged")),
        "may_undo": request.membership.role in EDITORS,  # type: ignore[attr-defined]
    }
    return render(request, "leads/merges.html", context)


@require_POST
@needs_role(*EDITORS)
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge apart."""
    workspace = workspace_of(request)
    found = get_merge(workspace, pk)
    try:
        freed = unmerge(found, by=person_of(request).email, source_rank=rank_of(workspace.pk))
    except MergeError as error:
        messages.error(request, str(error))
        return redirect("lead-merges", found.into_id)
    messages.success(request, f"{freed} stands for itself again, with all that was ever theirs.")
    return redirect("lead-merges", freed.pk)
