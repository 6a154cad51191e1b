"""What a visitor did is one line of the log; a mistake of ours has its stack trace."""

import logging

import pytest
from django.conf import settings
from django.test import Client
from tests.web.conftest import member

from leadline.web.pages.today import views


@pytest.fixture
def told(monkeypatch):
    """Collect what the console would be told, as the formatter of the settings writes it."""
    lines = []
    console = next(one for one in logging.getLogger("django").handlers if isinstance(one, logging.StreamHandler))
    monkeypatch.setattr(console, "emit", lambda record: lines.append(console.format(record)))
    return lines


@pytest.fixture
def rita(northwind):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(member(northwind, "Rita", "viewer"))
    return client


def many(number):
    return {f"f{at}": "1" for at in range(number + 1)}


DRAFTS, NO_BOUNDARY = "/playbook/drafts/", "multipart/form-data; boundary="
ASKED = {
    "a stale form": (403, lambda client: client.post("/leads/add/", {"csrfmiddlewaretoken": "stale"})),
    "a refused role": (403, lambda client: client.get("/settings/")),
    "no such page": (404, lambda client: client.get("/nope/a%0Ab/")),
    "no such lead": (404, lambda client: client.get("/leads/77/")),
    "a body that is none": (400, lambda client: unchecked(client).post(DRAFTS, "--x", content_type=NO_BOUNDARY)),
    "too many fields": (
        400,
        lambda client: unchecked(client).post(DRAFTS, many(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)),
    ),
    "a foreign host": (400, lambda client: client.get("/", headers={"host": "evil.example"})),
    "a host of several lines": (400, lambda client: client.get("/", headers={"host": "evil\nexample"})),
    "a method that is not there": (405, lambda client: client.get("/sign-out/")),
    "another workspace": (409, lambda client: unchecked(client).post(DRAFTS, {"drawn-in": "77"})),
}


def unchecked(client):
    client.handler.enforce_csrf_checks = False
    return client


@pytest.mark.parametrize("what", ASKED)
def test_what_a_visitor_did_is_one_line(rita, told, what):
    status, ask = ASKED[what]
    answer = ask(rita)

    assert answer.status_code == status
    assert len(told) == 1
    assert "\n" not in told[0]
    assert "Traceback" not in told[0]
    assert " WARNING django." in told[0]


def test_a_mistake_of_ours_has_its_stack_trace(rita, told, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(views, "workspace_of", broken)
    answer = rita.get("/today/")

    assert answer.status_code == 500
    assert " ERROR django.request: Internal Server Error: /today/\nTraceback" in told[0]
    assert "ZeroDivisionError: ours" in told[0]
