"""The meaning of data: from the rows of five tables to one log a lead.

This is the specification of reading; what an engine does in its own language to prepare its tables is held to it by
tests/parity. What a cell means stands in cells.py, which fields there are in infer.py. Nothing is dropped silently:
every row that is left out is counted, by table and reason (the reasons of `leadline.engine.inputs.rejects`).

Ids, and names of events, fields, sources and outcomes, are text exactly as written; one of spaces only is missing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from leadline.engine.calendar import get_zone
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.nodes import Field, Kind, Scope, Value
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.cells import CellReader, Row, UnfitError, as_written, canonical_json, fixed_type
from leadline.engine.reference.infer import EVENT_COLUMNS, IDS
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome
from leadline.engine.values import is_missing, text_key

LeftOut = Mapping[tuple[str, str], int]
"""How many rows or values, by table and reason."""


_Facts = dict[str, list[Fact]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLogs:
    """The leads of a table with all that is known of them, in the order of the UTF-8 bytes of their ids.

    without_arrival: rows that do not say, or not readably, when they arrived; they count from when they happened, the
        columns of a lead always. It is told when somebody asks for what was known then.
    """

    logs: list[LeadLog]
    left_out: LeftOut
    without_arrival: LeftOut


def read_logs(bound: BoundPlaybook, tables: Mapping[str, Sequence[Row]], *, naive_zone: str = "UTC") -> ReadLogs:
    """Return the log of every lead in *tables*.

    Args:
        bound: a playbook bound against `infer_catalog` of the same tables.
        tables: the rows of ``leads``, and of ``companies``, ``events``, ``facts`` and ``outcomes`` where given.
        naive_zone: the zone of times without an offset.
    """
    reader = _Reader(bound, tables, CellReader(zone=get_zone(bound.playbook.timezone), naive_zone=get_zone(naive_zone)))
    return reader.read()


class _LeftOutError(Exception):
    """A row is left out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Reader:
    bound: BoundPlaybook
    tables: Mapping[str, Sequence[Row]]
    cells: CellReader
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    without_arrival: Counter[tuple[str, str]] = field(default_factory=Counter)

    def read(self) -> ReadLogs:
        leads = self.unique("leads", "lead_id")
        companies = self.unique("companies", "company_id")
        events = self.by_lead("events", leads, self.events())
        outcomes = self.by_lead("outcomes", leads, self.outcomes())
        lead_facts, company_facts = self.facts(leads, companies)
        lead_fields = {lead_id: self.fields("leads", "lead", row) for lead_id, row in leads.items()}
        company_fields = {company_id: self.fields("companies", "company", row) for company_id, row in companies.items()}
        logs = []
        for lead_id in sorted(leads):
            company_id = as_written(leads[lead_id].get("company_id"))
            log = LeadLog(
                lead_id=lead_id,
                lead=lead_fields[lead_id],
                company=company_fields.get(company_id, {}),
                events=tuple(events.get(lead_id, ())),
                facts=tuple(lead_facts.get(lead_id, ())),
                company_facts=tuple(company_facts.get(company_id, ())),
                outcomes=tuple(outcomes.get(lead_id, ())),
                created_us=self.arrival("leads", "created_at", leads[lead_id]),
            )
            logs.append(log)
        return ReadLogs(logs=logs, left_out=dict(self.left_out), without_arrival=dict(self.without_arrival))

    def leave_out(self, table: str, reason: str, count: int = 1) -> None:
        if count:
            self.left_out[table, reason] += count

    # -- leads and companies --------------------------------------------------------------------

    def unique(self, table: str, id_column: str) -> dict[str, Row]:
        """Return the rows by their id. Of equal rows one counts; of differing ones with one id none does."""
        by_id: dict[str, list[Row]] = {}
        for row in self.tables.get(table) or ():
            row_id = as_written(row.get(id_column))
            if is_missing(row_id):
                self.leave_out(table, "missing-id")
            else:
                by_id.setdefault(row_id, []).append(row)
        found = {}
        for row_id, rows in by_id.items():
            if len({canonical_json(row) for row in rows}) > 1:
                self.leave_out(table, "differing-duplicate", len(rows))
            else:
                self.leave_out(table, "duplicate-row", len(rows) - 1)
                found[row_id] = rows[0]
        return found

    def fields(self, table: str, scope: Scope, row: Row) -> dict[str, Value]:
        """Return the values of a row's fields; one that does not fit its type is unknown, and counted."""
        no_fields = EVENT_COLUMNS if scope == "event" else IDS
        found = {}
        for name, cell in row.items():
            if name in no_fields:
                continue
            try:
                value = self.cells.value(cell, self.spec(scope, name, as_written(row.get("event"))), name)
            except UnfitError as error:
                self.leave_out(table, error.reason)
                continue
            if value is not None:
                found[name] = value
        return found

    def spec(self, scope: Scope, name: str, event: str = "") -> FieldSpec:
        """Return how a field is read: as declared, as the data has it, or else as conditions use it."""
        kind = cast(Kind, self.bound.kinds.get((scope, name), "text"))
        return fixed_type(name) or self.bound.spec_of(Field(scope, name, kind), (event,))

    # -- what is dated ----------------------------------------------------------------------------

    def rows(self, table: str, read: Callable[[Row], Any]) -> Iterator[Any]:
        """Yield what *read* makes of each row of a table; count those that it leaves out."""
        for row in self.tables.get(table) or ():
            try:
                yield read(row)
            except (_LeftOutError, UnfitError) as error:
                self.leave_out(table, error.reason)

    def arrival(self, table: str, column: str, row: Row) -> int | None:
        """Return when a row arrived, as *column* says it; None, which is counted, where it says nothing that can be read."""
        if is_missing(as_written(row.get(column))):
            self.without_arrival[table, "no-arrival"] += 1
            return None
        try:
            return self.cells.instant(row[column])
        except UnfitError:
            self.without_arrival[table, "unreadable-arrival"] += 1
            return None

    @staticmethod
    def text(row: Row, column: str, reason: str) -> str:
        text = as_written(row.get(column))
        if is_missing(text):
            raise _LeftOutError(reason)
        return text

    def by_lead(self, table: str, leads: Mapping[str, Row], found: "Iterable[tuple[str, Any]]") -> dict[str, list[Any]]:
        grouped: dict[str, list[Any]] = {}
        for lead_id, item in found:
            if lead_id in leads:
                grouped.setdefault(lead_id, []).append(item)
            else:
                self.leave_out(table, "unknown-lead")
        return grouped

    def once(self, table: str, id_column: str, rows: Iterable[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
        """Yield, of the rows with one id, the earliest, of those the smallest as JSON; rows without an id all count.

        The lead plays no part: whose event it is must not depend on which leads are scored.
        """
        chosen: dict[str, tuple[int, str, Row]] = {}
        for at_us, row in rows:
            row_id = as_written(row.get(id_column))
            if is_missing(row_id):
                yield at_us, row
                continue
            rival = chosen.get(row_id)
            entry = (at_us, canonical_json(row), row)
            if rival is not None:
                self.leave_out(table, "duplicate-event" if table == "events" else "duplicate-row")
            if rival is None or entry[:2] < rival[:2]:
                chosen[row_id] = entry
        yield from ((at_us, row) for at_us, _, row in chosen.values())

    def events(self) -> Iterator[tuple[str, Event]]:
        def check(row: Row) -> tuple[int, Row]:
            self.text(row, "lead_id", "missing-id")
            self.text(row, "event", "missing-name")
            self.cells.value(row.get("is_bot"), FieldSpec("boolean"))
            return self.cells.instant(row.get("occurred_at")), row

        for at_us, row in self.once("events", "event_id", self.rows("events", check)):
            event_id = as_written(row.get("event_id"))
            yield (
                as_written(row["lead_id"]),
                Event(
                    name=as_written(row["event"]),
                    at_us=at_us,
                    properties=self.fields("events", "event", row),
                    event_id=None if is_missing(event_id) else event_id,
                    is_bot=self.cells.value(row.get("is_bot"), FieldSpec("boolean")) is True,
                    there_us=self.arrival("events", "received_at", row),
                ),
            )

    def outcomes(self) -> Iterator[tuple[str, ReportedOutcome]]:
        """An outcome without a time is left out: an assessment is about a moment."""

        def check(row: Row) -> tuple[int, Row]:
            if "at" not in row:
                raise _LeftOutError("undated")
            self.text(row, "lead_id", "missing-id")
            self.text(row, "outcome", "missing-name")
            self.text(row, "at", "undated")
            return self.cells.instant(row["at"]), row

        for at_us, row in self.once("outcomes", "outcome_id", self.rows("outcomes", check)):
            reason, qualification = (text_key(as_written(row.get(name))) for name in ("reason", "qualification"))
            yield (
                as_written(row["lead_id"]),
                ReportedOutcome(
                    outcome=as_written(row["outcome"]),
                    at_us=at_us,
                    reason=reason or None,
                    qualification=qualification or None,
                    there_us=self.arrival("outcomes", "recorded_at", row),
                ),
            )

    def facts(
        self, leads: Mapping[str, Row], companies: Mapping[str, Row]
    ) -> tuple[dict[str, list[Fact]], dict[str, list[Fact]]]:
        """Return the facts by lead and by company; a fact is about exactly one of them."""
        of_leads: dict[str, list[Fact]] = {}
        of_companies: dict[str, list[Fact]] = {}

        def read(row: Row) -> None:
            lead_id, company_id = as_written(row.get("lead_id")), as_written(row.get("company_id"))
            if is_missing(lead_id) is is_missing(company_id):
                raise _LeftOutError("missing-id")
            name = self.text(row, "field", "missing-name")
            known_at_us = self.cells.instant(row.get("known_at"))
            is_of_lead = is_missing(company_id)
            if (lead_id not in leads) if is_of_lead else (company_id not in companies):
                raise _LeftOutError("unknown-lead" if is_of_lead else "unknown-company")
            there_us = self.arrival("facts", "recorded_at", row)
            source = as_written(row.get("source"))
            fact = Fact(
                field=name,
                value=self.cells.value(row.get("value"), self.spec("lead" if is_of_lead else "company", name), name),
                text=as_written(row.get("value")),
                known_at_us=known_at_us,
                source="" if is_missing(source) else source,
                there_us=there_us,
            )
            (of_leads.setdefault(lead_id, []) if is_of_lead else of_companies.setdefault(company_id, [])).append(fact)

        for _ in self.rows("facts", read):
            pass
        return of_leads, of_companies
