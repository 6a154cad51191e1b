"""A Leadline of its own on loopback, and a line to it that loses the first answer."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREPARE = """
import json, sys
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Source, Workspace
keys = {}
for name, kind, secret in json.loads(sys.argv[1]):
    workspace = Workspace.objects.create(name=name, slug=name)
    source = Source.objects.create(
        workspace=workspace, name="website" if kind == "browser" else "server",
        kind="website" if kind == "browser" else "server", identity_secret=secret,
    )
    keys[name] = make_key(source, kind)
print(json.dumps(keys))
"""
TAKE = """
import json, sys
import django; django.setup()
from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.models import Event, Fact, Identity
sent = sum(Delivery.objects.filter(workspace__slug=sys.argv[1]).values_list("event_count", flat=True))
while take_deliveries():
    pass
of = {"workspace__slug": sys.argv[1]}
print(json.dumps({
    "sent": sent,
    "waiting": Delivery.objects.filter(**of).count(),
    "refused": list(RefusedEvent.objects.filter(**of).values_list("reason", flat=True)),
    "events": [
        {"kind": e.kind, "name": e.name, "properties": e.properties, "lead": e.lead_id, "touch": e.touch,
         "delay_s": (e.received_at - e.occurred_at).total_seconds()}
        for e in Event.objects.filter(**of).order_by("pk")
    ],
    "identities": [
        {"kind": i.kind, "value": i.value, "lead": i.lead_id, "is_verified": i.is_verified}
        for i in Identity.objects.filter(**of).order_by("pk")
    ],
    "facts": {f.field: f.value for f in Fact.objects.filter(**of, lead__isnull=False)},
    "company": {f.field: f.value for f in Fact.objects.filter(**of, company__isnull=False)},
}))
"""


class Leadline:
    """An installation with one workspace and key for each client."""

    def __init__(self, folder, workspaces):
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment |= {"LEADLINE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings"}
        self.keys = json.loads(self.python("-c", PREPARE, json.dumps(workspaces)))
        self.port = free_port()

    def python(self, *arguments):
        """Run Python in this installation and return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def take(self, workspace):
        """Do what the worker does, and return what is in the log then."""
        return json.loads(self.python("-c", TAKE, workspace))

    @contextmanager
    def serving(self):
        """Serve as `leadline up` does."""
        command = [sys.executable, "-m", "leadline.web.operations.serve", "--port", str(self.port)]
        process = subprocess.Popen(command, env=self.environment)
        try:
            wait_for(self.port)
            yield self
        finally:
            process.terminate()
            process.wait(timeout=30)


class Line:
    """Passes everything on to a server, and loses the answer to the first POST, after the server has given it."""

    def __init__(self, to_port):
        self.posts = []
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() not in ("connection", "host")
                }
                with closing(HTTPConnection("127.0.0.1", to_port, timeout=30)) as server:
                    server.request(self.command, self.path, body, headers)
                    answer = server.getresponse()
                    content, status = answer.read(), answer.status
                if self.command == "POST":
                    line.posts.append((self.path, status))
                    status = 500 if len(line.posts) == 1 else status
                self.send_response(status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "date", "server", "content-length", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_OPTIONS = do_POST  # noqa: N815 - as http.server names it

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"


class Server(ThreadingHTTPServer):
    """Serves in the background until it is left."""

    daemon_threads = True

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    """Wait until somebody listens."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on {port}")
