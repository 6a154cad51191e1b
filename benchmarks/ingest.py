"""Measures how many events a second are taken in, each acknowledged when it has been committed, beside a server that only parses.

    python -m benchmarks.ingest                     SQLite, and PostgreSQL where one answers: about 40 seconds
    python -m benchmarks.ingest sqlite --seconds 3 --processes 1 2

The server is the one that `leadline up` runs, on an empty installation in a temporary folder (SQLite, synchronous = FULL), or
on an empty database that is made on the PostgreSQL server of ``--postgres`` and dropped again (synchronous_commit = on). No worker
runs beside it. After each run the events in the store are counted: there must be as many as were acknowledged.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leadline.web.operations.serve import THREADS

ROOT = Path(__file__).parent.parent
POSTGRES = "postgresql://root@127.0.0.1:5432/postgres"
PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Source, Workspace
workspace = Workspace.objects.create(name="Benchmark", slug="benchmark")
print(make_key(Source.objects.create(workspace=workspace, name="site", kind="server"), "server"))
"""
COUNT = """
import django; django.setup()
from django.db.models import Sum
from leadline.web.capture.models import Delivery
print(Delivery.objects.aggregate(n=Sum("event_count"))["n"] or 0)
"""
Results = dict[str, Any]


def measure_ingest(
    database: str, processes: int, *, seconds: float, connections: int, postgres: str = POSTGRES
) -> Results:
    """Return what the bare server and ours do, one right after the other, under the same load."""
    threads = THREADS[database]
    with (
        tempfile.TemporaryDirectory(prefix="leadline-ingest-") as folder,
        store(database, folder, postgres) as environment,
    ):
        key = python(["-c", PREPARE], environment).split()[-1]
        with serving(["-m", "benchmarks.bare_server", "PORT", str(processes), str(threads)], environment) as port:
            bare = load(port, key, seconds, connections)
        server = ["-m", "leadline.web.operations.serve", "--port", "PORT", "--processes", str(processes)]
        with serving([*server, "--database", database], environment) as port:
            ours = load(port, key, seconds, connections)
        stored = int(python(["-c", COUNT], environment).split()[-1])
    return {
        "database": database,
        "processes": processes,
        "connections": connections,
        "ours": ours,
        "bare": bare,
        "ratio": round(ours["events_a_second"] / bare["events_a_second"], 2),
        "lost": ours["acknowledged_events"] - stored,
    }


def load(port: int, key: str, seconds: float, connections: int) -> Results:
    """Send for some seconds from a process of its own."""
    command = ["-m", "benchmarks.ingest_load", str(port), key]
    found = python([*command, "--seconds", str(seconds), "--connections", str(connections)], dict(os.environ))
    answer: Results = json.loads(found)
    return answer


def python(arguments: list[str], environment: dict[str, str]) -> str:
    """Run Python and return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


@contextmanager
def store(database: str, folder: str, postgres: str) -> Iterator[dict[str, str]]:
    """Give the environment of an empty installation, and take it away again."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"LEADLINE_DATA": folder, "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings"}
    environment["LEADLINE_MOST_WAITING_DELIVERIES"] = "10000000"  # no worker takes anything away
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    if database == "sqlite":
        yield environment
        return
    import psycopg

    name = f"leadline_ingest_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield environment | {"DATABASE_URL": f"{postgres.rpartition('/')[0]}/{name}"}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def serving(arguments: list[str], environment: dict[str, str]) -> Iterator[int]:
    """Run a server on a free port until it is no longer needed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *(str(port) if one == "PORT" else one for one in arguments)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        for _ in range(200):
            time.sleep(0.1)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        time.sleep(1.0)  # every process of it listens
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def say(found: Results) -> None:
    """Print a run in a line or two."""
    for name in ("bare", "ours"):
        one = found[name]
        print(
            f"{found['database']:<10} {found['processes']} process(es)  {name}: {one['events_a_second']:>7,} events/s, "
            f"p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms, {one['failed_requests']} failed",
            flush=True,
        )
    print(f"{'':<10} ours ÷ bare: {found['ratio']}; acknowledged and not stored: {found['lost']}", flush=True)


def measure_live_on(database: str, *, postgres: str = POSTGRES) -> Results:
    """Return what `benchmarks.live` finds on an empty store of that kind."""
    with (
        tempfile.TemporaryDirectory(prefix="leadline-live-") as folder,
        store(database, folder, postgres) as environment,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.live"], env=environment, capture_output=True, text=True, check=True
        )
    found: Results = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="*", metavar="DATABASE", help="sqlite, postgresql; both when left out")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--postgres", default=POSTGRES)
    asked = parser.parse_args()
    if unknown := set(asked.databases) - set(THREADS):
        parser.error(f"there is no database {', '.join(sorted(unknown))}")
    for database in asked.databases or THREADS:
        for processes in asked.processes:
            say(
                measure_ingest(
                    database,
                    processes,
                    seconds=asked.seconds,
                    connections=asked.connections,
                    postgres=asked.postgres,
                )
            )
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
