"""Saving the list as a view, and the page on which views are renamed, shared, put in order and deleted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import EDITORS, EVERYBODY, needs_role
from leadline.web.pages.models import SavedView
from leadline.web.pages.saved_views.actions import (
    begin_with,
    change_view,
    delete_view,
    move_view,
    restore_view,
    save_view,
)
from leadline.web.pages.saved_views.forms import ViewForm
from leadline.web.pages.saved_views.queries import address_of, first_view_of, get_view, may_change, views_for
from leadline.web.shell.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def saved_views(request: HttpRequest) -> HttpResponse:
    """Show the views that a person sees; save a list as a new one."""
    member = _member_of(request)
    form = ViewForm(request.POST if request.method == "POST" else None, member=member)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        view = save_view(member, name=said["name"], query=said["query"], is_shared=said.get("is_shared", False))
        messages.success(request, f"“{view}” was saved.")
        return redirect(address_of(view))
    shown = list(views_for(member).select_related("owner"))
    context = {
        "form": form,
        "views": [(one, may_change(member, one)) for one in shown],
        "first": first_view_of(member),
        "deleted": _deleted_view(request, member),
    }
    return render(request, "pages/views/views.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename and share a view; or, from the list, let it ask for what the list shows now."""
    member = _member_of(request)
    view = get_view(member, pk)
    if request.method == "POST" and "name" not in request.POST:
        change_view(view, query=request.POST.get("query", ""))
        messages.success(request, f"“{view}” shows this list from now on.")
        return redirect(address_of(view))
    before = {"name": view.name, "is_shared": view.is_shared}
    form = ViewForm(request.POST if request.method == "POST" else None, member=member, initial=before)
    if request.method == "POST" and form.is_valid():
        change_view(
            view,
            name=form.cleaned_data["name"],
            is_shared=form.cleaned_data["is_shared"] if member.role in EDITORS else None,
            by=member,
        )
        messages.success(request, f"“{view}” was changed.")
        return redirect("saved-views")
    return render(request, "pages/views/view.html", {"view": view, "form": form}, status=422 if form.errors else 200)


@require_POST
@needs_role(*EVERYBODY)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a view one place to the left or the right among the tabs."""
    member = _member_of(request)
    view = get_view(member, pk)
    move_view(view, list(views_for(member)), is_earlier=request.POST.get("to") == "earlier")
    return redirect("saved-views")


@require_POST
@needs_role(*EVERYBODY)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view, and offer to put it back."""
    view = get_view(_member_of(request), pk)
    delete_view(view)
    return redirect(f"{reverse('saved-views')}?deleted={view.pk}")


@require_POST
@needs_role(*EVERYBODY)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a view back that was deleted."""
    view = get_view(_member_of(request), pk, is_deleted=True)
    restore_view(view)
    messages.success(request, f"“{view}” is back.")
    return redirect("saved-views")


@require_POST
@needs_role(*EVERYBODY)
def begin(request: HttpRequest) -> HttpResponse:
    """Let one's own list begin with a view, or with all leads."""
    member = _member_of(request)
    chosen = request.POST.get("view", "")
    pk = whole_number(chosen)
    view = None if pk is None else views_for(member).filter(pk=pk).first()
    if chosen and view is None:
        raise Http404("There is no such view.")
    begin_with(member, view)
    messages.success(request, f"Your list begins with “{view}”." if view else "Your list begins with all leads.")
    return redirect("saved-views")


def _deleted_view(request: HttpRequest, member: Membership) -> SavedView | None:
    pk = whole_number(request.GET.get("deleted"))
    if pk is None:
        return None
    try:
        return get_view(member, pk, is_deleted=True)
    except (Http404, PermissionDenied):
        return None


def _member_of(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member
