"""Where somebody comes back to when they have signed in because a session had ended: always to a page, never to what only takes forms.

A form that was sent too late is not sent again. Whoever sent it comes back to the page on which they filled it in.
Guarded by tests/web/accounts/test_coming_back.py.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

_READS = ("GET", "HEAD")


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to signing in, and says where they come back to."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Where signing in has led to an address that takes forms only, lead on to the page of the morning."""
        is_refused = isinstance(response, HttpResponseNotAllowed) and request.method in _READS
        return redirect(settings.LOGIN_REDIRECT_URL) if is_refused and _comes_from_signing_in(request) else response

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """Lead to signing in, and from there back to what was asked for, or to the page of a form that was sent."""
        if request.method in _READS:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(_page_of_form(request), resolve_url(self.get_login_url(view_func)))


def _page_of_form(request: HttpRequest) -> str:
    """Return the page on which a form was filled in, as the browser says; without its word, the page of the morning."""
    page = _page_before(request)
    return page if page and page != request.get_full_path() else resolve_url(settings.LOGIN_REDIRECT_URL)


def _comes_from_signing_in(request: HttpRequest) -> bool:
    return urlsplit(_page_before(request)).path == resolve_url(settings.LOGIN_URL)


def _page_before(request: HttpRequest) -> str:
    """Return the path and the query of the page that a browser comes from; empty, when it is none of ours."""
    said = request.headers.get("Referer", "")
    if not said or not url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(said)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
