"""What `leadline doctor` looks at beyond /health: the machine, the packages, the folder, the settings, the playbooks.

Findings as in `health.py`. Guarded by tests/web/operations/test_doctor.py.
"""

import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from leadline import __version__
from leadline.engine.problems import how_to_install
from leadline.web.accounts.models import User, Workspace
from leadline.web.operations.health import Finding, State, check_health
from leadline.web.playbooks.models import Version

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 37)
OLDEST_POSTGRESQL = 140_000
EXTRAS = {"postgres": ("psycopg",), "frames": ("pyarrow", "polars", "pandas"), "spark": ("pyspark",)}
"""What is optional, and said."""
NEEDED = ("django", "django-htmx", "lucide", "whitenoise", "granian", "msgspec", "duckdb", "numpy")


def examine(*, now: datetime) -> list[Finding]:
    """Return all that was found, the machine first."""
    found = [*_examine_python(), *_examine_packages(), *_examine_folder(), *_examine_hosts(), *_examine_mail()]
    found += check_health(now=now)
    is_reachable = not any(one.check == "database" and one.state is State.FAIL for one in found)
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (_examine_database, _examine_people, _examine_playbooks)
    for check in checks if is_reachable else ():
        try:
            found += check()
        except DatabaseError as error:
            reason = (str(error).splitlines() or ["no reason was given"])[0]
            found.append(
                _finding(
                    check.__name__.removeprefix("_examine_"), State.FAIL, reason, "Mend what else fails here first."
                )
            )
    return found


def _examine_python() -> Iterator[Finding]:
    says = f"Leadline {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    is_old = sys.version_info < OLDEST_PYTHON
    yield _finding(
        "python", State.FAIL if is_old else State.OK, says, "Install Python 3.11 or later." if is_old else ""
    )


def _examine_packages() -> Iterator[Finding]:
    found = {name: _find_version(name) for name in NEEDED}
    if missing := [name for name, there in found.items() if there is None]:
        yield _finding("packages", State.FAIL, f"missing: {', '.join(missing)}", how_to_install("web"))
    else:
        yield _finding("packages", State.OK, ", ".join(f"{name} {there}" for name, there in found.items()))
    there = [extra for extra, names in EXTRAS.items() if all(_find_version(name) for name in names)]
    yield _finding("extras", State.OK, f"installed: {', '.join(there) or 'none'}")


def _examine_folder() -> Iterator[Finding]:
    folder = Path(settings.DATA)
    if not os.access(folder, os.W_OK):
        yield _finding(
            "folder",
            State.FAIL,
            f"{folder} cannot be written to",
            f"Give it to whoever runs Leadline: chown -R … {folder}",
        )
        return
    open_to_others = [
        path
        for path in (folder, folder / "secret.key", folder / "leadline.sqlite3")
        if path.exists() and path.stat().st_mode & 0o077
    ]
    database_only = [path for path in open_to_others if path.name == "leadline.sqlite3"] == open_to_others
    if open_to_others and not (database_only and folder.stat().st_mode & 0o077 == 0) and os.name != "nt":
        names = ", ".join(str(path) for path in open_to_others)
        yield _finding("folder", State.WARN, f"others on this machine may read {names}", f"chmod -R go= {folder}")
    else:
        yield _finding("folder", State.OK, f"{folder}, for its owner only")


def _examine_hosts() -> Iterator[Finding]:
    hosts = settings.ALLOWED_HOSTS
    names = ", ".join(host for host in hosts if host not in settings.LOOPBACK_NAMES) or "this machine only"
    if "*" in hosts:
        yield _finding(
            "hosts",
            State.WARN,
            "any name is accepted",
            "List the names in LEADLINE_HOSTS: links in mails are made of them.",
        )
        return
    is_local = set(hosts) <= set(settings.LOOPBACK_NAMES)
    if is_local or settings.IS_HTTPS:
        yield _finding("hosts", State.OK, f"{names}{'' if is_local else ', over HTTPS'}")
    else:
        advice = "Put a proxy with HTTPS in front, and set LEADLINE_HTTPS=1 and LEADLINE_PROXIES=1."
        yield _finding("hosts", State.WARN, f"{names}, without HTTPS: passwords and keys travel in the open", advice)


def _examine_mail() -> Iterator[Finding]:
    if settings.MAIL.host:
        kind = "TLS" if settings.MAIL.has_tls or settings.MAIL.has_starttls else "no encryption"
        yield _finding("mail", State.OK, f"by {settings.MAIL.host}:{settings.MAIL.port}, {kind}")
    else:
        yield _finding("mail", State.OK, "none is sent; `leadline user reset` makes links for new passwords")


def _examine_database() -> Iterator[Finding]:
    if connection.vendor == "sqlite":
        yield from _examine_sqlite()
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('TimeZone')"
        )
        number, name, zone = cursor.fetchone()
    is_old = number < OLDEST_POSTGRESQL
    advice = "Install PostgreSQL 14 or later." if is_old else ""
    yield _finding("postgresql", State.FAIL if is_old else State.OK, f"{name}, our sessions in {zone}", advice)


def _examine_sqlite() -> Iterator[Finding]:
    is_old = sqlite3.sqlite_version_info < OLDEST_SQLITE
    advice = "Install a Python with a newer SQLite." if is_old else ""
    yield _finding("sqlite", State.FAIL if is_old else State.OK, sqlite3.sqlite_version, advice)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    if mode != "wal":
        advice = "Is the folder on a network disk? WAL needs a local one."
        yield _finding(
            "journal", State.FAIL, f"{mode} instead of wal: readers and writers wait for one another", advice
        )
    path = str(connection.settings_dict["NAME"])
    with closing(sqlite3.connect(path, timeout=20)) as own:
        try:
            (found,) = own.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found == "ok":
        yield _finding("integrity", State.OK, f"every page of {path} is sound")
    else:
        yield _finding(
            "integrity",
            State.FAIL,
            found,
            "Stop Leadline, and restore the last backup: leadline restore FILE --replace",
        )


def _examine_people() -> Iterator[Finding]:
    count = User.objects.filter(is_active=True, memberships__role="admin").distinct().count()
    if count:
        yield _finding("people", State.OK, f"administrators: {count}")
    else:
        yield _finding(
            "people",
            State.WARN,
            "nobody administers it yet",
            "Open it in a browser, or `leadline user add you@example.com`.",
        )


def _examine_playbooks() -> Iterator[Finding]:
    for workspace in Workspace.objects.order_by("slug"):
        live = Version.objects.filter(workspace=workspace, state=Version.State.LIVE).first()
        check = f"playbook of {workspace.slug}"
        if live is not None:
            yield _finding(check, State.OK, f"{live} is live")
        elif Version.objects.filter(workspace=workspace, state=Version.State.PREPARING).exists():
            yield _finding(
                check, State.WARN, "one is being prepared, none is live", "Wait; the page Playbook shows how far it is."
            )
        else:
            yield _finding(
                check, State.WARN, "none is live: nobody is scored", "Publish one: leadline publish playbook.toml"
            )


def _finding(check: str, state: State, says: str, mend: str = "") -> Finding:
    return Finding(check=check, state=state, says=says, mend=mend)


def _find_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
