"""Many at once on one lead: eight workers open its hand-off, then eight people claim and decide it. One wins each time.

python -m pytest tests/web/handoff/test_races.py                     a dozen races, as the tests do
LEADLINE_RACES=200 python -m pytest tests/web/handoff/test_races.py  as many as one likes
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

WORKERS = 8


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do all things at one moment, each in a thread with a connection of its own; return what each gave or raised."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=30)
            return act()
        except Exception as error:  # noqa: BLE001 - what each raises is what is looked at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
