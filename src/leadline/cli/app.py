"""Makes the app ready for a command: Django with the settings of this installation, or a plain word on why it cannot be.

Every command that touches the app's database calls `setup_app` before it imports anything of `leadline.web`. Guarded by
tests/web/operations/test_cli_app.py.
"""

import importlib.util
import os
from pathlib import Path

from leadline.cli.command import option
from leadline.engine.problems import Problem, ProblemsError

SETTINGS = "leadline.web.config.settings"
PACKAGES = ("django", "django_htmx", "lucide", "whitenoise", "granian", "msgspec")

data_option = option(
    "--data",
    metavar="DIR",
    section="Installation",
    help="The folder of this installation.  [default: LEADLINE_DATA, else ./leadline-data]",
)
"""The option that says which installation a command is about; its value goes to `setup_app`."""


def setup_app(data: str | Path | None = None, *, needs_tables: bool = True) -> None:
    """Make Django ready, once.

    Args:
        data: the folder of this installation, made when it is not there; else ``LEADLINE_DATA``, else ``leadline-data`` here.
        needs_tables: whether the command works on tables that have to be there, and as this version wants them.

    Raises:
        ProblemsError: a package is missing, a setting or the database cannot be used, or the tables are not there; with how to mend it.
    """
    if data is not None:
        os.environ["LEADLINE_DATA"] = str(Path(data).absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if missing := [name for name in PACKAGES if importlib.util.find_spec(name) is None]:
        names = ", ".join(missing)
        raise _problem("engine-failed", f"The app needs {names}: pip install 'leadline[web]'.")
    is_postgres = os.environ.get("DATABASE_URL", "").strip().startswith("postgres")
    if is_postgres and importlib.util.find_spec("psycopg") is None:
        advice = "PostgreSQL needs the package psycopg: pip install 'leadline[web,postgres]'."
        raise _problem("engine-failed", advice, "DATABASE_URL")
    import django

    from leadline.web.config.environment import SettingError

    try:
        django.setup()
    except SettingError as error:
        raise _problem("bad-value", f"{error}.") from None
    if needs_tables:
        _check_tables()


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
        raise _problem("engine-failed", f"{len(waiting)} migrations of the database have not run. {advice}")


def _problem(code: str, message: str, where: str = "") -> ProblemsError:
    return ProblemsError([Problem(code=code, message=message, where=where)])
