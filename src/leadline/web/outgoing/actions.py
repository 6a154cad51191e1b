"""Writes of endpoints, and sending again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from leadline.web.accounts.models import Workspace
from leadline.web.outgoing.models import ERASED, Delivery, Endpoint, Message
from leadline.web.outgoing.signing import make_salt, secret_of

BOTH_SIGN = timedelta(hours=24)
"""So long after a secret was replaced the one before signs as well."""


def add_endpoint(
    workspace: Workspace, *, url: str, description: str, types: Sequence[str], now: datetime
) -> tuple[Endpoint, str]:
    """Add an endpoint; return it with its secret, which is shown once."""
    endpoint = Endpoint.objects.create(
        workspace=workspace, url=url, description=description, types=list(types), salt=make_salt(), made_at=now
    )
    return endpoint, secret_of(endpoint.salt)


def change_endpoint(endpoint: Endpoint, *, url: str, description: str, types: Sequence[str]) -> None:
    """Change where an endpoint is and what it is told. What waits goes to the new address."""
    Endpoint.objects.filter(pk=endpoint.pk).update(url=url, description=description, types=list(types))


def switch(endpoint: Endpoint, *, is_on: bool) -> None:
    """Switch an endpoint on or off. What waits is kept and goes out when it is on again; what happens while it is off is not told."""
    Endpoint.objects.filter(pk=endpoint.pk).update(is_on=is_on, off_why="", failing_since=None, rests_until=None)


def replace_secret(endpoint: Endpoint, *, now: datetime) -> str:
    """Give an endpoint a new secret and return it. The one before signs as well for a day."""
    salt = make_salt()
    Endpoint.objects.filter(pk=endpoint.pk).update(salt=salt, old_salt=endpoint.salt, old_until=now + BOTH_SIGN)
    return secret_of(salt)


def delete_endpoint(endpoint: Endpoint) -> None:
    """Delete an endpoint with its deliveries. There is no undo."""
    endpoint.delete()


def send_again(delivery: Delivery, *, now: datetime) -> bool:
    """Send a delivery once more, under the same id; return False where it is being sent just now, or the person was erased."""
    ended = _not_erased(Delivery.objects.filter(pk=delivery.pk).exclude(state=Delivery.State.SENDING))
    return bool(ended.update(state=Delivery.State.DUE, attempts=0, next_at=now, lease=""))


def send_failed_again(endpoint: Endpoint, *, since: datetime, now: datetime) -> int:
    """Send all that failed for good since a moment once more; return how many."""
    failed = endpoint.deliveries.filter(
        state__in=(Delivery.State.FAILED, Delivery.State.GONE), message__made_at__gte=since
    )
    return Delivery.objects.filter(pk__in=_not_erased(failed).values("pk")).update(
        state=Delivery.State.DUE, attempts=0, next_at=now, lease=""
    )


def _not_erased(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Return those whose message is what it was: under an id there is one body, and none other ever."""
    return deliveries.exclude(message__in=Message.objects.filter(data__has_key=ERASED))
