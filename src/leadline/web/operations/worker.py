"""The worker: goes round the jobs, one after another, for as long as it is not told to stop.

A job is a function that does some of what waits and returns how much it did. It claims its own rows, so several workers (on PostgreSQL)
share the work and one that is killed leaves nothing half done. What can go wrong stays with its job: it is told, tried again after
a while, and does not stop the others. A job that is not there stops the worker: half a worker is worse than none.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import FrameType

from django.db import close_old_connections, connections

from leadline.web.operations import heartbeat

log = logging.getLogger("leadline.worker")

TAKES_IN = "leadline.web.capture.tracking.take_apart.take_deliveries"
MUCH, LONGEST_TURN = 100, 2.0
"""While so many events are taken in at once, more are, for so many seconds: a lead with many of them is assessed once, not often."""

JOBS = (
    TAKES_IN,
    "leadline.web.capture.bots.apply.apply_bot_rules",
    "leadline.web.flow.assess_due",
    "leadline.web.flow.sweep_handoffs",
    "leadline.web.flow.watch_clocks",
    "leadline.web.notices.sending.send_posts_apart",
    "leadline.web.notices.sending.send_mails_apart",
    "leadline.web.outgoing.sending.send_webhooks",
    "leadline.web.capture.imports.run.run_imports",
    "leadline.web.pages.selected.run.run_batches",
    "leadline.web.assessments.jobs.begin_days",
    "leadline.web.assessments.jobs.prepare_versions",
    "leadline.web.assessments.whatif.run.run_whatifs",
    "leadline.web.operations.past_what_ifs.run_past_what_ifs",
    "leadline.web.notices.keeping.forget_notices",
    "leadline.web.outgoing.keeping.forget_messages",
    "leadline.web.operations.statistics.keep_statistics",
)
"""What is done in a round, in this order: first what a visitor does now, then what may take its time."""

SHORTEST_SLEEP, LONGEST_SLEEP = 0.02, 0.4
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds that a job which failed is left alone: twice as long each time."""

Job = Callable[[], int]


def find_jobs(names: Sequence[str] = JOBS) -> dict[str, Job]:
    """Return the jobs by their names.

    Raises:
        ImportError, AttributeError: one is not there.
    """
    found = {}
    for name in names:
        module, _, function = name.rpartition(".")
        found[name] = getattr(import_module(module), function)
    return found


@dataclass(slots=True)
class _Turn:
    """A job as the worker sees it. pause: seconds that it is left alone after its last failure."""

    name: str
    job: Job
    pause: float = 0.0
    rests_until: float = 0.0


class Worker:
    """Does jobs in rounds until it is told to stop."""

    def __init__(self, jobs: dict[str, Job]) -> None:
        self.turns = [_Turn(name, job) for name, job in jobs.items()]
        self.stopped = threading.Event()
        self._beat_at = -heartbeat.EVERY.total_seconds()

    def stop(self) -> None:
        """Stop after the job that is being done."""
        self.stopped.set()

    def run(self) -> None:
        """Do jobs until stopped. When nothing waits, sleep: a moment at first, then longer, never for half a second."""
        sleep = SHORTEST_SLEEP
        try:
            while not self.stopped.is_set():
                done = self.go_round()
                sleep = SHORTEST_SLEEP if done else min(sleep * 2, LONGEST_SLEEP)
                if not done:
                    self.stopped.wait(sleep)
        finally:
            self._safely(heartbeat.rest)
            connections.close_all()

    def go_round(self) -> int:
        """Do each job once; return how much was done."""
        done = 0
        for turn in self.turns:
            if self.stopped.is_set():
                break
            self._beat()
            if turn.rests_until <= time.monotonic():
                done += self._do(turn)
        return done

    def _do(self, turn: _Turn) -> int:
        ends = time.monotonic() + LONGEST_TURN
        try:
            done = more = turn.job()
            while turn.name == TAKES_IN and more >= MUCH and time.monotonic() < ends and not self.stopped.is_set():
                more = turn.job()
                done += more
        except Exception:
            turn.pause = min(max(FIRST_PAUSE, turn.pause * 2), LONGEST_PAUSE)
            turn.rests_until = time.monotonic() + turn.pause
            log.exception("%s failed; it is tried again in %.0f s", turn.name, turn.pause)
            close_old_connections()  # a connection that broke is opened anew
            return 0
        turn.pause = 0.0
        return done

    def _beat(self) -> None:
        """Say that the worker lives, from time to time."""
        now = time.monotonic()
        if now - self._beat_at >= heartbeat.EVERY.total_seconds():
            self._beat_at = now
            self._safely(heartbeat.beat)

    @staticmethod
    def _safely(what: Callable[[], None]) -> None:
        try:
            what()
        except Exception:
            log.exception("No sign of life could be given")
            close_old_connections()


def run_worker() -> None:
    """Work until the process is told to stop (SIGTERM, SIGINT): then after the job that is being done."""
    worker = Worker(find_jobs())

    def stop(_number: int, _frame: FrameType | None) -> None:
        log.info("Stopping after what is being done")
        worker.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    log.info("Working: %s", ", ".join(name.rpartition(".")[2] for name in JOBS))
    try:
        worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    log.info("Stopped")
