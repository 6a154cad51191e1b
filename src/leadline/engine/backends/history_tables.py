"""Prepares all that is known of leads at any time, numbered and in order, so that it can be fetched a stretch of leads at a time.

    history_lead   (number, lead_id, company_id, created_us, a column for each field: numbers, or places among distinct texts)
    history_event  (number, at_us, name, signals_0 …), ordered by number, at_us; as known also by from_us, which is there then
    history_outcome(number, at_us, from_us, outcome, reason, qualification)

Leads are numbered from 0 in the order of the bytes of lead_id. The tables of `Preparation` say which rows count; nothing is
decided here. tests/engine/replay holds what is made of this to the reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from leadline.engine.backends.arrivals import read_arrivals
from leadline.engine.backends.duckdb import DuckDBEngine
from leadline.engine.backends.engine import Engine, text_of
from leadline.engine.backends.event_tables import DatedTables
from leadline.engine.backends.preparation import Preparation
from leadline.engine.compiler.conditions import LIST_SEPARATOR, integer
from leadline.engine.compiler.signals import condition_of_signal
from leadline.engine.compiler.steps import add, case
from leadline.engine.expressions.nodes import Field, Value
from leadline.engine.inputs.source import quote_text
from leadline.engine.timeline.known import BITS_A_WORD

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Fetched:
    """A column that was fetched: its values, and where there is one; None: everywhere."""

    values: "NDArray[Any]"
    known: "NDArray[Any] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Some leads: those of some ids, and those of whom an event of some names was there from a moment on."""

    lead_ids: Sequence[str]
    events: Sequence[str] = ()
    since_us: int = 0


@dataclass(slots=True)
class HistoryTables:
    """Makes the tables of one run and fetches from them.

    wanted: of which leads alone; None: of all. as_known: the order in which events arrived matters.
    tells: what is left out is noted.
    base: a preparation of all time, with `keeps_arrivals`, whose sources are given without facts.
    words: the distinct texts or lists of each field that has such.
    """

    base: Preparation
    events_are_unique: bool
    wanted: "Wanted | None" = None
    as_known: bool = False
    tells: bool = True
    words: dict[Field, list[Value]] = field(default_factory=dict)
    event_names: list[str] = field(default_factory=list)
    outcome_words: dict[str, list[str]] = field(default_factory=dict)
    lead_count: int = 0
    columns: dict[str, list[str]] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """Where the tables are."""
        return self.base.engine

    def prepare(self) -> None:
        """Make all tables."""
        self.base.prepare_leads()
        dated = DatedTables(self.base, self.events_are_unique, self.tells)
        if "events" in self.base.sources:
            self.event_names = sorted(dated.prepare_events().names)
        else:
            dated.no_events()
        dated.prepare_outcomes()
        self._number_leads()
        self._prepare_events()
        self._prepare_outcomes()

    # -- leads ------------------------------------------------------------------------------------------

    def _number_leads(self) -> None:
        engine, base = self.engine, self.base
        engine.make_table(
            "lead_number",
            f"SELECT lead_key, lead_id, ROW_NUMBER() OVER (ORDER BY {engine.by_bytes('lead_id')}) - 1 AS number FROM lead_known"
            f"{self._only()}",
        )
        ((count,),) = engine.fetch("SELECT COUNT(*) AS n FROM lead_number")
        self.lead_count = int(count)
        columns, joins = (
            ["n.number AS number", "n.lead_id AS lead_id"],
            ["JOIN lead_number AS n ON n.lead_key = k.lead_key"],
        )
        leads = base.unique("leads", "lead_id")
        company_id = leads.column("company_id")
        columns.append(
            "CAST(NULL AS VARCHAR) AS company_id" if company_id is None else f"{text_of(company_id, 's')} AS company_id"
        )
        created = read_arrivals(base.readings, leads, base.as_of.until_us)
        columns.append(f"{created.at.value} AS created_us")
        own_id = leads.column("lead_id")
        assert own_id is not None
        joins.append(f"JOIN {leads.relation} AS s ON {text_of(own_id, 's')} = k.lead_id")
        joins.append(created.join)
        for one in (*base.plan.lead_fields, *base.plan.company_fields):
            name = base.layout.field(one)
            if one.kind not in ("text", "list"):
                columns.append(f"k.{name} AS {name}")
                continue
            found = engine.fetch(f"SELECT DISTINCT {name} AS word FROM lead_known WHERE {name} IS NOT NULL")
            stored = [str(word) for (word,) in found]
            self.words[one] = [value_of_stored(one, word) for word in stored]
            table = base.readings.name("word")
            engine.load(table, {"word": "VARCHAR", "place": "BIGINT"}, [(word, at) for at, word in enumerate(stored)])
            columns.append(f"{table}.place AS {name}")
            joins.append(f"LEFT JOIN {table} ON {table}.word = k.{name}")
        self.columns["history_lead"] = [column.rpartition(" AS ")[2] for column in columns]
        engine.make_table(
            "history_lead", f"SELECT {', '.join(columns)} FROM lead_known AS k {' '.join(joins)} ORDER BY n.number"
        )

    def _only(self) -> str:
        """Return the condition that picks the wanted leads."""
        if self.wanted is None:
            return ""
        self.engine.load("history_wanted", {"lead_id": "VARCHAR"}, [(one,) for one in self.wanted.lead_ids])
        where = " WHERE lead_id IN (SELECT w.lead_id FROM history_wanted AS w)"
        if self.wanted.events:
            names = ", ".join(quote_text(name) for name in self.wanted.events)
            where += (
                f" OR lead_key IN (SELECT e.lead_key FROM event_known AS e WHERE e.event IN ({names})"
                f" AND e.from_us >= {self.wanted.since_us})"
            )
        return where

    # -- events and outcomes ---------------------------------------------------------------------------------

    def _prepare_events(self) -> None:
        engine, plan, layout = self.engine, self.base.plan, self.base.layout
        engine.load(
            "history_name",
            {"name": "VARCHAR", "place": "BIGINT"},
            [(name, place) for place, name in enumerate(self.event_names)],
        )
        words = []
        for start in range(0, max(1, len(plan.signals)), BITS_A_WORD):
            bits: list[exp.Expr] = [
                case([(condition_of_signal(signal, layout), integer(1 << bit))], integer(0))
                for bit, signal in enumerate(plan.signals[start : start + BITS_A_WORD])
            ]
            total = exp.cast(add(bits), exp.DataType.Type.BIGINT).sql("duckdb")
            words.append(f"{total} AS signals_{start // BITS_A_WORD}")
        arrived = ["from_us"] if self.as_known else []
        self.columns["history_event"] = ["number", "at_us", *arrived, "name"]
        self.columns["history_event"] += [word.rpartition(" AS ")[2] for word in words]
        engine.make_table(
            "history_event",
            f"SELECT n.number AS number, e.at_us AS at_us,{' e.from_us AS from_us,' if arrived else ''} w.place AS name,"
            f" {', '.join(words)}"
            " FROM event_known AS e JOIN lead_number AS n ON n.lead_key = e.lead_key JOIN history_name AS w ON w.name = e.event"
            f" ORDER BY 1, 2{', 3' if self.as_known else ''}",
        )

    def _prepare_outcomes(self) -> None:
        engine = self.engine
        places = []
        for name in ("outcome", "reason", "qualification"):
            rows = engine.fetch(f"SELECT DISTINCT {name} AS word FROM outcome_known WHERE {name} IS NOT NULL")
            self.outcome_words[name] = sorted(str(word) for (word,) in rows)
            table = f"history_{name}_word"
            engine.load(
                table,
                {"word": "VARCHAR", "place": "BIGINT"},
                [(word, place) for place, word in enumerate(self.outcome_words[name])],
            )
            places.append(table)
        columns = ", ".join(f"COALESCE({table}.place, -1) AS {table[8:-5]}" for table in places)
        joins = " ".join(f"LEFT JOIN {table} ON {table}.word = o.{table[8:-5]}" for table in places)
        self.columns["history_outcome"] = ["number", "at_us", "from_us", "outcome", "reason", "qualification"]
        engine.make_table(
            "history_outcome",
            f"SELECT n.number AS number, o.at_us AS at_us, o.from_us AS from_us, {columns} FROM outcome_known AS o"
            f" JOIN lead_number AS n ON n.lead_key = o.lead_key {joins} ORDER BY 1, 2",
        )

    # -- fetching ----------------------------------------------------------------------------------------------

    def fetch(self, table: str, first: int, end: int, order: str = "number") -> dict[str, Fetched]:
        """Return the rows of leads *first* to before *end* of a table, as columns."""
        names = self.columns[table]
        only = f"number >= {first} AND number < {end}"
        return fetch_columns(
            self.engine, names, f"SELECT {', '.join(names)} FROM {table} WHERE {only} ORDER BY {order}"
        )

    def event_counts(self, stretch: int) -> list[int]:
        """Return how many events each stretch of so many leads has."""
        rows = self.engine.fetch(
            f"SELECT (number - number % {stretch}) / {stretch} AS stretch, COUNT(*) AS n FROM history_event GROUP BY 1"
        )
        counts = [0] * -(-self.lead_count // stretch)
        for place, count in rows:
            counts[int(place)] = int(count)
        return counts


def value_of_stored(one: Field, stored: Any) -> Value:
    """Return a value as conditions see it, from how prepared tables hold it."""
    if one.kind != "list":
        return float(stored) if one.kind == "number" else stored
    keys = stored[1:-1].split(LIST_SEPARATOR) if len(stored) > 1 else ()
    return tuple(key.replace("\x1e", LIST_SEPARATOR) for key in keys)


def fetch_columns(engine: Engine, names: Sequence[str], sql: str) -> dict[str, Fetched]:
    """Return the rows of a query with columns of these names as arrays; texts as objects."""
    import numpy as np

    if isinstance(engine, DuckDBEngine):
        found = engine.connection.execute(sql).fetchnumpy()
        return {
            name: Fetched(column.data, ~np.ma.getmaskarray(column))
            if np.ma.isMaskedArray(column)
            else Fetched(column, None)
            for name, column in found.items()
        }
    rows = engine.fetch(sql)
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return {name: _as_array(values) for name, values in zip(names, columns, strict=True)}


def _as_array(values: Sequence[Any]) -> Fetched:
    import numpy as np

    known = np.array([value is not None for value in values], dtype=np.bool_)
    kind = next((type(value) for value in values if value is not None), int)
    if kind is str:
        return Fetched(np.array(values, dtype=object), known)
    dtype = np.bool_ if kind is bool else np.float64 if kind is float else np.int64
    return Fetched(np.array([0 if value is None else value for value in values], dtype=dtype), known)
