"""From a delivery of a mail provider to messages: who it is about is the address that the mail went to, or that a reply came from.

The provider vouches for that address, and for nothing else: there is no anonymous id here, and nothing is joined. A click says where
somebody came from, so it has a touch. An open has none: programs open mails, and an open by itself is evidence of nothing
(docs/mail-events.md). Who unsubscribes or complains says no to contact: a word on consent, dated as the event is.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking.inbox import Refusal
from leadline.web.leads.messages import Json, Message

PROTOCOL = "mail"
_PROPERTIES = ("mail", "link", "campaign", "reason", "subject", "tags", "user_agent", "is_machine")
_WITH_TOUCH = ("mail_clicked", "mail_replied")
_LEAVING = {"mail_unsubscribed": "Unsubscribed", "mail_complained": "Reported a mail as spam"}


def read_delivery(delivery: Delivery) -> Iterator[Message | Refusal]:
    """Read the events that a delivery holds. `actions.take_report` wrote it."""
    said = json.loads(bytes(delivery.body))
    for one in said["events"]:
        yield read_message(one, said["provider"], delivery)


def read_message(said: dict[str, Any], provider: str, delivery: Delivery) -> Message:
    """Say what an event says."""
    at = datetime.fromisoformat(said["at"]) if said["at"] else delivery.received_at
    properties: dict[str, Json] = {name: said[name] for name in _PROPERTIES if said.get(name) not in (None, "", [])}
    touch: dict[str, str] = {}
    if said["name"] in _WITH_TOUCH:
        touch = {"source": delivery.source.name, "medium": "email"}
        touch |= {"campaign": said["campaign"]} if said["campaign"] else {}
        touch |= {"page": said["link"]} if said["link"] else {}
    return Message(
        message_id=said["message_id"],
        kind="mail",
        name=said["name"],
        occurred_at=min(at, delivery.received_at),
        received_at=delivery.received_at,
        email=said["recipient"],
        properties={**properties, "provider": provider},
        touch=touch,
        traits={"consent.contact": "no"} if said["name"] in _LEAVING else {},
        evidence=_evidence_of(said, provider, delivery.source.name),
        raw=json.dumps(said, ensure_ascii=False),
        is_verified=True,
    )


def _evidence_of(said: dict[str, Any], provider: str, source: str) -> str:
    """Return how we know that somebody left, with the event's id; empty for every other event.

    Two events never read alike, so who unsubscribes, agrees again elsewhere and unsubscribes once more has said three words and not two.
    """
    how = _LEAVING.get(said["name"])
    return f"{how}, as {provider} reported to {source}: {said['name']} {said['message_id']}" if how else ""
