"""The worker goes round its jobs; what fails rests alone; it stops after what it is doing."""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from leadline.web.operations import worker as working
from leadline.web.operations.models import Heartbeat
from leadline.web.operations.worker import Worker, find_jobs


class Clock:
    """Seconds that pass only when a story says so."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(working.time, "monotonic", clock)
    return clock


def test_each_job_is_done_once_a_round_in_its_order(db, clock):
    done = []
    jobs = {name: lambda name=name: done.append(name) or 2 for name in ("first", "second", "third")}

    assert Worker(jobs).go_round() == 6

    assert done == ["first", "second", "third"]


def test_a_job_that_fails_is_told_rests_longer_each_time_and_stops_no_other(db, clock, caplog):
    tried, done = [], []

    def fail():
        tried.append(clock.seconds)
        raise RuntimeError("the disk is full")

    worker = Worker({"broken": fail, "sound": lambda: done.append(1) or 1})
    for _ in range(160):
        worker.go_round()
        clock.seconds += 0.1

    assert len(done) == 160
    assert [round(later - before) for before, later in pairwise(tried)] == [1, 2, 4, 8]
    assert "broken failed; it is tried again in 1 s" in caplog.text
    assert "the disk is full" in caplog.text


def test_a_job_that_works_again_is_done_every_round(db, clock):
    answers = iter([RuntimeError("locked"), 1, 1])
    done = []

    def job():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        done.append(answer)
        return answer

    worker = Worker({"job": job})
    worker.go_round()
    clock.seconds += 1.5
    worker.go_round()
    worker.go_round()

    assert done == [1, 1]


def test_much_that_came_in_is_taken_in_before_anybody_is_assessed(db, clock):
    done = []

    def take():
        done.append("take")
        clock.seconds += 0.6
        return working.MUCH if len(done) < 3 else 7

    Worker({working.TAKES_IN: take, "assess": lambda: done.append("assess") or 1}).go_round()
    assert done == ["take", "take", "take", "assess"]

    done.clear()
    Worker({working.TAKES_IN: lambda: take() and working.MUCH, "assess": lambda: done.append("assess") or 1}).go_round()
    assert done == ["take"] * 4 + ["assess"], "after two seconds it is the others' turn"


def test_stopping_lets_the_job_end_and_begins_no_other(db, monkeypatch):
    monkeypatch.setattr(working.connections, "close_all", lambda: None)  # the test's own connection
    done = []

    def first():
        worker.stop()
        done.append("first")
        return 1

    worker = Worker({"first": first, "second": lambda: done.append("second") or 1})
    worker.run()

    assert done == ["first"]


def test_the_worker_gives_signs_of_life_and_says_goodbye(db, clock, monkeypatch):
    monkeypatch.setattr(working.connections, "close_all", lambda: None)  # the test's own connection
    seen = []

    def job():
        seen.append(Heartbeat.objects.filter(kind="worker").count())
        worker.stop()
        return 0

    worker = Worker({"job": job})
    worker.run()

    assert seen == [1]
    assert not Heartbeat.objects.exists()


def test_it_sleeps_less_than_half_a_second_when_nothing_waits():
    assert working.LONGEST_SLEEP < 0.5


def test_a_job_that_is_not_there_stops_the_worker_before_it_begins():
    with pytest.raises(ModuleNotFoundError):
        find_jobs(["leadline.web.capture.nowhere.do_it"])
    with pytest.raises(AttributeError):
        find_jobs(["leadline.web.flow.do_nothing"])


def test_every_job_that_it_names_is_there():
    assert list(find_jobs()) == list(working.JOBS)


_PROGRAM = """
import os, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, skip_checks=True)
from leadline.web.operations import worker
worker.JOBS = ("leadline.web.flow.assess_due", "leadline.web.assessments.jobs.begin_days")
worker.find_jobs.__defaults__ = (worker.JOBS,)
worker.run_worker()
print("ended in peace")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_running_worker_in_peace(tmp_path, number):
    environment = {
        **os.environ,
        "LEADLINE_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings",
    }
    environment["DATABASE_URL"] = ""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        while "Working" not in (line := process.stderr.readline()):
            assert line, "it ended before it began"
        time.sleep(0.3)
        process.send_signal(number)
        said = process.stdout.read()

    assert said == "ended in peace\n"
    assert process.returncode == 0
