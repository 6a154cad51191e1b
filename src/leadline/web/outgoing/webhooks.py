"""Telling: what happened becomes a message, with a delivery to every endpoint that wants it, in the transaction of what happened."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from leadline.web.outgoing.models import Delivery, Endpoint, Message

TYPES = {
    "lead.qualified": "A lead qualified",
    "lead.cooled": "A qualification of a lead ended",
    "lead.claimed": "Somebody claimed a hand-off",
    "lead.accepted": "Sales accepted a lead",
    "lead.rejected": "Sales did not accept a lead: rejected, recycled, disqualified …",
    "lead.stage_moved": "A lead came into another stage",
    "lead.merged": "Two leads became one",
    "lead.erased": "A person was erased",
}
"""What is told, and what it means. docs/webhooks.md says what each carries."""
TEST = "webhook.test"


def is_heard(workspace_id: int) -> bool:
    """Return whether anybody of a workspace wants to be told anything."""
    return Endpoint.objects.filter(workspace=workspace_id, is_on=True).exists()


def tell(workspace_id: int, type: str, payload: Mapping[str, Any], at: datetime) -> Message | None:  # noqa: A002
    """Write down that something happened, for every endpoint that wants to know. To be called in the transaction of what happened.

    payload: with ``lead_id``; of a merge also ``merged_lead_id``. at: when it happened.
    Returns the message; None where nobody wants it: then nothing is kept.

    Raises:
        KeyError: there is no such type.
    """
    TYPES[type]
    endpoints = [
        one
        for one in Endpoint.objects.filter(workspace=workspace_id, is_on=True).order_by("pk")
        if not one.types or type in one.types
    ]
    return _write(workspace_id, type, payload, at, endpoints) if endpoints else None


def tell_test(endpoint: Endpoint, *, at: datetime) -> Message:
    """Write a message by which somebody sees whether an endpoint works."""
    return _write(endpoint.workspace_id, TEST, {"said": "This is a test."}, at, [endpoint])


def body_of(message: Message) -> bytes:
    """Return what is sent of a message, the same bytes at every attempt."""
    said = {"type": message.type, "timestamp": message.at.isoformat(), "data": message.data}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@transaction.atomic
def _write(
    workspace_id: int, kind: str, payload: Mapping[str, Any], at: datetime, endpoints: list[Endpoint]
) -> Message:
    now = timezone.now()
    message = Message.objects.create(
        workspace_id=workspace_id,
        uid=f"msg_{secrets.token_hex(16)}",
        type=kind,
        lead_id=payload.get("lead_id"),
        other_lead_id=payload.get("merged_lead_id"),
        data=dict(payload),
        at=at,
        made_at=now,
    )
    Delivery.objects.bulk_create(
        Delivery(workspace_id=workspace_id, message=message, endpoint=one, next_at=now) for one in endpoints
    )
    return message
