"""A database that is filled to measure by, and how long a page takes on it: by the clock, and in processor time. Not a test.

The clock says what people wait; on a machine that does other things too, only processor time can be compared. It is that of our process
(in which SQLite runs), and of the PostgreSQL server's process for us where that runs on this machine; without its parallel workers.

``--keep`` leaves the database for the next run, which then fills nothing. Its name has the size, and a hash of the tables and of what
fills it: when those change, another one is made. Old ones are removed by hand: files in the folder for temporary files, or databases on
PostgreSQL.
"""

import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.web.settings")

_WEB = Path(__file__).parents[2] / "src" / "leadline" / "web"
_TICKS = os.sysconf("SC_CLK_TCK")


def add_options(parser: ArgumentParser, *, rounds: int = 6) -> None:
    """Add what every measurement can be asked for."""
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--keep", action="store_true", help="leave the filled database, and use one that was left")


@contextmanager
def filled(name: str, size: int, fill: Callable[[int], None], *, script: str, keep: bool) -> Iterator[None]:
    """Set Django up on a database of its own that holds what *fill* writes, and remove it afterwards unless it is to be kept.

    Args:
        name: what is measured.
        size: how many rows, which *fill* is given.
        fill: writes them.
        script: the file that says how.
        keep: whether to leave the database, and to use one that was left.
    """
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    from leadline.web.accounts.models import Workspace

    setup_test_environment()
    called = f"measured_{name}_{size}_{_hash_of(script)}" if keep else f"measured_{name}"
    folder = Path(tempfile.gettempdir()) if keep else Path(os.environ["LEADLINE_DATA"])
    is_file = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = str(folder / f"leadline_{called}.sqlite3") if is_file else called
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
    is_whole = False
    try:
        if not Workspace.objects.exists():
            fill(size)
            count_rows()
        is_whole = True
        yield
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0, keepdb=keep and is_whole)


def _hash_of(script: str) -> str:
    found = sha256(Path(script).read_bytes())
    for path in sorted(_WEB.glob("*/migrations/0*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:8]


def count_rows() -> None:
    """Let the database know how many rows there are, as it would by now: SQLite is told by our worker, PostgreSQL cleans up by itself."""
    from django.db import connection

    from leadline.web.operations.statistics import count_anew

    if connection.vendor == "sqlite":
        count_anew()
        connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


class Times:
    """How long something took, again and again, in milliseconds: by the clock, and at work. The first time is told apart."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.work: list[float] = []

    def take(self, act: Callable[[], None]) -> None:
        """Do it once."""
        worked, began = _worked(), time.perf_counter()
        act()
        self.clock.append(1000 * (time.perf_counter() - began))
        self.work.append(_worked() - worked)

    def __str__(self) -> str:
        clock, work = sorted(self.clock[1:] or self.clock), self.work[1:] or self.work
        mean = sum(work) / len(work)
        took = f"p50 {share_of(clock, 50):7.1f}  most {clock[-1]:7.1f}  first {self.clock[0]:7.1f}"
        return f"{took}  at work {mean:7.1f}  first {self.work[0]:7.1f} ms"


def say(what: str, times: Times) -> None:
    """Print a line."""
    sys.stdout.write(f"{what:50} {times}\n")
    sys.stdout.flush()


def say_all(every: Sequence[Times]) -> None:
    """Print the line of all that was measured."""
    clock, work = (sorted(value for one in every for value in of(one)) for of in (lambda o: o.clock, lambda o: o.work))
    found = "  ".join(
        f"{name} p50 {share_of(values, 50):7.1f}  p95 {share_of(values, 95):7.1f}"
        for name, values in (("clock", clock), ("at work", work))
    )
    sys.stdout.write(f"{'all of them':50} {found} ms\n")


def share_of(values: Sequence[float], percent: int) -> float:
    """Return the value below which so many percent of some values are, which are in order."""
    return values[min(len(values) - 1, len(values) * percent // 100)]


def _worked() -> float:
    """Return how many milliseconds our process, and that of the database for us, have been at work."""
    return 1000 * time.process_time() + _worked_by_database()


def _worked_by_database() -> float:
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return 0.0
    try:
        fields = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # the server is on another machine
        return 0.0
    return 1000 * (int(fields[11]) + int(fields[12])) / _TICKS
