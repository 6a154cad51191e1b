"""What has to be there before anything is served: the tables, a code for the first user.

`leadline up` lets this be done in a process apart, so that the one that stays needs no Django (cli/apart.py). That one `up` runs on a
folder is in alone.py, the port in port.py. Guarded by tests/web/operations/test_up.py.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from leadline.web.accounts.queries import has_users
from leadline.web.operations.port import is_loopback

_MIGRATION_LOCK = 0x1EAD11
"""The advisory lock under which one of several servers migrates a PostgreSQL database."""


# -- the database -----------------------------------------------------------------------------------------------


def migrate() -> int:
    """Bring the database to this version, and return how many migrations that took.

    Several servers may start at once on one PostgreSQL database: one migrates, and the others wait and find nothing left to do.
    """
    with _migrating_alone():
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            call_command("migrate", interactive=False, verbosity=0)
        call_command("clearsessions")
    return len(waiting)


@contextmanager
def _migrating_alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


# -- the first user ---------------------------------------------------------------------------------------------


def setup_code_for(host: str) -> str:
    """Return the code that the page for the first user asks for, or nothing where it need not.

    On this machine alone nobody else can reach the page. Behind a proxy or on a network anybody could, and would own the installation.
    """
    is_private = is_loopback(host) and not settings.IS_HTTPS and not settings.PROXY_COUNT
    if has_users():
        return ""
    return settings.SETUP_CODE or ("" if is_private else secrets.token_urlsafe(9))
