"""Keeps what has to be read again, a provider's signing key, encrypted under this installation's secret.

Keys by which providers are let in are not kept at all: of those there is an HMAC (`accounts.keys`). Whoever has the database without
the secret can use neither.
"""

import base64
import hashlib
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def _box() -> "Fernet":
    from cryptography.fernet import Fernet  # comes with the [mail] extra

    key = hashlib.sha256(b"leadline-mail-signing-key:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """Return a text encrypted; an empty one stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str | None:
    """Return what was sealed; None when the secret is another now."""
    if not sealed:
        return ""
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
