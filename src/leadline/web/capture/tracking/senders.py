"""Who sends: the key of a request, looked up once in a while and not each time.

A key that was found is believed for `BELIEVED_S` seconds, so a revoked one is refused after that at the latest. A key that was not found
is asked for again each time: one that was made a moment ago must never be refused, for clients drop what is refused.
"""

import base64
import binascii
import time
from dataclasses import dataclass

from leadline.web.accounts.keys import find_key
from leadline.web.accounts.models import SourceKey

BELIEVED_S = 5.0
_MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A source, as far as taking in needs it."""

    workspace_id: int
    source_id: int
    is_server: bool


_kept: dict[str, tuple[float, Sender]] = {}


def find_sender(key: str) -> Sender | None:
    """Return whose key it is; None when it is nobody's, was revoked, or is for something else than tracking.

    Raises:
        django.db.Error: the store has not answered, so nothing is known of the key.
    """
    now = time.monotonic()
    kept = _kept.get(key)
    if kept is not None and now < kept[0]:
        return kept[1]
    found = find_key(key)
    if found is None or found.kind not in (SourceKey.Kind.BROWSER, SourceKey.Kind.SERVER):
        _kept.pop(key, None)
        return None
    sender = Sender(
        workspace_id=found.workspace_id, source_id=found.source_id, is_server=found.kind == SourceKey.Kind.SERVER
    )
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[key] = (now + BELIEVED_S, sender)
    return sender


def forget() -> None:
    """Believe nothing that was found before."""
    _kept.clear()


def key_of(authorization: str) -> str:
    """Return the key in a header `Authorization: Basic`, where it is the name and the password is empty; empty when there is none."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
