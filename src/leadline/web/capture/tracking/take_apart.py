"""The worker's part: deliveries become messages, and go into the log.

A delivery is removed in the transaction that writes what it said, so whatever kills a worker, its events are in the log or still
waiting, and never both or neither. Deliveries are claimed with a lease and read before the transaction begins, which stays short.

A delivery that cannot be written does not block the others: when several together fail, each is taken alone; one that fails alone waits
and is tried again; after `MOST_ATTEMPTS` its events are taken one by one, and those that fail are kept among the refused events: all of
them, since they were acknowledged. Trouble of the store is nobody's fault and counts as no attempt.
tests/web/capture/tracking/test_take_apart.py guards it.
"""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from leadline.web.accounts.models import Source
from leadline.web.capture.bots.classify import classifier_of
from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking.inbox import Refusal, refused_row
from leadline.web.capture.tracking.readers import READERS
from leadline.web.leads.intake import take_messages
from leadline.web.leads.messages import Message

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 5
_MOST_DELIVERIES = 50
_MOST_EVENTS = 100
"""Of one transaction: on SQLite everybody else who writes waits meanwhile."""
TROUBLE_OF_THE_STORE = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A delivery that was claimed, and what it says."""

    delivery: Delivery
    messages: list[Message]
    refusals: list[Refusal]


def take_deliveries(*, now: datetime | None = None) -> int:
    """Take some waiting deliveries apart, in the order in which they came; return how many events that were, 0 when none waits."""
    now = now or timezone.now()
    done = 0
    for group in _groups(_claim(now)):
        done += _take_group(group, now)
    return done


def _claim(now: datetime) -> list[Delivery]:
    """Claim deliveries that wait. Who claims counts an attempt at once: a delivery that kills its worker is counted too."""
    lease = secrets.token_hex(16)
    with transaction.atomic():
        waiting = Delivery.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now)).order_by("pk")
        if connection.vendor == "postgresql":
            waiting = waiting.select_for_update(skip_locked=True)
        ids = list(waiting.values_list("pk", flat=True)[:_MOST_DELIVERIES])
        if not ids:
            return []
        Delivery.objects.filter(pk__in=ids).update(lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1)
    return list(Delivery.objects.filter(pk__in=ids, lease=lease).select_related("source", "workspace").order_by("pk"))


def _groups(deliveries: Iterable[Delivery]) -> Iterable[list[Delivery]]:
    """Give deliveries of one source that fit into one transaction together. One that was tried before goes alone."""
    group: list[Delivery] = []
    for delivery in deliveries:
        fits = (
            group
            and group[0].source_id == delivery.source_id
            and sum(one.event_count for one in group) + delivery.event_count <= _MOST_EVENTS
            and delivery.attempts == group[0].attempts == 1
        )
        if group and not fits:
            yield group
            group = []
        group.append(delivery)
    if group:
        yield group


def _take_group(group: list[Delivery], now: datetime) -> int:
    """Take some deliveries together, and each alone when that fails."""
    try:
        return _write([_read(delivery) for delivery in group], now)
    except TROUBLE_OF_THE_STORE:
        _give_back(group)
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not stop the others
        if len(group) == 1:
            return _take_failing(group[0], error, now)
    return sum(_take_group([delivery], now) for delivery in group)


def _take_failing(delivery: Delivery, error: Exception, now: datetime) -> int:
    """Let a delivery that failed alone wait, longer each time; in the end take of it what can be taken."""
    logger.error("Delivery %s failed, attempt %s: %r", delivery.pk, delivery.attempts, error, exc_info=error)
    if delivery.attempts < MOST_ATTEMPTS:
        wait = timedelta(seconds=2**delivery.attempts)
        Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease).update(lease="", leased_until=now + wait)
        return 0
    try:
        read = _read(delivery)
    except Exception as reading:  # noqa: BLE001 - a defect of the reader: the whole of it is kept
        whole = _refusal("unreadable-delivery", reading, bytes(delivery.body), delivery)
        read = _Read(delivery=delivery, messages=[], refusals=[whole])
    return _write([read], now, one_by_one=True)


def _read(delivery: Delivery) -> _Read:
    messages, refusals = [], []
    for one in READERS[delivery.protocol](delivery):
        if isinstance(one, Message):
            messages.append(one)
        else:
            refusals.append(one)
    return _Read(delivery=delivery, messages=messages, refusals=refusals)


def _write(group: list[_Read], now: datetime, *, one_by_one: bool = False) -> int:
    """Write what deliveries of one source say and remove them, in one transaction."""
    held = {read.delivery.pk for read in group}
    with transaction.atomic():
        mine = Delivery.objects.filter(pk__in=held, lease=group[0].delivery.lease)
        if mine.delete()[0] != len(held):
            transaction.set_rollback(True)  # the lease ended, and another worker has them
            return 0
        source = group[0].delivery.source
        refusals = [(read.delivery, refusal) for read in group for refusal in read.refusals]
        if one_by_one:
            for read in group:
                failed = _take_one_by_one(source, read, now)
                refusals += [(read.delivery, refusal) for refusal in failed]
        else:
            messages = [message for read in group for message in read.messages]
            take_messages(source, messages, classify=classifier_of(source), now=now)
        RefusedEvent.objects.bulk_create(_rows(refusals))
    return sum(read.delivery.event_count for read in group)


def _take_one_by_one(source: Source, read: _Read, now: datetime) -> list[Refusal]:
    """Take each message by itself; return why those that failed did."""
    failed = []
    for message in read.messages:
        try:
            with transaction.atomic():
                take_messages(source, [message], classify=classifier_of(source), now=now)
        except TROUBLE_OF_THE_STORE:
            raise
        except Exception as error:
            logger.error("An event of delivery %s cannot be stored: %r", read.delivery.pk, error, exc_info=error)
            failed.append(_refusal("cannot-be-stored", error, message.raw.encode(), read.delivery))
    return failed


def _refusal(reason: str, error: Exception, body: bytes, delivery: Delivery) -> Refusal:
    detail = (
        f"Leadline failed at it {delivery.attempts} times: {type(error).__name__}. This is a defect; the log says more."
    )
    return Refusal(reason=reason, detail=detail, body=body, context=delivery.context)


def _rows(refusals: Iterable[tuple[Delivery, Refusal]]) -> Iterable[RefusedEvent]:
    for delivery, refusal in refusals:
        yield refused_row(
            delivery.workspace_id,
            delivery.source_id,
            delivery.protocol,
            refusal,
            is_verified=delivery.is_verified,
            received_at=delivery.received_at,
        )


def _give_back(group: list[Delivery]) -> None:
    """Say that deliveries wait as before, if the store lets us; otherwise their lease ends by itself."""
    try:
        for delivery in group:
            Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease).update(
                lease="", leased_until=None, attempts=F("attempts") - 1
            )
    except TROUBLE_OF_THE_STORE:
        logger.warning("Deliveries could not be given back; they wait until their lease ends.")
