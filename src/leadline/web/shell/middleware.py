"""What answers get: the content security policy (our own files, no inline script or style), what a page may not ask a browser for, who
may keep an answer, and the workspace's time zone. tests/web/safety/test_headers.py holds every address to it.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import has_vary_header

from leadline.web.accounts.models import Workspace

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADER = "Content-Security-Policy"
_NEVER_ASKED_FOR = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{one}=()" for one in _NEVER_ASKED_FOR)
"""Nothing here uses them, so that nothing that got into a page could. Copying a key to the clipboard is used, and is left out."""
KEPT_BY_NOBODY = "private, no-store"
"""For whatever is about people. ``no-cache`` would not do: going back, browsers show what they kept without asking, and at a shared
machine whoever comes next would see leads after signing out; besides, it lies on the disk. The price is that going back asks the server
again, which takes as long as opening the page. Browsers that keep a page alive in memory anyway drop it when the session's cookie goes."""


class ContentSecurityPolicyMiddleware:
    """Adds the policy, and the permissions, to every answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class PublicAnswersMiddleware:
    """Says of a public answer that it is the same for everybody, and of any other that nobody may keep it, unless its view says more
    exactly who may. Stands before sessions: those say that an answer depends on the cookie as soon as anything has asked who is there,
    which happens for every address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", KEPT_BY_NOBODY)
        if _is_public(response) and has_vary_header(response, "Cookie"):
            others = [name for name in map(str.strip, response["Vary"].split(",")) if name.lower() != "cookie"]
            if others:
                response["Vary"] = ", ".join(others)
            else:
                del response["Vary"]
        return response


def _is_public(response: HttpResponse) -> bool:
    said = {part.strip().lower() for part in response.headers.get("Cache-Control", "").split(",")}
    return "public" in said and not response.cookies


class LocalTimeMiddleware:
    """Shows all times of a page in the workspace's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        workspace: Workspace | None = getattr(request, "workspace", None)
        with timezone.override(ZoneInfo(workspace.timezone) if workspace else None):
            return self.get_response(request)
