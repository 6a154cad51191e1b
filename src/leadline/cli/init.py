"""`leadline init`: a folder to begin with."""

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from leadline.cli import show
from leadline.cli.command import Command, wants_json
from leadline.engine.problems import Problem, ProblemsError

LEADS = 200
README = """\
# {name}

A playbook to begin with, its cases, and data to try it on. Everything in `data/` is invented.

| file | what it is |
|---|---|
| `playbook.toml` | who is a good lead, what interest looks like, what is qualified; reading it teaches the language |
| `cases.toml` | leads that everybody agrees on; they fail when a change of the playbook changes what becomes of them |
| `data/` | {leads} leads with companies, events, facts and outcomes of the year before {today} |

Run these in this folder:

    leadline check playbook.toml {inputs}
    leadline test playbook.toml
    leadline score playbook.toml {inputs}
    leadline explain playbook.toml L00001 {inputs}

Then change a number in `playbook.toml`, and run `leadline test` again.
"""
TABLES = ("leads", "companies", "events", "facts", "outcomes")


@click.command(cls=Command, short_help="Write a commented playbook with cases and data to begin with.")
@click.argument("folder", metavar="DIR", type=click.Path())
def init(folder: str) -> None:
    """Write a folder to begin with: a commented playbook for B2B SaaS, its cases, and invented data.

    \b
    Examples:
      leadline init northwind
      leadline check northwind/playbook.toml
      leadline test northwind/playbook.toml

    The folder is made; one that is there must be empty. The data ends yesterday, so that today is the day to score.
    """
    target = Path(folder)
    refuse_unless_free(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name or 'leadline'}-", dir=target.parent.resolve()) as workshop:
        made = Path(workshop) / "made"
        today = write_starter(made, leads=LEADS, name=target.resolve().name)
        if target.exists():
            target.rmdir()
        made.rename(target)
    files = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    if wants_json():
        show.record({"folder": folder, "files": files, "today": today})
        return
    show.line(f"{folder}: {', '.join(files)}")
    show.line()
    show.line("Next:")
    for command in ("check", "test", "score"):
        inputs = "" if command == "test" else f" {inputs_in(Path(folder) / 'data')}"
        show.line(f"  leadline {command} {Path(folder) / 'playbook.toml'}{inputs}")


def refuse_unless_free(target: Path) -> None:
    """Refuse a place where something is already."""
    message = ""
    if target.is_dir() and any(target.iterdir()):
        message = "The folder is not empty; name a new one, so that nothing of yours is overwritten."
    elif target.exists() and not target.is_dir():
        message = "There is a file of this name; name a folder."
    if message:
        raise ProblemsError([Problem(code="bad-value", message=message, where="DIR", file=str(target))])


def write_starter(folder: Path, *, leads: int, name: str) -> str:
    """Write the starter playbook, its cases, data that ends today, and what to do with them; return today's date."""
    from leadline.engine.playbook.load import load_playbook
    from leadline.starter import CASES, PLAYBOOK
    from leadline.starter.generate import write

    folder.mkdir(parents=True)
    loaded, _ = load_playbook(PLAYBOOK)
    today = datetime.now(ZoneInfo(loaded.timezone)).date()
    shutil.copyfile(PLAYBOOK, folder / "playbook.toml")
    shutil.copyfile(CASES, folder / "cases.toml")
    write(folder / "data", today, leads=leads)
    text = README.format(name=name, leads=leads, today=today.isoformat(), inputs=inputs_in(Path("data")))
    (folder / "README.md").write_text(text, encoding="utf-8")
    return today.isoformat()


def inputs_in(folder: Path) -> str:
    """Return the options that name the five files of a folder."""
    return " ".join(f"--{table} {folder / f'{table}.csv'}" for table in TABLES)
