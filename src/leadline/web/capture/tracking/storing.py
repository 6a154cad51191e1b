"""The calls of one request, sorted into what can be used and what cannot, as rows of the two tables that keep them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking.calls import read_call
from leadline.web.capture.tracking.inbox import Refusal, refused_row
from leadline.web.capture.tracking.meter import keep_refused
from leadline.web.capture.tracking.reading import UnusableError, hide_write_key
from leadline.web.capture.tracking.senders import Sender
from leadline.web.leads.messages import Json

PROTOCOL = "tracking"
EVENTS_A_DELIVERY = 100
"""A long batch is written down in parts, so that the worker's transactions stay short."""

Rows = tuple[list[Delivery], list[RefusedEvent]]


def sort_calls(
    calls: Iterable[bytes], context: Mapping[str, Json], received_at: datetime
) -> tuple[list[bytes], list[Refusal]]:
    """Return those that can be used, and why the others cannot."""
    usable, refused = [], []
    for raw in calls:
        try:
            read_call(raw, context, received_at)
        except UnusableError as error:
            refused.append(Refusal(reason=error.reason, detail=error.detail, body=raw, context=context))
        else:
            usable.append(raw)
    return usable, refused


def rows_of(
    sender: Sender, usable: Sequence[bytes], refused: Iterable[Refusal], context: Mapping[str, Json], now: datetime
) -> Rows:
    """Return the rows of a request, not yet written. A server's key stands in none of them."""
    deliveries = [
        Delivery(
            workspace_id=sender.workspace_id,
            source_id=sender.source_id,
            protocol=PROTOCOL,
            body=hide_write_key(b"[" + b",".join(part) + b"]"),
            context=dict(context),
            event_count=len(part),
            is_verified=sender.is_server,
            received_at=now,
        )
        for part in (usable[start : start + EVENTS_A_DELIVERY] for start in range(0, len(usable), EVENTS_A_DELIVERY))
    ]
    refusals = [
        refused_row(
            sender.workspace_id,
            sender.source_id,
            PROTOCOL,
            replace(one, body=hide_write_key(one.body)),
            is_verified=sender.is_server,
            received_at=now,
        )
        for one in refused
    ]
    return deliveries, refusals


def write_rows(requests: Sequence[Rows]) -> None:
    """Write the rows of some requests in one transaction; of what was refused, as much as is kept of a source and hour."""
    with transaction.atomic():
        Delivery.objects.bulk_create([one for deliveries, _ in requests for one in deliveries])
        keep_refused([one for _, refusals in requests for one in refusals])


def write_rows_sent_again(rows: Rows) -> None:
    """Write the rows of what a person sends again, all of them, in one transaction."""
    deliveries, refusals = rows
    with transaction.atomic():
        Delivery.objects.bulk_create(deliveries)
        RefusedEvent.objects.bulk_create(refusals)
