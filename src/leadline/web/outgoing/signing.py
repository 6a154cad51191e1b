"""Signs webhooks as Standard Webhooks says: HMAC-SHA256 over id, time and body, in base64.

A secret is not kept: it is derived from a random salt and the secret of this installation. Whoever has the database without the secret
can sign nothing; who changes the installation's secret gives every endpoint a new one.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from django.conf import settings

from leadline.web.outgoing.models import Endpoint

PREFIX = "whsec_"


def make_salt() -> str:
    """Return a new random salt."""
    return secrets.token_hex(24)


def secret_of(salt: str) -> str:
    """Return the secret of a salt, as its owner keeps it: ``whsec_`` and 32 bytes in base64."""
    return PREFIX + base64.b64encode(_key(salt)).decode()


def headers_for(endpoint: Endpoint, *, uid: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of a webhook; while a secret is being replaced there are two signatures.

    at: of this attempt: receivers refuse what is older than some minutes.
    """
    salts = [endpoint.salt]
    if endpoint.old_salt and endpoint.old_until is not None and at < endpoint.old_until:
        salts.append(endpoint.old_salt)
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": uid,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_sign(_key(salt), uid, stamp, body) for salt in salts),
    }


def _sign(key: bytes, uid: str, stamp: str, body: bytes) -> str:
    signed = hmac.new(key, f"{uid}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def _key(salt: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"leadline-webhook:" + salt.encode(), hashlib.sha256).digest()
