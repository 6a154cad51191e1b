"""The whole flow in one place: read → check → compile → prepare → run.

    with score("playbook.toml", Inputs(leads="leads.csv", events="events.csv"), as_of="2026-03-01") as scoring:
        for row in scoring.rows():
            ...

`as_of` is always given: the engine reads no clock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from leadline.engine.backends.engine import Source
from leadline.engine.backends.event_tables import DatedTables
from leadline.engine.backends.catalog_of_data import catalog_of
from leadline.engine.backends.open import Backend, open_backend
from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.readings import Readings
from leadline.engine.backends.result import Result
from leadline.engine.calendar import AsOf, UnknownZoneError, Zone, day_number, get_zone, instant_of
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.compiler.signals import Layout, weight_rows
from leadline.engine.compiler.sql import compile_plan, needs_events, new_layout
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.reference.cells import CellReader
from leadline.engine.values import read_instant

Progress = Callable[[str, float | None], None]
"""Told what is being done now, and which share of the whole is done, where that is known."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Where the data is: files, or ``table:schema.name`` on a database.

    naive_zone: the zone of times that are written without an offset.
    """

    leads: str | Path
    companies: str | Path | None = None
    events: str | Path | None = None
    facts: str | Path | None = None
    outcomes: str | Path | None = None
    naive_zone: str = "UTC"

    def paths(self) -> dict[TableName, str]:
        """Return what was given, by table."""
        given: dict[TableName, str | Path | None] = {
            "leads": self.leads,
            "companies": self.companies,
            "events": self.events,
            "facts": self.facts,
            "outcomes": self.outcomes,
        }
        return {kind: str(path) for kind, path in given.items() if path is not None}


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
    def summary(self) -> list[str]:
        """One line for each table of which something was left out."""
        return self.rejects.summary()

    def close(self) -> None:
        """Close the engine."""
        self.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_as_of(as_of: str | date | datetime, zone: Zone) -> AsOf:
    """Return the moment of an assessment: a date is all of that local day, an instant is itself.

    Raises:
        ProblemsError: it is neither a date nor an instant with an offset.
    """
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise _bad_as_of(as_of.isoformat(), "it has no offset: write it like 2026-03-01T10:00:00+01:00")
        return zone.moment(instant_of(as_of))
    if isinstance(as_of, date):
        return zone.end_of_day(day_number(as_of))
    text = as_of.strip()
    if len(text) == 10:
        try:
            return zone.end_of_day(day_number(date.fromisoformat(text)))
        except ValueError:
            raise _bad_as_of(text, "it is no date") from None
    if not (text.endswith("Z") or "+" in text[10:] or "-" in text[10:]):
        raise _bad_as_of(text, "it has no offset: write a date, or an instant like 2026-03-01T10:00:00+01:00")
    instant = read_instant(text, zone=zone)
    if instant is None:
        raise _bad_as_of(text, "it is neither a date such as 2026-03-01 nor an instant such as 2026-03-01T10:00:00Z")
    return zone.moment(instant)


def _bad_as_of(text: str, why: str) -> ProblemsError:
    return ProblemsError([Problem(code="bad-value", message=f"'{text}' cannot be the moment: {why}.", where="--as-of")])


def get_naive_zone(name: str) -> Zone:
    """Return the zone of times without an offset.

    Raises:
        ProblemsError: there is no such zone.
    """
    try:
        return get_zone(name)
    except UnknownZoneError:
        message = f"There is no time zone '{name}': write one such as 'Europe/Berlin'."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--naive-zone")]) from None


@dataclass(kw_only=True)
class Run:
    """What is open during a run: the engine, its sources, and the playbook bound against them."""

    backend: Backend
    sources: dict[TableName, Source]
    bound: BoundPlaybook
    warnings: list[Problem]
    rejects: Rejects
    naive_zone: Zone

    @property
    def zone(self) -> Zone:
        """The playbook's zone."""
        return get_zone(self.bound.playbook.timezone)

    def cells(self) -> CellReader:
        """Return what reads cells in this run."""
        return CellReader(zone=self.zone, naive_zone=self.naive_zone)


def open_run(playbook: str | Path | Playbook, inputs: Inputs, *, backend: str = "duckdb", memory: str | None = None) -> Run:
    """Open the engine, look at the inputs and bind the playbook against them.

    Raises:
        ProblemsError: the playbook or an input cannot be used; all that is wrong with them.
    """
    warnings: list[Problem] = []
    if not isinstance(playbook, Playbook):
        playbook, warnings = load_playbook(playbook)
    naive_zone = get_naive_zone(inputs.naive_zone)
    opened = open_backend(backend, memory=memory)
    try:
        rejects = Rejects()
        sources = opened.read(inputs.paths(), rejects)
        bound, more = bind_playbook(playbook, catalog_of(opened, sources, playbook))
    except BaseException:
        opened.close()
        raise
    return Run(backend=opened, sources=sources, bound=bound, warnings=warnings + more, rejects=rejects, naive_zone=naive_zone)


def score(
    playbook: str | Path | Playbook,
    inputs: Inputs,
    *,
    as_of: str | date | datetime,
    backend: str = "duckdb",
    contributions: bool = False,
    memory: str | None = None,
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
        events_are_unique: no two events have one `event_id`; saves the time of finding that out.
        progress: told what is being done.

    Raises:
        ProblemsError: the playbook, an input or an argument cannot be used.

    Returns:
        The assessments; close it, or use it in a ``with``.
    """
    tell = progress or (lambda _what, _share: None)
    tell("Reading inputs", 0.0)
    run = open_run(playbook, inputs, backend=backend, memory=memory)
    try:
        moment = read_as_of(as_of, run.zone)
        plan, layout = make_plan(run.bound), new_layout()
        first_day = prepare(run, plan, layout, moment, events_are_unique=events_are_unique, tell=tell)
        tell("Assessing leads", 0.6)
        query = compile_plan(plan, layout, moment, contributions=contributions, first_day=first_day)
        connection, sql = run.backend.hand_over(query)
    except BaseException:
        run.backend.close()
        raise
    return Scoring(result=Result(connection, sql, query.columns), warnings=run.warnings, rejects=run.rejects, backend=run.backend)


def prepare(run: Run, plan: Plan, layout: Layout, moment: AsOf, *, events_are_unique: bool, tell: Progress) -> int:
    """Make the prepared tables of a run; return the first day of its events."""
    readings = Readings(run.backend, run.cells(), run.rejects)
    base = Preparation(run.backend, run.sources, readings, plan, layout, moment)
    tell("Preparing leads", 0.1)
    base.prepare_leads()
    if "facts" in run.sources:
        base.reject_facts()
    dated = DatedTables(base, events_are_unique)
    tell("Preparing events", 0.3)
    dated.prepare_outcomes()
    first_day = 0
    if needs_events(plan):
        if "events" in run.sources:
            first_day = run.zone.day_of(dated.prepare_events().first_us)
        else:
            dated.no_events()
        names, rows = weight_rows(plan, layout, longest=moment.day - first_day + 1)
        run.backend.load("weight", dict.fromkeys(names, "BIGINT"), rows)
    return first_day


__all__ = ["Inputs", "Run", "Scoring", "open_run", "read_as_of", "score"]

