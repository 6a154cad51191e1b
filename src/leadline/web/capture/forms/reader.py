"""From the delivery of a form to a message: facts about the person whose address was typed, and one event.

Whoever fills in a form is not known to us: anybody can type anybody's address. So an answer names an address and nothing else. It has
no anonymous id, and thus can join no two leads and bring nobody's visits to a known person; what it says about the person is facts of
the form's source, which a playbook ranks (docs/snippet-and-forms.md has the whole rule and its reasons).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking.inbox import Refusal
from leadline.web.capture.tracking.touches import find_touch
from leadline.web.leads.messages import Message

PROTOCOL = "form"
_MOST_EVIDENCE = 1_000


def read_delivery(delivery: Delivery) -> Iterator[Message | Refusal]:
    """Read the answer that a delivery holds. `actions.take_answer` wrote it."""
    body = bytes(delivery.body)
    said = json.loads(body)
    properties = {"form": said["form"], **said["properties"]}
    if agent := delivery.context.get("user_agent"):
        properties["user_agent"] = agent
    page = {"url": delivery.context.get("url", ""), "referrer": delivery.context.get("referrer", "")}
    yield Message(
        message_id=said["message_id"],
        kind="form",
        name=said["event"],
        occurred_at=delivery.received_at,
        received_at=delivery.received_at,
        email=said["traits"]["email"].strip().lower(),
        traits=said["traits"] | ({"consent.contact": "yes"} if said["agreed_to"] else {}),
        properties=properties,
        touch=find_touch({}, page),
        raw=body.decode(),
        evidence=evidence_of(said),
        is_verified=True,  # by a form of ours, with an address and nothing that could be joined with it
    )


def evidence_of(said: Mapping[str, Any]) -> str:
    """Return why what was answered is believed; what was agreed to stands there as it read then, as `leads.consent` writes it."""
    form = f"form “{said['title']}” ({said['form']})"
    found = f"Consent. How: {form}. Shown: “{said['agreed_to']}”" if said["agreed_to"] else f"Answered on the {form}."
    return found[:_MOST_EVIDENCE]
