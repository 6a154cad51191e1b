"""What came in is written down here before it is acknowledged: what can be used waits as a delivery, what cannot is kept with its reason.

Not where it becomes events: `take_apart.py` does that, with the reader of each protocol. Everything runs in the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking.meter import keep_refused
from leadline.web.leads.messages import Json

MOST_KEPT_BYTES = 512_000
"""Of a refused body: more is cut off, and its detail says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that cannot be used.

    reason: a stable code, as in docs/tracking.md.
    detail: what was found and how to mend it, in a sentence.
    body:   what was sent, as it came.
    """

    reason: str
    detail: str
    body: bytes
    context: Mapping[str, Json] = field(default_factory=dict)


def put_delivery(
    source: Source,
    protocol: str,
    body: bytes,
    *,
    event_count: int,
    is_verified: bool,
    context: Mapping[str, Json] | None = None,
    now: datetime | None = None,
) -> Delivery:
    """Write down what can be used, to be taken apart by the worker. When the transaction commits it may be acknowledged.

    Args:
        source: who sent it.
        protocol: by which it is read, see `readers.READERS`.
        body: as it came, or what the protocol's reader makes of it.
        event_count: how many events are in it.
        is_verified: whether a server's key, a provider's signature or a form of ours vouches for it.
        context: what the request said beside its body.
        now: when it came.
    """
    return Delivery.objects.create(
        workspace_id=source.workspace_id,
        source=source,
        protocol=protocol,
        body=body,
        context=dict(context or {}),
        event_count=event_count,
        is_verified=is_verified,
        received_at=now or timezone.now(),
    )


def refuse(
    workspace: Workspace,
    source: Source | None,
    protocol: str,
    reason: str,
    detail: str,
    body: bytes,
    *,
    is_verified: bool,
    context: Mapping[str, Json] | None = None,
    now: datetime | None = None,
) -> RefusedEvent:
    """Keep what cannot be used, with its reason, for the page of refused events. Beyond the limit it is counted, and not saved."""
    refused = refused_row(
        workspace.pk,
        source.pk if source else None,
        protocol,
        Refusal(reason=reason, detail=detail, body=body, context=context or {}),
        is_verified=is_verified,
        received_at=now or timezone.now(),
    )
    keep_refused([refused])
    return refused


def refused_row(
    workspace_id: int,
    source_id: int | None,
    protocol: str,
    refusal: Refusal,
    *,
    is_verified: bool,
    received_at: datetime,
) -> RefusedEvent:
    """Return the row of a refusal, not yet written."""
    detail = refusal.detail
    if len(refusal.body) > MOST_KEPT_BYTES:
        detail = f"{detail[:400]} Only its first {MOST_KEPT_BYTES:,} bytes of {len(refusal.body):,} are kept."
    return RefusedEvent(
        workspace_id=workspace_id,
        source_id=source_id,
        protocol=protocol,
        reason=refusal.reason,
        detail=detail[:500],
        body=refusal.body[:MOST_KEPT_BYTES],
        context=dict(refusal.context),
        is_verified=is_verified,
        received_at=received_at,
    )
