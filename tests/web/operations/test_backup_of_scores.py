"""What comes back from a backup is what was there: leads, their log, and scores that follow from it; also when much came in meanwhile."""

import json
import threading
import time

import pytest
from tests.web.faults.harness import SET_UP, Ledger, Place, send
from tests.web.operations.running import installation

pytestmark = pytest.mark.slow

PATIENCE_S = 120
ENOUGH = 200
DEMO = """
import django; django.setup()
from leadline.web.operations.demo import assess_demo, fill_demo
fill_demo(leads=60)
assess_demo()
"""
EVERYTHING = """
import django; django.setup()
import json
from django.apps import apps
passing = {"operations.Heartbeat", "sessions.Session"}
print(json.dumps({
    model._meta.label: sorted(repr(row) for row in model._base_manager.values_list())
    for model in apps.get_models() if model._meta.label not in passing
}))
"""
EVENTS = """
import django; django.setup()
import json
from leadline.web.capture.models import Delivery
from leadline.web.leads.models import Event, Lead
print(json.dumps({
    "ids": list(Event.objects.values_list("message_id", flat=True)),
    "waiting": Delivery.objects.count() + Lead.objects.filter(due_at__isnull=False, merged_into=None).count(),
}))
"""


@pytest.fixture
def here(tmp_path):
    with installation(tmp_path / "here") as made:
        made.set_up()
        yield made


@pytest.fixture
def there(tmp_path):
    """An installation that is empty, into which the backup goes."""
    with installation(tmp_path / "there") as made:
        yield made


def bring_over(here, there, file):
    """Back up and restore by the commands."""
    for place, command in ((here, "backup"), (there, "restore")):
        done = place.run(command, str(file))
        assert done.returncode == 0, done.stderr


def test_leads_and_scores_come_back_as_they_were_and_follow_from_the_log(here, there, tmp_path):
    here.program(DEMO)
    bring_over(here, there, tmp_path / "monday.backup")

    before, after = (json.loads(place.program(EVERYTHING)) for place in (here, there))
    for label in ("leads.Lead", "leads.Event", "leads.Fact", "assessments.Assessment", "assessments.Spell"):
        assert len(before[label]) > 10, label
    assert {label for label in before if before[label] != after[label]} == set()
    said = there.run("verify")
    assert (said.returncode, "all as it follows from the log" in said.stdout) == (0, True), said.stdout + said.stderr


def test_a_backup_while_events_come_in_holds_all_that_was_acknowledged_before(here, there, tmp_path):
    key = here.program(SET_UP).splitlines()[-1]
    up = here.start()
    try:
        acknowledged = back_up_under_load(here, key, up.address, tmp_path / "busy.backup")
    finally:
        up.stop()

    restored = there.run("restore", str(tmp_path / "busy.backup"))
    at_once = there.run("verify")
    drained = drain(there)
    in_the_end = there.run("verify")

    assert restored.returncode == 0, restored.stderr
    assert at_once.returncode == in_the_end.returncode == 0, at_once.stdout + in_the_end.stdout
    assert "left out" not in in_the_end.stdout
    assert sorted(set(acknowledged) - set(drained)) == []
    assert len(drained) == len(set(drained))


def back_up_under_load(place, key, address, file):
    """Send events, back up in the midst of it, and return the ids of those that were acknowledged before."""
    line = Place(folder=place.data, port=int(address.rpartition(":")[2]), key=key)
    ledger, stop = Ledger(), threading.Event()
    sender = threading.Thread(target=send, args=(line, ledger, stop, 7))
    sender.start()
    try:
        until = time.monotonic() + PATIENCE_S
        while len(ledger.acknowledged) < ENOUGH:
            assert time.monotonic() < until, "too little was acknowledged"
            time.sleep(0.01)
        before = list(ledger.acknowledged)
        done = place.run("backup", str(file))
        assert len(ledger.acknowledged) > len(before), "nothing came in meanwhile"
    finally:
        stop.set()
        sender.join(timeout=30)
    assert done.returncode == 0, done.stderr
    return before


def drain(place):
    """Let the app take in and assess what waits; return the ids of all events."""
    up = place.start("--workers", "1")
    try:
        until = time.monotonic() + PATIENCE_S
        while (found := json.loads(place.program(EVENTS)))["waiting"]:
            assert time.monotonic() < until, f"{found['waiting']} wait still"
            time.sleep(0.5)
    finally:
        up.stop()
    return found["ids"]
