"""Builds and extends the daily roll-up from prepared events, in DuckDB.

Extending looks at all days from the first to the last of the events it is given: a day whose events are the same as when it
was counted (by fingerprint) stays, any other is counted anew, one that has lost its events is emptied. So late, repeated,
re-pointed and reclassified events are all noticed, and a file that holds only the latest days, each complete, extends it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from leadline.engine.backends.duckdb import DuckDBEngine
from leadline.engine.compiler.conditions import integer
from leadline.engine.compiler.plan import Plan, Signal
from leadline.engine.compiler.signals import Layout, condition_of_signal
from leadline.engine.compiler.steps import case, column

_EVENTS_A_BATCH = 20_000_000


@dataclass(frozen=True, slots=True)
class RollupSummary:
    """What building a roll-up did: how many days were counted anew and kept, and how many rows it has now."""

    counted_days: int
    kept_days: int
    rows: int


def rollup_signals(plan: Plan) -> tuple[Signal, ...]:
    """Return the signals that a roll-up holds for a plan: all of its own, and one for each event that wipes a score."""
    wiping = [Signal((event,), None) for wipe in plan.wipes for event in wipe.events]
    return tuple(dict.fromkeys((*plan.signals, *wiping)))


def fingerprints(engine: DuckDBEngine, relation: str) -> dict[int, str]:
    """Return for each day of an event relation with ``day`` and ``seal`` (a hash of the row) a fingerprint of its rows."""
    rows = engine.fetch(
        f"SELECT day, COUNT(*) AS n, SUM(CAST(seal % 4611686018427387904 AS HUGEINT)) AS seal FROM {relation} GROUP BY day"
    )
    return {int(day): f"{count}-{seal:x}" for day, count, seal in rows}


def count_signals(
    engine: DuckDBEngine, plan: Plan, layout: Layout, signals: Sequence[Signal], days: str | None, table: str
) -> None:
    """Make a table ``(lead_id, signal, day, n)`` of signals in event_known, on the days of the table *days* (None: all)."""
    zone = plan.playbook.timezone
    engine.run(f"CREATE OR REPLACE TEMP TABLE {table} (lead_id VARCHAR, signal BIGINT, day BIGINT, n BIGINT)")
    if not signals:
        return
    found = [
        case([(condition_of_signal(signal, layout), integer(signal.key(zone)))], None).sql("duckdb")
        for signal in signals
    ]
    names = (
        None
        if any("*" in signal.events for signal in signals)
        else sorted({name for one in signals for name in one.events})
    )
    where = (
        []
        if names is None
        else [exp.In(this=column("event"), expressions=[exp.Literal.string(name) for name in names]).sql("duckdb")]
    )
    where += [f"day IN (SELECT day FROM {days})"] if days else []
    only = f" WHERE {' AND '.join(where)}" if where else ""
    ((events,),) = engine.fetch(f"SELECT COUNT(*) AS n FROM event_known{only}")
    batches = max(1, -(-int(events) * max(1, len(signals) // 8) // _EVENTS_A_BATCH))
    for batch in range(batches):
        part = f"{only} {'AND' if only else 'WHERE'} hash(lead_key) % {batches} = {batch}" if batches > 1 else only
        engine.run(
            f"INSERT INTO {table} SELECT CAST(lead_key AS VARCHAR), signal, day, COUNT(*) AS n FROM ("
            f"SELECT lead_key, day, UNNEST(list_filter([{', '.join(found)}], lambda x: x IS NOT NULL)) AS signal FROM event_known{part}"
            ") AS given GROUP BY lead_key, signal, day"
        )
