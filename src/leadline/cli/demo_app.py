"""`leadline demo`, where the app is installed: an installation of its own, filled with an invented company, in the browser.

How it is filled is in `leadline.web.operations.demo`; how it is served in up.py. Guarded by tests/web/operations/test_demo.py.
"""

import json
import logging
import shlex
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from leadline.cli import show
from leadline.cli.app import DEMO_FOLDER, choose_folder, find_place, setup_app
from leadline.cli.command import wants_json
from leadline.engine.problems import Problem, ProblemsError

FOLDER = DEMO_FOLDER
PORT_HINT = " With make: make demo PORT=8001."
NOTE = "demo.json"
"""In the folder of the demo: when it was made, and how to sign in. It is invented data; a real installation keeps no password."""


def run_demo_app(folder: Path, *, host: str, port: int, size: int, fresh: bool) -> None:
    """Fill an installation where there is none yet, say how to sign in, and serve it until it is stopped."""
    from leadline.cli.apart import do_apart
    from leadline.cli.up import look_at_port, up

    look_at_port(host, port, folder, hint=PORT_HINT)
    choose_folder(folder)
    with _served_by_nobody(host, port):
        if fresh:
            forget_demo(folder)
        note = find_demo(folder) or do_apart(make_demo, folder, size)
    if not wants_json():
        tell_how_to_sign_in(note, folder)
    if sys.stdout.isatty() and not wants_json():
        webbrowser.open(f"http://{host}:{port}/", autoraise=False)
    assert up.callback is not None
    up.callback(host=host, port=port, workers=1, data=str(folder))


@contextmanager
def _served_by_nobody(host: str, port: int) -> Iterator[None]:
    """Keep others off while the demo is made, once it is seen that it could be served.

    Raises:
        ProblemsError: the demo is running already, or the port is taken.
    """
    from leadline.web.operations.alone import only_one
    from leadline.web.operations.port import CannotStartError, find_port

    place = find_place()
    try:
        with only_one(place.folder, is_sqlite=place.is_sqlite):
            find_port(host, port)
            yield
    except CannotStartError as error:
        hint = PORT_HINT if error.code == "port-taken" else ""
        raise ProblemsError([Problem(code=error.code, message=f"{error}{hint}")]) from None


def find_demo(folder: Path) -> dict[str, Any] | None:
    """Return the note of a demo that lies in *folder*, with its age said when it is not of today."""
    path = folder / NOTE
    if not path.exists():
        return None
    note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if note["made_on"] != _today().isoformat():
        days = (_today() - date.fromisoformat(note["made_on"])) // timedelta(days=1)
        show.note(
            f"This demo was made {show.counted(days, 'day')} ago, and its leads have cooled since. --fresh makes a new one."
        )
    return note


def make_demo(folder: Path, size: int) -> dict[str, Any]:
    """Fill the installation in *folder* and assess everybody; return the note.

    Raises:
        ProblemsError: the installation cannot be filled.
    """
    setup_app(folder, needs_tables=False, makes=True)
    from leadline.web.operations.bring_up import migrate
    from leadline.web.operations.demo import NotEmptyError, assess_demo, fill_demo

    show.note(f"Inventing a company of {size:,} leads and assessing them, in {folder}: half a minute or so.")
    logging.getLogger("leadline").setLevel(logging.WARNING)  # what it did is told below; this process ends with it
    with show.progress() as tell:
        tell("Setting up the database", None)
        migrate()
        try:
            filled = fill_demo(leads=size, tell=lambda said: tell(said, None))
        except NotEmptyError as error:
            raise ProblemsError(
                [Problem(code="bad-value", message=str(error), where="--data", file=str(folder))]
            ) from None
        assess_demo(lambda said: tell(said, None))
    note = {
        "made_on": _today().isoformat(),
        "password": filled.password,
        "people": filled.people,
        "counts": filled.counts,
        "server_key": filled.server_key,
    }
    path = folder / NOTE
    path.touch(mode=0o600)
    path.write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    return note


def forget_demo(folder: Path) -> None:
    """Remove a demo's database, so that a new one can be made. Nobody has opened it.

    Raises:
        ProblemsError: what lies in *folder* is no demo: nothing is removed.
    """
    if not (folder / "leadline.sqlite3").exists():
        return
    if not (folder / NOTE).exists():
        message = "There is something here that is no demo. --fresh removes a demo only; name another folder."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--data", file=str(folder))])
    for path in (folder / NOTE, *folder.glob("leadline.sqlite3*")):
        path.unlink(missing_ok=True)


def tell_how_to_sign_in(note: dict[str, Any], folder: Path) -> None:
    """Print the people of the demo, their password, how to send an event, where all of it lies and how the terminal gets at it."""
    counts = note["counts"]
    show.line(f"{counts['leads']:,} leads and {counts['events']:,} events of an invented company, up to today.")
    show.line()
    show.line(f"Sign in with the password {note['password']} as", bold=True)
    for email, role in note["people"]:
        show.line(f"  {email:<28} {role}")
    show.line()
    show.line(f"Server key of the tracking API: {note['server_key']}")
    show.line()
    show.line(f"Its data is in {folder.absolute()}. From another terminal:")
    show.line(f"  {say_command(folder, note)}")
    show.line()
    sys.stdout.flush()


def say_command(folder: Path, note: dict[str, Any]) -> str:
    """Return how the queue of the demo's first rep is shown in a terminal."""
    rep = next((email for email, role in note["people"] if role == "rep"), note["people"][0][0])
    return f"LEADLINE_DATA={shlex.quote(str(folder.absolute()))} leadline queue --by {rep}"


def _today() -> date:
    return datetime.now(UTC).date()
