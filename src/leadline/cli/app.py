"""Makes the app ready for a command: Django with the settings of this installation, or a plain word on why it cannot be.

Every command that touches the app's database calls `setup_app` before it imports models of `leadline.web`. Guarded by
tests/web/operations/test_no_installation.py.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from leadline.cli.command import option
from leadline.engine.problems import Problem, ProblemsError, how_to_install

SETTINGS = "leadline.web.config.settings"
PACKAGES = ("django", "django_htmx", "ninja", "lucide", "whitenoise", "granian", "msgspec")
DEMO_FOLDER = "leadline-demo"
"""Where `leadline demo` makes its installation, unless it is told another place."""

data_option = option(
    "--data",
    metavar="DIR",
    section="Installation",
    help="The folder of this installation.  [default: LEADLINE_DATA, else ./leadline-data]",
)
"""The option that says which installation a command is about; its value goes to `setup_app`."""


def setup_app(data: str | Path | None = None, *, needs_tables: bool = True, makes: bool = False) -> None:
    """Make Django ready, once.

    Args:
        data: the folder of this installation; else ``LEADLINE_DATA``, else ``leadline-data`` here.
        needs_tables: whether the command works on tables that have to be there, and as this version wants them.
        makes: whether the command begins an installation where there is none. The others make no folder and no file.

    Raises:
        ProblemsError: a package is missing, a setting or the database cannot be used, or the installation or its tables are not
            there; with how to mend it.
    """
    choose_folder(data)
    import django
    from django.conf import settings

    from leadline.web.config.environment import SettingError

    try:
        if not makes and not settings.configured:
            _check_installation()
        django.setup()
    except SettingError as error:
        raise _problem("bad-value", f"{error}.") from None
    if needs_tables:
        _check_tables()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an installation is kept. is_sqlite: in a file in its folder, which one process at a time may serve."""

    folder: Path
    is_sqlite: bool


def find_place() -> Place:
    """Return where the installation is that was chosen, with its folder made if need be. Loads no Django.

    Raises:
        SettingError: the database that is set cannot be one.
    """
    from leadline.web.config.data_folder import data_folder
    from leadline.web.config.databases import read_database

    folder = data_folder()
    return Place(folder=folder, is_sqlite=read_database(folder)["ENGINE"].endswith("sqlite3"))


def choose_folder(data: str | Path | None) -> None:
    """Let what follows, here and in processes started from here, be about the installation in this folder. Loads no Django.

    Raises:
        ProblemsError: a package is missing.
    """
    if data is not None:
        os.environ["LEADLINE_DATA"] = str(Path(data).absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    _check_packages()


def has_installation(data: str | Path | None = None) -> bool:
    """Return whether there is an installation, and make none. Of a database on a server the folder says nothing: it may be anywhere.

    Raises:
        SettingError: the database that is set cannot be one.
    """
    from leadline.web.config.databases import read_database
    from leadline.web.config.environment import read

    database = read_database(Path(data or read("LEADLINE_DATA")).absolute())
    if not database["ENGINE"].endswith("sqlite3"):
        return True
    file = Path(database["NAME"])
    return file.exists() and file.stat().st_size > 0


def _check_installation() -> None:
    if not has_installation():
        from leadline.web.config.environment import read

        folder = Path(read("LEADLINE_DATA")).absolute()
        message = (
            f"There is no installation in {folder}. Are you in the right folder? Name it with --data or LEADLINE_DATA, "
            "or begin one with `leadline up`."
        )
        if (demo := Path(DEMO_FOLDER)).is_dir() and has_installation(demo):
            message += f" There is a demo here: LEADLINE_DATA={DEMO_FOLDER}."
        raise _problem("no-installation", message, "--data")


def _check_packages() -> None:
    if missing := [name for name in PACKAGES if importlib.util.find_spec(name) is None]:
        names = ", ".join(missing)
        raise _problem("not-installed", f"The app needs {names}: {how_to_install('web')}.")
    is_postgres = os.environ.get("DATABASE_URL", "").strip().startswith("postgres")
    if is_postgres and importlib.util.find_spec("psycopg") is None:
        advice = f"PostgreSQL needs the package psycopg: {how_to_install('web,postgres')}."
        raise _problem("not-installed", advice, "DATABASE_URL")


def _check_tables() -> None:
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        reason = (str(error).splitlines() or ["it gave no reason"])[0]
        raise _problem("engine-failed", f"The database cannot be reached: {reason}.", "DATABASE_URL") from None
    if waiting:
        advice = "Start `leadline up` once: it sets the database up, or brings it to this version."
        raise _problem("not-migrated", f"{len(waiting)} migrations of the database have not run. {advice}")


def _problem(code: str, message: str, where: str = "") -> ProblemsError:
    return ProblemsError([Problem(code=code, message=message, where=where)])
