"""From where a request comes: the visitor's address, and whether it is this machine. Guarded by tests/web/accounts/test_addresses.py."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)


def client_address(request: HttpRequest) -> str:
    """Return the address that a request came from.

    Behind proxies (``LEADLINE_PROXIES`` says how many) it is what the outermost of them saw. Without any, the header is a visitor's own
    word and is not believed.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXY_COUNT:
        return direct
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return seen[-settings.PROXY_COUNT] if len(seen) >= settings.PROXY_COUNT else direct


def is_from_this_machine(request: HttpRequest) -> bool:
    """Return whether somebody at this machine asks, and no proxy on it for somebody else.

    A proxy on the same machine connects from a loopback address too. So nothing may say that the request was passed on, and it has to
    ask for a loopback name.
    """
    is_passed_on = settings.IS_HTTPS or settings.PROXY_COUNT or any(name in request.META for name in _FORWARDED)
    host, _ = split_domain_port(request.get_host())
    return (
        not is_passed_on and _is_loopback(str(request.META.get("REMOTE_ADDR", ""))) and _is_loopback(host.strip("[]"))
    )


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
