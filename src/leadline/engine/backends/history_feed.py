"""Turns what a backend has prepared into arrays of what is known, a stretch of leads at a time.

Rows come from backends/history_tables.py; which value of a field holds when several facts speak is decided by reference/facts.py,
the same function as everywhere. tests/engine/replay holds the arrays to those made from logs in plain Python.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.backends.engine import text_of
from leadline.engine.backends.history_tables import Fetched, HistoryTables, value_of_stored
from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.readings import COLUMN_TYPES
from leadline.engine.calendar import get_zone
from leadline.engine.catalog import FieldSpec
from leadline.engine.cells.columns import Array, Column, Integers, Truths, WordList
from leadline.engine.compiler.plan import Plan
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.nodes import Value
from leadline.engine.inputs.source import quote_name
from leadline.engine.reference.cells import UnfitError
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Fact
from leadline.engine.timeline import known as k
from leadline.engine.timeline.known import ALWAYS, NEVER, Changes, Happened, KnownLeads, Reported, Words
from leadline.engine.timeline.moments import day_of

STRETCH = 2048
"""Leads that go through the arrays together."""

_MOST_EVENTS = 400_000
_MOST_LEADS = 8 * STRETCH


@dataclass(slots=True)
class _Fits:
    """Says whether values fit the fields of leads or companies that no condition reads."""

    base: Preparation
    scope: n.Scope
    _specs: dict[str, FieldSpec] = field(default_factory=dict)

    def fits(self, name: str, said: str | None) -> bool:
        """Return whether a value, as it is written, can be read as one of a field."""
        if name not in self._specs:
            self._specs[name] = self.base.spec(n.Field(self.scope, name, "text"))
        try:
            self.base.readings.cells.value(said, self._specs[name], name)
        except UnfitError:
            return False
        return True


@dataclass(slots=True)
class Feed:
    """Yields what is known of all leads, in order.

    as_known: a thing is there when it had been received or recorded, a column when its lead had been created.
    """

    plan: Plan
    tables: HistoryTables
    facts: Preparation | None
    as_known: bool
    _lead_facts: dict[str, list[Fact]] = field(default_factory=dict)
    _company_facts: dict[str, list[Fact]] = field(default_factory=dict)
    _words: dict[n.Field, WordList] = field(init=False)

    def __post_init__(self) -> None:
        self._words = {one: WordList(words) for one, words in self.tables.words.items()}
        if self.facts is not None:
            self._lead_facts = self._read_facts("lead")
            self._company_facts = self._read_facts("company")

    def stretches(self) -> Iterator[KnownLeads]:
        """Yield all leads, some hundred at a time; none when there are none."""
        for first, end in self._chunks():
            leads = self.tables.fetch("history_lead", first, end)
            events = self.tables.fetch(
                "history_event", first, end, order=f"number, at_us{', from_us' if self.as_known else ''}"
            )
            outcomes = self.tables.fetch("history_outcome", first, end, order="number, at_us, outcome, reason")
            for low in range(first, end, STRETCH):
                high = min(end, low + STRETCH)
                yield self._known(low, high, leads, events, outcomes, first)

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """Yield stretches of leads whose rows are fetched together."""
        counts, count = self.tables.event_counts(STRETCH), self.tables.lead_count
        first, events = 0, 0
        for place, some in enumerate(counts):
            start = place * STRETCH
            if start > first and (events + some > _MOST_EVENTS or start - first >= _MOST_LEADS):
                yield first, start
                first, events = start, 0
            events += some
        if first < count:
            yield first, count

    # -- facts ---------------------------------------------------------------------------------------------

    def _read_facts(self, scope: n.Scope) -> dict[str, list[Fact]]:
        """Return the facts of leads or companies by id; of fields that nothing reads only that there was one."""
        assert self.facts is not None
        base, fields = self.facts, list(self.facts.fields[scope])
        found: dict[str, list[Fact]] = {}
        said = base.say_facts(scope, fields) if fields else None
        if said is not None:
            kinds = base.kinds_of(fields)
            kind_of = {one.name: kinds.index(COLUMN_TYPES[base.spec(one).type or "text"]) for one in fields}
            listed = {one.name: one for one in fields}
            values = ", ".join(f"as_{kind.lower()}" for kind in kinds)
            sql = f"SELECT id, field, source, known_us, from_us, said, is_value, {values} FROM {said}"
            for lead_id, name, source, known_us, from_us, text, is_value, *row in base.engine.fetch(sql):
                stored = row[kind_of[name]] if is_value else None
                value = None if stored is None else value_of_stored(listed[name], stored)
                fact = Fact(field=name, value=value, text=text, known_at_us=known_us, source=source, there_us=from_us)
                found.setdefault(str(lead_id), []).append(fact)
        for lead_id, known_us, from_us in self._unread(scope, {one.name for one in fields}):
            fact = Fact(field="", value=None, text="", known_at_us=known_us, there_us=from_us)
            found.setdefault(lead_id, []).append(fact)
        if scope == "company" and found and "companies" in base.sources:
            companies = self.tables.base.unique("companies", "company_id")
            rows = base.engine.fetch(
                f"SELECT {base.id_of(companies, 'company_id')} AS id FROM {companies.relation} AS s"
            )
            found = {name: facts for name, facts in found.items() if name in {company for (company,) in rows}}
        return found

    def _unread(self, scope: n.Scope, read: Iterable[str]) -> Iterator[tuple[str, int, int]]:
        """Yield whose facts there are of fields that no condition reads, and when: they are moments of assessment too.

        One whose value does not fit its field is left out, as it is where a condition reads the field.
        """
        assert self.facts is not None
        base, source = self.facts, self.facts.sources["facts"]
        own, other = ("lead_id", "company_id") if scope == "lead" else ("company_id", "lead_id")
        id_column, other_column = source.column(own), source.column(other)
        if id_column is None:
            return
        at, _ = base.readings.instant(source, "known_at", "s")
        joins = [at.join]
        from_us = base.from_us(source, at.value, joins)
        columns = [text_of(id_column, "s"), "NULL" if other_column is None else text_of(other_column, "s")]
        value = source.column("value")
        columns += ["NULL" if value is None else text_of(value, "s"), f"s.{quote_name('field')}", at.value, from_us]
        skipped = set(read)
        names = [f"c{place}" for place in range(len(columns))]
        listed = ", ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
        fits = _Fits(base, scope)
        for lead_id, other_id, said, name, known_us, came_us in base.engine.fetch(
            f"SELECT {listed} FROM {source.relation} AS s{''.join(joins)} WHERE {at.value} IS NOT NULL"
        ):
            is_about_one = lead_id is not None and lead_id.strip() and not (other_id or "").strip()
            if is_about_one and (name or "").strip() and name not in skipped and fits.fits(name, said):
                yield str(lead_id), int(known_us), int(came_us)

    # -- one stretch -----------------------------------------------------------------------------------------

    def _known(
        self,
        low: int,
        high: int,
        leads: Mapping[str, Fetched],
        events: Mapping[str, Fetched],
        outcomes: Mapping[str, Fetched],
        first: int,
    ) -> KnownLeads:
        own = slice(low - first, high - first)
        lead_ids = leads["lead_id"].values[own].tolist()
        companies = leads["company_id"].values[own].tolist()
        created = _or_else(leads["created_us"], own, NEVER)
        happened, reported = self._happened(low, high, events), self._reported(low, high, outcomes)
        facts = _FactsOfLeads(self, lead_ids, companies, created if self.as_known else None)
        begins = np.full(high - low, NEVER, dtype=np.int64)
        np.minimum(begins, created, out=begins)
        for lead, us in ((happened.lead, happened.from_us), (reported.lead, reported.from_us), facts.own_moments()):
            np.minimum.at(begins, lead, us)
        fields: dict[n.Field, Column] = {}
        changes: dict[n.Field, Changes] = {}
        for one in (*self.plan.lead_fields, *self.plan.company_fields):
            column = self._column(one, leads, own)
            fields[one], moved = facts.through_time(one, column)
            if moved is not None:
                changes[one] = moved
        return KnownLeads(
            lead_ids=lead_ids,
            begins_us=np.where(begins == NEVER, ALWAYS, begins),
            facts=facts.moments(),
            fields=fields,
            changes=changes,
            events=happened,
            outcomes=reported,
        )

    def _column(self, one: n.Field, leads: Mapping[str, Fetched], own: slice) -> Column:
        fetched = leads[self.tables.base.layout.field(one)]
        known = np.ones(len(fetched.values), dtype=np.bool_) if fetched.known is None else fetched.known
        values = np.where(known, fetched.values, 0)[own]
        if one.kind in ("text", "list"):
            return Column(values.astype(np.int64), known[own], self._words[one])
        kind = {"number": np.float64, "boolean": np.bool_, "day": np.int64}[one.kind]
        return Column(values.astype(kind), known[own])

    def _happened(self, low: int, high: int, events: Mapping[str, Fetched]) -> Happened:
        number = events["number"].values
        rows = slice(int(np.searchsorted(number, low)), int(np.searchsorted(number, high)))
        at_us = events["at_us"].values[rows].astype(np.int64)
        from_us = events["from_us"].values[rows].astype(np.int64) if self.as_known else at_us
        word_count = sum(1 for name in events if name.startswith("signals_"))
        words = [events[f"signals_{word}"].values[rows] for word in range(word_count)]
        return Happened(
            lead=number[rows].astype(np.int64) - low,
            at_us=at_us,
            from_us=from_us,
            day=day_of(get_zone(self.plan.playbook.timezone), at_us),
            name=events["name"].values[rows].astype(np.int64),
            names=self.tables.event_names,
            signals=np.stack(words, axis=1).astype(np.int64) if words else np.zeros((len(at_us), 1), dtype=np.int64),
        )

    def _reported(self, low: int, high: int, outcomes: Mapping[str, Fetched]) -> Reported:
        number = outcomes["number"].values
        rows = slice(int(np.searchsorted(number, low)), int(np.searchsorted(number, high)))
        at_us = outcomes["at_us"].values[rows].astype(np.int64)
        return Reported(
            lead=number[rows].astype(np.int64) - low,
            at_us=at_us,
            from_us=outcomes["from_us"].values[rows].astype(np.int64) if self.as_known else at_us,
            day=day_of(get_zone(self.plan.playbook.timezone), at_us),
            outcome=outcomes["outcome"].values[rows].astype(np.int64),
            reason=outcomes["reason"].values[rows].astype(np.int64),
            qualification=outcomes["qualification"].values[rows].astype(np.int64),
            outcomes=self.tables.outcome_words["outcome"],
            reasons=self.tables.outcome_words["reason"],
            qualifications=self.tables.outcome_words["qualification"],
        )

    def has_facts(self, scope: str) -> bool:
        """Return whether there are any facts of leads, or of companies."""
        return bool(self._company_facts if scope == "company" else self._lead_facts)

    def facts_of(self, lead_id: str) -> list[Fact]:
        """Return the facts of a lead."""
        return self._lead_facts.get(lead_id, [])

    def facts_of_company(self, company_id: str | None) -> list[Fact]:
        """Return the facts of a company."""
        return [] if company_id is None else self._company_facts.get(company_id, [])

    def from_us(self, fact: Fact) -> int:
        """Return from when on a fact is there."""
        return fact.from_us if self.as_known else fact.known_at_us


@dataclass(slots=True)
class _FactsOfLeads:
    """The facts of one stretch of leads. created: from when on their columns are there; None: always."""

    feed: Feed
    lead_ids: list[str]
    companies: list[str | None]
    created: Integers | None

    def own_moments(self) -> tuple[Integers, Integers]:
        """Return leads and moments of their own facts."""
        return _pairs(
            (lead, self.feed.from_us(fact))
            for lead, lead_id in enumerate(self.lead_ids)
            for fact in self.feed.facts_of(lead_id)
        )

    def moments(self) -> tuple[Integers, Integers]:
        """Return leads and moments of all facts, of companies too, and of columns that begin to be there."""
        of_companies = (
            (lead, self.feed.from_us(fact))
            for lead, company in enumerate(self.companies)
            for fact in self.feed.facts_of_company(company)
        )
        parts = [self.own_moments(), _pairs(of_companies)]
        if self.created is not None:
            has = np.flatnonzero(self.created != NEVER)
            parts.append((has, self.created[has]))
        return np.concatenate([lead for lead, _ in parts]), np.concatenate([us for _, us in parts])

    def through_time(self, one: n.Field, column: Column) -> tuple[Column, Changes | None]:
        """Return the first values of a field, and how they change."""
        has_facts = self.feed.has_facts(one.scope)
        speaking = (
            {lead: own for lead in range(len(self.lead_ids)) if (own := self._about(one, lead))} if has_facts else {}
        )
        if not speaking and self.created is None:
            return column, None
        words = None if column.words is None else Words(WordList(column.words))
        rows: list[tuple[int, int, Value | None]] = []
        for place, own in speaking.items():
            rows += self._resolved(one, place, own, _value_of(column, place))
        lead, us = _pairs((of_lead, at_us) for of_lead, at_us, _ in rows)
        moved = k.column_of(one, [value for _, _, value in rows], words) if rows else None
        values, known = (
            (column.values[:0], column.is_known()[:0]) if moved is None else (moved.values, moved.is_known())
        )
        if words is not None:
            column = Column(column.values, column.known, words.values)
        if self.created is None:
            return column, Changes(lead=lead, us=us, values=values, known=known)
        is_later = self.created != NEVER
        quiet = np.flatnonzero(is_later & ~np.isin(np.arange(len(is_later)), np.array(list(speaking), dtype=np.int64)))
        first = Column(column.values, column.is_known() & ~is_later, column.words)
        if not len(lead) and not len(quiet):
            return first, None
        return first, _in_order(
            np.concatenate([lead, quiet]),
            np.concatenate([us, self.created[quiet]]),
            np.concatenate([values, column.values[quiet]]),
            np.concatenate([known, column.is_known()[quiet]]),
        )

    def _about(self, one: n.Field, lead: int) -> list[Fact]:
        feed = self.feed
        facts = (
            feed.facts_of_company(self.companies[lead])
            if one.scope == "company"
            else feed.facts_of(self.lead_ids[lead])
        )
        return [fact for fact in facts if fact.field == one.name]

    def _resolved(
        self, one: n.Field, lead: int, own: list[Fact], held: Value | None
    ) -> Iterator[tuple[int, int, Value | None]]:
        """Yield the value of a field from each moment on at which it could change."""
        created_us = None if self.created is None or self.created[lead] == NEVER else int(self.created[lead])
        moments = {self.feed.from_us(fact) for fact in own} | ({created_us} if created_us is not None else set())
        rank = self.feed.plan.playbook.source_rank
        for us in sorted(moments):
            columns = {one.name: held} if held is not None and (created_us is None or created_us <= us) else {}
            found = resolve_facts(columns, own, until_us=us, source_rank=rank, as_known=self.feed.as_known)
            yield lead, us, found.get(one.name)


def _in_order(lead: Integers, us: Integers, values: Array, known: Truths) -> Changes:
    order = np.lexsort((us, lead))
    return Changes(lead=lead[order], us=us[order], values=values[order], known=known[order])


def _pairs(rows: Iterable[tuple[int, int]]) -> tuple[Integers, Integers]:
    found = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _or_else(fetched: Fetched, own: slice, otherwise: int) -> Integers:
    values = fetched.values[own]
    if fetched.known is None:
        return values.astype(np.int64)
    return np.where(fetched.known[own], np.where(fetched.known[own], values, 0).astype(np.int64), otherwise)


def _value_of(column: Column, lead: int) -> Value | None:
    if column.known is not None and not column.known[lead]:
        return None
    if column.words is not None:
        return column.words[int(column.values[lead])]
    value: Value = column.values[lead].item()
    return value
