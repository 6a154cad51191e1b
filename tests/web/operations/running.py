"""An installation of a test's own, run as people run it: `leadline up` as a process, on SQLite or a PostgreSQL database made for it."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

SOURCE = Path(__file__).resolve().parents[3] / "src"
SERVER = os.environ.get("LEADLINE_TEST_DATABASE", "")
LONGEST = 60


@dataclass(kw_only=True)
class Installation:
    """A folder, a database, and what runs on them. key: of a source, where a test made one."""

    data: Path
    database: str = ""
    key: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its commands run with: nothing of the test's own Django."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("LEADLINE_", "DJANGO_"))}
        paths = {"PYTHONPATH": str(SOURCE), "LEADLINE_DATA": str(self.data), "DATABASE_URL": self.database}
        return ours | paths | self.settings

    def run(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "leadline", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=LONGEST, check=False, **more
        )

    def program(self, text: str, *arguments: str) -> str:
        """Run a Python program with the settings of the installation; it has to go well. Return what it printed."""
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": "leadline.web.config.settings"}
        command = [sys.executable, "-c", text, *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=2 * LONGEST, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def set_up(self) -> None:
        """Make its tables."""
        self.program("import django; django.setup()\nfrom leadline.web.operations.bring_up import migrate; migrate()")

    def start(self, *arguments: str) -> "Running":
        """Start `leadline up` on a free port, and wait until it answers."""
        command = [sys.executable, "-m", "leadline", "up", "--port", "0", "--json", *arguments]
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None and process.stderr is not None
        told = process.stdout.readline()
        if not told:
            raise AssertionError(f"leadline up ended with {process.wait()}:\n{process.stderr.read()}")
        return Running(process=process, **{name: json.loads(told)[name] for name in ("address", "setup_code")})


@dataclass(kw_only=True)
class Running:
    """A running `leadline up`."""

    process: subprocess.Popen[str]
    address: str
    setup_code: str

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page."""
        try:
            with urlopen(Request(self.address + path), timeout=LONGEST) as answer:  # our own address
                return answer.status, answer.read()
        except HTTPError as answer:
            with answer:
                return answer.code, answer.read()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop it, and return its exit code and what it wrote to stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=LONGEST)
        return self.process.returncode, errors

    def children(self) -> list[int]:
        """Return the ids of its children, the web server first."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in found.split()]


@contextmanager
def installation(folder: Path, server: str = SERVER) -> Iterator[Installation]:
    """Give an installation with a database of its own, which goes when the test is over. *server*: a PostgreSQL; empty for SQLite."""
    if not server:
        yield Installation(data=folder)
        return
    import psycopg

    name = f"leadline_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield Installation(data=folder, database=urlunsplit(urlsplit(server)._replace(path=f"/{name}")))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
