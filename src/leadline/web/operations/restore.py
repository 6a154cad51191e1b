"""Puts a backup into an installation that is empty, or whose content is to be replaced. All of it, or nothing.

Everything is looked at before anything is changed: the file, its version, the kind of database, whether somebody works here.
Guarded by tests/web/operations/test_backup.py.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max

from leadline.web.operations import heartbeat
from leadline.web.operations.backup import (
    DUMP,
    FORMAT,
    MANIFEST,
    SECRET,
    SQLITE,
    UPLOADS,
    BackupError,
    Manifest,
    address,
    check_sqlite,
    digest_of_secret,
    find_tool,
    tool_environment,
)
from leadline.web.operations.bring_up import migrate

UNCHANGED = "Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put in place.

    is_other_secret: keys of sources and sessions of the backup are worth nothing here: LEADLINE_SECRET_KEY is another than then.
    """

    manifest: Manifest
    migrations: int
    is_other_secret: bool


def restore(source: Path, *, replace: bool, now: datetime) -> Restored:
    """Put a backup in place, and bring its tables to this version.

    Args:
        source: the file that `write_backup` wrote.
        replace: whether what is here may be lost.
        now: by which it is seen whether a worker lives.

    Raises:
        BackupError: the file cannot be used here, this installation holds something, or somebody works on it. Nothing was changed.
    """
    with tempfile.TemporaryDirectory(dir=settings.DATA, prefix="restore-") as made:
        folder = Path(made)
        manifest = _unpack(source, folder)
        _check_fits(manifest)
        _check_nobody_works(now)
        if not replace and _holds_something():
            raise BackupError(
                f"This installation holds data. {UNCHANGED} To lose it, say --replace; take a backup of it first.",
                "holds-data",
            )
        if manifest.database == "sqlite":
            _replace_sqlite(folder / SQLITE)
        else:
            _replace_postgres(folder / DUMP)
        _replace_files(folder, manifest)
    migrations = migrate()
    heartbeat.forget_all()  # those of the installation that was backed up: no worker lives here
    free_leases()
    return Restored(manifest=manifest, migrations=migrations, is_other_secret=_secret_here() != manifest.secret_digest)


def free_leases() -> None:
    """Let go of what workers had claimed when the backup was made: here is none of them, and nobody should wait until a claim runs out."""
    for model in apps.get_models():
        if {"lease", "leased_until"} <= {one.name for one in model._meta.get_fields()}:
            model._default_manager.exclude(leased_until=None).update(lease="", leased_until=None)


# -- before anything is changed ---------------------------------------------------------------------------------


def _unpack(source: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            for member in tar:
                is_known = member.name in (MANIFEST, SQLITE, DUMP, SECRET) or Path(member.name).parts[:1] == (UPLOADS,)
                if not is_known or not (member.isfile() or member.isdir()):
                    raise BackupError(
                        f"{source} holds {member.name!r}, which no backup holds. {UNCHANGED}", "bad-backup"
                    )
                tar.extract(member, folder, filter="data")
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**said)
    except FileNotFoundError as error:
        missing = source if not source.exists() else error.filename
        raise BackupError(f"There is no {missing}. {UNCHANGED}", "unreadable-file") from None
    except (tarfile.TarError, EOFError, ValueError, TypeError, OSError) as error:
        message = f"{source} is no backup of Leadline, or is damaged ({error}). {UNCHANGED}"
        raise BackupError(message, "bad-backup") from None
    if not any((folder / name).exists() for name in (SQLITE, DUMP)):
        raise BackupError(f"{source} holds no database. {UNCHANGED}", "bad-backup")
    return manifest


def _check_fits(manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        message = f"It is in format {manifest.format}, and this version reads format {FORMAT}. {UNCHANGED}"
        raise BackupError(message, "bad-backup")
    if manifest.database != connection.vendor:
        raise BackupError(
            f"It was made on {manifest.database}, and this installation is on {connection.vendor}. {UNCHANGED}",
            "bad-backup",
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if newer := [name for name in manifest.migrations if name not in known]:
        raise BackupError(
            f"It was made by Leadline {manifest.leadline}, which is newer: this version does not know {newer[0]}. "
            f"Install that version. {UNCHANGED}",
            "bad-backup",
        )


def _has_table(name: str) -> bool:
    return name in connection.introspection.table_names()


def _check_nobody_works(now: datetime) -> None:
    from leadline.web.operations.models import Heartbeat

    if not _has_table(Heartbeat._meta.db_table):
        return
    newest = Heartbeat.objects.filter(kind=heartbeat.WORKER).aggregate(at=Max("beat_at"))["at"]
    if newest is not None and now - newest < heartbeat.LATE:
        raise BackupError(
            f"A worker is at work here. Stop it, wait a minute if it was killed, and try again. {UNCHANGED}",
            "is-running",
        )


def _holds_something() -> bool:
    from leadline.web.accounts.models import User, Workspace

    return any(_has_table(one._meta.db_table) and one._default_manager.exists() for one in (User, Workspace))


def _secret_here() -> str:
    """Return the digest of the secret that will hold from now on: that of the environment, else that of the file."""
    path = Path(settings.DATA) / SECRET
    given = os.environ.get("LEADLINE_SECRET_KEY") or (path.read_text(encoding="ascii").strip() if path.exists() else "")
    return digest_of_secret(given or None)


# -- putting in place -------------------------------------------------------------------------------------------


def _replace_sqlite(made: Path) -> None:
    with closing(sqlite3.connect(made)) as database:
        check_sqlite(database)
    target = Path(settings.DATABASES["default"]["NAME"])
    connection.close()
    for leftover in ("-wal", "-shm"):  # of the old database; they would be applied to the new
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    beside = target.with_name(f"{target.name}.restored")  # the folder may lie on another disk
    shutil.move(made, beside)
    beside.chmod(0o600)
    beside.replace(target)


def _replace_postgres(dump: Path) -> None:
    """Drop our tables and read the dump in one transaction, so that a dump that fails leaves all as it was."""
    quote = connection.ops.quote_name
    tables = ", ".join(quote(name) for name in connection.introspection.table_names())
    connection.close()
    reader = subprocess.Popen(
        [find_tool("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    writer = subprocess.Popen(
        [find_tool("psql"), *options, f"--dbname={address()}"],
        env=tool_environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert reader.stdout is not None and writer.stdin is not None and writer.stderr is not None
    with reader.stdout, writer.stderr:
        try:
            with writer.stdin:
                if tables:
                    writer.stdin.write(f"DROP TABLE {tables} CASCADE;\n".encode())
                shutil.copyfileobj(reader.stdout, writer.stdin)
                if reader.wait():  # what it has written so far must not be committed
                    writer.stdin.write(
                        b"\nDO $$ BEGIN RAISE EXCEPTION 'the dump could not be read to its end'; END $$;\n"
                    )
        except BrokenPipeError:  # psql stopped at an error, which it has told
            reader.kill()
            reader.wait()
        told = writer.stderr.read().decode(errors="replace").strip().splitlines()
    if writer.wait():
        reason = (told or ["it gave no reason"])[0]
        raise BackupError(f"PostgreSQL did not take it: {reason}. {UNCHANGED}", "engine-failed")


def _replace_files(folder: Path, manifest: Manifest) -> None:
    if manifest.has_secret and not os.environ.get("LEADLINE_SECRET_KEY"):
        (folder / SECRET).chmod(0o600)
        (folder / SECRET).replace(Path(settings.DATA) / SECRET)
    uploads = Path(settings.UPLOADS)
    shutil.rmtree(uploads, ignore_errors=True)
    if (folder / UPLOADS).is_dir():
        (folder / UPLOADS).replace(uploads)
