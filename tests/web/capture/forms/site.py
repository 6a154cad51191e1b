"""Somebody's website on this machine, which includes the snippet, and keeps what the snippet sends."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from leadline.web.capture.forms.snippet import snippet

PAGE = """<!doctype html><html><head><title>Prices</title>
<script async src="/snippet.js" data-key="ll_browser_k" {attributes}></script>{more}</head>
<body><main>
<a id="guide" href="/files/guide-to-hand-off.pdf">Guide</a>
<a id="away" href="http://localhost:{port}/elsewhere?token=1">Elsewhere</a>
<a id="here" href="#part">Part</a>
<form id="demo" data-leadline-form="demo_requested" action="/thanks"><input name="email" value="ada@acme.example">
<input name="first_name" value="Ada"><input type="password" name="secret" value="hunter2"><input type="hidden" name="token" value="t">
<input name="card" autocomplete="cc-number" value="4111"><input name="note" data-leadline-ignore value="private">
<div data-leadline-ignore><input name="diagnosis" value="private"></div>
<label><input type="checkbox" name="topics" value="a" checked></label><label><input type="checkbox" name="topics" value="b" checked></label>
<label><input type="checkbox" name="topics" value="c"></label><button>Send</button></form>
<form id="plain" action="/thanks"><input name="q" value="x"><button>Find</button></form>
</main></body></html>"""


@dataclass
class Site:
    """What pages it serves, and what has come in."""

    port: int = 0
    attributes: str = ""
    more: str = ""
    page: str = ""
    """A page of its own, for one that includes the snippet from elsewhere; it has no policy."""
    bodies: list[dict] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def messages(self):
        return [message for body in self.bodies for message in body["batch"]]


def serve(site):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/snippet.js"):
                return self.answer(snippet(), "text/javascript")
            if site.page:
                return self.answer(site.page, "text/html")
            page = PAGE.format(attributes=site.attributes, more=site.more, port=site.port)
            return self.answer(page, "text/html", {"Content-Security-Policy": "default-src 'self'"})

        def do_POST(self):
            assert self.path == "/v1/b"
            site.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            site.cookies.append(self.headers.get("Cookie", ""))
            self.answer('{"success":true}', "application/json")

        def answer(self, text, kind, headers=None):
            body = text.encode()
            self.send_response(200)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
