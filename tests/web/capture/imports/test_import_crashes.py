"""Whatever kills a worker, every row is written once; and two workers never do the same."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from tests.web.capture.imports.conftest import check, import_all, work

from leadline.web.capture.imports import actions, run
from leadline.web.capture.imports.queries import progress_of
from leadline.web.capture.models import ImportRun, RefusedRow
from leadline.web.leads.models import Event, Fact, Lead

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 3_000
PEOPLE = "email,name,score\n" + "".join(
    f"p{n}@acme.com,Person {n},{n}\n" if n % 100 else f"nobody {n},Person,{n}\n" for n in range(ROWS)
)
VISITS = "email,event,date,path\n" + "".join(
    f"p{n % 7}@acme.com,page viewed,2026-02-{n % 28 + 1:02},/{n % 5}\n" for n in range(ROWS)
)
WORKER = """
import os, sys
from tests.web import settings as loaded
from django.conf import settings
import django
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.UPLOADS = sys.argv[2]
from leadline.web.capture.imports.run import run_imports
while run_imports():
    pass
"""


def start_worker(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.web.settings",
        "PYTHONPATH": os.pathsep.join(["src", "."]),
    }
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen([sys.executable, script, name, str(settings.UPLOADS)], env=environment)


def kill_when(worker, is_reached):
    """Kill a worker in the middle of its work."""
    give_up = time.monotonic() + 120
    while not is_reached() and worker.poll() is None and time.monotonic() < give_up:
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


@pytest.mark.slow
@pytest.mark.parametrize(("table", "content"), [("leads", PEOPLE), ("events", VISITS)])
def test_a_run_goes_on_after_its_worker_was_killed_and_writes_no_row_twice(bring, tmp_path, table, content):
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("another process cannot see a database in memory")
    checked = check(bring(content, table=table))
    actions.start_run(checked)
    connections.close_all()

    kill_when(start_worker(tmp_path), lambda: ImportRun.objects.get(pk=checked.pk).rows_done >= 500)
    killed = ImportRun.objects.get(pk=checked.pk)
    assert killed.state == "running" and 500 <= killed.rows_done < ROWS
    done = work(killed, now=timezone.now() + timedelta(minutes=2))

    assert done.state == "done"
    assert done.counts["run"] == done.counts["check"]
    assert done.rows_done == ROWS
    if table == "events":
        assert Event.objects.count() == ROWS
    else:
        assert Lead.objects.count() == ROWS - ROWS // 100
        assert RefusedRow.objects.filter(run=done).count() == ROWS // 100
        assert Fact.objects.filter(field="score").count() == ROWS - ROWS // 100


@pytest.mark.slow
def test_an_undo_goes_on_after_its_worker_was_killed(bring, tmp_path):
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("another process cannot see a database in memory")
    there = import_all(bring("email,name\nkim@initech.com,Kim\n"))
    done = import_all(bring(PEOPLE))
    actions.start_undo(done)
    connections.close_all()

    kill_when(start_worker(tmp_path), lambda: "undo" in ImportRun.objects.get(pk=done.pk).counts)
    killed = ImportRun.objects.get(pk=done.pk)
    shown = progress_of(killed)
    assert killed.state == "undoing" and Lead.objects.filter(origin=done.origin).exists()
    assert 0 < shown.done < shown.of
    undone = work(killed, now=timezone.now() + timedelta(minutes=2))

    assert undone.state == "undone"
    assert undone.counts["undo"]["lead"] == done.counts["run"]["new"]
    assert [lead.origin for lead in Lead.objects.all()] == [there.origin]


def test_a_worker_that_wakes_up_late_takes_nothing_back(bring, monkeypatch):
    done = import_all(bring("email\n" + "".join(f"p{n}@acme.com\n" for n in range(600))))
    actions.start_undo(done)
    late = run.claim_run()
    later = timezone.now() + timedelta(minutes=2)
    monkeypatch.setattr(run, "_PROCESS", run._Process())
    run.work_on(run.claim_run(now=later), now=later, seconds=0)
    left = Lead.objects.count()

    monkeypatch.setattr(run, "_PROCESS", run._Process())
    run.work_on(late, seconds=0)

    assert 0 < left == Lead.objects.count() < 600


def test_a_worker_that_wakes_up_late_writes_nothing(bring, monkeypatch):
    checked = check(bring("email\n" + "".join(f"p{n}@acme.com\n" for n in range(600))))
    actions.start_run(checked)
    late = run.claim_run()
    assert late is not None
    monkeypatch.setattr(run, "_PROCESS", run._Process())
    assert run.claim_run() is None
    later = timezone.now() + timedelta(minutes=2)
    run.work_on(run.claim_run(now=later), now=later, seconds=0)
    before = Lead.objects.count()

    monkeypatch.setattr(run, "_PROCESS", run._Process())
    run.work_on(late, seconds=0)

    kept = ImportRun.objects.get(pk=late.pk)
    assert before == run.PART_ROWS == Lead.objects.count()
    assert (kept.rows_done, kept.counts["run"]["new"]) == (run.PART_ROWS, run.PART_ROWS)


def test_a_part_that_fails_leaves_nothing_behind_and_can_be_tried_again(bring, monkeypatch):
    checked = check(bring("email\nann@acme.com\nbob@acme.com\n"))
    actions.start_run(checked)

    with monkeypatch.context() as broken:
        broken.setattr(run, "_keep_refused", lambda *_: 1 / 0)
        failed = work(checked)
    assert (failed.state, failed.rows_done, Lead.objects.count()) == ("failed", 0, 0)
    actions.go_on(failed)

    assert (work(failed).state, Lead.objects.count()) == ("done", 2)


def test_a_run_that_was_stopped_goes_on_where_it_was(bring):
    checked = check(bring("email\n" + "".join(f"p{n}@acme.com\n" for n in range(600))))
    actions.start_run(checked)
    run.run_imports(seconds=0)
    half = ImportRun.objects.get(pk=checked.pk)

    actions.stop(half)
    assert run.run_imports() == 0
    actions.go_on(ImportRun.objects.get(pk=checked.pk))

    assert half.rows_done == run.PART_ROWS
    assert work(half).counts["run"]["new"] == 600 == Lead.objects.count()


def test_the_same_file_of_events_imported_again_makes_none_twice(bring):
    first = import_all(bring(VISITS, table="events"))

    second = import_all(bring(VISITS, table="events"))

    assert first.counts["run"]["new"] == ROWS == Event.objects.count()
    assert second.counts["run"]["unchanged"] == second.counts["check"]["unchanged"] == ROWS
