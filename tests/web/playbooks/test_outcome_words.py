"""What can be reported is what the live playbook knows; an import and the API refuse anything else, with the nearest word."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.api.conftest import Caller
from tests.web.capture.imports.conftest import check, import_all, uploads
from tests.web.playbooks.conftest import TOML

from leadline.web.api.keys import make_api_key
from leadline.web.capture.imports.actions import start_import
from leadline.web.capture.models import RefusedRow
from leadline.web.leads.models import Lead, Outcome
from leadline.web.playbooks.actions import go_live, publish
from leadline.web.playbooks.outcome_words import OutcomeWords, find_outcome_words

__all__ = ["uploads"]  # fixtures

OWN = """
[outcomes.rejected]
reasons = [{ id = "timing" }, { id = "no-budget" }]

[outcomes.trial]
title = "Started a trial"
"""


@pytest.fixture
def live(northwind, maria, now):
    version = publish(northwind, toml=TOML + OWN, note="the first", by=maria, now=now)
    go_live(version, now=now)
    return version


def test_without_a_live_playbook_anything_can_be_reported(northwind):
    assert find_outcome_words(northwind) == OutcomeWords()
    assert OutcomeWords().find_fault("wonn", "bored") is None


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("won", "", ""),
        ("won", "anything", ""),
        ("trial", "", ""),
        ("reinstated", "", ""),
        ("rejected", "", ""),
        ("rejected", "timing", ""),
        ("rejected", "timming", "The playbook gives no reason 'timming' for rejected. Did you mean 'timing'?"),
        ("rejected", "zzz", "The playbook gives no reason 'zzz' for rejected. There is: 'no-budget', 'timing'."),
        ("wonn", "timing", "The playbook knows no outcome 'wonn'. Did you mean 'won'?"),
        ("Won", "", "The playbook knows no outcome 'Won'. Did you mean 'won'?"),
    ],
)
def test_what_can_be_reported(live, northwind, outcome, reason, said):
    fault = find_outcome_words(northwind).find_fault(outcome, reason)

    assert ("" if fault is None else fault.text) == said


FILE = """email,outcome,at,reason
ann@acme.com,won,2026-02-20,
ann@acme.com,wonn,2026-02-20,
ann@acme.com,rejected,2026-02-21,bored
new@initech.com,rejected,2026-02-21,timing
new@initech.com,won,2026-02-22,
other@initech.com,won,2026-02-22,
"""


def test_an_import_refuses_what_the_playbook_does_not_know_and_says_whom_it_makes(live, northwind, now):
    import_all(start_import(northwind, [b"email\nann@acme.com\n"], file_name="a.csv", table="leads", now=now))

    checked = check(start_import(northwind, [FILE.encode()], file_name="o.csv", table="outcomes", now=now))

    counts = checked.counts["check"]
    assert (counts["new"], counts["refused"], counts["people"]) == (4, 2, 2)
    assert counts["reasons"] == {"unknown-outcome": 1, "unknown-reason": 1}
    said = dict(RefusedRow.objects.values_list("reason", "detail"))
    assert said["unknown-outcome"] == "outcome: The playbook knows no outcome 'wonn'. Did you mean 'won'?"
    assert said["unknown-reason"].startswith("reason: The playbook gives no reason 'bored' for rejected. There is:")
    assert not Outcome.objects.exists()


def test_the_page_says_how_many_people_an_import_of_outcomes_makes(live, northwind, now, as_maria):
    checked = check(start_import(northwind, [FILE.encode()], file_name="o.csv", table="outcomes", now=now))

    page = as_maria.get(f"/import/{checked.pk}/").content.decode()

    assert "New people" in page and "each would become a lead" in page
    assert "The playbook knows no such outcome." in page


def test_the_api_refuses_it_with_all_that_is_wrong(live, northwind, website, maria, now):
    _, text = make_api_key(northwind, name="sync", scopes=["leads:read", "leads:write"], source="crm")
    lead = Lead.objects.create(workspace=northwind, first_seen_at=now)
    caller, when = Caller(text), timezone.now().isoformat()
    ahead = (timezone.now() + timedelta(days=2)).isoformat()

    wrong = caller.post(f"/leads/{lead.pk}/outcomes", {"outcome": "wonn", "at": ahead})
    reason = caller.post(f"/leads/{lead.pk}/outcomes", {"outcome": "rejected", "reason": "bored", "at": when})
    right = caller.post(f"/leads/{lead.pk}/outcomes", {"outcome": "rejected", "reason": "timing", "at": when})

    assert wrong.status_code == reason.status_code == 422
    assert [(one["pointer"], one["code"]) for one in wrong.json()["errors"]] == [
        ("/outcome", "unknown-outcome"),
        ("/at", "later-than-now"),
    ]
    assert "Did you mean 'won'?" in wrong.json()["errors"][0]["detail"]
    assert reason.json()["errors"][0]["pointer"] == "/reason"
    assert right.status_code == 200
    assert Outcome.objects.get().reason == "timing"
