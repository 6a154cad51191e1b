"""Opens what is known of all leads at any time: the beginning of every run that goes through time."""

from dataclasses import replace

from leadline.engine.backends.arrivals import ARRIVAL_COLUMNS, read_arrivals, tell_arrivals
from leadline.engine.backends.engine import Source
from leadline.engine.backends.history_feed import Feed
from leadline.engine.backends.history_tables import HistoryTables, Wanted
from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.readings import Readings
from leadline.engine.calendar import MAX_DAY, AsOf, date_text
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.sql import new_layout
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.run import Run

_FAR = 1 << 62


def refuse_spark(backend: str) -> None:
    """Refuse an engine that cannot go through leads one after another, before it is started.

    Raises:
        ProblemsError: it is Spark.
    """
    if backend == "spark":
        message = "Going through time takes leads one after another, which Spark does not offer here: use duckdb or PostgreSQL."
        raise ProblemsError([Problem(code="not-on-this-engine", message=message, where="--backend")])


def open_past(
    run: Run,
    plan: Plan,
    *,
    as_known: bool,
    events_are_unique: bool,
    tells: bool = True,
    wanted: Wanted | None = None,
) -> Feed:
    """Return what is known of all leads at any time.

    Args:
        run: what is open.
        plan: what is computed.
        as_known: a thing is there only when it had been received or recorded.
        events_are_unique: no two events have one `event_id`.
        tells: note what is left out among the rejects of the run; not, where another look at the same data has done so.
        wanted: of which leads alone; None: of all.

    Raises:
        ProblemsError: the engine cannot go through leads one after another (Spark).
    """
    refuse_spark(run.backend.name)
    always = AsOf(MAX_DAY, _FAR, date_text(MAX_DAY))
    readings = Readings(run.backend, run.cells(), run.rejects if tells else Rejects())
    without_facts: dict[TableName, Source] = {kind: source for kind, source in run.sources.items() if kind != "facts"}
    base = Preparation(run.backend, without_facts, readings, plan, new_layout(), always, keeps_arrivals=True)
    tables = HistoryTables(base, events_are_unique, wanted, as_known, tells)
    tables.prepare()
    facts = replace(base, sources=run.sources) if "facts" in run.sources else None
    if facts is not None and tells:
        facts.reject_facts()
    if as_known and tells:
        for kind, source in run.sources.items():
            if kind in ARRIVAL_COLUMNS:
                tell_arrivals(readings, read_arrivals(readings, source, _FAR))
    return Feed(plan, tables, facts, as_known)
