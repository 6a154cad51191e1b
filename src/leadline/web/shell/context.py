"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the person's membership and workspace for the frame."""
    return {"membership": getattr(request, "membership", None), "workspace": getattr(request, "workspace", None)}
