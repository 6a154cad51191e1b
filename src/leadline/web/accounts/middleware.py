"""Which workspace a request is about: that of the person, or the one they chose among theirs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from leadline.web.accounts.models import Membership, Workspace

CHOSEN = "workspace"


class WorkspaceMiddleware:
    """Sets ``request.membership`` and ``request.workspace``; both are None for who is in no workspace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = find_membership(request) if request.user.is_authenticated else None
        request.membership = membership  # type: ignore[attr-defined]
        request.workspace = membership.workspace if membership else None  # type: ignore[attr-defined]
        return self.get_response(request)


def find_membership(request: HttpRequest) -> Membership | None:
    """Return the membership that a request is made with: of the chosen workspace, else the person's first."""
    memberships = Membership.objects.filter(user=request.user.pk).select_related("workspace").order_by("pk")
    chosen = request.session.get(CHOSEN)
    return (memberships.filter(workspace=chosen).first() if chosen else None) or memberships.first()


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
