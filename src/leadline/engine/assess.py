"""The whole flow in one place: read → check → compile → prepare → run.

    with score("playbook.toml", Inputs(leads="leads.csv", events="events.csv"), as_of="2026-03-01") as scoring:
        for row in scoring.rows():
            ...

`as_of` is always given: the engine reads no clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from leadline.engine.backends.columns_file import FileColumn
from leadline.engine.backends.event_tables import DatedTables
from leadline.engine.backends.open import Backend
from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.readings import Readings
from leadline.engine.backends.result import Result
from leadline.engine.backends.rollup_use import attach_rollup
from leadline.engine.calendar import AsOf
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.compiler.signals import Layout, weight_rows
from leadline.engine.compiler.sql import compile_plan, needs_events, new_layout
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.run import Inputs, Progress, Run, open_run, read_as_of


@dataclass(kw_only=True)
class Scoring:
    """The assessments of all leads. A context manager: leaving it closes the engine.

    warnings: what is doubtful in the playbook. rejects: what was left out of the data, and why.
    """

    result: Result
    warnings: list[Problem]
    rejects: Rejects
    backend: Backend
    columns: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = [column.name for column in self.result.columns]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each lead, in the order of the bytes of lead_id."""
        return self.result.rows()

    def write(self, path: str | Path) -> None:
        """Write all rows as CSV, JSON Lines or Parquet."""
        self.result.write(path)

    def to_arrow(self) -> Any:
        """Return an Arrow table (extra ``frames``)."""
        return self.result.to_arrow()

    def to_polars(self) -> Any:
        """Return a Polars frame (extra ``frames``)."""
        return self.result.to_polars()

    def to_pandas(self) -> Any:
        """Return a pandas frame (extra ``frames``)."""
        return self.result.to_pandas()

    @property
    def lead_count(self) -> int:
        """How many leads are assessed: as many as there are rows."""
        ((count,),) = self.backend.fetch("SELECT COUNT(*) AS n FROM lead_known")
        return int(count)

    @property
    def summary(self) -> list[str]:
        """One line for each table of which something was left out."""
        return self.rejects.summary()

    def close(self) -> None:
        """Close the engine."""
        self.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def score(  # noqa: PLR0913 - the named arguments of a public call
    playbook: str | Path | Playbook,
    inputs: Inputs,
    *,
    as_of: str | date | datetime,
    backend: str = "duckdb",
    contributions: bool = False,
    memory: str | None = None,
    rollup: str | Path | None = None,
    as_known: bool = False,
    cools_on: bool = False,
    next_step: bool = False,
    events_are_unique: bool = False,
    progress: Progress | None = None,
) -> Scoring:
    """Assess every lead at one moment.

    Args:
        playbook: a file, or a playbook that was loaded.
        inputs: where the data is.
        as_of: a date (all of that local day), or an instant with its offset (itself included).
        backend: ``duckdb``, a ``postgresql://`` address, or ``spark``.
        contributions: also return what each criterion gives, as columns ``c_<criterion id>``.
        memory: the most that DuckDB may use, such as ``1GB``.
        rollup: the file of a daily roll-up (`build_rollup`), which is read instead of the events. Events are then needed only
            for days of which a part counts: the day of an instant, and days on which a score was wiped.
        as_known: only what had arrived by the moment is there: events by `received_at`, facts and outcomes by
            `recorded_at`, undated columns by the lead's `created_at`. How many had none is among the rejects.
        cools_on: also return for each qualification since when the lead's spell is open (``<id>_since``), and the first local
            day at whose start it has ended if nothing more happens (``<id>_cools_on``; empty where none is open, or it never does).
        next_step: also return, in words, the smallest change that would let the lead enter its next qualification.
        events_are_unique: no two events have one `event_id`; saves the time of finding that out.
        progress: told what is being done.

    Raises:
        ProblemsError: the playbook, an input or an argument cannot be used.

    Returns:
        The assessments; close it, or use it in a ``with``.
    """
    tell = progress or (lambda _what, _share: None)
    if as_known and rollup is not None:
        raise ProblemsError([_roll_up_as_known(rollup)])
    if cools_on or next_step:
        from leadline.engine.past import refuse_spark  # it brings NumPy along

        refuse_spark(backend)
    tell("Reading inputs", 0.0)
    run = open_run(playbook, inputs, backend=backend, memory=memory, rollup=rollup)
    try:
        moment = read_as_of(as_of, run.zone)
        plan, layout = make_plan(run.bound), new_layout()
        ready = prepare(
            run,
            plan,
            layout,
            moment,
            as_known=as_known,
            events_are_unique=events_are_unique,
            may_sum=True,
            tell=tell,
        )
        tell("Assessing leads", 0.6)
        query = compile_plan(
            plan,
            layout,
            moment,
            contributions=contributions,
            from_rollup=run.rollup is not None,
            events_are_summed=ready.events_are_summed,
            first_day=ready.first_day,
        )
        connection, sql = run.backend.hand_over(query)
        result = Result(connection, sql, query.columns, is_ordered=run.backend.name == "duckdb")
        if cools_on or next_step:
            beside = _look_ahead(
                run,
                plan,
                moment,
                result.ids_where_any([f"{level.id}_stay" for level in plan.playbook.qualifications]),
                cools_on=cools_on,
                next_step=next_step,
                as_known=as_known,
                events_are_unique=events_are_unique,
                tell=tell,
            )
            result.put_beside(*beside)
    except BaseException:
        run.backend.close()
        raise
    return Scoring(
        result=result,
        warnings=run.warnings,
        rejects=run.rejects,
        backend=run.backend,
    )


def _roll_up_as_known(rollup: str | Path) -> Problem:
    message = (
        "A roll-up does not hold when events were received, so it cannot tell what was known then:"
        " give the events (--events) in place of --rollup, or leave --as-known out."
    )
    return Problem(code="roll-up", message=message, file=str(rollup))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What the query must know of the prepared tables: the first day of events, and whether `lead_event` is made already."""

    first_day: int = 0
    events_are_summed: bool = False


def prepare(
    run: Run,
    plan: Plan,
    layout: Layout,
    moment: AsOf,
    *,
    events_are_unique: bool,
    tell: Progress,
    may_sum: bool = False,
    as_known: bool = False,
) -> Ready:
    """Make the prepared tables of a run. With *may_sum* an engine may sum events up at once, where it has a faster way.

    *as_known*: only what had arrived by the moment is there.
    """
    if plan.spells:
        _load_spells(run, plan, layout, moment, events_are_unique=events_are_unique, as_known=as_known, tell=tell)
    readings = Readings(run.backend, run.cells(), run.rejects)
    base = Preparation(run.backend, run.sources, readings, plan, layout, moment, as_known)
    if run.rollup is not None:
        base.rollup_has_integers = run.rollup.has_integers
    tell("Preparing leads", 0.1)
    base.prepare_leads()
    if "facts" in run.sources:
        base.reject_facts()
    dated = DatedTables(base, events_are_unique)
    tell("Preparing events", 0.3)
    dated.prepare_outcomes()
    if not needs_events(plan):
        return Ready()
    first_day = 0
    reads_events = True
    if run.rollup is not None:
        use = attach_rollup(base, run.rollup)
        first_day, reads_events = use.first_day, use.reads_events
    if reads_events and "events" in run.sources:
        found = dated.prepare_events()
        first_event_day = run.zone.day_of(found.first_us)
        first_day = first_event_day if run.rollup is None else min(first_day, first_event_day)
        if may_sum and run.rollup is None and run.backend.name == "duckdb":
            from leadline.engine.backends.packed_events import sum_events

            tell("Counting events", 0.4)
            if sum_events(base, found):
                return Ready(first_day=first_day, events_are_summed=True)
    else:
        dated.no_events()
        if may_sum and run.rollup is not None and run.backend.name == "duckdb":
            from leadline.engine.backends.packed_rollup import sum_rollup

            if sum_rollup(base, first_day):
                return Ready(first_day=first_day, events_are_summed=True)
    names, rows = weight_rows(plan, layout, longest=moment.day - first_day + 1)
    run.backend.load("weight", dict.fromkeys(names, "BIGINT"), rows)
    return Ready(first_day=first_day)


def _load_spells(
    run: Run, plan: Plan, layout: Layout, moment: AsOf, *, events_are_unique: bool, as_known: bool, tell: Progress
) -> None:
    """Make `spell_known`: of each lead how many spells had ended, of the qualifications of which a condition asks."""
    from leadline.engine.ahead import ended_spells

    _need_events(run, plan, "spells() counts what happened over time")
    tell("Going through time", 0.05)
    rows = ended_spells(run, plan, moment, as_known=as_known, events_are_unique=events_are_unique)
    columns = {"lead_id": "VARCHAR"} | {layout.names.of("spells", name): "BIGINT" for name in plan.spells}
    run.backend.load("spell_known", columns, rows)


def _need_events(run: Run, plan: Plan, why: str) -> None:
    """Refuse a roll-up without events where time has to be gone through."""
    if run.rollup is not None and "events" not in run.sources and needs_events(plan):
        message = f"{why}, and a roll-up holds whole days only: give the events (--events) in place of --rollup."
        raise ProblemsError([Problem(code="roll-up", message=message, file=str(run.rollup.path))])


def _look_ahead(
    run: Run,
    plan: Plan,
    moment: AsOf,
    staying: list[str],
    *,
    cools_on: bool,
    next_step: bool,
    as_known: bool,
    events_are_unique: bool,
    tell: Progress,
) -> tuple[list[str], dict[str, FileColumn]]:
    """Return the columns about what lies ahead: for each lead when its open qualifications cool, and what is missing."""
    from leadline.engine.ahead import look_ahead

    _need_events(run, plan, "What lies ahead follows from what happened over time")
    found = look_ahead(
        run,
        plan,
        moment,
        cools_on=cools_on,
        next_step=next_step,
        as_known=as_known,
        events_are_unique=events_are_unique,
        tell=tell,
        staying=staying,
    )
    columns: dict[str, FileColumn] = {}
    if cools_on:
        for level in plan.playbook.qualifications:
            columns[f"{level.id}_since"] = FileColumn("instant", found.since_us[level.id])
            columns[f"{level.id}_cools_on"] = FileColumn("day", found.cools_day[level.id])
    if next_step:
        columns["next_step"] = FileColumn("text", found.next_steps)
    return found.lead_ids, columns


__all__ = ["Inputs", "Run", "Scoring", "open_run", "read_as_of", "score"]
