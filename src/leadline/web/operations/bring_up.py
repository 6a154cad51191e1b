"""What has to be there before anything is served: one `up` a folder, the tables, a code for the first user.

`leadline up` does these one after another; the port is looked for in port.py. Guarded by tests/web/operations/test_up.py.
"""

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from leadline.web.accounts.queries import has_users
from leadline.web.operations.port import CannotStartError, is_loopback

_MIGRATION_LOCK = 0x1EAD11
"""The advisory lock under which one of several servers migrates a PostgreSQL database."""


# -- one at a time ----------------------------------------------------------------------------------------------


def note_path() -> Path:
    """Return where a running `leadline up` notes its address."""
    return Path(settings.DATA) / "up.json"


def find_running() -> dict[str, Any] | None:
    """Return what a running `leadline up` noted, or one that was killed and could not take it back."""
    try:
        found = json.loads(note_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def only_one() -> Iterator[None]:
    """Keep a second `up` off a SQLite installation. PostgreSQL has room for many.

    TRICKY: the lock is that of an empty SQLite file, held as long as we live: it works on every system, and the system takes it back
    from a process that was killed.

    Raises:
        CannotStartError: another holds it.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with closing(sqlite3.connect(Path(settings.DATA) / "up.lock", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            running = find_running() or {}
            where = f" It serves {running['address']} (process {running['process']})." if running else ""
            raise CannotStartError(
                f"Leadline is running on {settings.DATA} already.{where} Stop it first, or choose another folder with --data.",
                "is-running",
            ) from None
        yield


@contextmanager
def noting(address: str) -> Iterator[None]:
    """Note our address for other commands, as long as we run."""
    path = note_path()
    path.write_text(json.dumps({"address": address, "process": os.getpid()}) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


# -- the database -----------------------------------------------------------------------------------------------


def migrate() -> int:
    """Bring the database to this version, and return how many migrations that took.

    Several servers may start at once on one PostgreSQL database: one migrates, and the others wait and find nothing left to do.
    """
    with _migrating_alone():
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            call_command("migrate", interactive=False, verbosity=0)
        call_command("clearsessions")
    return len(waiting)


@contextmanager
def _migrating_alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


# -- the first user ---------------------------------------------------------------------------------------------


def setup_code_for(host: str) -> str:
    """Return the code that the page for the first user asks for, or nothing where it need not.

    On this machine alone nobody else can reach the page. Behind a proxy or on a network anybody could, and would own the installation.
    """
    is_private = is_loopback(host) and not settings.IS_HTTPS and not settings.PROXY_COUNT
    if has_users():
        return ""
    return settings.SETUP_CODE or ("" if is_private else secrets.token_urlsafe(9))
