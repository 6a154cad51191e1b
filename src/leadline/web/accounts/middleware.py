"""Which workspace a request is about: that of the person, or the one they chose among theirs.

The choice stands in the session, so it holds for all tabs of a browser. A page that was opened before the choice changed still speaks of
the workspace that it was drawn in: each of our forms says which one that is (the tag `csrf_token` adds it, in shell/templatetags), and
each request of htmx says so in a header. What says another workspace than the chosen one is not done.
Guarded by tests/web/accounts/test_two_workspaces.py.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from leadline.web.accounts.models import Membership, Workspace

CHOSEN = "workspace"
DRAWN_IN = "drawn-in"
"""The field of a form that says in which workspace it was drawn."""
DRAWN_IN_HEADER = "X-Drawn-In"
View = TypeVar("View", bound=Callable[..., Any])


def about_no_workspace(view: View) -> View:
    """Let a view take forms that were drawn in whatever workspace: it is about the person."""
    view.about_no_workspace = True  # type: ignore[attr-defined]
    return view


class WorkspaceMiddleware:
    """Sets ``request.membership`` and ``request.workspace``; both are None for who is in no workspace.

    Refuses what was meant for another workspace.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        memberships = find_memberships(request) if request.user.is_authenticated else []
        membership = memberships[0] if memberships else None
        request.memberships = memberships  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        request.workspace = membership.workspace if membership else None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _arguments: Any, _names: Any) -> HttpResponse | None:
        """Refuse what was meant for another workspace. What reads uploads by itself is `guarded` where it does."""
        is_ours = getattr(view, "login_required", True) and not getattr(view, "csrf_exempt", False)
        return _refuse(request) if is_ours and not hasattr(view, "about_no_workspace") else None


def guarded(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse what was meant for another workspace, where Django's own look at a form is put off too."""

    @wraps(view)
    def look(request: HttpRequest) -> HttpResponse:
        return _refuse(request) or view(request)

    return look


def _refuse(request: HttpRequest) -> HttpResponse | None:
    """Answer 409 to a form that was drawn in another workspace than the chosen one, and load a page anew that is of another."""
    workspace: Workspace | None = request.workspace  # type: ignore[attr-defined]
    said = request.headers.get(DRAWN_IN_HEADER, "")
    if request.method == "POST":
        said = request.POST.get(DRAWN_IN, said)
    if workspace is None or said in ("", str(workspace.pk)):
        return None
    if request.method != "POST":
        return HttpResponseClientRefresh()
    theirs = Workspace.objects.filter(memberships__user=request.user.pk)
    drawn_in = next((one for one in theirs if str(one.pk) == said), None)
    return render(request, "accounts/another_workspace.html", {"drawn_in": drawn_in}, status=409)


def find_memberships(request: HttpRequest) -> list[Membership]:
    """Return a person's memberships, first the one that a request is made with: of the chosen workspace, else the oldest."""
    memberships = Membership.objects.filter(user=request.user.pk).select_related("workspace").order_by("pk")
    chosen = request.session.get(CHOSEN)
    return sorted(memberships, key=lambda one: one.workspace_id != chosen)


def workspace_of(request: HttpRequest) -> Workspace:
    """Return the workspace of a request.

    Raises:
        PermissionDenied: the person is in none.
    """
    from django.core.exceptions import PermissionDenied

    workspace: Workspace | None = getattr(request, "workspace", None)
    if workspace is None:
        raise PermissionDenied("You are in no workspace yet. Ask an administrator to add you.")
    return workspace
