"""One call of a client (track, page, identify …): whether it can be used, checked before it is acknowledged.

What passes here always becomes a message (`reader.py`); what does not is refused by itself, and the rest of its batch is not.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from leadline.web.capture.tracking.reading import UnusableError, read_value
from leadline.web.capture.tracking.times import find_occurred_at
from leadline.web.leads.messages import Json
from leadline.web.leads.names import event_name

TYPES = ("track", "page", "screen", "identify", "group", "alias")
MOST_ID_LENGTH = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that can be used.

    type:        one of `TYPES`.
    message_id:  its own, a hash of that when it is over 255 characters, or one made of its content.
    name:        of a track: the event's, in a playbook's words; otherwise empty.
    body:        all of it.
    """

    type: str
    message_id: str
    name: str
    occurred_at: datetime
    body: Mapping[str, Json]


def read_call(raw: bytes, context: Mapping[str, Json], received_at: datetime) -> Call:
    """Read one call.

    Args:
        raw: its JSON as it came.
        context: of the request: `type` where the address said it, `sent_at` where the batch did.
        received_at: when it came.

    Raises:
        UnusableError: with the reason why it cannot be used.
    """
    most = settings.TRACKING["event_bytes"]
    if len(raw) > most:
        raise UnusableError("event-too-large", f"It has {len(raw):,} bytes; an event may have {most:,}.")
    body = read_value(raw)
    if not isinstance(body, dict):
        raise UnusableError("not-an-object", f"An event should be a JSON object; this begins with {raw[:20]!r}.")
    type_ = context.get("type") or body.get("type")
    if not isinstance(type_, str) or type_ not in TYPES:
        raise UnusableError("unknown-type", f"type is {str(type_)[:60]!r}; it should be one of {', '.join(TYPES)}.")
    _check_who(type_, body)
    return Call(
        type=type_,
        message_id=_message_id(type_, body),
        name=_name(body) if type_ == "track" else "",
        occurred_at=find_occurred_at(body, context.get("sent_at"), received_at),
        body=body,
    )


def text_of(value: Json) -> str:
    """Return an id or a name as text: clients send some as numbers. Empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def members_of(value: Json) -> Mapping[str, Json]:
    """Return an object's members; none for anything else."""
    return value if isinstance(value, dict) else {}


def traits_of(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what a call says about the person: some clients say it in `context`, and what stands in `traits` wins."""
    return {**members_of(members_of(body.get("context")).get("traits")), **members_of(body.get("traits"))}


def _check_who(type_: str, body: Mapping[str, Json]) -> None:
    """Refuse a call that is about nobody."""
    is_about_someone = text_of(body.get("userId")) or text_of(body.get("anonymousId"))
    if type_ == "identify":
        is_about_someone = is_about_someone or text_of(traits_of(body).get("email"))
    if not is_about_someone:
        raise UnusableError("nobody", "It says neither userId nor anonymousId, so nobody knows whom it is about.")
    if type_ == "alias" and not text_of(body.get("previousId")):
        raise UnusableError("no-previous-id", "An alias says with previousId who it was before.")
    if type_ == "group" and not text_of(body.get("groupId")):
        raise UnusableError("no-group-id", "A group call says with groupId which company it is.")


def _name(body: Mapping[str, Json]) -> str:
    """Return the name of a tracked event."""
    said = text_of(body.get("event"))
    name = event_name(said)
    if not name:
        raise UnusableError(
            "no-event-name", f"A track call names its event with letters or digits; it says {said[:60]!r}."
        )
    if len(name) > MOST_ID_LENGTH:
        raise UnusableError("event-name-too-long", f"The event's name has {len(name)} characters; it may have 255.")
    return name


def _message_id(type_: str, body: Mapping[str, Json]) -> str:
    """Return by what a second copy is recognised. Without an id it is the content: the same content is the same event."""
    said = text_of(body.get("messageId"))
    if said:
        return said if len(said) <= MOST_ID_LENGTH else hashlib.sha256(said.encode()).hexdigest()
    content = json.dumps([type_, {**body, "messageId": None, "sentAt": None, "writeKey": None}], sort_keys=True)
    return f"content-{hashlib.sha256(content.encode()).hexdigest()}"
