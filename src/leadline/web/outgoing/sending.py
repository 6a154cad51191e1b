"""The job that sends: takes deliveries that are due under a lease, sends them in threads of its own, and writes down how it went.

A round of the worker starts some and takes in what has ended; it waits for nobody, so that a slow endpoint holds up nothing but itself.
One that is killed in between leaves a lease that runs out: then the message goes again, under the same id. The threads know no database.
"""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from leadline.web.outgoing.models import TELLS_OF_ERASURE, Delivery, Endpoint
from leadline.web.outgoing.posting import Posted, post
from leadline.web.outgoing.retries import after_attempt
from leadline.web.outgoing.signing import headers_for
from leadline.web.outgoing.webhooks import body_of

log = logging.getLogger("leadline.webhooks")
AT_ONCE = 8
LEASE = timedelta(seconds=120)
"""Longer than an attempt takes, with the time in which a name is looked up."""
WAIT_S = 0.1
"""So long a round waits for what it has just started: most endpoints answer in that time."""
GIVES_UP_AFTER = timedelta(days=3)
"""An endpoint at which nothing went well for so long is switched off."""
_WAITING = Q(state=Delivery.State.DUE) | Q(state=Delivery.State.SENDING)

Post = Callable[[str, bytes, dict[str, str]], Posted]


@dataclass(slots=True)
class Sender:
    """What one process has under way: attempts, each with the delivery that it belongs to."""

    post: Post = post
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "webhook"))
    under_way: dict[Future[Posted], Delivery] = field(default_factory=dict)

    def go_round(self, now: datetime | None = None) -> int:
        """Take in what has ended, start what is due; return how much of both there was. now: for tests; else the time of each step."""
        done = self._take_in(now)
        for delivery in claim(AT_ONCE - len(self.under_way), now=now or timezone.now()):
            self._start(delivery, now)
            done += 1
        if self.under_way:
            wait(self.under_way, timeout=WAIT_S, return_when=FIRST_COMPLETED)
            done += self._take_in(now)
        return done

    def finish(self, now: datetime | None = None) -> int:
        """Wait for all that is under way, and write down how it went."""
        wait(self.under_way)
        return self._take_in(now)

    def _start(self, delivery: Delivery, now: datetime | None) -> None:
        endpoint, message = delivery.endpoint, delivery.message
        body = body_of(message)
        headers = headers_for(endpoint, uid=message.uid, at=now or timezone.now(), body=body)
        headers |= {"Content-Type": "application/json", "User-Agent": "Leadline"}
        self.under_way[self.pool.submit(self.post, endpoint.url, body, headers)] = delivery

    def _take_in(self, now: datetime | None) -> int:
        ended = [future for future in self.under_way if future.done()]
        for future in ended:
            record(self.under_way[future], future.result(), now=now or timezone.now())
            del self.under_way[future]
        return len(ended)


_sender: list[Sender] = []


def send_webhooks(now: datetime | None = None) -> int:
    """Send webhooks that are due; return how many were begun or ended. A job of the worker."""
    if not _sender:
        _sender.append(Sender())
    return _sender[0].go_round(now)


def claim(most: int, *, now: datetime) -> list[Delivery]:
    """Take up to so many deliveries that are due, at most one an endpoint, and none of an endpoint to which one is under way."""
    if most <= 0:
        return []
    busy = Delivery.objects.filter(endpoint=OuterRef("endpoint"), state=Delivery.State.SENDING, leased_until__gte=now)
    free = Q(state=Delivery.State.DUE, next_at__lte=now) | Q(state=Delivery.State.SENDING, leased_until__lt=now)
    earlier = Delivery.objects.filter(free, endpoint=OuterRef("endpoint")).filter(
        Q(next_at__lt=OuterRef("next_at")) | Q(next_at=OuterRef("next_at"), pk__lt=OuterRef("pk"))
    )
    rested = Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=now)
    found = Delivery.objects.filter(free, rested, ~Exists(busy), ~Exists(earlier), endpoint__is_on=True)
    taken = []
    for delivery in found.select_related("endpoint", "message").order_by("next_at", "pk")[:most]:
        lease, until = secrets.token_hex(16), now + LEASE
        # What somebody else took a moment ago has another lease, or another state.
        is_taken = Delivery.objects.filter(free, pk=delivery.pk, lease=delivery.lease).update(
            state=Delivery.State.SENDING, lease=lease, leased_until=until, attempts=F("attempts") + 1, tried_at=now
        )
        if is_taken:
            delivery.lease, delivery.attempts = lease, delivery.attempts + 1
            taken.append(delivery)
    return taken


@transaction.atomic
def record(delivery: Delivery, posted: Posted, *, now: datetime) -> bool:
    """Write down how an attempt went; return False where it is not ours any more.

    Its lease ran out and another has it now: what that one finds counts. Or the person was erased meanwhile: then nothing of the answer,
    which may speak of them, is kept.
    """
    then = after_attempt(
        status=posted.status,
        attempts=delivery.attempts,
        uid=delivery.message.uid,
        now=now,
        retry_after=posted.retry_after,
    )
    is_recorded = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease, state=Delivery.State.SENDING).update(
        state=then.state,
        next_at=then.next_at,
        lease="",
        leased_until=None,
        sent_at=now if then.state == "sent" else None,
        last_status=posted.status,
        last_error=posted.error,
        last_answer="" if delivery.message.type == TELLS_OF_ERASURE else posted.answer,
        last_ms=posted.ms,
    )
    if is_recorded:
        if then.rests_until:
            Endpoint.objects.filter(pk=delivery.endpoint_id).update(rests_until=then.rests_until)
        _note_health(delivery.endpoint_id, then.state, posted, now)
    return bool(is_recorded)


def _note_health(endpoint_id: int, state: str, posted: Posted, now: datetime) -> None:
    endpoints = Endpoint.objects.filter(pk=endpoint_id)
    if state == "sent":
        endpoints.update(failing_since=None, last_ok_at=now)
        return
    endpoints.filter(failing_since=None).update(failing_since=now)
    if state == "gone":
        endpoints.update(is_on=False, off_why="It answered 410: whoever runs it says that it is gone for good.")
        log.warning("Webhook endpoint %s is gone and was switched off", endpoint_id)
    elif endpoints.filter(is_on=True, failing_since__lte=now - GIVES_UP_AFTER).update(
        is_on=False, off_why=f"Nothing reached it for {GIVES_UP_AFTER.days} days. The last time: {posted.error}"[:300]
    ):
        log.warning("Webhook endpoint %s failed for days and was switched off", endpoint_id)
