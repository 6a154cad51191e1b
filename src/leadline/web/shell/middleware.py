"""What answers get: the content security policy (our own files, no inline script or style), the workspace's time zone, and for what
is public that any cache may hand it to anybody.
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


class ContentSecurityPolicyMiddleware:
    """Adds the policy to every answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, POLICY)
        return response


class PublicAnswersMiddleware:
    """Says of a public answer that it is the same for everybody. Stands before sessions: those say that an answer depends on the cookie
    as soon as anything has asked who is there, which happens for every address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
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
