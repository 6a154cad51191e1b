"""The client turns pages, waits and tries again, does nothing twice, and sends a key nowhere else. And docs/api.md is true."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.web.conftest import member
from tests.web.pages.world import assess_everybody, fill, make_live, starter_toml

from leadline.client import ApiError, Leadline, UnreachableError
from leadline.web.api.keys import SCOPES, make_api_key
from leadline.web.handoff.models import HandOff
from leadline.web.leads.models import Fact, Lead, Outcome
from leadline.web.playbooks.queries import find_live

PROJECT = Path(__file__).resolve().parents[3]
GUIDE = (PROJECT / "docs/api.md").read_text(encoding="utf-8")


@pytest.fixture
def app(live_server, northwind):
    make_live(northwind, starter_toml())
    fill(northwind, leads=30)
    assess_everybody()
    _, key = make_api_key(northwind, name="docs", scopes=SCOPES)
    return Leadline(live_server.url, key)


@pytest.mark.django_db(transaction=True)
def test_the_client_does_what_it_says(app, northwind):
    listed = list(app.pages("/leads", limit=7, who="all"))
    assert {one["id"] for one in listed} == set(Lead.objects.filter(workspace=northwind).values_list("pk", flat=True))
    assert all(isinstance(points, Decimal) for one in listed for points in one["assessment"]["scores"].values())

    made = app.write_lead(email="ada@acme.example", facts={"title": "VP"})
    assert app.write_facts(made["id"], {"title": "VP", "team": 4}) == {"stored": 1, "unchanged": 1}
    won = app.report_outcome(made["id"], "won", datetime.now(UTC), value="12.50")
    assert won["stored"] == 1
    assert [app.take_back_outcome(made["id"], won["id"]) for _ in range(2)] == [True, False]
    assert app.send_events([{"type": "track", "userId": "u", "event": "x"}])["accepted"] == 1
    assert app.assessment(listed[0]["id"], explain=True)["explanation"]["scores"]
    assert app.text("/playbooks/live.toml") == starter_toml()
    assert len(list(app.lines("/export/leads"))) == len(listed) + 1
    view = app.save_view("Fit", stage=["mql", "sql"], where="fit >= 50", sort="seen")
    assert view["query"] == "stage=mql&stage=sql&where=fit+%3E%3D+50&sort=seen"
    assert app.patch(f"/views/{view['id']}", {"query": "first=50&who=all"}) | {"name": "Fit"} in app.views()
    assert {one["id"] for one in app.pages(f"/views/{view['id']}/leads")} == {
        one["id"] for one in listed if one["assessment"]["scores"]["fit"] >= 50
    }
    assert app.delete(f"/views/{view['id']}") is None and app.views() == []
    assert app.delete(f"/leads/{made['id']}")["removed"]["leads"] == 1
    with pytest.raises(ApiError) as refused:
        app.get(f"/leads/{made['id']}")
    assert (refused.value.status, refused.value.code) == (404, "not-found")


@pytest.mark.django_db(transaction=True)
def test_the_client_works_hand_offs_in_the_name_of_members(app, northwind, omar):
    nadia = member(northwind, "Nadia", "rep")
    lead = Lead.objects.filter(workspace=northwind, is_known=True).first()
    version = find_live(northwind).number
    now = datetime.now(UTC)
    HandOff.objects.create(
        workspace=northwind, lead=lead, qualification="mql", began_at=now, version_number=version, opened_at=now
    )
    (waiting,) = app.handoffs(state="open", sort="urgency")
    one, by = waiting["id"], {"by": omar.email}

    assert app.claim(one, **by)["owner"]["name"] == "Omar"
    with pytest.raises(ApiError, match="already taken by Omar") as refused:
        app.claim(one, by=nadia.email)
    assert (refused.value.code, refused.value.handoff["owner"]["name"]) == ("already-taken", "Omar")
    assert app.release(one, why="busy", **by)["state"] == "waiting"
    assert app.assign(one, to=nadia.email, **by)["owner"]["name"] == "Nadia"
    assert app.log_call(one, "reached", text="a quote", **by)["steps"][-1]["said"]["result"] == "reached"
    assert app.write_note(one, "Likes tea", **by)["steps"][-1]["kind"] == "noted"
    assert [note["text"] for note in app.notes(lead=lead.pk)] == ["Likes tea"]
    (met,) = app.book_meeting(one, now + timedelta(days=1), minutes=45, **by)["meetings"]
    (moved,) = app.move_meeting(one, met["id"], at=now + timedelta(days=2), **by)["meetings"]
    assert (moved["at"] > met["at"], moved["minutes"], moved["sequence"]) == (True, 45, 1)
    assert app.move_meeting(one, met["id"], minutes=20, place="Zoom", **by)["meetings"][0]["at"] == moved["at"]
    assert app.cancel_meeting(one, met["id"], **by)["meetings"][0]["is_cancelled"]
    assert "METHOD:CANCEL" in app.meeting_file(one, met["id"])
    assert app.snooze(one, now + timedelta(days=1), **by)["snoozed_until"]
    assert app.undo(one, **by)["snoozed_until"] is None
    reason = next(each["reasons"] for each in app.decisions() if each["id"] == "recycled")[0]["id"]
    assert app.decide(one, "recycled", reason=reason, text="in spring", **by)["state"] == "recycled"
    assert app.handoff(one)["reason"] == reason
    assert app.answer(lead.pk, "budget", "yes", evidence="said so", **by)["stored"] == 1


# -- a server that misbehaves -----------------------------------------------------------------------------------


@contextmanager
def serving(answers: list[Callable[[BaseHTTPRequestHandler], None]]):
    """Serve answers one after the other, and give the address and what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            asked.append((dict(self.headers), self.rfile.read(length)))
            answers.pop(0)(self)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def say(status, body=b'{"id": 1}', **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang_up(handler):
    handler.close_connection = True
    handler.connection.close()


def test_it_waits_as_it_is_told_and_sends_the_same_under_the_same_key():
    waited = []
    with serving([say(429, Retry_After="7"), say(503), hang_up, say(200)]) as (address, asked):
        assert Leadline(address, "k", sleep=waited.append).post("/leads", {"email": "a"}) == {"id": 1}

    assert waited[0] == 7 and len(waited) == 3
    assert len({headers["Idempotency-Key"] for headers, _ in asked}) == 1
    assert {body for _, body in asked} == {b'{"email": "a"}'}


def test_it_gives_up_in_the_end_and_says_why():
    with serving([say(503)] * 2) as (address, asked):
        with pytest.raises(ApiError, match="503"):
            Leadline(address, "k", tries=2, sleep=lambda _: None).get("/leads")
        assert len(asked) == 2
    with pytest.raises(UnreachableError, match="does not answer"):
        Leadline(address, "k", tries=2, sleep=lambda _: None).get("/leads")


def test_what_is_refused_is_not_tried_again():
    said = {
        "type": "urn:leadline:problem:invalid",
        "detail": "No.",
        "errors": [{"pointer": "/x", "detail": "Mend it."}],
    }
    with serving([say(422, json.dumps(said).encode())]) as (address, _), pytest.raises(ApiError) as refused:
        Leadline(address, "k").post("/leads", {})

    assert (refused.value.code, str(refused.value)) == ("invalid", "422 invalid: No.\n/x Mend it.")


def test_a_key_is_not_sent_on_to_where_an_answer_points():
    with serving([say(200)]) as (elsewhere, asked), serving([say(302, Location=elsewhere + "/x")]) as (address, _):
        with pytest.raises(ApiError, match="302"):
            Leadline(address, "secret").get("/leads")
        assert asked == []


@pytest.mark.parametrize("address", ["leads.example", "file:///etc/passwd", ""])
def test_an_address_that_is_none_is_refused_at_once(address):
    with pytest.raises(ValueError, match="no address"):
        Leadline(address, "k")


def test_a_key_does_not_stand_in_tracebacks():
    assert "secret" not in repr(Leadline("http://leads.example", "secret"))


# -- the guide ----------------------------------------------------------------------------------------------------


def blocks_of(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def environment_of(app):
    names = {"LEADLINE_URL": app.url, "LEADLINE_KEY": app.key, "PYTHONPATH": str(PROJECT / "src")}
    return os.environ | names | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.mark.django_db(transaction=True)
def test_the_example_of_the_guide_runs(app, tmp_path):
    (example,) = blocks_of("python")

    done = subprocess.run(
        [sys.executable, "-c", example],
        env=environment_of(app),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "invalid /facts/0/field" in done.stdout
    assert (
        Fact.objects.filter(field="title", value="VP Sales").exists() and Outcome.objects.filter(source="api").exists()
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_commands_of_the_guide_run(app, tmp_path):
    commands = "set -e\n" + "\n".join(blocks_of("sh"))

    done = subprocess.run(
        ["bash", "-c", commands], env=environment_of(app), cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"was_made": true' in done.stdout
    assert (tmp_path / "northwind/scores.csv").is_file()


def test_the_guide_names_every_scope_and_operation():
    assert all(f"| `{scope}` |" in GUIDE for scope in SCOPES)
