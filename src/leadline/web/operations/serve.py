"""The web server: granian on the app. `leadline up` runs it as a child; ``python -m leadline.web.operations.serve`` by hand.

Four threads a process. On SQLite one writes at a time, and requests of the tracking API that wait meanwhile are committed together: with
four threads five times as many events are taken in as with one (docs/decisions/0022).
"""

import argparse
import os

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

THREADS = {"sqlite": 4, "postgresql": 4}
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
