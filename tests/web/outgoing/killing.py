"""Runs a piece of a worker in a process of its own, on the database of the test, that kills itself at a point."""

import os
import signal
import subprocess
import sys

from django.db import connection

BEGINS = """
import os, signal, sys
import django
django.setup()
from datetime import datetime
from django.conf import settings
settings.WEBHOOKS_TO_THIS_MACHINE = True
now, where, folder = datetime.fromisoformat(sys.argv[1]), sys.argv[2], sys.argv[3]
settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", folder

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at(step):
    if step == where:
        die()

def dying(act):
    def act_and_die(*arguments, **names):
        act(*arguments, **names)
        die()
    return act_and_die
"""
"""What every such piece begins with."""


def run_and_die(piece, *, now, where, data, folder="", breaks=""):
    """Run a piece of a worker that is killed at a point; only what is committed stays.

    breaks: code that makes the piece wrong, for tests of the tests: what they look at has to see it.
    """
    of = connection.settings_dict
    address = f"sqlite:///{of['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgresql://{of['USER']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
    settings = {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", BEGINS + breaks + piece, now.isoformat(), where, str(folder)],
        env=os.environ | settings | {"LEADLINE_DATA": str(data)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode() or "it passed no such step"
