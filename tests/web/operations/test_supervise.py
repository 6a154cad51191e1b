"""A parent keeps its children running, gives up on one that keeps dying, and leaves nobody behind, however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from leadline.web.operations import supervise
from leadline.web.operations.supervise import Child, GaveUpError, Parent

SOURCE = Path(supervise.__file__).parents[3]
PATIENCE = 20


def program(text):
    return [sys.executable, "-c", textwrap.dedent(text)]


def wait_until(is_true, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def running():
    """Run parents in threads, and stop them at the end."""
    started = []

    def run(*children):
        parent = Parent(children)
        failures = []

        def go():
            try:
                parent.run()
            except GaveUpError as error:
                failures.append(error)

        thread = threading.Thread(target=go)
        thread.start()
        started.append((parent, thread))
        return parent, thread, failures

    yield run
    for parent, thread in started:
        parent.stop()
        thread.join(PATIENCE)


def test_a_child_that_dies_is_started_again_after_a_pause(running, monkeypatch):
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.05)
    child = Child(name="sleeper", command=program("import time; time.sleep(60)"))
    running(child)
    wait_until(lambda: child.process is not None)
    first = child.process.pid

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: child.process is not None and child.process.pid != first)
    assert child.deaths == 1


def test_the_pause_grows_and_a_child_that_keeps_dying_ends_all(running, monkeypatch):
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.01)
    other = Child(name="sleeper", command=program("import time; time.sleep(60)"))
    dying = Child(name="The worker", command=program("raise SystemExit(3)"))
    pauses = []
    monkeypatch.setattr(supervise.log, "error", lambda _text, *values: pauses.append(values[-1]))
    _, thread, failures = running(other, dying)

    thread.join(PATIENCE)

    assert str(failures[0]) == "The worker ended 6 times in a row, at last with exit code 3"
    assert pauses == [0.01, 0.02, 0.04, 0.08, 0.16]
    assert other.process is None


def test_one_that_lived_for_long_has_not_kept_dying(running, monkeypatch):
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(supervise, "STEADY_SECONDS", 0.0)
    child = Child(name="short", command=program("pass"))
    _, thread, failures = running(child)

    time.sleep(1)

    assert thread.is_alive() and not failures and child.deaths <= 1


def test_children_are_told_to_stop_and_may_finish(running, tmp_path):
    done, ready = tmp_path / "done", tmp_path / "ready"
    child = Child(
        name="careful",
        command=program(f"""
            import pathlib, signal, sys, time
            def finish(*_):
                time.sleep(0.3)
                pathlib.Path({str(done)!r}).touch()
                sys.exit(0)
            signal.signal(signal.SIGTERM, finish)
            pathlib.Path({str(ready)!r}).touch()
            time.sleep(60)
        """),
    )
    parent, thread, _ = running(child)
    wait_until(ready.exists)

    parent.stop()
    thread.join(PATIENCE)

    assert done.exists()


def test_a_child_that_will_not_stop_is_ended(running, monkeypatch, tmp_path):
    monkeypatch.setattr(supervise, "PATIENCE_SECONDS", 0.3)
    ready = tmp_path / "ready"
    deaf = program(f"""
        import pathlib, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pathlib.Path({str(ready)!r}).touch()
        time.sleep(60)
    """)
    child = Child(name="deaf", command=deaf)
    parent, thread, _ = running(child)
    wait_until(ready.exists)
    pid = child.process.pid

    parent.stop()
    thread.join(PATIENCE)

    assert not is_running(pid)


def test_the_children_of_a_child_that_was_killed_are_ended_with_it(running, monkeypatch, tmp_path):
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 30.0)
    note = tmp_path / "grandchild"
    child = Child(
        name="family",
        command=program(f"""
            import pathlib, subprocess, sys, time
            inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            pathlib.Path({str(note)!r}).write_text(str(inner.pid))
            time.sleep(60)
        """),
    )
    running(child)
    wait_until(lambda: note.exists() and note.read_text(encoding="ascii"))
    grandchild = int(note.read_text(encoding="ascii"))

    os.kill(child.process.pid, signal.SIGKILL)

    wait_until(lambda: not is_running(grandchild))


def test_children_stop_in_peace_when_the_parent_is_killed(tmp_path):
    started, stopped = tmp_path / "started", tmp_path / "stopped"
    (tmp_path / "inner.py").write_text(
        textwrap.dedent(f"""
            import os, pathlib, signal, sys, time
            def finish(*_):
                pathlib.Path({str(stopped)!r}).touch()
                sys.exit(0)
            signal.signal(signal.SIGTERM, finish)
            pathlib.Path({str(started)!r}).write_text(str(os.getpid()))
            time.sleep(60)
        """),
        encoding="utf-8",
    )
    outer = """
        import os, sys
        from leadline.web.operations.supervise import Child, Parent
        command = [sys.executable, "-m", "leadline.web.operations.child", "inner"]
        Parent([Child(name="inner", command=command, environment=os.environ | {"LEADLINE_CHILD": "1"})]).run()
    """
    environment = os.environ | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{tmp_path}"}
    parent = subprocess.Popen(program(outer), env=environment, cwd=tmp_path)
    try:
        wait_until(lambda: started.exists() and started.read_text(encoding="ascii"))
    finally:
        parent.kill()
        parent.wait()

    wait_until(stopped.exists)
    wait_until(lambda: not is_running(int(started.read_text(encoding="ascii"))))
