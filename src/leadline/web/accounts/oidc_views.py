"""Signing in through the company's OpenID Connect provider: the way there, and the way back. Without one, both are missing."""

import logging

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from leadline.web.accounts import oidc, queries

NEXT = "oidc-next"
log = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_GET
def go_to_provider(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider, and keep where they wanted to go."""
    _check_configured()
    if not queries.has_users():
        return redirect("welcome")
    request.session[NEXT] = request.GET.get("next", "")[:2000]
    try:
        return oidc.send_to_provider(request, request.build_absolute_uri(reverse("oidc-done")))
    except (oidc.ProviderError, oidc.NotVouchedError) as error:
        return _say_unreachable(request, error)


@login_not_required
@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Sign in who comes back, and send them where they wanted to go, on this site."""
    _check_configured()
    wanted = request.session.get(NEXT, "")
    try:
        user = oidc.admit(oidc.read_answer(request))
    except oidc.ProviderError as error:
        return _say_unreachable(request, error)
    except oidc.NotVouchedError as error:
        log.warning("Signing in with OpenID Connect was refused: %s", ascii(str(error))[:500])
        return _refuse(
            request, "It could not be checked who you are. Nothing was changed. Begin again from this page.", 403
        )
    except oidc.NotLetInError as error:
        return _refuse(request, str(error), 403)
    request.session.pop(NEXT, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if is_ours and wanted.startswith("/") else "today")


def _check_configured() -> None:
    if settings.OIDC is None:
        raise Http404("This installation has no OpenID Connect provider.")


def _say_unreachable(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("The OpenID Connect provider cannot be used: %s", ascii(str(error))[:500])
    return _refuse(request, "The provider does not answer as it should. Try again in a moment.", 503)


def _refuse(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "accounts/oidc_refused.html", {"why": why, "oidc": settings.OIDC}, status=status)
