"""What the API takes and answers about webhooks: where they go, what was sent there, and how that went."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from leadline.web.api.given import NO_NUL, Body, MomentIn, PageQuery
from leadline.web.api.shapes import Moment
from leadline.web.outgoing.models import Delivery, Endpoint

TypeName = Literal[
    "lead.qualified", "lead.cooled", "lead.claimed", "lead.accepted", "lead.rejected", "lead.stage_moved", "lead.merged",
    "lead.erased",
]  # fmt: skip
DeliveryState = Literal["due", "sending", "sent", "failed", "gone", "erased"]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, pattern=NO_NUL),
    Field(description="It begins with `https://` and is asked with POST."),
]
Types = Annotated[list[TypeName], Field(max_length=20, description="What it is told; none: everything.")]
Description = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]


class EndpointIn(Body):
    """Where webhooks go, and which."""

    url: Url
    description: Description = ""
    types: Types = Field(default_factory=list)


class EndpointChangeIn(Body):
    """What is to be otherwise of an endpoint; what is left out stays."""

    url: Url | None = None
    description: Description | None = None
    types: Types | None = None
    is_on: Annotated[bool | None, Field(description="What happens while it is off is not told to it.")] = None


class AgainIn(Body):
    """From when on what failed is sent again."""

    since: MomentIn


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    state: DeliveryState | None = None


class EndpointOut(Schema):
    """An address that is told what happens. `off_why`: why Leadline switched it off. `failing_since` null: it works."""

    id: int
    url: str
    description: str
    types: list[TypeName]
    is_on: bool
    off_why: str
    failing_since: Moment | None
    last_ok_at: Moment | None
    rests_until: Moment | None
    made_at: Moment
    old_until: Annotated[
        Moment | None, Field(description="Until when the secret before signs as well, after it was replaced.")
    ]


class SecretOut(Schema):
    """What webhooks to an endpoint are signed with."""

    secret: str


class DeliveryOut(Schema):
    """A message on its way to an endpoint. `message` is the `webhook-id` that it is sent under, at every attempt the same."""

    id: int
    message: str
    type: str
    lead_id: int | None
    state: DeliveryState
    attempts: int
    happened_at: Moment
    tried_at: Moment | None
    sent_at: Moment | None
    next_at: Moment | None
    status: int | None
    error: str


class DeliveryPage(Schema):
    """A page of deliveries."""

    items: list[DeliveryOut]
    next: str | None


class AgainOut(Schema):
    """How many go out again."""

    count: int


def endpoint_of(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint as it is shown: without its secret."""
    named = (
        "url", "description", "types", "is_on", "off_why", "failing_since", "last_ok_at", "rests_until", "made_at",
        "old_until",
    )  # fmt: skip
    return {"id": endpoint.pk} | {name: getattr(endpoint, name) for name in named}


def delivery_of(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as it is shown; its message has to be loaded. What it says of a lead is not."""
    return {
        "id": delivery.pk,
        "message": delivery.message.uid,
        "type": delivery.message.type,
        "lead_id": delivery.message.lead_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "happened_at": delivery.message.at,
        "tried_at": delivery.tried_at,
        "sent_at": delivery.sent_at,
        "next_at": delivery.next_at if delivery.state == Delivery.State.DUE else None,
        "status": delivery.last_status,
        "error": delivery.last_error,
    }
