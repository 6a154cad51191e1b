"""What taking events in is held against: a server that parses each batch and answers, and does nothing else."""

import sys
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Parse, count, answer."""
    batch = msgspec.json.decode(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))["batch"]
    said = b'{"success":true,"accepted":%d,"refused":0}' % len(batch)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(said)))])
    return [said]


if __name__ == "__main__":
    Granian(
        "benchmarks.bare_server:application",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=int(sys.argv[2]),
        blocking_threads=int(sys.argv[3]),
        log_level=LogLevels.warning,
    ).serve()
