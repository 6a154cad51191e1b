"""Who has been forgotten: keyed hashes of the identities of people who were erased, so that what comes later is dropped.

Of an erased person nothing is kept but these. They cannot be turned back without the installation's secret, and with it only by
trying identities one by one. `erasure.py` writes them, `intake.py` and whoever else takes something in asks here.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from leadline.web.leads.models import Erasure

_MOST = 500


def digest_of(workspace_id: int, kind: str, value: str) -> str:
    """Return what is kept of an erased identity: an HMAC of workspace, kind and normalised value, 64 hexadecimal digits."""
    said = "\0".join(("erased", str(workspace_id), str(kind), value))
    return hmac.new(settings.SECRET_KEY.encode(), said.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def find_erased(workspace_id: int, identities: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of some identities (kind and normalised value) whose person asked to be forgotten."""
    by_digest = {digest_of(workspace_id, kind, value): (str(kind), value) for kind, value in identities}
    digests = list(by_digest)
    found: set[tuple[str, str]] = set()
    for start in range(0, len(digests), _MOST):
        known = Erasure.objects.filter(workspace=workspace_id, digest__in=digests[start : start + _MOST])
        found.update(by_digest[digest] for digest in known.values_list("digest", flat=True))
    return found


def remember_erased(workspace_id: int, identities: Iterable[tuple[str, str]], *, at: datetime) -> None:
    """Keep the digests of identities that were erased; those that are kept already stay as they are."""
    Erasure.objects.bulk_create(
        [
            Erasure(workspace_id=workspace_id, digest=digest_of(workspace_id, kind, value), at=at)
            for kind, value in identities
        ],
        ignore_conflicts=True,
    )
