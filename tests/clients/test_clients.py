"""The clients that people use already, unchanged, against a real server.

Each tells one story; the answer to its first request is lost on the way, so it sends again. Every call has to be in the log once.
"""

import hashlib
import hmac
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler
from urllib.parse import urlencode

import pytest
from tests.clients.conftest import HERE, SECRET
from tests.clients.server import Server
from tests.conftest import miss
from tests.web.browser import CHROMIUM

pytestmark = [pytest.mark.clients, pytest.mark.xdist_group("clients")]
STORY = Counter(["identify", "track", "page", "screen", "group", "alias"])


def tell(command, line, key, folder=None):
    """Run a client to its end."""
    done = subprocess.run(
        [*command, f"http://{line.address}", key], cwd=folder, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr


def check_story(log, line):
    """Hold the log to the story."""
    assert len(line.posts) > 1, "it should have sent again"
    assert {status for _, status in line.posts} == {200}
    assert log["sent"] > sum(STORY.values())
    assert (log["waiting"], log["refused"]) == (0, [])
    assert Counter(event["kind"] for event in log["events"]) == STORY
    by_kind = {event["kind"]: event for event in log["events"]}
    assert by_kind["track"]["name"] == "demo_requested"
    assert by_kind["track"]["properties"]["plan"] == "pro"
    assert by_kind["track"]["properties"]["seats"] == 3
    assert by_kind["page"]["name"] == "page_viewed"
    assert by_kind["page"]["properties"]["path"] == "/pricing"
    assert all(0 <= event["delay_s"] < 60 for event in log["events"])


def check_vouched_for(log):
    """Hold the log to what a server's key is worth: Ada is one person, known by her id, her address, and what she was before."""
    assert len({event["lead"] for event in log["events"]}) == 1
    known = {(one["kind"], one["value"]): one for one in log["identities"]}
    for identity in (("user", "ada"), ("email", "ada@acme.example")):
        assert known[identity]["is_verified"]
        assert known[identity]["lead"] == log["events"][0]["lead"]
    assert log["facts"]["title"] == "CTO"
    assert log["company"]["name"] == "Acme"


@pytest.mark.parametrize("client", ["segment-python", "rudder-python"])
def test_a_client_for_python(leadline, line, client):
    pytest.importorskip("segment.analytics" if client == "segment-python" else "rudderstack.analytics")

    tell([sys.executable, str(HERE / f"{client.replace('-', '_')}.py")], line, leadline.keys[client])

    log = leadline.take(client)
    check_story(log, line)
    check_vouched_for(log)


@pytest.mark.parametrize("client", ["segment-node", "rudder-node"])
def test_a_client_for_node(leadline, line, packages, client):
    tell(["node", str(HERE / f"{client.replace('-', '_')}.mjs")], line, leadline.keys[client], packages)

    log = leadline.take(client)
    check_story(log, line)
    check_vouched_for(log)


@pytest.mark.browser
def test_segments_client_in_a_browser(leadline, line, packages):
    """On a page of another origin, with a public key: each call arrives, and only the signed one is believed."""
    if CHROMIUM is None:
        miss("there is no Chromium")
    api = pytest.importorskip("playwright.sync_api")
    key = leadline.keys["segment-browser"]
    signature = hmac.new(SECRET.encode(), b"ada", hashlib.sha256).hexdigest()
    story = """async (signature) => {
      const told = [
        analytics.page('Docs', 'Pricing', { path: '/pricing' }),
        analytics.track('Demo Requested', { plan: 'pro', seats: 3 }),
        analytics.screen('App', 'Start'),
        analytics.identify('ada', { email: 'ada@acme.example', title: 'CTO' }, { userHash: signature }),
        analytics.group('acme', { name: 'Acme' }),
        analytics.alias('ada', 'visitor-1'),
      ]
      await Promise.all(told)
    }"""
    elsewhere = []

    def browse():
        with Server(("127.0.0.1", 0), site(packages, key, line.address)) as pages, api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
            )
            page = browser.new_page()
            page.on(
                "request", lambda request: elsewhere.append(request.url) if "//127.0.0.1:" not in request.url else None
            )
            address = f"http://127.0.0.1:{pages.server_port}/pricing?"
            page.goto(address + urlencode({"key": key, "api": line.address, "utm_source": "newsletter"}))
            page.evaluate("() => new Promise((loaded) => analytics.ready(loaded))")
            page.evaluate(story, signature)
            for _ in range(200):
                if sum(status == 200 for _, status in line.posts) > sum(STORY.values()):
                    break
                page.wait_for_timeout(100)
            browser.close()

    # in a thread of its own: one thread has room for one Playwright, and other tests keep theirs
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(browse).result()

    log = leadline.take("segment-browser")
    check_story(log, line)
    assert elsewhere == []
    assert {path for path, _ in line.posts} == {f"/v1/{name}" for name in "pitsga"}
    known = {(one["kind"], one["value"]): one["is_verified"] for one in log["identities"]}
    assert known[("user", "ada")]
    assert next(event for event in log["events"] if event["kind"] == "page")["touch"]["source"] == "newsletter"


def site(packages, key, api):
    """Return what serves a page, the client's files, and the settings that Segment's CDN would give."""
    files = packages / "node_modules/@segment/analytics-next/dist/umd"
    settings = {"integrations": {"Segment.io": {"apiKey": key, "apiHost": f"{api}/v1", "protocol": "http"}}}

    class Site(SimpleHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0]
            if path == "/pricing":
                self.give((HERE / "page.html").read_bytes(), "text/html")
            elif path.startswith("/v1/projects/"):
                self.give(json.dumps(settings).encode(), "application/json")
            elif (files / path.rpartition("/")[2]).is_file():
                self.give((files / path.rpartition("/")[2]).read_bytes(), "text/javascript")
            else:
                self.send_error(404)

        def give(self, content, kind):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    return Site
