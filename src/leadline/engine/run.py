"""What a run begins with: inputs, the moment, an open engine, and the playbook bound against the data.

`as_of` is always given: the engine reads no clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from leadline.engine.backends.catalog_of_data import catalog_of
from leadline.engine.backends.engine import Source
from leadline.engine.backends.open import Backend, open_backend
from leadline.engine.backends.rollup_file import Rollup
from leadline.engine.calendar import AsOf, UnknownZoneError, Zone, day_number, get_zone, instant_of
from leadline.engine.catalog import FieldSpec
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.reference.cells import CellReader
from leadline.engine.values import read_instant

Events = Mapping[str, Mapping[str, FieldSpec]]
Progress = Callable[[str, float | None], None]
"""Told what is being done now, and which share of the whole is done, where that is known."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Where the data is: files, or ``table:schema.name`` on a database.

    naive_zone: the zone of times that are written without an offset.
    """

    leads: str | Path | None
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
    if not isinstance(as_of, str):
        raise _bad_as_of(repr(as_of), "it is neither a date nor an instant")
    text = as_of.strip()
    if len(text) == 10:
        try:
            return zone.end_of_day(day_number(date.fromisoformat(text)))
        except ValueError:
            raise _bad_as_of(text, "it is no date") from None
    instant = read_instant(text, zone=zone)
    if instant is None:
        raise _bad_as_of(text, "it is neither a date such as 2026-03-01 nor an instant such as 2026-03-01T10:00:00Z")
    if not (text.endswith("Z") or "+" in text[10:] or "-" in text[10:]):
        raise _bad_as_of(text, "it has no offset: write a date, or an instant like 2026-03-01T10:00:00+01:00")
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
    rollup: Rollup | None = None

    @property
    def zone(self) -> Zone:
        """The playbook's zone."""
        return get_zone(self.bound.playbook.timezone)

    def cells(self) -> CellReader:
        """Return what reads cells in this run."""
        return CellReader(zone=self.zone, naive_zone=self.naive_zone)


def open_run(
    playbook: str | Path | Playbook,
    inputs: Inputs,
    *,
    backend: str = "duckdb",
    memory: str | None = None,
    rollup: str | Path | None = None,
    more_events: Events | None = None,
) -> Run:
    """Open the engine, look at the inputs and bind the playbook against them.

    *more_events*: events that are known to occur, though not in these inputs, with their properties.

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
        rolled = None if rollup is None else opened.read_rollup(str(rollup))
        catalog = catalog_of(
            opened, sources, playbook, known_events=None if rolled is None else rolled.head.event_specs()
        )
        if more_events:
            catalog = catalog.with_events(more_events)
        bound, more = bind_playbook(playbook, catalog, any_field=inputs.leads is None)
    except BaseException:
        opened.close()
        raise
    return Run(
        backend=opened,
        sources=sources,
        bound=bound,
        warnings=warnings + more,
        rejects=rejects,
        naive_zone=naive_zone,
        rollup=rolled,
    )
