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

_KEPT_SECONDS = 2.0
_last: tuple[float, list[Finding]] | None = None


@login_not_required
@never_cache
@require_safe
def show_health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, else 503. What exactly, with how to mend it, is for this machine, a token, and administrators."""
    if _may_see_details(request):
        findings = check_health()
        details = {one.check: {"state": one.state, "says": one.says, "mend": one.mend} for one in findings}
    else:
        findings, details = _recent_findings(), {}
    is_fine = is_well(findings)
    answer: dict[str, object] = {"status": "well" if is_fine else "unwell"}
    return JsonResponse(answer | ({"checks": details} if details else {}), status=200 if is_fine else 503)


def _recent_findings() -> list[Finding]:
    """Return findings that are a moment old at most: strangers cannot make the database work by asking often."""
    global _last
    if _last is None or time.monotonic() - _last[0] > _KEPT_SECONDS:
        _last = (time.monotonic(), check_health())
    return _last[1]


def _may_see_details(request: HttpRequest) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.HEALTH_TOKEN and compare_digest(token.encode(), settings.HEALTH_TOKEN.encode()):
        return True
    membership: Membership | None = getattr(request, "membership", None)
    return is_from_this_machine(request) or (membership is not None and membership.role == Membership.Role.ADMIN)
