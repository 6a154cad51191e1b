"""Every address of the API × method × scope × own or other workspace, as the table [api] of access.toml says.

A new address fails in test_access.py until it has a row; here it is tried: without a key, with every scope but its own, with its own
alone, and with all scopes of another workspace.
"""

import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.web.test_access import API, make

from leadline.web.api.keys import SCOPES

METHODS = ("get", "post", "put", "patch", "delete")
SHARED = ("table", None)
"""What every workspace has; its own rows are in it, as tests/web/api/test_export.py holds."""

pytestmark = pytest.mark.django_db


def ask(method, path, key="", client=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return (client or Client()).generic(
        method.upper(), path, data=json.dumps({}), content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("name", sorted(API))
def test_a_key_may_do_what_its_scopes_say_and_nothing_else(northwind, as_maria, now, key_for, name):
    row, wrong = API[name], []
    full = key_for()

    def tried(method, key="", client=None):
        with transaction.atomic():
            path = reverse(name, args=make(row.get("of"), northwind, now))
            answer = ask(method, path, key, client)
            transaction.set_rollback(True)
        assert answer.status_code < 400 or answer.headers["Content-Type"] == "application/problem+json"
        return answer

    for method in METHODS:
        scope = row.get(method)
        if scope is None:
            if tried(method, full).status_code != 405:
                wrong.append(f"{method}: it is not in the table, and is no 405")
            continue
        without = tried(method, key_for(*(set(SCOPES) - {scope})))
        if without.status_code != 403 or scope not in without.json()["detail"]:
            wrong.append(f"{method} without {scope}: {without.status_code}")
        if (found := tried(method, key_for(scope)).status_code) in (401, 403, 404, 405) and name not in NOTHING_YET:
            wrong.append(f"{method} with {scope}: {found}")
        for who, client in (("nobody", None), ("an administrator's browser", as_maria)):
            if (found := tried(method, "", client).status_code) != 401:
                wrong.append(f"{method} by {who} without a key: {found}")

    assert not wrong, "\n".join(wrong)


NOTHING_YET = (
    "api-handoff-decisions",
    "api-handoff-routes",
    "api-lead-answers",
    "api-log-playbook",
    "api-playbook-live",
    "api-playbook-live-toml",
    "api-lead-assessment",
)
"""Northwind has no live version here: 404 with every key."""


@pytest.mark.parametrize("name", [name for name, row in API.items() if row.get("of") not in SHARED])
def test_what_is_of_another_workspace_is_as_missing_as_what_never_was(stranger, northwind, now, name):
    row = API[name]
    path = reverse(name, args=make(row["of"], northwind, now))
    moment = {"by": "maria@northwind.example", "at": "2026-03-01T00:00:00Z"}
    body = {
        "api-lead-merge": {"into": 1},
        "api-lead-outcomes": {"outcome": "won", "at": "2026-03-01T00:00:00Z"},
        "api-lead-outcome-take-back": {"outcome_id": "o-1"},
        "api-lead-answers": {"by": moment["by"], "question": "budget", "answer": "yes"},
        "api-handoff-assign": {"by": moment["by"], "to": moment["by"]},
        "api-handoff-calls": {"by": moment["by"], "result": "reached"},
        "api-handoff-notes": {"by": moment["by"], "text": "Likes tea"},
        "api-handoff-meetings": moment,
        "api-meeting-move": moment,
        "api-meeting-cancel": {"by": moment["by"]},
        "api-handoff-snooze": {"by": moment["by"], "until": moment["at"]},
        "api-handoff-decision": {"by": moment["by"], "decision": "accepted"},
        "api-webhook-again": {"since": moment["at"]},
        "api-absences": {"first": "2026-03-01", "last": "2026-03-01"},
    } | {f"api-handoff-{one}": {"by": moment["by"]} for one in ("claim", "release", "undo")}
    seen = {"by": moment["by"], "side": "sales", "digest": "0" * 64}
    body |= {
        "api-proposal-comments": {"by": moment["by"], "text": "Why?"},
        "api-proposal-approval": {**seen, "base_number": 0},
        "api-proposal-changes": {**seen, "text": "Why?"},
    } | {f"api-proposal-{one}": {"by": moment["by"]} for one in ("take-back", "withdraw", "publish")}
    facts = {"facts": [{"field": "title", "value": "VP"}]}

    for method in set(row) - {"of"}:
        patch = {"api-person": {"is_open": False}, "api-webhook": {"is_on": False}}.get(name, {"name": "Ours now"})
        said = {"post": body.get(name, facts), "patch": patch}.get(method)
        answer = stranger.ask(method, path.removeprefix("/api/v1"), said)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.content!r}"


def test_another_workspaces_live_playbook_is_not_shown(stranger, playbook):
    assert stranger.get("/playbooks/live").status_code == 404
    assert stranger.get("/playbooks").json()["items"] == []


def test_lists_and_files_hold_the_keys_own_workspace_alone(caller, stranger, people):
    lists = ("/leads?who=all", "/companies", "/events", "/facts", "/outcomes", "/spells", "/stage-moves")
    for path in lists:
        assert caller.get(path).json()["items"], path
        assert stranger.get(path).json()["items"] == [], path
    for path in ("/export/leads", "/export/facts", "/log/leads", "/log/events", "/log/companies", "/log/facts"):
        assert b"".join(caller.get(path).streaming_content), path
        assert b"".join(stranger.get(path).streaming_content) == b"", path


def test_leads_of_two_workspaces_cannot_be_merged(caller, northwind, elsewhere, now):
    ours, theirs = make("lead", northwind, now)[0], make("lead", elsewhere, now)[0]

    assert caller.post(f"/leads/{ours}/merge", {"into": theirs}).status_code == 404
