"""From the delivery of a form to a message: facts about the person whose address was typed, and one event.

Whoever fills in a form is not known to us: anybody can type anybody's address. So an answer names an address and nothing else. It has
no anonymous id, and thus can join no two leads and bring nobody's visits to a known person; what it says about the person is facts of
the form's source, which a playbook ranks (docs/snippet-and-forms.md has the whole rule and its reasons).
"""

import json
from collections.abc import Iterator

from leadline.web.capture.forms.consents import evidence_of, field_of
from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking.inbox import Refusal
from leadline.web.capture.tracking.touches import find_touch
from leadline.web.leads.messages import Message

PROTOCOL = "form"


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
        traits=said["traits"] | {field_of(purpose): "yes" for purpose in said["agreed_to"]},
        properties=properties,
        touch=find_touch({}, page),
        raw=body.decode(),
        evidence=f"Answered on the form “{said['title']}” ({said['form']}).",
        evidence_of={
            field_of(purpose): evidence_of(said["title"], said["form"], text)
            for purpose, text in said["agreed_to"].items()
        },
        is_verified=True,  # by a form of ours, with an address and nothing that could be joined with it
    )
