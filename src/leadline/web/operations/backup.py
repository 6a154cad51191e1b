"""A backup: one file that holds an installation as it was at one moment, taken while it runs.

It is a gzipped tar of

    manifest.json       what it is: version, database, moment, migrations
    database.sqlite3    or database.dump, made by pg_dump: a consistent copy, however much is written meanwhile
    secret.key          without it the keys of sources would be worth nothing; not there when LEADLINE_SECRET_KEY is set
    uploads/            files of imports

It holds everything, secrets too, and only its owner can read it. `restore.py` reads it. Guarded by tests/web/operations/test_backup.py.
"""

import hashlib
import hmac
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from leadline import __version__

FORMAT = 1
MANIFEST, SQLITE, DUMP, SECRET, UPLOADS = "manifest.json", "database.sqlite3", "database.dump", "secret.key", "uploads"


class BackupError(Exception):
    """It could not be made or restored; the text says why, and what was not changed. code: one of `engine.problems.CODES`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    secret_digest: by it a restore sees whether it has the same secret; says nothing about the secret.
    """

    format: int
    leadline: str
    database: str
    made_at: str
    migrations: list[str]
    has_secret: bool
    secret_digest: str


def write_backup(target: Path, *, now: datetime) -> Manifest:
    """Write a backup to a file that does not exist yet; it appears when it is whole.

    Raises:
        BackupError: there is such a file, or pg_dump is missing or failed.
    """
    if target.exists():
        raise BackupError(f"There is a file {target} already; nothing was written. Name another.", "file-exists")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}; nothing was written.", "unreadable-file")
    secret = Path(settings.DATA) / SECRET
    has_secret = secret.exists() and secret.read_text(encoding="ascii").strip() == settings.SECRET_KEY
    manifest = Manifest(
        format=FORMAT,
        leadline=__version__,
        database=connection.vendor,
        made_at=now.isoformat(timespec="seconds"),
        migrations=sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        has_secret=has_secret,
        secret_digest=digest_of_secret(),
    )
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".leadline-backup-") as made:
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                _fill(file, Path(made), manifest, secret if has_secret else None)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return manifest


def _fill(file: io.BufferedWriter, made: Path, manifest: Manifest, secret: Path | None) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
        text = (json.dumps(asdict(manifest), indent=2) + "\n").encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mode = len(text), 0o600
        tar.addfile(head, io.BytesIO(text))
        if manifest.database == "sqlite":
            tar.add(copy_sqlite(made / SQLITE), SQLITE)
        else:
            tar.add(_dump_postgres(made / DUMP), DUMP)
        if secret is not None:
            tar.add(secret, SECRET)
        if Path(settings.UPLOADS).is_dir():
            tar.add(settings.UPLOADS, UPLOADS)


def copy_sqlite(target: Path) -> Path:
    """Copy the database as it is at one moment, in one step, so that writers neither wait nor show half of what they write."""
    with (
        closing(sqlite3.connect(str(settings.DATABASES["default"]["NAME"]), timeout=20)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")
        check_sqlite(copy)
    return target


def check_sqlite(database: sqlite3.Connection) -> None:
    """Refuse a database that is damaged.

    Raises:
        BackupError: with the first thing that is wrong.
    """
    try:
        (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:  # so damaged that it cannot even be checked
        found = str(error)
    if found != "ok":
        raise BackupError(f"The database is damaged: {found}. Nothing was changed.", "engine-failed")


def _dump_postgres(target: Path) -> Path:
    run_tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", f"--dbname={address()}")
    return target


# -- PostgreSQL's own programs -----------------------------------------------------------------------------------


def find_tool(name: str) -> str:
    """Return where a program of PostgreSQL is.

    Raises:
        BackupError: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is not installed; it comes with PostgreSQL's client programs (postgresql-client). Nothing was done.",
            "not-installed",
        )
    return found


def run_tool(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL to its end.

    Raises:
        BackupError: it is missing or failed, with what it said.
    """
    done = subprocess.run(
        [find_tool(name), *arguments], env=tool_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise BackupError(f"{name} failed: {reason}", "engine-failed")


def address() -> str:
    """Return the address of the database without its password, which everybody on the machine could read among the arguments."""
    chosen = settings.DATABASES["default"]
    user = f"{quote(chosen['USER'], safe='')}@" if chosen["USER"] else ""
    port = f":{chosen['PORT']}" if chosen["PORT"] else ""
    host = f"[{chosen['HOST']}]" if ":" in chosen["HOST"] else chosen["HOST"]
    options = urlencode(chosen["OPTIONS"], quote_via=quote)  # libpq takes a plus for a plus
    query = f"?{options}" if options else ""
    return f"postgresql://{user}{host}{port}/{quote(str(chosen['NAME']), safe='')}{query}"


def tool_environment() -> dict[str, str]:
    """Return the environment in which those programs find the password."""
    password = str(settings.DATABASES["default"]["PASSWORD"])
    return dict(os.environ) | ({"PGPASSWORD": password} if password else {})


def digest_of_secret(secret: str | None = None) -> str:
    """Return by what two installations see that they have the same secret."""
    return hmac.new((secret or settings.SECRET_KEY).encode(), b"leadline backup", hashlib.sha256).hexdigest()[:16]
