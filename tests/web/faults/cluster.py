"""A PostgreSQL cluster of the tests' own, which may be killed."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import miss

NOBODY_IS_ROOT = "postgres"


@dataclass
class Cluster:
    """A server on a port of its own, in a folder of its own."""

    folder: Path
    port: int
    programs: Path
    options: tuple[str, ...] = ()

    @property
    def database(self) -> str:
        """Return the address of its database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs; as root it has to be somebody else."""
        prefix = ["runuser", "-u", NOBODY_IS_ROOT, "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*prefix, str(self.programs / program), *arguments], capture_output=True, text=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start it and wait until it answers."""
        given = " ".join(
            ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}", *self.options]
        )
        arguments = ["-D", str(self.folder / "data"), "-o", f"-p {self.port} {given}", "-l", str(self.folder / "log")]
        self.run("pg_ctl", *arguments, "-w", "-t", "60", "start")

    def kill(self) -> None:
        """End all of its processes at once, as a power cut would end them: the postmaster's group, by its own id."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=False
        )
        for process in (postmaster, *map(int, children.stdout.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        until = time.monotonic() + 10
        while time.monotonic() < until and Path(f"/proc/{postmaster}").exists():
            time.sleep(0.05)
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop it."""
        with contextlib.suppress(AssertionError):
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


@contextlib.contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """Make a cluster, hand it out, and remove it."""
    found = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
    program = shutil.which("initdb")
    if found is None and program is None:
        miss("PostgreSQL's initdb is not here")
    programs = found.parent if found is not None else Path(str(program)).parent
    folder = Path(tempfile.mkdtemp(prefix="leadline-cluster-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(NOBODY_IS_ROOT)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Cluster(folder=folder, port=port, programs=programs, options=options)
    try:
        made.run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-instructions")
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
