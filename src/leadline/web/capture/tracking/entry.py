"""The tracking API's own way in, past Django's middleware: it has no session, no form and no page, and a third of the processor's time
would go into them (docs/decisions/0022). `config/wsgi.py` leads here; `views.py` is the same for servers that begin with Django."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import BinaryIO
from wsgiref.types import StartResponse, WSGIEnvironment

from django.db import close_old_connections
from django.utils import timezone

from leadline.web.capture.tracking.endpoint import Request, answer
from leadline.web.shell.numbers import whole_number

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def answer_wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request as WSGI has it."""
    request = Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        asked_headers=environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""),
        read=lambda most: _read(environ, most),
    )
    said = answer(request, timezone.now())
    if said.status == HTTPStatus.SERVICE_UNAVAILABLE:
        close_old_connections()  # as Django does after each request: one that broke is not used again
    start_response(_STATUS[said.status], said.headers)
    return [said.content]


def _read(environ: WSGIEnvironment, most: int) -> bytes:
    """Return at most so many bytes of the body. A server that marks its end may leave the length out; otherwise none means empty."""
    length = whole_number(environ.get("CONTENT_LENGTH"))
    if length is not None:
        most = min(most, length)
    elif not environ.get("wsgi.input_terminated"):
        return b""
    stream: BinaryIO = environ["wsgi.input"]
    return read_fully(stream.read, most)


def read_fully(read: Callable[[int], bytes], most: int) -> bytes:
    """Read until there is enough or no more: a stream may give less at once than it was asked for."""
    parts = []
    while most > 0 and (part := read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)
