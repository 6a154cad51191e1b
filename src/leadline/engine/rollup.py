"""Builds and extends a daily roll-up from a file of events."""

from pathlib import Path

from leadline.engine.backends.duckdb import DuckDBEngine, engine_version
from leadline.engine.backends.event_tables import DatedTables
from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.readings import Readings
from leadline.engine.backends.rollup_build import RollupSummary, count_signals, fingerprints, rollup_signals
from leadline.engine.backends.rollup_file import RollupHead, read_head, write_rollup
from leadline.engine.calendar import MAX_DAY, MIN_DAY, AsOf, date_text
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.compiler.sql import new_layout
from leadline.engine.expressions.words import say_condition
from leadline.engine.inputs.loading import quote_path
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.run import Events, Inputs, Progress, Run, open_run

_FAR = 1 << 62


def build_rollup(
    playbook: str | Path | Playbook,
    *,
    events: str | Path,
    out: str | Path,
    extend: bool = False,
    whole: bool = False,
    naive_zone: str = "UTC",
    memory: str | None = None,
    events_are_unique: bool = False,
    progress: Progress | None = None,
) -> RollupSummary:
    """Count the signals of a playbook by lead and local day, into a Parquet file that `score` reads instead of events.

    Args:
        playbook: says what is counted, and whose days.
        events: the events. When extending, all of them, or those of a stretch of whole days.
        out: the roll-up's file.
        extend: keep the days of an existing roll-up whose events have not changed, and count only the others. Days before
            the first and after the last day in *events* are kept; a day between them without events is empty.
        whole: when extending, *events* are all there are, so that no day of which none is left stays: needed after somebody was
            erased or events were re-pointed, which may have been the first or the last.
        naive_zone, memory, events_are_unique, progress: as for `score`.

    Raises:
        ProblemsError: something given cannot be used, or the roll-up cannot be extended by these events.
    """
    tell = progress or (lambda _what, _share: None)
    target = Path(out)
    if target.suffix.lower() != ".parquet":
        message = f"A roll-up is a Parquet file: call it {target.with_suffix('.parquet').name}."
        raise ProblemsError([Problem(code="unsupported-file", message=message, file=str(out))])
    tell("Reading events", 0.0)
    known = _events_of(target) if extend and target.exists() else None
    inputs = Inputs(leads=None, events=events, naive_zone=naive_zone)
    run = open_run(playbook, inputs, memory=memory, more_events=known)
    try:
        return _build(
            run, target, extend=extend and target.exists(), whole=whole, events_are_unique=events_are_unique, tell=tell
        )
    finally:
        run.backend.close()


def _events_of(target: Path) -> Events:
    """Return the events that an existing roll-up was counted from."""
    engine = DuckDBEngine()
    try:
        return read_head(engine.connection, target).event_specs()
    finally:
        engine.close()


def _build(
    run: Run, target: Path, *, extend: bool, whole: bool, events_are_unique: bool, tell: Progress
) -> RollupSummary:
    engine = run.backend
    assert isinstance(engine, DuckDBEngine)
    plan, layout = make_plan(run.bound), new_layout()
    always = AsOf(MAX_DAY, _FAR, date_text(MAX_DAY))
    base = Preparation(engine, run.sources, Readings(engine, run.cells(), run.rejects), plan, layout, always)
    DatedTables(base, events_are_unique).prepare_events()
    tell("Comparing days", 0.2)
    first, last = (MIN_DAY, MAX_DAY) if whole else _stretch(base)
    names = ", ".join(["lead_key", "event", "at_us", *(layout.property(field) for field, _ in plan.event_properties)])
    days = fingerprints(engine, f"(SELECT day, hash({names}) AS seal FROM event_known)")
    head = _head(run, plan, days)
    old = read_head(engine.connection, target) if extend else None
    if old is not None and old.zone != head.zone:
        message = f"Its days are those of {old.zone}, the playbook's those of {head.zone}: build it anew."
        raise ProblemsError([Problem(code="roll-up", message=message, file=str(target))])
    if old is not None and old.maker != head.maker:
        old = None  # fingerprints of another version mean nothing: count everything anew
    emptied = [] if old is None else [day for day in old.days if first <= day <= last and day not in days]
    changed = emptied + [day for day, seal in days.items() if old is None or old.days.get(day) != seal]
    signals = rollup_signals(plan)
    zone = plan.playbook.timezone
    new = [one for one in signals if old is None or one.key(zone) not in old.signals]
    if old is not None and new and (unseen := sorted(day for day in old.days if not first <= day <= last)):
        message = (
            f"The playbook counts something new, and the events of {len(unseen)} of the roll-up's days are not given"
            f" (the first is {date_text(unseen[0])}): give all events."
        )
        raise ProblemsError([Problem(code="roll-up", message=message, file=str(target))])
    tell("Counting signals", 0.3)
    key_type = base.key_type if old is None or _has_integers(engine, target) else "VARCHAR"
    engine.load("changed_day", {"day": "BIGINT"}, [(day,) for day in changed])
    count_signals(engine, plan, layout, [one for one in signals if one not in new], "changed_day", "counted")
    count_signals(engine, plan, layout, new, None, "counted_new")
    parts = [
        f"SELECT CAST(lead_id AS {key_type}) AS lead_id, signal, day, n FROM {table}"
        for table in ("counted", "counted_new")
    ]
    if old is not None:
        keys = ", ".join(str(one.key(zone)) for one in signals if one not in new) or "NULL"
        head.days = {day: seal for day, seal in (old.days | days).items() if day not in emptied}
        parts.append(
            f"SELECT CAST(lead_id AS {key_type}) AS lead_id, signal, CAST(day AS BIGINT) AS day, CAST(n AS BIGINT) AS n"
            f" FROM read_parquet({quote_path(str(target))}, hive_partitioning = false)"
            f" WHERE signal IN ({keys}) AND day NOT IN (SELECT day FROM changed_day)"
        )
    tell("Writing the roll-up", 0.8)
    write_rollup(engine.connection, " UNION ALL ".join(parts), head, target)
    ((rows,),) = engine.fetch(
        f"SELECT COUNT(*) AS n FROM read_parquet({quote_path(str(target))}, hive_partitioning = false)"
    )
    return RollupSummary(counted_days=len(changed), kept_days=len(head.days.keys() - set(changed)), rows=int(rows))


def _stretch(base: Preparation) -> tuple[int, int]:
    """Return the first and last day that the events speak of, by whomever and of whatever name."""
    at, _ = base.readings.instant(base.sources["events"], "occurred_at", "s")
    relation = f"{base.sources['events'].relation} AS s{at.join}"
    ((low, high),) = base.engine.fetch(f"SELECT MIN({at.value}) AS low, MAX({at.value}) AS high FROM {relation}")
    zone = base.readings.cells.zone
    return (0, -1) if low is None else (zone.day_of(int(low)), zone.day_of(int(high)))


def _has_integers(engine: DuckDBEngine, target: Path) -> bool:
    return engine.read_rollup(str(target)).has_integers


def _head(run: Run, plan: Plan, days: dict[int, str]) -> RollupHead:
    zone = plan.playbook.timezone
    signals = {}
    for one in rollup_signals(plan):
        only = "" if one.only is None else f": {say_condition(one.only)}"
        signals[one.key(zone)] = f"{' or '.join(one.events)}{only}"
    catalog = run.bound.catalog
    seen = sorted(catalog.seen_events or catalog.events)
    properties = {name: spec.type for event in seen for name, spec in catalog.events.get(event, {}).items()}
    return RollupHead(zone=zone, signals=signals, events=seen, properties=properties, days=days, maker=engine_version())
