"""What a provider reports, in our words: one vocabulary for all of them, made of django-anymail's events.

Kept of a mail is its id, tags and campaign; of a reply that it came, and its subject. What people write to one another is not ours.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from leadline.web.leads.messages import Json

NAMES = {
    "delivered": "mail_delivered",
    "opened": "mail_opened",
    "clicked": "mail_clicked",
    "bounced": "mail_bounced",
    "rejected": "mail_bounced",
    "complained": "mail_complained",
    "unsubscribed": "mail_unsubscribed",
    "inbound": "mail_replied",
}
"""anymail's event types → ours. Others say how a mail travels (queued, sent, deferred …) and nothing about a person; they are left out."""
_CAMPAIGN_KEYS = ("campaign", "campaign_id", "utm_campaign")


def normalise(provider: str, event: Any) -> dict[str, Json] | None:
    """Return an event of anymail as it is written down; None for one that says nothing about a person."""
    name = NAMES.get(event.event_type)
    if name is None:
        return None
    said = _reply(event) if name == "mail_replied" else _tracked(event)
    if not said["recipient"]:
        return None
    at = event.timestamp or said.pop("sent_at", None)
    said |= {"name": name, "at": at.astimezone(UTC).isoformat() if isinstance(at, datetime) else ""}
    said.pop("sent_at", None)
    said["message_id"] = _message_id(provider, event, said)
    return said


def _tracked(event: Any) -> dict[str, Any]:
    metadata = {str(key): value for key, value in (event.metadata or {}).items()}
    tags = [str(tag) for tag in ([event.tags] if isinstance(event.tags, str) else event.tags or [])][:20]
    campaign = next((str(metadata[key]) for key in _CAMPAIGN_KEYS if metadata.get(key)), tags[0] if tags else "")
    return {
        "recipient": (event.recipient or "").strip().lower(),
        "mail": str(event.message_id or "")[:255],
        "link": str(event.click_url or "")[:1_000],
        "tags": tags,
        "campaign": campaign[:200],
        "reason": str(event.reject_reason or "")[:60],
        "user_agent": str(event.user_agent or "")[:500],
        "is_machine": _is_machine(event.esp_event),
    }


def _reply(event: Any) -> dict[str, Any]:
    message = event.message
    sender = message.from_email
    auto = str(message.get("Auto-Submitted", "no")).strip().lower()
    return {
        "recipient": sender.addr_spec.strip().lower() if sender else "",
        "mail": str(message.get("In-Reply-To", ""))[:255],
        "link": "",
        "tags": [],
        "campaign": "",
        "reason": "",
        "subject": str(message.subject or "")[:300],
        "user_agent": "",
        "is_machine": auto != "no",
        "sent_at": message.date,
        "own_id": str(message.get("Message-ID", "")),
    }


def _is_machine(sent: Any) -> bool | None:
    """Return whether the provider itself says that a program did it; None where it says nothing of the kind."""
    if not isinstance(sent, dict):
        return None
    if isinstance(sent.get("sg_machine_open"), bool):
        return bool(sent["sg_machine_open"])
    data = sent.get("event-data")
    client = data.get("client-info") if isinstance(data, dict) else None
    if isinstance(client, dict) and client.get("bot"):
        return True
    return True if sent.get("event") in ("proxy_open", "unique_proxy_open") else None


def _message_id(provider: str, event: Any, said: dict[str, Any]) -> str:
    """Return by what a second report of the same is recognised: what it says, and the provider's id where that stays the same."""
    parts: list[Any] = [
        provider,
        said["name"],
        said["mail"],
        said["recipient"],
        said["link"],
        said["at"],
        said["user_agent"],
    ]
    if provider != "mailgun" and event.event_id:  # Mailgun's is that of the delivery, another at each try
        parts.append(str(event.event_id))
    if said["name"] == "mail_replied":
        parts.append(said.pop("own_id"))
    elif not said["at"] and not event.event_id:
        parts.append(_as_json(event.esp_event))
    return "mail-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _as_json(sent: Any) -> str:
    if isinstance(sent, QueryDict):
        sent = dict(sent.lists())
    return json.dumps(sent, sort_keys=True, default=str)
