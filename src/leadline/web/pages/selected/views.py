"""Doing something with the leads that were selected: the question, the progress, and taking it back."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EDITORS, WORKERS, needs_role
from leadline.web.leads.models import Lead
from leadline.web.pages.exporting.views import export
from leadline.web.pages.lead_page.field_names import field_names
from leadline.web.pages.leads_list.filters import read_filters
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.models import Batch
from leadline.web.pages.playbook_words import say_id, words_of
from leadline.web.pages.selected.actions import begin_batch, can_undo, stop_batch, undo_batch
from leadline.web.pages.selected.kinds import KINDS, EraseManyForm, Kind
from leadline.web.pages.selected.queries import MOST, get_batch, matching_ids, noted_value, own_ids
from leadline.web.playbooks.queries import find_live

_NAMED = 12


@require_POST
@needs_role(*WORKERS)
def selected(request: HttpRequest) -> HttpResponseBase:
    """Ask what a person wants to do with the leads that they selected, or with all that match, and begin it once they say so."""
    workspace, action = workspace_of(request), request.POST.get("action", "")
    filters = replace(read_filters(QueryDict(request.POST.get("query", ""))), page=1)
    is_every = "every" in request.POST
    if action == "export":
        return redirect(f"{reverse('export-leads')}?{filters.query}") if is_every else export(request)
    version = find_live(workspace)
    ids = (
        matching_ids(Wanted(workspace, version, filters))
        if is_every
        else own_ids(workspace, request.POST.getlist("lead"))
    )
    back = f"{reverse('leads')}?{filters.query or 'view=0'}"
    if ids is None:
        return _refuse(request, f"More than {MOST:,} leads match. Narrow the list, and do it in parts.", back)
    if not ids:
        return _refuse(request, "No lead is selected. Tick some in the list first.", back)
    if action == "compare":
        if len(ids) != 2 or request.membership.role not in EDITORS:  # type: ignore[attr-defined]
            return _refuse(request, f"Select the two leads that may be one person; these are {len(ids):,}.", back)
        return redirect("compare-leads", *ids)
    kind = KINDS.get(action)
    if kind is None:
        return _refuse(request, "Choose what to do with the leads.", back)
    if request.membership.role not in kind.roles:  # type: ignore[attr-defined]
        raise PermissionDenied(f"This is for {', '.join(role.value for role in kind.roles)}.")
    return _ask_or_begin(request, kind, ids, back, is_every=is_every)


def _ask_or_begin(request: HttpRequest, kind: Kind, ids: list[int], back: str, *, is_every: bool) -> HttpResponse:
    workspace, version = workspace_of(request), find_live(workspace_of(request))
    words = words_of(version) if version else None
    was_asked = "asked" in request.POST
    form = kind.make_form(request.POST if was_asked else None, workspace=workspace, words=words, count=len(ids))
    has_changed = was_asked and request.POST["asked"] != str(len(ids))
    if was_asked and form.is_valid() and not has_changed:
        assert isinstance(request.user, User)
        begun = begin_batch(workspace, kind, ids, form.cleaned_data, by=request.user)
        return redirect("batch", begun.pk)
    named = Lead.objects.in_bulk(ids[:_NAMED])
    context = {
        "kind": kind,
        "form": form,
        "ids": ids,
        "count": len(ids),
        "named": [named[pk] for pk in ids[:_NAMED] if pk in named],
        "more": max(0, len(ids) - _NAMED),
        "is_every": is_every,
        "query": request.POST.get("query", ""),
        "has_changed": has_changed,
        "back": back,
        "to_type": form.needed if isinstance(form, EraseManyForm) else "",
        "field_names": field_names(workspace, find_live(workspace)) if kind.id == "fact" else (),
        "nothing": kind.id == "outcome" and (words is None or not words.playbook.outcomes),
    }
    return render(request, "pages/selected/ask.html", context, status=422 if form.errors or has_changed else 200)


def _refuse(request: HttpRequest, problem: str, back: str) -> HttpResponse:
    return render(request, "pages/selected/refused.html", {"problem": problem, "back": back}, status=422)


@require_safe
@needs_role(*WORKERS)
def batches(request: HttpRequest) -> HttpResponse:
    """Show what was done with many leads at once, the latest first."""
    found = Batch.objects.filter(workspace=workspace_of(request)).select_related("created_by").order_by("-pk")
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return render(request, "pages/selected/batches.html", {"page": page, "kinds": KINDS})


@require_safe
@needs_role(*WORKERS)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a batch is, and what can be done about it."""
    found = get_batch(workspace_of(request), pk)
    kind = KINDS[found.action]
    may = request.membership.role in kind.roles  # type: ignore[attr-defined]
    version = find_live(found.workspace)
    outcome, _, reason = found.said.get("what", "").partition("|")
    title = words_of(version).outcome(outcome) if version and outcome else say_id(outcome)
    context = {"batch": found, "kind": kind, "can_undo": may and can_undo(found), "may_stop": may}
    context["value"] = noted_value(found)
    context["what"] = f"{title}: {say_id(reason)}" if reason else title
    in_place = bool(request.htmx) and request.htmx.target == "batch"  # type: ignore[attr-defined]
    return render(request, "pages/selected/progress.html" if in_place else "pages/selected/batch.html", context)


@require_POST
@needs_role(*WORKERS)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a batch."""
    found = _own_kind(request, pk)
    if not stop_batch(found):
        messages.warning(request, "It was over already.")
    return redirect("batch", found.pk)


@require_POST
@needs_role(*WORKERS)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what a batch wrote."""
    found = _own_kind(request, pk)
    if not undo_batch(found):
        messages.error(request, "There is nothing that could be taken back.")
    return redirect("batch", found.pk)


def _own_kind(request: HttpRequest, pk: int) -> Batch:
    found = get_batch(workspace_of(request), pk)
    if request.membership.role not in KINDS[found.action].roles:  # type: ignore[attr-defined]
        raise PermissionDenied("This is for administrators.")
    return found
