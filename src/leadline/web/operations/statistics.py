"""How many rows there are, as SQLite knows it: by that it chooses its way through tables, and it counts only when it is told to.

Without it, lists of very many leads take twice as long. It is counted anew when a table has become twice as large; index by index,
so that nobody who writes waits for more than a moment. PostgreSQL counts by itself.
"""

import time
from collections.abc import Iterable

from django.db import connection

from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Company, Event, Lead

LOOKS_EVERY_S = 60.0
FEWEST = 1_000
"""Of so few rows any way is short."""
_GROWS = (Assessment, Company, Event, Lead)


class _Clock:
    looks_at = 0.0


def keep_statistics() -> int:
    """Count anew where a table has grown; return how many indexes were counted. A job of the worker."""
    if connection.vendor != "sqlite" or time.monotonic() < _Clock.looks_at:
        return 0
    _Clock.looks_at = time.monotonic() + LOOKS_EVERY_S
    return count_anew() if has_grown() else 0


def has_grown() -> bool:
    """Return whether a table has twice as many rows as SQLite knows of. Ids say how many: few rows are ever deleted."""
    known = _known()
    for model in _GROWS:
        last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
        if last >= FEWEST and last >= 2 * known.get(model._meta.db_table, 0):
            return True
    return False


def count_anew() -> int:
    """Count what every index holds; return how many indexes that were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(name)}")
    return len(names)


def _known() -> dict[str, int]:
    """Return how many rows SQLite knows of, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL")
        return _largest(cursor.fetchall())


def _largest(rows: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the largest first number of each table: an index of some of its rows knows only of those."""
    found: dict[str, int] = {}
    for table, stat in rows:
        found[table] = max(found.get(table, 0), int(stat.split()[0]))
    return found
