"""Prepares leads, companies and facts: one row for each lead, `lead_known`, with the fields that conditions read.

What is left out, and why, is what reference/read.py leaves out; tests/parity holds this to that.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.backends.arrivals import Arrivals, read_arrivals, tell_arrivals
from leadline.engine.backends.engine import Engine, Source, is_integer, is_missing, text_of
from leadline.engine.backends.readings import COLUMN_TYPES, Readings, stored_value
from leadline.engine.calendar import AsOf
from leadline.engine.catalog import FieldSpec
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.signals import Layout
from leadline.engine.expressions.nodes import Field
from leadline.engine.inputs.source import TableName, quote_name, quote_text
from leadline.engine.reference.cells import UnfitError, as_written, fixed_type
from leadline.engine.values import is_missing as is_missing_text

_LEAD_TABLES: tuple[TableName, ...] = ("leads", "events", "facts", "outcomes")


@dataclass(slots=True)
class Preparation:
    """Makes the prepared tables of one run. *as_known*: only what had arrived by the moment is there.

    keeps_arrivals: the tables also say from when on each row was there, as ``from_us``, for whoever goes through time.
    """

    engine: Engine
    sources: dict[TableName, Source]
    readings: Readings
    plan: Plan
    layout: Layout
    as_of: AsOf
    as_known: bool = False
    keeps_arrivals: bool = False
    rollup_has_integers: bool = True
    _once: dict[TableName, Source] = dataclasses.field(default_factory=dict)

    @property
    def key_type(self) -> str:
        """How leads are told apart inside: by whole numbers where every table has such ids, else by text."""
        columns = [source.column("lead_id") for kind in _LEAD_TABLES if (source := self.sources.get(kind))]
        are_integers = self.rollup_has_integers and all(is_integer(column) for column in columns if column is not None)
        return "BIGINT" if are_integers else "VARCHAR"

    def key(self, source: Source, alias: str) -> str:
        """Return the key of the lead of a row."""
        column = source.column("lead_id")
        assert column is not None
        return f"CAST({alias}.lead_id AS BIGINT)" if self.key_type == "BIGINT" else text_of(column, alias)

    def prepare_leads(self) -> None:
        """Make lead_known."""
        leads = self.unique("leads", "lead_id")
        created = self.arrivals(leads)
        has_columns = created.has_arrived if created else None
        columns = [f"{self.key(leads, 's')} AS lead_key", f"{self.id_of(leads, 'lead_id')} AS lead_id"]
        facts = {scope: self.prepare_facts(scope, fields) for scope, fields in self.fields.items() if fields}
        joins = [created.join] if created else []
        for field in self.plan.lead_fields:
            value, join = self.with_fact(leads, field, facts.get("lead"), has_columns)
            columns.append(f"{value} AS {self.layout.field(field)}")
            joins.append(join)
        if facts.get("lead"):
            joins.append(f" LEFT JOIN {facts['lead']} ON {facts['lead']}.id = {self.id_of(leads, 'lead_id')}")
        if self.plan.company_fields:
            company_id = leads.column("company_id")
            if self.prepare_companies(facts.get("company")) and company_id is not None:
                columns += self.company_columns(facts.get("company"), has_columns)
                joins.append(f" LEFT JOIN company_known ON company_known.company_id = {text_of(company_id, 's')}")
                if has_columns and (said := facts.get("company")):
                    joins.append(f" LEFT JOIN {said} ON {said}.id = company_known.company_id")
            else:
                columns += [
                    f"CAST(NULL AS {COLUMN_TYPES[self.spec(field).type or 'text']}) AS {self.layout.field(field)}"
                    for field in self.plan.company_fields
                ]
        self.engine.make_table("lead_known", f"SELECT {', '.join(columns)} FROM {leads.relation} AS s{''.join(joins)}")
        if created:
            tell_arrivals(self.readings, created)

    def arrivals(self, source: Source) -> Arrivals | None:
        """Return when the rows of a table arrived, if that matters."""
        return read_arrivals(self.readings, source, self.as_of.until_us) if self.as_known else None

    def from_us(self, source: Source, at: str, joins: list[str]) -> str:
        """Return from when on a row that happened *at* was there, and add the join that it needs to *joins*."""
        arrivals = read_arrivals(self.readings, source, self.as_of.until_us)
        joins.append(arrivals.join)
        return f"CASE WHEN {arrivals.at.value} > {at} THEN {arrivals.at.value} ELSE {at} END"

    def company_columns(self, facts: str | None, has_columns: str | None) -> list[str]:
        """Return the fields of the company, for lead_known; where *has_columns* does not hold, only what facts say."""
        columns = []
        for field in self.plan.company_fields:
            name = self.layout.field(field)
            if has_columns is None:
                columns.append(f"company_known.{name}")
            else:
                otherwise = f" ELSE {facts}.{name}" if facts else ""
                columns.append(f"CASE WHEN {has_columns} THEN company_known.{name}{otherwise} END AS {name}")
        return columns

    def prepare_companies(self, facts: str | None) -> bool:
        """Make company_known, and return whether there are companies."""
        if "companies" not in self.sources:
            return False
        companies = self.unique("companies", "company_id")
        columns, joins = [f"{self.id_of(companies, 'company_id')} AS company_id"], []
        for field in self.plan.company_fields:
            value, join = self.with_fact(companies, field, facts)
            columns.append(f"{value} AS {self.layout.field(field)}")
            joins.append(join)
        if facts:
            joins.append(f" LEFT JOIN {facts} ON {facts}.id = {self.id_of(companies, 'company_id')}")
        self.engine.make_table(
            "company_known", f"SELECT {', '.join(columns)} FROM {companies.relation} AS s{''.join(joins)}"
        )
        return True

    @property
    def fields(self) -> dict[str, tuple[Field, ...]]:
        """The fields that are read, by scope; those of companies only where there are any."""
        return {
            "lead": self.plan.lead_fields,
            "company": self.plan.company_fields if "companies" in self.sources else (),
        }

    def spec(self, field: Field) -> FieldSpec:
        """Return how a field is read."""
        return fixed_type(field.name) or self.plan.bound.spec_of(field)

    @staticmethod
    def id_of(source: Source, name: str) -> str:
        """Return an id as text, of the row ``s``."""
        column = source.column(name)
        assert column is not None
        return text_of(column, "s")

    def with_fact(
        self, source: Source, field: Field, facts: str | None, has_columns: str | None = None
    ) -> tuple[str, str]:
        """Return the value of a field, a fact before the column, and the join that it needs.

        *has_columns*: whether the column is there already, in SQL; None: always.
        """
        read = self.readings.read(source, field.name, self.spec(field), "s")
        value = read.value if has_columns is None else f"CASE WHEN {has_columns} THEN {read.value} END"
        if facts is None:
            return value, read.join
        return f"COALESCE({facts}.{self.layout.field(field)}, {value})", read.join

    # -- rows of one id -----------------------------------------------------------------------------

    def unique(self, kind: TableName, id_column: str) -> Source:
        """Return a table without rows that have no id, without repeated rows, and without rows that differ under one id."""
        if kind not in self._once:
            self._once[kind] = self._make_unique(kind, id_column)
        return self._once[kind]

    def _make_unique(self, kind: TableName, id_column: str) -> Source:
        source = self.sources[kind]
        column = source.column(id_column)
        assert column is not None
        row_id = text_of(column, "s")
        missing = is_missing(row_id) if column.storage == "text" else f"s.{quote_name(id_column)} IS NULL"
        self.readings.reject_rows(source, "'missing-id'", id_column, where=missing)
        ((rows, ids),) = self.engine.fetch(
            f"SELECT COUNT(*) AS n, COUNT(DISTINCT s.{quote_name(id_column)}) AS ids FROM {source.relation} AS s"
            f" WHERE NOT ({missing})"
        )
        if rows == ids:
            return self.restricted(
                source, f"SELECT s.* FROM {source.relation} AS s WHERE NOT ({missing})", f"{kind}_with_id"
            )
        repeated = self.readings.name("repeated")
        names = [name for item in source.columns for name in (quote_name(item.name),)]
        self.engine.make_table(
            repeated,
            f"SELECT {row_id} AS id, COUNT(*) AS n FROM {source.relation} AS s WHERE NOT ({missing})"
            f" GROUP BY {row_id} HAVING COUNT(*) > 1",
        )
        differing = self.differing_ids(source, row_id, repeated)
        bad = self.readings.name("differing")
        self.engine.load(bad, {"id": "VARCHAR"}, [(one,) for one in differing])
        self.readings.reject_rows(source, "'differing-duplicate'", id_column, join=f"JOIN {bad} ON {bad}.id = {row_id}")
        ((twice,),) = self.engine.fetch(
            f"SELECT COALESCE(SUM(r.n - 1), 0) AS n FROM {repeated} AS r WHERE r.id NOT IN (SELECT id FROM {bad})"
        )
        if twice:
            self.readings.rejects.add(kind, "duplicate-row", count=int(twice))
        query = (
            f"SELECT {', '.join(names)} FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY {row_id} ORDER BY {row_id}) AS row_of_id"
            f" FROM {source.relation} AS s WHERE NOT ({missing}) AND {row_id} NOT IN (SELECT id FROM {bad})) AS once"
            " WHERE row_of_id = 1"
        )
        return self.restricted(source, query, f"{kind}_with_id")

    def differing_ids(self, source: Source, row_id: str, repeated: str) -> list[str]:
        """Return the ids under which rows stand that differ in what they say (spaces alone say nothing)."""
        names = [item.name for item in source.columns]
        listed = ", ".join(f"s.{quote_name(name)}" for name in names)
        rows = self.engine.fetch(
            f"SELECT DISTINCT {row_id} AS row_id, {listed} FROM {source.relation} AS s JOIN {repeated} ON {repeated}.id = {row_id}"
        )
        said: dict[str, set[tuple[str, ...]]] = {}
        for row_id_found, *cells in rows:
            texts = tuple("" if is_missing_text(text := as_written(cell)) else text for cell in cells)
            said.setdefault(row_id_found, set()).add(texts)
        return sorted(one for one, found in said.items() if len(found) > 1)

    def restricted(self, source: Source, query: str, name: str) -> Source:
        """Return a part of a table as a source of its own."""
        self.engine.make_view(name, query)
        return Source(source.kind, name, source.columns, None, source.path)

    # -- facts ----------------------------------------------------------------------------------------

    def prepare_facts(self, scope: str, fields: Sequence[Field]) -> str | None:
        """Make the table of facts that hold at the moment, one row for each lead or company; None when there are none."""
        said = self.say_facts(scope, fields)
        return None if said is None else self.hold_facts(said, scope, fields, self.kinds_of(fields))

    def kinds_of(self, fields: Sequence[Field]) -> list[str]:
        """Return the column types of some fields; the table of what was said has a column ``as_<type>`` for each."""
        return sorted({COLUMN_TYPES[self.spec(field).type or "text"] for field in fields})

    def say_facts(self, scope: str, fields: Sequence[Field]) -> str | None:
        """Make the table of the facts of some fields that were known by the moment; None when there are none."""
        facts = self.sources.get("facts")
        one_id, other_id = ("lead_id", "company_id") if scope == "lead" else ("company_id", "lead_id")
        id_column = facts.column(one_id) if facts else None
        if facts is None or id_column is None:
            return None
        other = facts.column(other_id)
        conditions = [f"NOT {is_missing(text_of(id_column, 's'))}"]
        conditions += [is_missing(text_of(other, "s"))] if other is not None else []
        at, _ = self.readings.instant(facts, "known_at", "s")
        values = self.fact_values(facts, scope, fields)
        if values is None:
            return None
        source = self.readings.mapped(
            facts,
            "source",
            "s",
            lambda cell: None if is_missing_text(as_written(cell)) else as_written(cell),
            "VARCHAR",
        )
        written = self.readings.mapped(facts, "value", "s", as_written, "VARCHAR")
        value_columns = ", ".join(f"v.as_{kind.lower()}" for kind in self.kinds_of(fields))
        field_column = facts.column("field")
        value_column = facts.column("value")
        assert field_column is not None and value_column is not None
        recorded = self.arrivals(facts)
        arrived, arrival_join = (f" AND {recorded.has_arrived}", recorded.join) if recorded else ("", "")
        joins = [at.join, source.join, written.join, arrival_join]
        from_us = f", {self.from_us(facts, at.value, joins)} AS from_us" if self.keeps_arrivals else ""
        same_value = "(v.written = s.value OR (v.written IS NULL AND s.value IS NULL))"
        said = self.readings.name("said")
        self.engine.make_table(
            said,
            f"SELECT {text_of(id_column, 's')} AS id, s.field AS field, COALESCE({source.value}, '') AS source,"
            f" {at.value} AS known_us, COALESCE({written.value}, '') AS said, v.is_value AS is_value, {value_columns}"
            f"{from_us} FROM {facts.relation} AS s{''.join(joins)}"
            f" JOIN {values} AS v ON v.field = s.field AND {same_value}"
            f" WHERE {' AND '.join(conditions)} AND {at.value} <= {self.as_of.until_us}{arrived}",
        )
        return said

    def fact_values(self, facts: Source, scope: str, fields: Sequence[Field]) -> str | None:
        """Make the table of distinct values of facts, read as their fields say; values that do not fit are not in it."""
        listed = ", ".join(quote_text(field.name) for field in fields)
        rows = self.engine.fetch(
            f"SELECT DISTINCT s.field AS field, s.value AS written FROM {facts.relation} AS s WHERE s.field IN ({listed})"
        )
        if not rows:
            return None
        specs = {field.name: self.spec(field) for field in fields}
        kinds = sorted({COLUMN_TYPES[spec.type or "text"] for spec in specs.values()})
        known: list[tuple[Any, ...]] = []
        for name, written in rows:
            spec = specs[name]
            try:
                value = self.readings.cells.value(written, spec, name)
            except UnfitError:
                continue  # told by reject_facts
            kind = COLUMN_TYPES[spec.type or "text"]
            known.append(
                (name, written, value is not None, *(stored_value(value) if one == kind else None for one in kinds))
            )
        column = facts.column("value")
        assert column is not None
        table = self.readings.name("fact_value")
        types = {
            "field": "VARCHAR",
            "written": column.sql_type,
            "is_value": "BOOLEAN",
            **{f"as_{kind.lower()}": kind for kind in kinds},
        }
        self.engine.load(table, types, known)
        return table

    def hold_facts(self, said: str, scope: str, fields: Sequence[Field], kinds: Sequence[str]) -> str:
        """Make one row for each lead or company of what was said: the latest of each source, then the strongest source."""
        names = self.plan.playbook.source_rank
        branches = " ".join(f"WHEN source = {quote_text(name)} THEN {place}" for place, name in enumerate(names))
        rank = f"CASE {branches} ELSE {len(names)} END" if names else "0"
        by_text = f"{self.engine.by_bytes('said')} DESC"
        values = ", ".join(f"as_{kind.lower()}" for kind in kinds)
        latest = (
            f"SELECT id, field, {rank} AS source_rank, known_us, said, is_value, {values}, ROW_NUMBER() OVER"
            f" (PARTITION BY id, field, source ORDER BY known_us DESC, {by_text}) AS place FROM {said}"
        )
        strongest = (
            f"SELECT id, field, {values}, ROW_NUMBER() OVER (PARTITION BY id, field ORDER BY source_rank ASC, known_us DESC, {by_text})"
            f" AS place FROM ({latest}) AS latest WHERE place = 1 AND is_value"
        )
        columns = []
        for field in fields:
            kind = COLUMN_TYPES[self.spec(field).type or "text"].lower()
            picked = f"MAX(CASE WHEN field = {quote_text(field.name)} THEN as_{kind} END)"
            if kind == "boolean":
                picked = f"(MAX(CASE WHEN field = {quote_text(field.name)} THEN CASE WHEN as_boolean THEN 1 ELSE 0 END END) = 1)"
            columns.append(f"{picked} AS {self.layout.field(field)}")
        table = f"{scope}_fact"
        listed = ", ".join(columns)
        self.engine.make_table(
            table, f"SELECT id, {listed} FROM ({strongest}) AS strongest WHERE place = 1 GROUP BY id"
        )
        return table

    def reject_facts(self) -> None:
        """Note the facts that are left out, each with the first thing that is wrong with it."""
        facts = self.sources["facts"]
        lead, company = facts.column("lead_id"), facts.column("company_id")
        no_lead = is_missing(text_of(lead, "s")) if lead else "TRUE"
        no_company = is_missing(text_of(company, "s")) if company else "TRUE"
        field = facts.column("field")
        assert field is not None
        at, unfit = self.readings.instant(facts, "known_at", "s")
        joins = at.join
        faults = [
            (f"({no_lead}) = ({no_company})", "'missing-id'"),
            (is_missing(text_of(field, "s")), "'missing-name'"),
        ]
        why = "'unreadable-date'"
        if unfit:
            joins += f" LEFT JOIN {unfit} ON {unfit}.written = s.known_at"
            why = f"COALESCE({unfit}.reason, 'unreadable-date')"
        faults.append((f"{at.value} IS NULL", why))
        if lead:
            joins += f" LEFT JOIN lead_known ON lead_known.lead_id = {text_of(lead, 's')}"
            faults.append((f"({no_company} AND lead_known.lead_id IS NULL)", "'unknown-lead'"))
        if company and "companies" in self.sources:
            companies = self.unique("companies", "company_id")
            its_id = companies.column("company_id")
            assert its_id is not None
            joins += f" LEFT JOIN {companies.relation} AS c ON {text_of(its_id, 'c')} = {text_of(company, 's')}"
            faults.append((f"({no_lead} AND c.company_id IS NULL)", "'unknown-company'"))
        elif company:
            faults.append((no_lead, "'unknown-company'"))
        if recorded := self.arrivals(facts):
            is_read = f"NOT ({' OR '.join(fault for fault, _ in faults)})"
            had_happened = f"{at.value} <= {self.as_of.until_us}"
            tell_arrivals(self.readings, recorded, had_happened=had_happened, join=joins, where=is_read)
        unread = self.unfit_facts(facts)
        if unread:
            joins += f" LEFT JOIN {unread} ON {unread}.field = s.field AND {unread}.written = s.value"
            faults.append((f"{unread}.reason IS NOT NULL", f"{unread}.reason"))
        which = f"CASE {' '.join(f'WHEN {fault} THEN {reason}' for fault, reason in faults)} END"
        self.readings.reject_rows(facts, which, "value", join=joins, where=" OR ".join(fault for fault, _ in faults))

    def unfit_facts(self, facts: Source) -> str | None:
        """Make the table of values of facts that do not fit their field; None when all fit."""
        specs = {field.name: self.spec(field) for fields in self.fields.values() for field in fields}
        if not specs:
            return None
        listed = ", ".join(quote_text(name) for name in specs)
        rows = self.engine.fetch(
            f"SELECT DISTINCT s.field AS field, s.value AS written FROM {facts.relation} AS s WHERE s.field IN ({listed})"
        )
        unfit = []
        for name, written in rows:
            try:
                self.readings.cells.value(written, specs[name], name)
            except UnfitError as error:
                unfit.append((name, written, error.reason))
        if not unfit:
            return None
        column = facts.column("value")
        assert column is not None
        table = self.readings.name("unfit")
        self.engine.load(table, {"field": "VARCHAR", "written": column.sql_type, "reason": "VARCHAR"}, unfit)
        return table
