"""One `leadline up` a folder, and where it is reached.

Knows no Django: it holds the lock for as long as the app runs, in a process that has nothing else to hold. Guarded by
tests/web/operations/test_up.py.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from leadline.web.operations.port import CannotStartError


def find_running(folder: Path) -> dict[str, Any] | None:
    """Return what a running `leadline up` noted in *folder*, or one that was killed and could not take it back."""
    try:
        found = json.loads(_note_path(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def only_one(folder: Path, *, is_sqlite: bool) -> Iterator[None]:
    """Keep a second `up` off the installation in *folder*, if it is on SQLite. PostgreSQL has room for many.

    TRICKY: the lock is that of an empty SQLite file, held as long as we live: it works on every system, and the system takes it back
    from a process that was killed.

    Raises:
        CannotStartError: another holds it.
    """
    if not is_sqlite:
        yield
        return
    with closing(sqlite3.connect(folder / "up.lock", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            running = find_running(folder) or {}
            where = f" It serves {running['address']} (process {running['process']})." if running else ""
            raise CannotStartError(
                f"Leadline is running on {folder} already.{where} Stop it first, or choose another folder with --data.",
                "is-running",
            ) from None
        yield


@contextmanager
def noting(folder: Path, address: str) -> Iterator[None]:
    """Note our address in *folder* for other commands, as long as we run."""
    path = _note_path(folder)
    path.write_text(json.dumps({"address": address, "process": os.getpid()}) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _note_path(folder: Path) -> Path:
    return folder / "up.json"
