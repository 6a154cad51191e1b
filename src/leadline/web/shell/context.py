"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest

from leadline.web.accounts.models import Membership
from leadline.web.shell.nav import menu_for

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the person's membership and workspace, their menu, and the theme that they chose."""
    membership: Membership | None = getattr(request, "membership", None)
    theme = request.COOKIES.get("theme", "")
    return {
        "membership": membership,
        "workspace": getattr(request, "workspace", None),
        "nav": menu_for(membership.role, request.path) if membership else [],
        "theme": theme if theme in THEMES else "auto",
    }
