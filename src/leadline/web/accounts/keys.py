"""Keys with which sources send. A key is ``ll_<kind>_<prefix>_<secret>``; the database knows its prefix and an HMAC."""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.utils import timezone

from leadline.web.accounts.models import Source, SourceKey

_PREFIX_BYTES = 6
_SECRET_BYTES = 32


def digest_of(key: str) -> str:
    """Return what is kept of a key: its HMAC under this installation's secret, 64 hexadecimal digits."""
    return hmac.new(settings.SECRET_KEY.encode(), b"source-key:" + key.encode(), hashlib.sha256).hexdigest()


def make_key(source: Source, kind: SourceKey.Kind | str) -> str:
    """Make a key for a source and return it in full: it is shown this once, unless it is a browser's."""
    prefix = secrets.token_hex(_PREFIX_BYTES)
    key = f"ll_{kind}_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES).replace('_', '-')}"
    SourceKey.objects.create(
        workspace_id=source.workspace_id,
        source=source,
        kind=str(kind),
        prefix=prefix,
        digest=digest_of(key),
        public_key=key if kind == SourceKey.Kind.BROWSER else "",
    )
    return key


def prefix_of(key: str) -> str | None:
    """Return the prefix by which a key is found; None when it does not look like a key of ours."""
    parts = key.split("_", 3)
    return parts[2] if len(parts) == 4 and parts[0] == "ll" and 0 < len(parts[2]) <= 16 else None


def find_key(key: str) -> SourceKey | None:
    """Return the key as it is kept, with its source, when it is known and was not revoked."""
    prefix = prefix_of(key)
    found = None if prefix is None else SourceKey.objects.select_related("source").filter(prefix=prefix).first()
    if found is None or found.revoked_at is not None:
        return None
    return found if hmac.compare_digest(found.digest, digest_of(key)) else None


def revoke_key(key: SourceKey) -> None:
    """End a key; what was sent with it stays."""
    SourceKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
