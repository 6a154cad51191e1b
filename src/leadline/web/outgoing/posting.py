"""Sends one webhook over the network: to a checked address, without proxies and redirects, within a time, reading little of the answer."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from leadline.web.outgoing.addresses import Address, AddressRefusedError, Target, read_url, resolve

CONNECT_S, TOTAL_S = 5.0, 15.0
"""Seconds for the connection, and for all of it together."""
MOST_READ = 2048
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How an attempt went. status: None where there was no answer; then *error* says why. ms: how long it took.

    retry_after: what the answer says of when to come again, as it came.
    """

    status: int | None
    error: str
    answer: str
    ms: int
    retry_after: str = ""


def post(
    url: str, body: bytes, headers: dict[str, str], *, connect_s: float = CONNECT_S, total_s: float = TOTAL_S
) -> Posted:
    """Send a webhook and return how it went. Never raises for what the network or the other side does."""
    began = time.monotonic()

    def told(status: int | None, error: str = "", answer: str = "", retry_after: str = "") -> Posted:
        return Posted(status, error[:300], answer, round((time.monotonic() - began) * 1000), retry_after)

    try:
        target = read_url(url)
        addresses = resolve(target)
        status, answer, retry_after = _post(
            target, addresses, body, headers, connect_s, lambda: total_s - (time.monotonic() - began)
        )
    except AddressRefusedError as error:
        return told(None, str(error))
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() - began >= total_s:
            return told(None, f"There was no answer within {total_s:.0f} s.")
        return told(None, f"{type(error).__name__}: {error}".replace("\0", ""))
    if 300 <= status < 400:
        return told(status, "It answered with a redirect, which is not followed.", answer)
    return told(status, "" if status < 300 else f"It answered {status}.", answer, retry_after)


def _post(
    target: Target,
    addresses: list[Address],
    body: bytes,
    headers: dict[str, str],
    connect_s: float,
    left: Callable[[], float],
) -> tuple[int, str, str]:
    plain = _connect(addresses, target.port, connect_s, left)
    # A timeout of the socket holds for each read: who answers a byte a second would never run into it. This ends it all.
    wrapped = plain
    if target.is_https:
        context = ssl.create_default_context()
        wrapped = context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)
    wrapped.settimeout(max(left(), 0.01))
    alarm = threading.Timer(max(left(), 0.0), _cut, (wrapped,))
    alarm.daemon = True
    alarm.start()
    try:
        if isinstance(wrapped, ssl.SSLSocket):
            wrapped.do_handshake()
        return _ask(wrapped, target, body, headers)
    finally:
        alarm.cancel()
        wrapped.close()


def _ask(wrapped: socket.socket, target: Target, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = wrapped
    try:
        connection.request("POST", target.path, body, headers | {"Connection": "close"})
        answer = connection.getresponse()
        said = answer.read(MOST_READ).decode("utf-8", errors="replace").replace("\0", "")
        return answer.status, said, answer.getheader("Retry-After", "")
    finally:
        connection.close()


def _connect(addresses: list[Address], port: int, connect_s: float, left: Callable[[], float]) -> socket.socket:
    """Connect to the first of the checked addresses that answers."""
    failed: OSError = TimeoutError("There was no time left.")
    for address in addresses:
        if left() <= 0:
            break
        try:
            return socket.create_connection((str(address), port), timeout=min(connect_s, left()))
        except OSError as error:
            failed = error
    raise failed


def _cut(wrapped: socket.socket) -> None:
    """End a connection from outside, also in the middle of a read."""
    with contextlib.suppress(OSError):  # it was closed a moment before
        # not that of TLS: it would take its state away from under the thread that reads
        socket.socket.shutdown(wrapped, socket.SHUT_RDWR)
