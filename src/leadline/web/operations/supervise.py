"""One parent and its children: starts them, starts again what dies, and lets none outlive it. Knows nothing of what they do.

A child that dies is started again after a pause that grows each time. One that keeps dying is given up, and then all stop: a parent
that restarts for ever looks well from outside. Each child is a process group of its own, so that Ctrl-C reaches the parent only and a
dead child's own children are ended with it. Guarded by tests/web/operations/test_supervise.py.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

log = logging.getLogger("leadline.up")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 30.0
"""A child that lived so long has not *kept* dying."""
MOST_DEATHS = 6
PATIENCE_SECONDS = 20.0
"""How long a child may take to finish what it is doing before it is ended."""
_TICK = 0.1


class GaveUpError(Exception):
    """A child kept dying."""


@dataclass(slots=True, kw_only=True)
class Child:
    """A process that has to run.

    name:    what a person calls it: ``web``.
    command: its program and arguments. It is told to stop by SIGTERM, and reads its standard input to the end when the parent is gone.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    starts_again_at: float = field(default=0.0)


class Parent:
    """Keeps children running until it is told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self.stopped = threading.Event()

    def stop(self) -> None:
        """Stop all children, in peace; called again, at once."""
        if self.stopped.is_set():
            for child in self.children:
                _end(child)
        self.stopped.set()

    def run(self, *, is_ready: Callable[[], bool] = lambda: True, on_ready: Callable[[], None] = lambda: None) -> None:
        """Run the children until stopped; *on_ready* is called once, when *is_ready* first says so.

        Raises:
            GaveUpError: a child kept dying; the others have been stopped.
        """
        is_told = False
        try:
            while not self.stopped.is_set():
                for child in self.children:
                    self._look_after(child)
                if not is_told and is_ready():
                    is_told = True
                    on_ready()
                self.stopped.wait(_TICK)
        finally:
            self._stop_all()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.starts_again_at:
                _start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        _end(child)  # its own children may live still, and hold what the next one needs
        child.process = None
        child.deaths = 1 if now - child.started_at >= STEADY_SECONDS else child.deaths + 1
        if child.deaths >= MOST_DEATHS:
            raise GaveUpError(f"{child.name} ended {child.deaths} times in a row, at last with {_said(code)}")
        pause = min(FIRST_PAUSE * 2 ** (child.deaths - 1), LONGEST_PAUSE)
        child.starts_again_at = now + pause
        log.error("%s ended with %s; it starts again in %.1f s", child.name, _said(code), pause)

    def _stop_all(self) -> None:
        """Tell all to stop, wait for each, and end those that will not."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            assert child.process is not None
            child.process.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(until - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                log.error("%s did not stop within %.0f s and is ended", child.name, PATIENCE_SECONDS)
            _end(child)
            child.process = None


def _start(child: Child) -> None:
    child.started_at = time.monotonic()
    child.process = subprocess.Popen(
        child.command, env=child.environment, stdin=subprocess.PIPE, start_new_session=True
    )


def _end(child: Child) -> None:
    """End a child and its own children at once."""
    if child.process is None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(child.process.pid, signal.SIGKILL)
        else:
            child.process.kill()
    except (ProcessLookupError, PermissionError):  # all gone already
        pass
    child.process.wait()
    if child.process.stdin is not None:
        child.process.stdin.close()


def _said(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


# -- on the child's side ----------------------------------------------------------------------------------------


def stop_without_parent() -> None:
    """In a child: stop in peace when the parent is gone, however it went.

    Its end of our standard input closes with it, also when it was killed. For a program that was started by hand this does nothing:
    ``LEADLINE_CHILD`` is set for children only.
    """
    if os.environ.pop("LEADLINE_CHILD", "") != "1":
        return

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="watches the parent").start()


def stop_on_signals(parent: Parent) -> None:
    """Let SIGINT and SIGTERM stop a parent."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        parent.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
