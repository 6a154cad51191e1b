"""`leadline pull`: a running app's log and playbook as files, over its API."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.files import replacing
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from leadline.client import Leadline

TABLES = ("events", "facts", "outcomes", "companies", "leads")
"""Leads come last: whoever the other files speak of is among them."""
MARK = "pulled.json"


@click.command(cls=Command, short_help="Write a running app's leads and playbook as files.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@option(
    "--url",
    metavar="URL",
    envvar="LEADLINE_URL",
    section="App",
    help="Where the app is, such as https://leads.example.  [default: LEADLINE_URL]",
)
@option(
    "--key",
    metavar="KEY",
    envvar="LEADLINE_KEY",
    section="App",
    help="An API key with the scopes export and playbooks:read. Better kept in LEADLINE_KEY than typed.",
)
def pull(folder: Path, url: str | None, key: str | None) -> None:
    """Write what a running app knows as files that the other commands read: its leads, all their log, and the playbook.

    \b
    Examples:
      leadline pull northwind --url https://leads.example
      leadline score northwind/playbook.toml --leads northwind/leads.jsonl \\
          --companies northwind/companies.jsonl --events northwind/events.jsonl \\
          --facts northwind/facts.jsonl --outcomes northwind/outcomes.jsonl

    What `leadline score` says of these files at a moment is what the app says then, to the digit: a stored score is only a cache.
    So a draft of a playbook can be compared (`leadline whatif`), looked at through time (`leadline replay`) and reviewed on your own
    machine. Keys are made under Settings, API keys.

    The folder holds everything about your leads: keep it as carefully as the app. It is only written over when it was pulled before.
    """
    from leadline.client import ApiError, UnreachableError

    client = _client(url, key)
    _check_folder(folder)
    try:
        with show.progress() as tell:
            counts = _pull(client, folder, tell)
    except ApiError as error:
        raise _problem(f"The app refused: {error.detail}", "--key" if error.status in (401, 403) else "") from None
    except UnreachableError as error:
        raise _problem(f"{error}.", "--url") from None
    if wants_json():
        show.record({"folder": str(folder), "rows": counts})
        return
    said = ", ".join(f"{counts[name]:,} {name}" for name in TABLES)
    show.note(f"{folder}: {said}, and the playbook.", fg="green")
    show.note("Score them:", dim=True)
    inputs = " ".join(f"--{name} {folder / name}.jsonl" for name in reversed(TABLES) if counts[name])
    click.echo(f"leadline score {folder / 'playbook.toml'} {inputs}")


def _client(url: str | None, key: str | None) -> "Leadline":
    from leadline.client import Leadline

    missing = [name for name, value in (("--url", url), ("--key", key)) if not value]
    if missing:
        names = {"--url": "LEADLINE_URL", "--key": "LEADLINE_KEY"}
        raise ProblemsError(
            Problem(code="missing-input", message=f"Name it here, or in {names[one]}.", where=one) for one in missing
        )
    try:
        return Leadline(str(url), str(key))
    except ValueError as error:
        raise ProblemsError([Problem(code="bad-value", message=f"{error}.", where="--url")]) from None


def _check_folder(folder: Path) -> None:
    """Refuse to write among files that were not pulled."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        message = "This folder has files that were not pulled. Name a new folder, or one that was pulled before."
        raise ProblemsError([Problem(code="bad-value", message=message, where="DIR", file=str(folder))])
    folder.mkdir(parents=True, exist_ok=True)


def _pull(client: "Leadline", folder: Path, tell: show.Tell) -> dict[str, int]:
    """Write all files, and return how many rows each table has."""
    tell("Reading the playbook", None)
    playbook = client.text("/log/playbook.toml")
    pulled_at = datetime.now(UTC).isoformat()
    counts = {}
    for place, table in enumerate(TABLES):
        tell(f"Reading {table}", place / len(TABLES))
        counts[table] = _write(folder / f"{table}.jsonl", client.lines(f"/log/{table}"))
    with replacing(folder / "playbook.toml") as partial:
        partial.write_text(playbook, encoding="utf-8", newline="")
    with replacing(folder / MARK) as partial:
        partial.write_text(json.dumps({"url": client.url, "pulled_at": pulled_at, "rows": counts}, indent=2) + "\n")
    return counts


def _write(path: Path, lines: Iterable[bytes]) -> int:
    """Write a table; one without rows gets no file, for the engine takes an empty one for a mistake."""
    count = 0
    with replacing(path) as partial, partial.open("wb") as file:
        for line in lines:
            count += file.write(line) > 0
    if not count:
        path.unlink()
    return count


def _problem(message: str, where: str) -> ProblemsError:
    return ProblemsError([Problem(code="engine-failed", message=message, where=where)])
