"""Outcomes without a time: they say nothing about a moment, and are read only where none is asked for.

Everything with a time goes through the preparation (`event_tables.py`), which counts these as ``undated``.
tests/engine/review/test_run.py
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadline.engine.backends.engine import Engine, Source, text_of
from leadline.engine.backends.engine import is_missing as is_missing_in_sql
from leadline.engine.reference.cells import as_written
from leadline.engine.values import is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTimes:
    """Which outcomes have a time.

    undated: for each outcome that somebody reported without one, the ids of the leads. dated: the outcomes that have one somewhere.
    """

    undated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    dated: frozenset[str] = frozenset()


def outcome_times(engine: Engine, outcomes: Source) -> OutcomeTimes:
    """Return which outcomes were reported with a time, and of which leads without one."""
    lead, outcome, at = (outcomes.column(name) for name in ("lead_id", "outcome", "at"))
    if lead is None or outcome is None:
        return OutcomeTimes()
    is_undated = "1 = 1" if at is None else is_missing_in_sql(text_of(at, "s"))
    names = f"{text_of(lead, 's')} AS lead_id, {text_of(outcome, 's')} AS outcome"
    found: dict[str, set[str]] = {}
    for row in engine.fetch(f"SELECT DISTINCT {names} FROM {outcomes.relation} AS s WHERE {is_undated}"):
        lead_id, name = (as_written(cell) for cell in row)
        if not is_missing(lead_id) and not is_missing(name):
            found.setdefault(name, set()).add(lead_id)
    dated = engine.fetch(
        f"SELECT DISTINCT {text_of(outcome, 's')} AS outcome FROM {outcomes.relation} AS s WHERE NOT ({is_undated})"
    )
    return OutcomeTimes(
        undated={name: frozenset(ids) for name, ids in sorted(found.items())},
        dated=frozenset(name for (cell,) in dated if not is_missing(name := as_written(cell))),
    )
