"""A loopback server that is told things, and an endpoint that leads to it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from leadline.web.outgoing.models import Endpoint
from leadline.web.outgoing.signing import make_salt


class Receiver:
    """What came, and what is answered: a status, with headers."""

    def __init__(self):
        self.came = []
        self.status, self.headers, self.wait = 200, {}, None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.came.append((self.path, dict(self.headers), body))
                if outer.wait is not None:
                    outer.wait.wait(10)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"thanks" * 1000)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def endpoint(northwind, receiver, now):
    return Endpoint.objects.create(
        workspace=northwind, url=receiver.url, description="CRM", salt=make_salt(), made_at=now
    )
