"""What the queue decided reaches `leadline review`: through `leadline pull`, with reason and qualification."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.utils import timezone
from tests.web.pages.queue.conftest import hand_over

from leadline.cli.main import main
from leadline.web.api.keys import make_api_key
from leadline.web.handoff.actions import decide, undo
from leadline.web.leads.models import Lead
from leadline.web.leads.records import NewFact, record_facts
from leadline.web.leads.turn import take_turn


@pytest.mark.django_db(transaction=True)
def test_pulled_outcomes_say_what_was_decided_and_review_reads_them(live_server, northwind, live, omar, tmp_path):
    ada, ben, cy, di = (hand_over(live, name) for name in ("Ada", "Ben", "Cy", "Di"))
    at = timezone.now() - timedelta(days=60)
    Lead.objects.update(first_seen_at=at)
    with transaction.atomic():
        take_turn(northwind.pk)
        record_facts(
            northwind,
            [
                NewFact(field="country", value="DE", known_at=at, source="person", lead_id=one.lead_id)
                for one in (ada, ben, cy, di)
            ],
            now=at,
        )
    decide(ada.pk, "recycled", by=omar, reason="timing")
    decide(ben.pk, "rejected", by=omar, reason="no-interest")
    decide(cy.pk, "accepted", by=omar)
    decide(di.pk, "rejected", by=omar, reason="no-interest")
    undo(di.pk, by=omar)
    _, key = make_api_key(northwind, name="laptop", scopes=["export", "playbooks:read"])
    where = tmp_path / "northwind"

    told = CliRunner().invoke(main, ["pull", str(where), "--url", live_server.url, "--key", key])
    assert told.exit_code == 0, told.output
    rows = [json.loads(line) for line in (where / "outcomes.jsonl").read_text().splitlines()]
    said = {(one["lead_id"], one["outcome"], one.get("reason") or "", one["qualification"]) for one in rows}
    assert said == {
        (str(ada.lead_id), "recycled", "timing", "mql"),
        (str(ben.lead_id), "rejected", "no-interest", "mql"),
        (str(cy.lead_id), "accepted", "", "mql"),
    }

    files = [part for one in ("leads", "facts", "outcomes") for part in (f"--{one}", str(where / f"{one}.jsonl"))]
    period = ("--outcome", "accepted", "--horizon", "7d", "--from", "2026-01-01", "--to", "2026-12-31", "--json")
    report = CliRunner().invoke(main, ["review", str(where / "playbook.toml"), *files, *period])
    assert report.exit_code == 0, report.output
    found = json.loads(report.output)
    assert (found["returned_spells"], found["accepted_spells"]) == (2, 1)  # what was undone was never decided
