"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.queries import list_administrators
from leadline.web.shell.nav import menu_for

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the person's membership and workspace, their other workspaces, their menu, and the theme that they chose.

    Whom to ask for another role, the administrators, is looked up where a page says it.
    """
    membership: Membership | None = getattr(request, "membership", None)
    theme = request.COOKIES.get("theme", "")
    return {
        "membership": membership,
        "workspace": getattr(request, "workspace", None),
        "other_workspaces": _others(membership) if membership else [],
        "nav": menu_for(membership.role, request.path) if membership else [],
        "theme": theme if theme in THEMES else "auto",
        "administrators": lambda: list_administrators(membership.workspace) if membership else [],
    }


def _others(membership: Membership) -> list[Workspace]:
    """Return the other workspaces of a person, by name."""
    mine = Workspace.objects.filter(memberships__user=membership.user_id).exclude(pk=membership.workspace_id)
    return list(mine.order_by("name", "pk"))
