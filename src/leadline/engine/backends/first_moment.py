"""The first moment of which anything is known: where a stretch of time begins when nobody says so.

The last one is in `data_values.py`. tests/engine/review/test_run.py
"""

from leadline.engine.backends.data_values import Sources
from leadline.engine.backends.engine import Engine
from leadline.engine.backends.readings import Readings
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName
from leadline.engine.reference.cells import CellReader

_DATED: dict[TableName, str] = {
    "leads": "created_at",
    "events": "occurred_at",
    "facts": "known_at",
    "outcomes": "at",
}


def first_instant(engine: Engine, sources: Sources, cells: CellReader) -> int | None:
    """Return the first instant of any lead, event, fact or outcome; None when nothing is dated."""
    readings = Readings(engine, cells, Rejects())
    found = []
    for table, column in _DATED.items():
        source = sources.get(table)
        if source is None or source.column(column) is None:
            continue
        at, _ = readings.instant(source, column, "s")
        ((first,),) = engine.fetch(f"SELECT MIN({at.value}) AS first FROM {source.relation} AS s{at.join}")
        found += [] if first is None else [int(first)]
    return min(found, default=None)
