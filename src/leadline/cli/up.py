"""`leadline up`: the whole app with one command.

The process of the command stays, and only looks after others. What comes before is done apart, so that it has neither Django nor numpy.
"""

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadline.cli import show
from leadline.cli.app import choose_folder, data_option, find_place, has_installation, setup_app
from leadline.cli.command import Command, option, wants_json
from leadline.cli.options import WholeNumber
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from leadline.web.operations.supervise import Child

WEB_PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is known once everything is ready to be served.

    database:    what keeps it: ``sqlite`` or ``postgresql``.
    setup_code:  what the page for the first user asks for; empty where it asks for nothing.
    is_nameless: others may reach the port, and there is no name by which they are let in.
    """

    database: str
    setup_code: str
    is_nameless: bool


@click.command(cls=Command, short_help="Run the app: pages, tracking, and the work behind them.")
@option("--host", metavar="H", default="127.0.0.1", section="Where it is reached",
        help="The address to listen at; 0.0.0.0 is every one of this machine.  [default: 127.0.0.1]")  # fmt: skip
@option("--port", metavar="N", type=WholeNumber(0, 65535), default=8000, section="Where it is reached",
        help="The port; 0 takes a free one.  [default: 8000]")  # fmt: skip
@option("--workers", metavar="N", type=WholeNumber(1, 64), default=WEB_PROCESSES, section="Where it is reached",
        help=f"How many processes answer requests.  [default: {WEB_PROCESSES}]")  # fmt: skip
@data_option
def up(host: str, port: int, workers: int, data: str | None) -> None:
    """Run the app: bring the database to this version, serve the pages and the tracking API, and assess leads.

    \b
    Examples:
      leadline up
      leadline up --port 8080 --data /var/lib/leadline
      DATABASE_URL=postgresql://leadline@localhost/leadline leadline up --host 0.0.0.0

    Everything is kept in the folder leadline-data, in SQLite, unless DATABASE_URL names a PostgreSQL database. The first visitor
    makes the first account. Ctrl-C stops it; what was acknowledged is kept. Settings: docs/reference/settings.md.
    """
    look_at_port(host, port, data)
    choose_folder(data)
    from leadline.cli.apart import do_apart
    from leadline.web.operations import alone, supervise
    from leadline.web.operations.port import CannotStartError, address_of, find_port

    place, parent = find_place(), supervise.Parent([])
    try:
        with ExitStack() as held:
            held.enter_context(alone.only_one(place.folder, is_sqlite=place.is_sqlite))
            port = find_port(host, port)
            prepared = do_apart(_prepare, host)
            address = address_of(host, port)
            held.enter_context(alone.noting(place.folder, address))
            parent.children += _children(host, port, workers, prepared)
            supervise.stop_on_signals(parent)
            parent.run(is_ready=lambda: _answers(address), on_ready=lambda: _tell(address, prepared))
    except CannotStartError as error:
        raise ProblemsError([Problem(code=error.code, message=str(error))]) from None
    except supervise.GaveUpError as error:
        raise ProblemsError([Problem(code="gave-up", message=f"{error}.")]) from None
    show.note("Stopped.")


def look_at_port(host: str, port: int, data: str | Path | None, *, hint: str = "") -> None:
    """Look whether the app could be served, before anything is made. An installation that is there may be what takes the port.

    Args:
        host: where it would be served.
        port: and at which port.
        data: the folder of the installation.
        hint: what more to say when the port is taken.

    Raises:
        ProblemsError: it could not.
    """
    from leadline.web.config.environment import SettingError
    from leadline.web.operations.port import CannotStartError, find_port

    try:
        if not has_installation(data):
            find_port(host, port)
    except SettingError as error:
        raise ProblemsError([Problem(code="bad-value", message=f"{error}.")]) from None
    except CannotStartError as error:
        raise ProblemsError([Problem(code=error.code, message=f"{error}{hint}")]) from None


def _prepare(host: str) -> Prepared:
    """Make everything ready to be served, and bring the database to this version; say so when there was something to do."""
    setup_app(needs_tables=False, makes=True)
    from django.conf import settings
    from django.db import OperationalError, connection

    from leadline.web.operations.bring_up import migrate, setup_code_for
    from leadline.web.operations.port import is_loopback

    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = (str(error).splitlines() or ["it gave no reason"])[0]
        raise ProblemsError(
            [Problem(code="engine-failed", message=f"The database cannot be reached: {reason}.")]
        ) from None
    if count := migrate():
        show.note(f"The database is set up: {show.counted(count, 'step')}.")
    prepared = Prepared(
        database=connection.vendor,
        setup_code=setup_code_for(host),
        is_nameless=not is_loopback(host) and set(settings.ALLOWED_HOSTS) == set(settings.LOOPBACK_NAMES),
    )
    connection.close()  # children open their own
    return prepared


def _children(host: str, port: int, workers: int, prepared: Prepared) -> "list[Child]":
    from leadline.web.operations.supervise import Child

    environment = os.environ | {"LEADLINE_CHILD": "1", "LEADLINE_SETUP_CODE": prepared.setup_code}
    run = [sys.executable, "-m", "leadline.web.operations.child"]
    served = ["--host", host, "--port", str(port), "--processes", str(workers), "--database", prepared.database]
    return [
        Child(name="The web server", command=[*run, "leadline.web.operations.serve", *served], environment=environment),
        Child(name="The worker", command=[*run, "leadline", "worker"], environment=environment),
    ]


def _answers(address: str) -> bool:
    """Return whether the server answers, whatever it says."""
    from http.client import HTTPConnection, HTTPException  # every other command would pay for it

    connection = HTTPConnection(address.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _tell(address: str, prepared: Prepared) -> None:
    if wants_json():
        show.record({"address": address, "process": os.getpid(), "setup_code": prepared.setup_code})
        return
    if prepared.setup_code:
        show.line(f"The first account needs this code, once: {prepared.setup_code}")
    if prepared.is_nameless:
        show.note(
            "Others reach it only by a name that LEADLINE_HOSTS lists, such as LEADLINE_HOSTS=leads.example.com",
            fg="yellow",
        )
    show.line("Ctrl-C stops it.")
    show.line(f"Leadline runs at {address}", bold=True)
    sys.stdout.flush()
