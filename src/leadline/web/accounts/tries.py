"""How often something may be tried: counted in the database, so that it holds across processes and machines.

A try is counted before its outcome is known, by one UPDATE that names the limit: however many guesses come at once, no more than the
limit pass. What is counted is kept as a keyed hash. Guarded by tests/web/accounts/test_tries.py.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from leadline.web.accounts.models import TryCount

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """*most* tries *within* a time that begins with the first of them."""

    name: str
    most: int
    within: timedelta = timedelta(minutes=15)


SIGN_IN_OF_ACCOUNT = Limit(name="sign-in account", most=10)
"""From one address for one account: somebody who guesses a password."""
SIGN_IN_OF_ADDRESS = Limit(name="sign-in address", most=100)
"""From one address for whatever accounts: somebody who tries a list of them. Offices share an address."""
NEW_PASSWORD_OF_ACCOUNT = Limit(name="new password account", most=3)
NEW_PASSWORD_OF_ADDRESS = Limit(name="new password address", most=20)
SETUP_CODE = Limit(name="setup code", most=10)


def allow_try(limit: Limit, *what: str, now: datetime | None = None) -> bool:
    """Count a try, and return whether it may be made."""
    now = now or timezone.now()
    key = _key(limit, what)
    row = TryCount.objects.filter(key=key)
    row.filter(began_at__lte=now - limit.within).update(began_at=now, count=0)
    TryCount.objects.bulk_create([TryCount(key=key, began_at=now)], ignore_conflicts=True)
    return row.filter(count__lt=limit.most).update(count=F("count") + 1) == 1


def forget_tries(limit: Limit, *what: str, now: datetime | None = None) -> None:
    """Begin anew for who has succeeded; counts of days ago go with it."""
    now = now or timezone.now()
    TryCount.objects.filter(key=_key(limit, what)).delete()
    TryCount.objects.filter(began_at__lt=now - KEPT).delete()


def _key(limit: Limit, what: tuple[str, ...]) -> str:
    text = "\0".join((limit.name, *(part.strip().casefold() for part in what)))
    return hmac.new(settings.SECRET_KEY.encode(), b"try:" + text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
