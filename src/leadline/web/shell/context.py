"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.queries import list_administrators, name_members
from leadline.web.shell.nav import menu_for

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the person's membership and workspace, their other workspaces, their menu, and the theme that they chose.

    Whom to ask for another role, the administrators, is looked up where a page says it; so are the names of members by their addresses.
    """
    membership: Membership | None = getattr(request, "membership", None)
    theme = request.COOKIES.get("theme", "")
    return {
        "membership": membership,
        "workspace": getattr(request, "workspace", None),
        "other_workspaces": _others(getattr(request, "memberships", [])),
        "nav": menu_for(membership.role, request.path) if membership else [],
        "theme": theme if theme in THEMES else "auto",
        "names": SimpleLazyObject(lambda: name_members(membership.workspace_id) if membership else {}),
        "administrators": lambda: list_administrators(membership.workspace) if membership else [],
    }


def _others(memberships: list[Membership]) -> list[Workspace]:
    """Return the workspaces of a person beside the one that a page is of, which is that of the first membership, by name."""
    return sorted((one.workspace for one in memberships[1:]), key=lambda one: (one.name, one.pk))
