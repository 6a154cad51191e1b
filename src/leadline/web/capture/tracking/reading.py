"""JSON as strangers send it: cut into its parts without trusting it, and read with a reason for whatever cannot be used.

What can be used is JSON that every part of the app can keep: numbers that are numbers, text that is text, and not nested beyond
measure. One bad event must not cost the others of its batch, so a body is cut into events before any of them is read.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import Any, NoReturn

import msgspec

from leadline.web.leads.messages import Json

GZIP = b"\x1f\x8b"
"""How a body begins that is compressed."""
MOST_DEPTH = 32
_MOST_DATE_LENGTH = 64
_GREATEST = 2**1024
"""Above every number that a double can hold."""
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WRITE_KEY = re.compile(rb'("writeKey"\s*:\s*")([^"\\]*)')


class UnusableError(ValueError):
    """Something that was sent cannot be used: a stable code, and a sentence that says what was found and how to mend it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A body, cut: its events as they came, and what it says of all of them."""

    events: list[bytes]
    write_key: str
    sent_at: str
    context: Mapping[str, Json]


class _Quick(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    write_key: Any = None
    sent_at: Any = None
    context: Any = None


def read_envelope(body: bytes, *, is_batch: bool) -> Envelope:
    """Cut a body into its events.

    Args:
        body: JSON, an object.
        is_batch: whether its events stand in `batch`; otherwise the body is an event itself.

    Raises:
        UnusableError: it is no JSON object, it ends early, or `batch` is missing or no list.
    """
    try:
        quick = msgspec.json.decode(body, type=_Quick)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _cut_envelope(body, is_batch=is_batch)  # one bad event is enough to come here
    if not is_batch:
        events = [body]
    elif isinstance(quick.batch, list):
        events = [bytes(one) for one in quick.batch]
    else:
        raise _no_batch()
    return _envelope(events, quick.write_key, quick.sent_at, quick.context)


def read_value(raw: bytes) -> Json:
    """Read one piece of JSON.

    Raises:
        UnusableError: with the reason why it cannot be kept.
    """
    try:
        value: Json = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        _name_fault(raw)
    check_value(value)
    return value


def check_value(value: Json, depth: int = 0) -> None:
    """Check what is right in JSON and still cannot be kept.

    Raises:
        UnusableError: a NUL character, a number beyond all measure, or too deep.
    """
    match value:
        case str():
            if "\0" in value:
                raise UnusableError("nul-character", "A text contains the character NUL (\\u0000). Take it out.")
        case dict():
            if depth == MOST_DEPTH:
                raise _too_deep()
            for key, one in value.items():
                if "\0" in key:
                    raise UnusableError("nul-character", "A name contains the character NUL (\\u0000). Take it out.")
                check_value(one, depth + 1)
        case list():
            if depth == MOST_DEPTH:
                raise _too_deep()
            for one in value:
                check_value(one, depth + 1)
        case int():
            if abs(value) >= _GREATEST:
                raise _out_of_range()
        case _:
            pass


def find_write_key(body: bytes) -> str:
    """Return the key that stands in a body which cannot be read; empty when there is none."""
    found = _WRITE_KEY.search(body)
    return found[2].decode("utf-8", "replace") if found else ""


def hide_write_key(raw: bytes) -> bytes:
    """Take keys out of what will be kept: a server's key must stand nowhere."""
    return _WRITE_KEY.sub(rb"\1", raw) if b"writeKey" in raw else raw


def _envelope(events: list[bytes], write_key: Json, sent_at: Json, context: Json) -> Envelope:
    """Return the parts as far as they can be used: what is said of all events is a help, and no reason to refuse any."""
    try:
        check_value([sent_at, context])
    except UnusableError:
        sent_at = context = None
    return Envelope(
        events=events,
        write_key=write_key if isinstance(write_key, str) else "",
        sent_at=sent_at if isinstance(sent_at, str) and len(sent_at) <= _MOST_DATE_LENGTH else "",
        context=context if isinstance(context, dict) else {},
    )


# -- the careful way -------------------------------------------------------------------------------------------


def _cut_envelope(body: bytes, *, is_batch: bool) -> Envelope:
    """Do what `read_envelope` does when some part of the body is no JSON: cut by brackets, and read each part by itself."""
    members = _cut_object(body)
    events = [body]
    if is_batch:
        batch = members.get("batch", b"")
        if not batch.startswith(b"["):
            raise _no_batch()
        events = _cut(batch)
    write_key, sent_at, context = (_find_value(members.get(name)) for name in ("writeKey", "sentAt", "context"))
    return _envelope(events, write_key, sent_at, context)


def _cut_object(body: bytes) -> dict[str, bytes]:
    """Return the members of an object, their values as they came; of two with one name the last."""
    if not body.lstrip().startswith(b"{"):
        raise UnusableError("unreadable-json", f"The body should be a JSON object; it begins with {body[:20]!r}.")
    members = {}
    for part in _cut(body):
        name = _TOKEN.match(part)
        colon = None if name is None else _TOKEN.search(part, name.end())
        if name is None or colon is None or colon[0] != b":":
            raise UnusableError("unreadable-json", f"A name and a colon should stand at {part[:20]!r}.")
        members[str(_find_value(name[0]))] = part[colon.end() :].strip()
    return members


def _cut(body: bytes) -> list[bytes]:
    """Return what stands between the commas of an object or a list, blanks taken off. Linear, whatever is in it."""
    parts, depth, start = [], 0, 0
    for token in _TOKEN.finditer(body):
        match token[0]:
            case b"{" | b"[":
                depth += 1
                if depth == 1:
                    start = token.end()
            case b"}" | b"]":
                depth -= 1
            case b",":
                if depth == 1:
                    parts.append(body[start : token.start()].strip())
                    start = token.end()
            case _:
                pass
        if depth == 0:
            if body[token.end() :].strip():
                raise UnusableError("unreadable-json", f"The JSON should end at byte {token.end()}, and goes on.")
            last = body[start : token.start()].strip()
            return [*parts, last] if parts or last else []
    raise UnusableError("unreadable-json", "The JSON ends early: a bracket is not closed. Was the request cut off?")


def _find_value(raw: bytes | None) -> Json:
    """Return a part's value, None when it is missing or cannot be used."""
    if raw is None:
        return None
    try:
        return read_value(raw)
    except UnusableError:
        return None


def _name_fault(raw: bytes) -> NoReturn:
    """Say why a piece of JSON cannot be read."""
    if b"\0" in raw:
        raise UnusableError("nul-character", "It contains a NUL byte. Take it out.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise UnusableError("broken-text", f"It is not UTF-8: byte {error.start} is {raw[error.start]:#04x}.") from None
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise UnusableError(
            "unreadable-json", f"It is no JSON: {error.msg.lower()} at character {error.pos}."
        ) from None
    except UnusableError:
        raise
    except ValueError:  # more digits than Python makes a number of
        raise _out_of_range() from None
    _check_careful(value)
    raise UnusableError("unreadable-json", "It is no JSON that can be read.")


def _check_careful(value: Json) -> None:
    """Find what the standard library reads and nobody can keep: infinite numbers and halves of characters."""
    waiting: list[Json] = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                if _SURROGATE.search(text):
                    raise UnusableError(
                        "broken-text", "A text contains half of a character (a lone surrogate such as \\ud83d)."
                    )
            case float() as number:
                if isinf(number):
                    raise _out_of_range()
            case dict() as members:
                waiting += [*members, *members.values()]
            case list() as parts:
                waiting += parts
            case _:
                pass
    check_value(value)


def _refuse_constant(name: str) -> NoReturn:
    raise UnusableError("not-a-number", f"{name} stands where a number or null should. JSON has no {name}.")


def _out_of_range() -> UnusableError:
    return UnusableError("number-out-of-range", "A number is larger than any that can be computed with (1.8e308).")


def _too_deep() -> UnusableError:
    return UnusableError("too-deep", f"It is nested more than {MOST_DEPTH} levels deep. Send it flatter.")


def _no_batch() -> UnusableError:
    return UnusableError("no-batch", 'The body should be {"batch": [ … ]}: it has no list of that name.')
