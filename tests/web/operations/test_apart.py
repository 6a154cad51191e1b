"""What is done in a process apart leaves nothing in the one that stays, tells what went wrong, and never outlives it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.web.operations.running import SOURCE, installation

from leadline.cli.apart import do_apart
from leadline.engine.problems import Problem, ProblemsError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")

INTERRUPTED = """
import os, sys, time
from leadline.cli.apart import do_apart

def work():
    print(os.getpid(), flush=True)
    time.sleep(60)

do_apart(work)
"""
MOST_PARENT_MB = 28
"""Python and the command line take about 17; with Django and the app it was 55."""
OURS = os.getpid()


def test_what_was_done_is_returned_and_the_process_is_another():
    assert do_apart(lambda one, *, two: (one + two, os.getpid() != OURS), 1, two=2) == (3, True)


def test_problems_come_back_as_they_were():
    problem = Problem(code="bad-value", message="It is wrong.", where="--data")

    def refuse():
        raise ProblemsError([problem])

    with pytest.raises(ProblemsError) as caught:
        do_apart(refuse)

    assert caught.value.problems == (problem,)


def test_a_process_that_is_killed_is_a_problem_and_not_waited_for():
    with pytest.raises(ProblemsError, match="could not be prepared"):
        do_apart(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_a_failure_is_a_problem_with_its_reason_on_stderr(capfd):
    with pytest.raises(ProblemsError, match="could not be prepared"):
        do_apart(lambda: 1 // 0)

    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_the_one_that_stays_ends_the_other_ends_too(number):
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        other = int(process.stdout.readline())
        process.send_signal(number)
        process.wait(10)

    until = time.monotonic() + 10
    while _is_running(other):
        assert time.monotonic() < until, "it outlived the one that stays"
        time.sleep(0.05)


def test_who_is_interrupted_while_the_other_starts_ends_it_too():
    early = """
from multiprocessing.context import ForkProcess
start = ForkProcess.start

def interrupted(process):
    start(process)
    raise KeyboardInterrupt

ForkProcess.start = interrupted
"""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", early + INTERRUPTED],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    process.communicate(timeout=120)

    assert time.monotonic() - began < 40, "it waited until the other had slept"
    assert process.returncode != 0


def test_an_interrupt_that_comes_while_python_forks_is_not_lost():
    late = "import os, time\nos.register_at_fork(after_in_parent=lambda: time.sleep(1))\n"
    process = subprocess.Popen(
        [sys.executable, "-c", late + INTERRUPTED],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()  # the other runs, while this one is not done with forking
        process.send_signal(signal.SIGINT)
        process.wait(40)

    assert process.returncode != 0


@pytest.mark.slow
def test_the_parent_of_a_running_app_has_neither_django_nor_numpy(tmp_path):
    with installation(tmp_path / "data") as fresh:
        running = fresh.start("--workers", "1")
        try:
            process = Path(f"/proc/{running.process.pid}")
            maps = (process / "maps").read_text(encoding="utf-8")
            found = re.search(r"^Pss:\s+(\d+) kB", (process / "smaps_rollup").read_text(encoding="utf-8"), re.MULTILINE)
        finally:
            running.stop()

    assert "python" in maps and "/numpy/" not in maps and "/psycopg" not in maps
    assert found is not None and int(found[1]) / 1024 < MOST_PARENT_MB


def _is_running(pid):
    """Return whether a process runs; one that has ended and waits to be fetched does not."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
