"""/health: for whoever watches the installation."""

import time
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from leadline.web.accounts.addresses import is_from_this_machine
from leadline.web.accounts.models import Membership
from leadline.web.operations.health import Finding, check_health, is_well

Told = dict[str, dict[str, str]]

_KEPT_SECONDS = 2.0
_last: tuple[float, list[Finding]] | None = None


@login_not_required
@never_cache
@require_safe
def show_health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, else 503, and say as much as whoever asks may know.

    Texts are for whoever has the token, and for administrators. Somebody at this machine who has not signed in is told how each check
    stands, without a text: a proxy that says of nobody that it passes them on looks just like them. Strangers are told whether all is well.
    """
    is_operator, administers = _has_token(request), _workspace_administered(request)
    is_known = is_operator or administers is not None
    findings = check_health() if is_known else _recent_findings()
    is_fine = is_well(findings)
    answer: dict[str, object] = {"status": "well" if is_fine else "unwell"}
    if is_known:
        answer["checks"] = _in_words(findings, administers if not is_operator else None)
    elif is_from_this_machine(request):
        answer["checks"] = {one.check: {"state": one.state.value} for one in findings}
    return JsonResponse(answer, status=200 if is_fine else 503)


def _in_words(findings: list[Finding], administers: int | None) -> Told:
    """Return what was found, for administrators of a workspace; None is for whoever runs the installation."""
    return {
        one.check: {
            "state": one.state.value,
            "says": one.in_full() if administers is None else one.as_told_to(administers),
            "mend": one.mend,
        }
        for one in findings
    }


def _recent_findings() -> list[Finding]:
    """Return findings that are a moment old at most: strangers cannot make the database work by asking often."""
    global _last
    if _last is None or time.monotonic() - _last[0] > _KEPT_SECONDS:
        _last = (time.monotonic(), check_health())
    return _last[1]


def _has_token(request: HttpRequest) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.HEALTH_TOKEN) and compare_digest(token.encode(), settings.HEALTH_TOKEN.encode())


def _workspace_administered(request: HttpRequest) -> int | None:
    """Return the key of the workspace that whoever asks is an administrator of; None for everybody else."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None or membership.role != Membership.Role.ADMIN:
        return None
    return membership.workspace_id
