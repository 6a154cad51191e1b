"""Where the app is served: a free port, and the address that a person opens.

Knows no Django, so that it can be asked before anything is made. Guarded by tests/web/operations/test_up.py.
"""

import errno
import os
import socket
from ipaddress import ip_address


class CannotStartError(Exception):
    """Something stands in the way; the text says what, and how to get on. code: of the problem, as in `engine.problems.CODES`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def find_port(host: str, port: int) -> int:
    """Return the port to serve at: *port*, or any free one for 0.

    Raises:
        CannotStartError: it is taken, or *host* is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as tried:
            if os.name != "nt":  # there it would share the port
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            return int(tried.getsockname()[1])
    except OSError as error:
        raise CannotStartError(_say_why(host, port, error), "port-taken") from None


def _say_why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Choose another: --port {port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system. Choose one from 1024 on: --port 8000."
    return f"{host!r} is no address of this machine. --host 0.0.0.0 means all of them."


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server at *host*."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(host: str, port: int) -> str:
    """Return the address that a person on this machine opens."""
    is_all = host in ("0.0.0.0", "::", "")
    shown = "127.0.0.1" if is_all else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
