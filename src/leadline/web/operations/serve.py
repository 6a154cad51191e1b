"""The web server: granian on the app. `leadline up` runs it as a child; ``python -m leadline.web.operations.serve`` by hand.

On SQLite each process has one thread, because one writes at a time anyhow and threads would wait for one another; on PostgreSQL four.
"""

import argparse
import os

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

THREADS = {"sqlite": 1, "postgresql": 4}
TARGET = "leadline.web.config.wsgi:application"
_LONGEST_STOP_SECONDS = 15


def serve(host: str, port: int, *, processes: int, database: str) -> None:
    """Serve until the process is told to stop."""
    Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS[database],
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=_LONGEST_STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def main() -> None:
    """Read the arguments, and serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.web.config.settings")
    parser = argparse.ArgumentParser(prog="python -m leadline.web.operations.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--database", choices=sorted(THREADS), default="sqlite")
    given = parser.parse_args()
    serve(given.host, given.port, processes=given.processes, database=given.database)


if __name__ == "__main__":
    main()
