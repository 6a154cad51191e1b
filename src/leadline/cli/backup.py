"""`leadline backup` and `leadline restore`: an installation in one file, and back."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadline.cli import show
from leadline.cli.app import data_option, find_place, setup_app
from leadline.cli.command import Command, option, wants_json
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from leadline.web.operations.backup import BackupError
    from leadline.web.operations.port import CannotStartError


@click.command(cls=Command, short_help="Keep an installation in one file, while it runs.")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@data_option
def backup(file: str, data: str | None) -> None:
    """Write everything to one file: the database as it is at one moment, the secret key, and files of imports.

    \b
    Examples:
      leadline backup leadline-2026-03-02.backup
      DATABASE_URL=postgresql://leadline@localhost/leadline leadline backup /backups/monday.backup

    The app may run meanwhile, and need not wait. On PostgreSQL this needs pg_dump. The file holds secrets and personal data, and only
    you can read it: keep it as carefully as the database. With LEADLINE_SECRET_KEY set, the key is not in it: keep that yourself.
    """
    setup_app(data)
    from leadline.web.operations.backup import BackupError, write_backup

    target = Path(file).absolute()
    try:
        with show.progress() as tell:
            tell("Copying", None)
            manifest = write_backup(target, now=datetime.now(UTC))
    except BackupError as error:
        raise _problem(error) from None
    size = target.stat().st_size
    if wants_json():
        show.record({"file": str(target), "bytes": size, **asdict(manifest)})
        return
    kept = "with the secret key" if manifest.has_secret else "without the secret key, which LEADLINE_SECRET_KEY holds"
    show.line(f"{target}: {size / 1_000_000:,.1f} MB, {manifest.database}, {kept}", fg="green")


@click.command(cls=Command, short_help="Put a backup into an installation.")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@option("--replace", is_flag=True, section="Restoring", help="Lose what the installation holds now.")
@data_option
def restore(file: str, replace: bool, data: str | None) -> None:
    """Put a backup into an empty installation, and bring it to this version of Leadline.

    \b
    Examples:
      leadline restore leadline-2026-03-02.backup
      leadline restore leadline-2026-03-02.backup --data /var/lib/leadline --replace

    Everything is looked at first. When it cannot be used, nothing is changed. An installation that holds something is refused unless
    you say --replace; one that is running is refused always. On PostgreSQL this needs pg_restore and psql.
    """
    setup_app(data, needs_tables=False, makes=True)
    from leadline.web.operations.alone import only_one
    from leadline.web.operations.backup import BackupError
    from leadline.web.operations.port import CannotStartError
    from leadline.web.operations.restore import restore as put_in_place

    place = find_place()
    try:
        with only_one(place.folder, is_sqlite=place.is_sqlite), show.progress() as tell:
            tell("Restoring", None)
            restored = put_in_place(Path(file).absolute(), replace=replace, now=datetime.now(UTC))
    except (BackupError, CannotStartError) as error:
        raise _problem(error) from None
    manifest = restored.manifest
    if wants_json():
        names = ("leadline", "database", "made_at")
        facts = {name: getattr(manifest, name) for name in names}
        show.record({**facts, "migrations": restored.migrations, "is_other_secret": restored.is_other_secret})
        return
    show.line(f"Restored: {manifest.database} of {manifest.made_at}, made by Leadline {manifest.leadline}", fg="green")
    if restored.migrations:
        show.line(f"Brought to this version: {show.counted(restored.migrations, 'step')}")
    if restored.is_other_secret:
        show.note(
            "LEADLINE_SECRET_KEY is another than when the backup was made: everybody signs in again, and sources need new keys.",
            fg="yellow",
        )
    show.line("`leadline verify` compares the scores with the log; `leadline up` starts it.")


def _problem(error: "BackupError | CannotStartError") -> ProblemsError:
    return ProblemsError([Problem(code=error.code, message=str(error))])
