"""How old a session may get: so long after its last click, and so long after signing in, whatever was clicked.

Both limits are settings (`SESSION_IDLE`, `SESSION_LONGEST`), in seconds. A session also ends when its person's password changes, when they
sign out everywhere (`User.session_round`), and when their account is switched off: all of that is looked at with every request.
Guarded by tests/web/accounts/test_sessions.py.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

BEGAN, SEEN = "began", "seen"
"""When somebody signed in, and about when they last clicked: whole seconds since 1970, in the session."""
_NOTED_S = 300
"""How far behind the last click may be noted: writing down each would be a write for every page."""


def begin_session(*, request: HttpRequest, **_names: Any) -> None:
    """Note when somebody signs in; called by Django's signal."""
    request.session[BEGAN] = request.session[SEEN] = _now()


class SessionAgeMiddleware:
    """Signs out whose session is too old. Stands before whatever asks who is there, but for Django's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and _is_too_old(request.session):
            logout(request)
        elif not request.user.is_authenticated and SESSION_KEY in request.session:
            request.session.flush()  # of somebody who is switched off: it must not begin again when they are switched on
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _arguments: Any, _names: Any) -> None:
        """Note a click on a page that is private. What is public may be kept by any cache, so nothing is noted there."""
        if request.user.is_authenticated and getattr(view, "login_required", True):
            session, now = request.session, _now()
            session.setdefault(BEGAN, now)
            if now - session.get(SEEN, 0) >= min(_NOTED_S, settings.SESSION_IDLE // 10):
                session[SEEN] = now


def _is_too_old(session: Any) -> bool:
    """Return whether a session has ended. One that says nothing of its age begins now."""
    now = _now()
    began, seen = session.get(BEGAN, now), session.get(SEEN, now)
    return bool(now - began >= settings.SESSION_LONGEST or now - seen >= settings.SESSION_IDLE)


def _now() -> int:
    return int(timezone.now().timestamp())
