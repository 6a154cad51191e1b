"""The tracking API: from a request to an answer. It knows neither Django's requests nor WSGI; both are wrapped around it.

The order matters. The key is looked up before anything is written, and *success* is said after the transaction has committed and not
before. Clients drop what is answered with 3xx, 410, 501 or 505, so nothing here ever says those; what may work later is a 503 or a 429.
"""

import logging
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from leadline.engine.problems import suggest
from leadline.web.capture.tracking import backlog
from leadline.web.capture.tracking.commits import SharedCommit
from leadline.web.capture.tracking.inbox import Refusal
from leadline.web.capture.tracking.reading import (
    GZIP,
    Envelope,
    UnusableError,
    find_write_key,
    read_envelope,
)
from leadline.web.capture.tracking.senders import find_sender, key_of
from leadline.web.capture.tracking.storing import Rows, rows_of, sort_calls, write_rows
from leadline.web.leads.messages import Json

logger = logging.getLogger(__name__)

RETRY_AFTER_S = {429: 10, 503: 5}

_CALLS = {
    "batch": "", "b": "", "import": "",
    "identify": "identify", "i": "identify",
    "track": "track", "t": "track",
    "page": "page", "p": "page",
    "screen": "screen", "s": "screen",
    "group": "group", "g": "group",
    "alias": "alias", "a": "alias",
}  # fmt: skip
FOLDER = "/v1/"
"""All below it is answered here, mistyped addresses too: who sends events reads JSON, not a page."""
_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(?: ?, ?[A-Za-z0-9-]+)*")
_MOST_AGENT_LENGTH = 500
_MOST_NAME_LENGTH = 60
_EVERYWHERE = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "Retry-After")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What of a request matters here.

    read: gives at most so many bytes of the body.
    asked_headers: which a preflight asks to send.
    """

    method: str
    path: str
    authorization: str
    user_agent: str
    asked_headers: str
    read: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a status, headers, and JSON."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes


def is_ours(path: str) -> bool:
    """Whether an address is one of the tracking API's."""
    return path.startswith(FOLDER)


def answer(request: Request, now: datetime) -> Answer:
    """Take a request in, at *now*."""
    called = request.path.removeprefix(FOLDER).removesuffix("/")
    if called not in _CALLS:
        near = suggest(called[:_MOST_NAME_LENGTH], (name for name in _CALLS if len(name) > 1))
        message = f"Nothing is taken in at this address.{near}"
        return _say(404, reason="unknown-address", message=message, open_to=())
    if request.method == "OPTIONS":
        return _allow(request.asked_headers)
    if request.method != "POST":
        return _say(405, reason="post-only", message="Send events with POST.", headers=[("Allow", "POST, OPTIONS")])
    try:
        return _take_in(request, _CALLS[called], now)
    except DatabaseError as error:
        logger.warning("Events were not taken in, the client was told to send them again: %s", error)
        return _say(503, reason="store-trouble", message="The store is in trouble. Nothing was taken; send it again.")


def _take_in(request: Request, type_: str, now: datetime) -> Answer:
    body, read = _read(request.read, is_batch=not type_)
    key = key_of(request.authorization) or (read.write_key if isinstance(read, Envelope) else find_write_key(body))
    if not key and isinstance(read, UnusableError):
        return _say(400, reason=read.reason, message=read.detail)  # nobody's: there is no operator to show it to
    sender = find_sender(key) if key else None
    if sender is None:
        return _say(401, reason="unknown-key", message="The write key is missing, or unknown, or was revoked.")
    if backlog.is_full():
        return _say(429, reason="overload", message="Too much waits already. Nothing was taken; send it again later.")
    context: dict[str, Json] = {"user_agent": request.user_agent[:_MOST_AGENT_LENGTH], "type": type_}
    if isinstance(read, UnusableError):
        context["is_request"] = True
        whole = Refusal(reason=read.reason, detail=read.detail, body=body, context=context)
        _commit(rows_of(sender, [], [whole], context, now))
        return _say(400, reason=read.reason, message=read.detail)
    context |= {"sent_at": read.sent_at, "context": dict(read.context)}
    usable, refused = sort_calls(read.events, context, now)
    _commit(rows_of(sender, usable, refused, context, now))
    return _say(200, success=True, accepted=len(usable), refused=len(refused))


def _commit(rows: Rows) -> None:
    """Return when all of a request has been committed. From here on it may be acknowledged."""
    if connection.vendor == "sqlite":
        _COMMITS.commit(rows)
    else:  # PostgreSQL shares commits by itself
        write_rows([rows])


_COMMITS = SharedCommit(write_rows)


def _read(read: Callable[[int], bytes], *, is_batch: bool) -> tuple[bytes, Envelope | UnusableError]:
    """Return a body, unpacked, and its parts or why it cannot be used."""
    body = read(settings.TRACKING["batch_bytes"] + 1)
    try:
        body = _unpack(body)
        envelope = read_envelope(body, is_batch=is_batch)
        if len(envelope.events) > settings.TRACKING["batch_events"]:
            raise UnusableError(
                "too-many-events",
                f"It has {len(envelope.events):,} events; a batch may have {settings.TRACKING['batch_events']:,}.",
            )
    except UnusableError as error:
        return body, error
    return body, envelope


def _unpack(body: bytes) -> bytes:
    """Return the JSON in a body. Gzip is known by its first bytes: one client does not say that it packs, others say so and do not."""
    most: int = settings.TRACKING["batch_bytes"]
    if body.startswith(GZIP) and len(body) <= most:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(body, most + 1)
        except zlib.error as error:
            raise UnusableError("unreadable-gzip", f"It begins as gzip and is none: {error}.") from None
        if len(body) <= most and (not unpacker.eof or unpacker.unused_data):
            raise UnusableError(
                "unreadable-gzip", "The gzip ends early or goes on after its end. Was the request cut off?"
            )
    if len(body) > most:
        raise UnusableError("request-too-large", f"It has more than {most:,} bytes, unpacked. Send smaller batches.")
    return body


def _allow(asked_headers: str) -> Answer:
    """Answer a preflight: pages anywhere may post here, as a browser key allows; cookies are never looked at."""
    allowed = asked_headers if _HEADER_NAMES.fullmatch(asked_headers) else "Authorization, Content-Type"
    headers = [
        *_EVERYWHERE,
        ("Access-Control-Allow-Methods", "POST, OPTIONS"),
        ("Access-Control-Allow-Headers", allowed),
        ("Access-Control-Max-Age", "7200"),
        ("Vary", "Access-Control-Request-Headers"),
    ]
    return Answer(204, headers, b"")


def _say(
    status: int,
    *,
    headers: Iterable[tuple[str, str]] = (),
    open_to: Iterable[tuple[str, str]] = _EVERYWHERE,
    **content: Json,
) -> Answer:
    """Return an answer with its headers. open_to: those that let pages read it."""
    said = msgspec.json.encode({"success": status < 400} | content)
    about = [
        ("Content-Type", "application/json"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Length", str(len(said))),
    ]
    all_headers = [*open_to, *about, *headers]
    if status in RETRY_AFTER_S:
        all_headers.append(("Retry-After", str(RETRY_AFTER_S[status])))
    return Answer(status, all_headers, said)
