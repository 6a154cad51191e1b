"""From a delivery of the tracking API to messages: what each call says, in the words of the log.

Who is meant by its ids is not decided here but by `leads.intake`. Nothing here can refuse what `calls.py` has let in.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping

import msgspec

from leadline.web.accounts.models import Source
from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking.calls import Call, members_of, read_call, text_of, traits_of
from leadline.web.capture.tracking.inbox import Refusal
from leadline.web.capture.tracking.reading import UnusableError
from leadline.web.capture.tracking.touches import find_touch
from leadline.web.leads.messages import Json, Message

BEHAVIOUR = {"track", "page", "screen"}
PAGE = ("path", "url", "title", "search", "referrer")
_CARRIED_IN_TRAITS = {"userHash", "user_hash"}


def read_delivery(delivery: Delivery) -> Iterator[Message | Refusal]:
    """Read what a delivery says, in its order."""
    for raw in msgspec.json.decode(bytes(delivery.body), type=list[msgspec.Raw]):
        try:
            call = read_call(bytes(raw), delivery.context, delivery.received_at)
        except UnusableError as error:  # a limit was lowered since it was acknowledged
            yield Refusal(reason=error.reason, detail=error.detail, body=bytes(raw), context=delivery.context)
        else:
            yield read_message(call, bytes(raw), delivery)


def read_message(call: Call, raw: bytes, delivery: Delivery) -> Message:
    """Say what a call says."""
    body = {
        **call.body,
        "context": {**members_of(delivery.context.get("context")), **members_of(call.body.get("context"))},
    }
    page = _page(body)
    of_company = members_of(body.get("traits")) if call.type == "group" else {}
    traits = traits_of({"context": body["context"]} if of_company else body)
    person = {name: one for name, one in traits.items() if name not in _CARRIED_IN_TRAITS}
    company = members_of(person.get("company"))
    user_id = text_of(body.get("userId"))
    is_behaviour = call.type in BEHAVIOUR
    return Message(
        message_id=call.message_id,
        kind=call.type,  # type: ignore[arg-type]  # one of TYPES, all of which are kinds
        name=call.name or (f"{call.type}_viewed" if is_behaviour else call.type),
        occurred_at=call.occurred_at,
        received_at=delivery.received_at,
        anonymous_id=text_of(body.get("anonymousId")),
        user_id=user_id,
        email=text_of(person.get("email")).lower(),
        previous_id=text_of(body.get("previousId")) if call.type == "alias" else "",
        group_id=text_of(body.get("groupId"))
        or text_of(members_of(body["context"]).get("groupId"))
        or text_of(company.get("id")),
        traits=person,
        company_traits={**company, **of_company},
        properties=_properties(call, body, page, text_of(delivery.context.get("user_agent"))) if is_behaviour else {},
        touch=find_touch(body, page),
        raw=raw.decode(),
        is_verified=delivery.is_verified or is_signed(delivery.source, user_id, body, traits),
    )


def is_signed(source: Source, user_id: str, body: Mapping[str, Json], traits: Mapping[str, Json]) -> bool:
    """Whether the website's own server vouches for a user id: `userHash` is the HMAC-SHA256 of it under the source's secret, in hex.

    It may stand in the call, in its `context` or among its traits: clients differ in where they let one put it.
    """
    places = (
        body.get("userHash"),
        members_of(body.get("context")).get("userHash"),
        *map(traits.get, _CARRIED_IN_TRAITS),
    )
    said = next((text_of(one) for one in places if one), "")
    if not (said and user_id and source.identity_secret):
        return False
    right = hmac.new(source.identity_secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), said.lower().encode())


def flatten(values: Mapping[str, Json]) -> dict[str, Json]:
    """Return what conditions can read: texts, numbers, booleans and lists of those; ``plan: {name}`` becomes ``plan_name``."""
    flat: dict[str, Json] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{inner}": one for inner, one in value.items() if is_plain(one)}
        elif is_plain(value):
            flat[key] = value
    return flat


def is_plain(value: Json) -> bool:
    """Whether a value is a text, a number, a boolean, or a list of those."""
    return isinstance(value, str | int | float) or (
        isinstance(value, list) and all(isinstance(one, str | int | float) for one in value)
    )


def _properties(call: Call, body: Mapping[str, Json], page: Mapping[str, Json], user_agent: str) -> dict[str, Json]:
    """Return what conditions read of an event: its own properties, then the page it was on, then the browser."""
    added = {**page}
    if call.type != "track":
        added |= {name: text for name in ("name", "category") if (text := text_of(body.get(name)))}
    if agent := text_of(members_of(body.get("context")).get("userAgent")) or user_agent:
        added["user_agent"] = agent
    return {**added, **flatten(members_of(body.get("properties")))}


def _page(body: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is known of the page: what a page call says of it counts more than its context."""
    page = members_of(members_of(body.get("context")).get("page"))
    said = members_of(body.get("properties")) if body.get("type") in (None, "page") else {}
    return {name: text for name in PAGE if (text := text_of(said.get(name)) or text_of(page.get(name)))}
