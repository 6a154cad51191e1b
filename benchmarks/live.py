"""Measures the app's way from an event to a visible score: how fast a backlog drains, and how long one event takes.

    python -m benchmarks.live                       SQLite: about three minutes
    DATABASE_URL=postgresql://… python -m benchmarks.live     an empty database of that server

It fills an installation in a temporary folder with deliveries of the tracking API (20 events each, about people of whom some
visit often), as they are acknowledged, and lets the worker's own jobs take them. Beside it, the same leads one at a time: computed as the
worker does it, and by the naive reference, which assesses at every moment there is.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

EVENTS_A_DELIVERY = 20
EVENTS_A_LEAD = 20
Results = dict[str, Any]
SPENT: dict[str, float] = {}
"""Seconds in each job."""
WORKER: Any = None


def measure_live(*, events: int, seconds: int, rate: int) -> Results:
    """Return what was measured on an empty installation that Django is ready for."""
    from leadline.starter import PLAYBOOK
    from leadline.web.accounts.models import Source, Workspace
    from leadline.web.playbooks.actions import publish

    workspace = Workspace.objects.create(name="Benchmark", slug="benchmark")
    source = Source.objects.create(workspace=workspace, name="site", kind=Source.Kind.SERVER)
    publish(workspace, toml=Path(PLAYBOOK).read_text(encoding="utf-8"), by=None)
    drain()
    results: Results = {"events": events}
    writer = Writer(source, Random(7), people=max(1, events // EVENTS_A_LEAD))
    for _ in range(events // EVENTS_A_DELIVERY):
        writer.put(EVENTS_A_DELIVERY, spread=timedelta(days=60))
    SPENT.clear()
    results["backlog"] = {**timed(drain, events), "in": {name: round(one, 1) for name, one in SPENT.items()}}
    results["republish"] = republish(workspace)
    results["one at a time"] = one_at_a_time(workspace)
    results["latency"] = latency(writer, seconds=seconds, rate=rate)
    return results


class Writer:
    """Puts deliveries as the tracking API does, and remembers when each event was acknowledged."""

    NAMES = (("page_viewed", 70), ("file_downloaded", 12), ("product_session", 15), ("demo_requested", 3))
    PATHS = ("/", "/pricing", "/product/scoring", "/careers", "/blog/leads")

    def __init__(self, source: Any, random: Random, people: int) -> None:
        self.source, self.random, self.people, self.count = source, random, people, 0
        self.put_at: dict[str, float] = {}

    def put(self, count: int, *, spread: timedelta) -> None:
        """Put one delivery of some events that happened in the time before now."""
        from leadline.web.capture.tracking.inbox import put_delivery

        now = datetime.now(UTC)
        calls = [self._call(now, spread) for _ in range(count)]
        body = json.dumps(calls).encode()
        put_delivery(self.source, "tracking", body, event_count=count, is_verified=True, context={}, now=now)
        acknowledged = time.monotonic()
        self.put_at.update({str(call["messageId"]): acknowledged for call in calls})

    def _call(self, now: datetime, spread: timedelta) -> dict[str, Any]:
        self.count += 1
        # some come often, most seldom
        person = int(self.people * self.random.random() ** 2)
        name = self.random.choices([name for name, _ in self.NAMES], [weight for _, weight in self.NAMES])[0]
        at = now - spread * self.random.random()
        return {
            "type": "track",
            "messageId": f"m{self.count}",
            "userId": f"u{person}",
            "event": name,
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "properties": {"path": self.random.choice(self.PATHS)},
        }


def go_round() -> int:
    """Do the worker's jobs once, and note how long each took."""
    from leadline.web.operations.worker import Worker, find_jobs

    def noting(name: str, job: Callable[[], int]) -> Callable[[], int]:
        def do() -> int:
            start = time.perf_counter()
            done = job()
            short = name.rpartition(".")[2]
            SPENT[short] = SPENT.get(short, 0.0) + time.perf_counter() - start
            return done

        return do

    global WORKER
    WORKER = WORKER or Worker({name: noting(name, job) for name, job in find_jobs().items()})
    return WORKER.go_round()


def drain() -> None:
    """Go round until nothing waits."""
    while go_round():
        pass


def timed(what: Callable[[], None], count: int) -> Results:
    """Return how long something took, and how many a second that is."""
    start = time.perf_counter()
    what()
    taken = time.perf_counter() - start
    return {"seconds": round(taken, 2), "a second": round(count / taken)}


def republish(workspace: Any) -> Results:
    """Publish the playbook with one number changed: everybody is assessed anew, with nothing to take in."""
    from leadline.web.leads.models import Lead
    from leadline.web.playbooks.actions import publish
    from leadline.web.playbooks.queries import find_live

    live = find_live(workspace)
    assert live is not None
    publish(workspace, toml=live.toml.replace("points = 40", "points = 41", 1), by=None)
    leads = Lead.objects.filter(workspace=workspace).count()
    return {"leads": leads, **timed(drain, leads)}


def one_at_a_time(workspace: Any, sample: int = 20) -> Results:
    """Compute some leads singly: as the worker does it, and by the naive reference."""
    from leadline.engine.calendar import instant_of
    from leadline.web.assessments.compute import assess_logs
    from leadline.web.assessments.logs import read_logs_of
    from leadline.web.leads.models import Lead
    from leadline.web.operations.recompute import pasts_of
    from leadline.web.playbooks.queries import find_live, get_plan

    live = find_live(workspace)
    assert live is not None
    compiled = get_plan(live)
    moment = compiled.zone.moment(instant_of(datetime.now(UTC)))
    ids = list(Lead.objects.filter(workspace=workspace).order_by("pk").values_list("pk", flat=True)[:sample])
    logs = [read_logs_of(compiled, [pk])[0] for pk in ids]

    def singly() -> None:
        for log in logs:
            assess_logs(compiled, [log], moment)

    def naively() -> None:
        for log in logs:
            pasts_of(compiled, [log], moment, naive=True)

    def together() -> None:
        assess_logs(compiled, sorted(logs, key=lambda one: one.lead_id), moment)

    return {"together": timed(together, sample), "singly": timed(singly, sample), "naive": timed(naively, sample)}


def latency(writer: Writer, *, seconds: int, rate: int) -> Results:
    """Send some events a second while a worker goes round; return how long each took from acknowledged to visible."""
    from django.db import connection

    from leadline.web.assessments.models import Assessment
    from leadline.web.leads.models import Event

    writer.put_at.clear()
    ends = threading.Event()

    def send() -> None:
        start, sent = time.monotonic(), 0
        while sent < seconds * rate:
            writer.put(1, spread=timedelta(0))
            sent += 1
            time.sleep(max(0.0, start + sent / rate - time.monotonic()))
        ends.set()
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    taken: dict[str, float] = {}
    needed: dict[str, tuple[int, int]] = {}
    while not ends.is_set() or len(taken) < len(writer.put_at):
        if not go_round():
            time.sleep(0.05)
        now = time.monotonic()
        stored = dict(Assessment.objects.filter(version__state="live").values_list("lead", "log_version"))
        waiting = [one for one in list(writer.put_at) if one not in taken and one not in needed]
        rows = Event.objects.filter(message_id__in=waiting[:500]).values_list("message_id", "lead", "lead__log_version")
        needed.update({message: (lead, log_version) for message, lead, log_version in rows})
        # visible: assessed with all that was known of the lead when the event was there
        seen = [message for message, (lead, log_version) in needed.items() if stored.get(lead, 0) >= log_version]
        taken.update({one: now - writer.put_at[one] for one in seen})
        for one in seen:
            del needed[one]
    sender.join()
    every = sorted(taken.values())
    return {
        "events": len(every),
        "p50 seconds": round(every[len(every) // 2], 2),
        "p99 seconds": round(every[int(len(every) * 0.99)], 2),
        "most seconds": round(every[-1], 2),
    }


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadline-live-") as folder:
        os.environ.update(LEADLINE_DATA=folder, DJANGO_SETTINGS_MODULE="leadline.web.config.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection, connections

        call_command("migrate", verbosity=0)
        results = {"database": connection.vendor, **measure_live(**vars(asked)), "load": os.getloadavg()[0]}
        connections.close_all()
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
