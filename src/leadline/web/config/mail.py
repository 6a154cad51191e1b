"""Which server sends mail: what ``LEADLINE_MAIL_URL`` names. Without it none is sent, and pages say how else to get on."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from leadline.web.config.environment import SettingError

_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


class MailUrlError(SettingError):
    """``LEADLINE_MAIL_URL`` names no server that mail could be sent with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail; without a host there is none."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    has_starttls: bool = False
    has_tls: bool = False


def read_mail(address: str) -> tuple[str, MailServer]:
    """Return Django's backend for an address such as ``smtp://name:password@mail.example:587``, and the server.

    Raises:
        MailUrlError: the address is of another kind, or names no host. Its text may hold a password and is not repeated.
    """
    if not address:
        return _NOWHERE, MailServer()
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in _PORTS or not host:
        raise MailUrlError("LEADLINE_MAIL_URL should look like smtp://name:password@mail.example:587, or be left out")
    return _SMTP, MailServer(
        host=host,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        has_starttls=parts.scheme == "smtp",
        has_tls=parts.scheme == "smtps",
    )
