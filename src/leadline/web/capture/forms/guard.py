"""Keeps machines out of public forms without making people prove anything: where an answer comes from, how fast, how often, how large.

None of it sets a cookie. Of an address only a keyed hash is kept, for as long as it is counted (accounts/tries.py). What each
guard does is told in docs/snippet-and-forms.md.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest

from leadline.web.accounts.tries import Limit
from leadline.web.capture.forms.answer_form import TRAP
from leadline.web.capture.forms.consents import fingerprint_of
from leadline.web.capture.models import Form
from leadline.web.shell.numbers import whole_number

SENDS = Limit(name="form", most=20, within=timedelta(minutes=10))
"""From one address to one form, whether it was accepted or not."""
LEAST_TIME = timedelta(seconds=2)
"""Between showing a form and its answer. Nobody reads and types faster."""
MOST_TIME = timedelta(hours=24)
MOST_BYTES = 65_536
_SALT = "leadline.form"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a page that we showed carries: when it was shown, a number of its own, what led there, and what it asked to agree to.

    words: the fingerprint of that (`consents.fingerprint_of`).
    """

    form_id: int
    number: str
    shown_at: datetime
    referrer: str
    words: str


def make_ticket(form: Form, referrer: str, now: datetime) -> str:
    """Return a signed ticket for a page that is shown now."""
    said = [form.pk, secrets.token_hex(8), int(now.timestamp()), referrer[:500], fingerprint_of(form)]
    return signing.dumps(said, salt=_SALT)


def find_ticket(text: str, form: Form) -> Ticket | None:
    """Return the ticket of a page that we showed of this form; None when it is not ours."""
    try:
        form_id, number, shown, referrer, words = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    ticket = Ticket(form_id, number, datetime.fromtimestamp(shown).astimezone(), referrer, words)
    return ticket if ticket.form_id == form.pk else None


def find_haste(ticket: Ticket | None, now: datetime) -> str:
    """Return why an answer to a page of ours should be sent once more; empty when it is in time."""
    if ticket is None or now - ticket.shown_at > MOST_TIME:
        return "This page was open for too long. Nothing is lost: please send it again."
    if now - ticket.shown_at < LEAST_TIME:
        return "That was very quick. Nothing is lost: please send it again."
    return ""


def is_trapped(request: HttpRequest) -> bool:
    """Return whether the field was filled in that people do not see."""
    return bool(request.POST.get(TRAP, "").strip())


def find_origin(text: str) -> str | None:
    """Return a site in its one spelling (``https://acme.example``); None when it names none.

    >>> find_origin("HTTPS://Acme.example:443/contact"), find_origin("acme.example"), find_origin("null")
    ('https://acme.example', None, None)
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.hostname.isascii():
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, default) else "")


def is_own(request: HttpRequest) -> bool:
    """Return whether an answer comes from a page of ours; one that says nothing has to bring a ticket of ours anyway."""
    said = request.headers.get("Origin")
    return said is None or find_origin(said) == find_origin(f"{request.scheme}://{request.get_host()}")


def is_allowed_site(request: HttpRequest, form: Form) -> bool:
    """Return whether an answer comes from a page of a site that may use the form."""
    origin = find_origin(request.headers.get("Origin", ""))
    return origin is not None and origin in form.origins


def is_too_large(request: HttpRequest) -> bool:
    """Return whether a request says, or leaves open, that it is larger than any answer."""
    length = whole_number(request.headers.get("Content-Length"))
    return length is None or length > MOST_BYTES
