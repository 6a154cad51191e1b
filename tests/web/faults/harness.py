"""Kills web and worker at random moments under load, and counts what was acknowledged against what is there.

A sender writes down the id of every event before it sends it, and again when the server has acknowledged it: the ledger. Whatever
the kills did, at the end every acknowledged event is stored, none twice, and the stored assessments are those of the log.

    python -m tests.web.faults.harness --kills 100            on SQLite
    python -m tests.web.faults.harness --kills 100 --database postgresql://…

Everything stays on this machine's loopback, is bounded in number and time, and only processes started here are ended.
"""

import argparse
import base64
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.web.faults.cluster import Cluster

PROJECT = Path(__file__).resolve().parents[3]
BATCH = 20
VISITORS = 40
PATIENCE_S = 60.0
DRAIN_S = 240.0
PAUSE_S = 0.1
"""Between two batches of one sender: load without a backlog that takes minutes to drain on a busy machine."""
SERVER = "leadline.web.config.wsgi:application"

SET_UP = """
import os, sys
import django
django.setup()
from leadline.starter import PLAYBOOK
from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Source, Workspace
from leadline.web.playbooks.actions import publish
workspace = Workspace.objects.create(name="Faults", slug="faults")
source = Source.objects.create(workspace=workspace, name="backend", kind="server")
publish(workspace, toml=PLAYBOOK.read_text(encoding="utf-8"), by=None)
print(make_key(source, "server"))
"""

STORED = """
import json, sys
import django
django.setup()
from django.db.models import Count
from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.leads.models import Event, Lead
ids = Event.objects.values_list("message_id", flat=True)
print(json.dumps({
    "ids": list(ids),
    "deliveries": Delivery.objects.count(),
    "due": Lead.objects.filter(due_at__isnull=False, merged_into=None).count(),
    "refused": RefusedEvent.objects.count(),
}))
"""


@dataclass
class Ledger:
    """What was sent, and what was acknowledged."""

    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    failures: int = 0


@dataclass
class Found:
    """What is there at the end, against the ledger."""

    kills: int
    sent: int
    acknowledged: int
    stored: int
    lost: list[str]
    duplicates: int
    refused: int
    verify_exit: int | None
    verify_said: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.lost and not self.duplicates and self.verify_exit in (0, None)


@dataclass
class Place:
    """One installation of the harness: its folder, its database, its processes."""

    folder: Path
    database: str = ""
    server: str = SERVER
    port: int = 0
    key: str = ""
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self) -> dict[str, str]:
        """Return what the processes are started with."""
        path = os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])
        return os.environ | {
            "LEADLINE_DATA": str(self.folder),
            "DATABASE_URL": self.database,
            "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings",
            "LEADLINE_LOG": "ERROR",
            "PYTHONPATH": path,
        }

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a Python program to its end in this installation."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def prepare(self) -> None:
        """Make the tables, a workspace with a playbook, and a key to send with."""
        migrated = self.run("-m", "django", "migrate", "--verbosity", "0")
        assert migrated.returncode == 0, migrated.stderr
        made = self.run("-c", SET_UP)
        assert made.returncode == 0, made.stderr
        self.key = made.stdout.strip().splitlines()[-1]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def command(self, name: str) -> list[str]:
        """Return how a process is started."""
        if name == "web":
            server = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
            return [sys.executable, *server, "--workers", "1", "--blocking-threads", "2", "--no-log", self.server]
        return [sys.executable, "-m", "leadline", "worker"]

    def start(self, name: str) -> None:
        """Start a process in a group of its own, so that its children end with it."""
        log = (self.folder / f"{name}.log").open("ab")
        self.children[name] = subprocess.Popen(
            self.command(name), env=self.environment(), cwd=self.folder, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def kill(self, name: str, signal_number: int = signal.SIGKILL) -> None:
        """End a process and what it started; no goodbye."""
        child = self.children.pop(name, None)
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal_number)
            child.wait(timeout=30)

    def wait_until_up(self) -> None:
        """Wait until the server answers anything."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "web.log").read_text(errors="replace")[-2000:])

    def stored(self) -> dict[str, object]:
        """Return what is in the database."""
        found = self.run("-c", STORED)
        assert found.returncode == 0, found.stderr
        answer: dict[str, object] = json.loads(found.stdout.strip().splitlines()[-1])
        return answer

    def wait_until_drained(self, patience_s: float = DRAIN_S) -> dict[str, object]:
        """Wait until nothing waits to be taken in or assessed."""
        until = time.monotonic() + patience_s
        while True:
            found = self.stored()
            if (not found["deliveries"] and not found["due"]) or time.monotonic() > until:
                return found
            time.sleep(0.5)


def send(place: Place, ledger: Ledger, stop: threading.Event, seed: int) -> None:
    """Send batches until told to stop; what was not acknowledged is sent again, as the clients do."""
    rng = Random(seed)
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{place.key}:".encode()).decode(),
        "Content-Type": "application/json",
    }
    number = 0
    connection: http.client.HTTPConnection | None = None
    while not stop.is_set():
        ids = [f"{seed}-{number + place_in_batch}" for place_in_batch in range(BATCH)]
        number += BATCH
        body = json.dumps({"batch": [message(one, rng) for one in ids]}).encode()
        ledger.sent += ids
        while not stop.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", place.port, timeout=10)
                connection.request("POST", "/v1/batch", body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                if connection is not None:
                    connection.close()
                connection = None
                ledger.failures += 1
                time.sleep(0.05)
                continue
            if answer.status == 200:
                ledger.acknowledged += ids
                stop.wait(PAUSE_S)
                break
            ledger.failures += 1
            time.sleep(0.05)
    if connection is not None:
        connection.close()


def message(message_id: str, rng: Random) -> dict[str, object]:
    """Return an event as a client sends it."""
    person = rng.randrange(VISITORS)
    who = {"userId": f"u{person}"} if rng.random() < 0.5 else {"userId": f"u{person}", "anonymousId": f"a{person}"}
    if rng.random() < 0.1:
        return {
            "type": "identify",
            "messageId": message_id,
            **who,
            "traits": {"email": f"p{person}@firm{person % 7}.example"},
        }
    name = rng.choice(["Demo Requested", "File Downloaded", "Product Session"])
    if rng.random() < 0.6:
        return {
            "type": "page",
            "messageId": message_id,
            **who,
            "properties": {"path": rng.choice(["/pricing", "/product"])},
        }
    return {"type": "track", "messageId": message_id, "event": name, **who, "properties": {"n": person}}


def run(place: Place, *, kills: int, seed: int = 1, only: str = "", verify: bool = True) -> Found:
    """Load the installation, kill *kills* times, let it drain, and compare."""
    rng = Random(seed)
    place.prepare()
    for name in ("web", "worker"):
        place.start(name)
    place.wait_until_up()
    ledger, stop = Ledger(), threading.Event()
    senders = [threading.Thread(target=send, args=(place, ledger, stop, seed * 1000 + one)) for one in range(2)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(kills):
            time.sleep(rng.uniform(0.2, 1.2))
            name = only or rng.choice(["web", "worker"])
            place.kill(name)
            time.sleep(rng.uniform(0.0, 0.3))
            place.start(name)
            if name == "web":
                place.wait_until_up()
        time.sleep(0.5)
    finally:
        stop.set()
        for sender in senders:
            sender.join(timeout=30)
    found = place.wait_until_drained()
    for name in list(place.children):
        place.kill(name, signal.SIGTERM)
    return compare(place, ledger, found, kills=kills, verify=verify)


def run_and_kill_database(place: Place, server: "Cluster", *, seed: int, verify: bool = True) -> Found:
    """Load the installation, kill the database under it, bring it back, let it drain, and compare.

    The worker starts only afterwards: what it writes would make the database write more often.
    """
    place.prepare()
    place.start("web")
    place.wait_until_up()
    ledger, stop = Ledger(), threading.Event()
    sender = threading.Thread(target=send, args=(place, ledger, stop, seed))
    sender.start()
    try:
        time.sleep(2.5)
        server.kill()
    finally:
        stop.set()
        sender.join(timeout=30)
    server.start()
    place.start("worker")
    found = place.wait_until_drained()
    for name in list(place.children):
        place.kill(name, signal.SIGTERM)
    return compare(place, ledger, found, kills=1, verify=verify)


def compare(place: Place, ledger: Ledger, found: dict[str, object], *, kills: int, verify: bool) -> Found:
    """Set what is stored against what was acknowledged."""
    ids = found["ids"]
    assert isinstance(ids, list)
    checked = place.run("-m", "leadline", "verify") if verify else None
    return Found(
        kills=kills,
        sent=len(ledger.sent),
        acknowledged=len(ledger.acknowledged),
        stored=len(ids),
        lost=sorted(set(ledger.acknowledged) - set(ids)),
        duplicates=len(ids) - len(set(ids)),
        refused=int(str(found["refused"])),
        verify_exit=None if checked is None else checked.returncode,
        verify_said="" if checked is None else (checked.stdout + checked.stderr)[-2000:],
    )


@contextlib.contextmanager
def installation(database: str = "", server: str = SERVER) -> Iterator[Place]:
    """Make a place, and end what it started."""
    with tempfile.TemporaryDirectory(prefix="leadline-faults-") as folder:
        place = Place(folder=Path(folder), database=database, server=server)
        try:
            yield place
        finally:
            for name in list(place.children):
                place.kill(name)


def main() -> None:
    """Run it as a command and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite when left out")
    chosen = parser.parse_args()
    with installation(chosen.database) as place:
        found = run(place, kills=chosen.kills, seed=chosen.seed)
    sys.stdout.write(
        f"{found.kills} kills: {found.sent:,} sent, {found.acknowledged:,} acknowledged, {found.stored:,} stored, "
        f"{len(found.lost)} lost, {found.duplicates} twice, verify {'clean' if found.verify_exit == 0 else found.verify_said}\n"
    )
    sys.exit(0 if found.is_clean else 1)


if __name__ == "__main__":
    main()
