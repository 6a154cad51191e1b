"""Prepares what is dated: `event_known` and `outcome_known`, with what is left out counted."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadline.engine.backends.arrivals import Arrivals, tell_arrivals
from leadline.engine.backends.engine import Source, is_missing, text_of
from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.readings import COLUMN_TYPES, Read, day_sql
from leadline.engine.catalog import FieldSpec
from leadline.engine.inputs.source import quote_name, quote_text
from leadline.engine.reference.cells import UnfitError, as_written, canonical_json
from leadline.engine.values import is_missing as is_missing_text


@dataclass(frozen=True, slots=True)
class Dated:
    """The dated rows that can be read, each once: where they are, the first and last instant among them (0 of none).

    names: how many there are of each event name. bot: how a row says that a bot made it. arrivals: when the rows
    arrived, where that matters.
    """

    source: Source
    first_us: int
    last_us: int
    names: Mapping[str, int]
    bot: Read
    arrivals: Arrivals | None


@dataclass(slots=True)
class DatedTables:
    """Makes event_known and outcome_known. *tells*: count what rightly does not count, for the rejects."""

    base: Preparation
    events_are_unique: bool = False
    tells: bool = True

    def prepare_events(self, *, materialize: bool = False) -> Dated:
        """Make event_known: the events that count at the moment, each with its key, day and the properties that are read."""
        base, readings = self.base, self.base.readings
        events = base.sources["events"]
        name = text_of(self._column(events, "event"), "s")
        at, unfit = readings.instant(events, "occurred_at", "s")
        bot = self._bot(events)
        dated = self._checked(events, "event", name, at, unfit, bot)
        source = self._once(dated, "event_id") if not self.events_are_unique else dated
        found = self._survey(source, name, at, bot)
        columns = [
            f"{base.key(events, 's')} AS lead_key",
            f"{name} AS event",
            f"{at.value} AS at_us",
        ]
        joins = [at.join, bot.join]
        if base.keeps_arrivals:
            columns.append(f"{base.from_us(events, at.value, joins)} AS from_us")
        where = [f"NOT COALESCE({bot.value}, FALSE)"] if events.column("is_bot") else []
        if found.arrivals:
            joins.append(found.arrivals.join)
            where.append(found.arrivals.has_arrived)
        for field, names in base.plan.event_properties:
            spec = base.plan.bound.spec_of(field, names)
            read = readings.read(source, field.name, spec, "s")
            columns.append(f"{read.value} AS {base.layout.property(field)}")
            joins.append(read.join)
        only = f" WHERE {' AND '.join(where)}" if where else ""
        timed = f"SELECT {', '.join(columns)} FROM {source.relation} AS s{''.join(joins)}{only}"
        # the instant is an expression of its own, so that no engine works it out for each part of the day's
        day = day_sql(readings.cells.zone, "timed.at_us", found.first_us, base.as_of.until_us)
        query = f"SELECT timed.*, {day} AS day FROM ({timed}) AS timed WHERE timed.at_us <= {base.as_of.until_us}"
        if materialize:
            base.engine.make_table("event_known", query)
        else:
            base.engine.make_view("event_known", query)
        self._tell_unknown_leads(source)
        return found

    def no_events(self) -> None:
        """Make event_known without rows, where no events were given."""
        base = self.base
        columns = [f"CAST(NULL AS {base.key_type}) AS lead_key", "CAST(NULL AS VARCHAR) AS event"]
        columns += [f"CAST(NULL AS BIGINT) AS {name}" for name in ("at_us", "from_us", "day")]
        for field, names in base.plan.event_properties:
            kind = COLUMN_TYPES[base.plan.bound.spec_of(field, names).type or "text"]
            columns.append(f"CAST(NULL AS {kind}) AS {base.layout.property(field)}")
        base.engine.make_table("event_known", f"SELECT * FROM (SELECT {', '.join(columns)}) AS nothing WHERE 1 = 0")

    def prepare_outcomes(self) -> None:
        """Make outcome_known: the outcomes reported by the moment."""
        base, readings = self.base, self.base.readings
        outcomes = base.sources.get("outcomes")
        if outcomes is None or outcomes.column("at") is None:
            if outcomes is not None:
                readings.reject_rows(outcomes, "'undated'", "at")
            empty = f"CAST(NULL AS {base.key_type}) AS lead_key, CAST(NULL AS VARCHAR) AS outcome, CAST(NULL AS BIGINT) AS at_us"
            base.engine.make_table(
                "outcome_known",
                f"SELECT lead_key, outcome, at_us, at_us AS from_us, CAST(NULL AS BIGINT) AS day,"
                f" CAST(NULL AS VARCHAR) AS reason, CAST(NULL AS VARCHAR) AS qualification"
                f" FROM (SELECT {empty}) AS nothing WHERE 1 = 0",
            )
            return
        name = text_of(self._column(outcomes, "outcome"), "s")
        at, unfit = readings.instant(outcomes, "at", "s")
        undated = self._is_missing(outcomes, "at")
        dated = self._checked(outcomes, "outcome", name, at, unfit, None, undated=undated)
        source = self._once(dated, "outcome_id")
        first_us, last_us = self._range(source, at, "at")
        reason, level = (
            readings.mapped(source, column, "s", self._key_or_none, "VARCHAR") for column in ("reason", "qualification")
        )
        joins = [at.join, reason.join, level.join]
        from_us = base.from_us(source, at.value, joins) if base.keeps_arrivals else at.value
        recorded = base.arrivals(source)
        arrived, arrival_join = (f" AND {recorded.has_arrived}", recorded.join) if recorded else ("", "")
        if recorded:
            had_happened = f"{at.value} <= {base.as_of.until_us}"
            tell_arrivals(readings, recorded, had_happened=had_happened, join=at.join)
        base.engine.make_table(
            "outcome_known",
            f"SELECT {base.key(outcomes, 's')} AS lead_key, {base.engine.by_bytes(name)} AS outcome, {at.value} AS at_us,"
            f" {day_sql(readings.cells.zone, at.value, first_us, last_us)} AS day,"
            f" {base.engine.by_bytes(reason.value)} AS reason, {level.value} AS qualification, {from_us} AS from_us"
            f" FROM {source.relation} AS s{''.join(joins)}{arrival_join}"
            f" WHERE {at.value} <= {base.as_of.until_us}{arrived}",
        )
        self._tell_unknown_leads(source)

    def _key_or_none(self, cell: object) -> str | None:
        value = self.base.readings.cells.value(cell, FieldSpec("text"))  # type: ignore[arg-type]
        return None if value is None else str(value)

    @staticmethod
    def _column(source: Source, name: str):  # type: ignore[no-untyped-def]
        column = source.column(name)
        assert column is not None
        return column

    def _is_missing(self, source: Source, name: str) -> str:
        column = self._column(source, name)
        return is_missing(text_of(column, "s")) if column.storage == "text" else f"s.{quote_name(name)} IS NULL"

    def _has_no_name(self, source: Source, name: str) -> str:
        """Return the same of a column with few distinct values: which of them are missing is found out here."""
        column = self._column(source, name)
        rows = self.base.engine.fetch(f"SELECT DISTINCT s.{quote_name(name)} AS name FROM {source.relation} AS s")
        blank = [str(cell) for (cell,) in rows if cell is not None and is_missing_text(as_written(cell))]
        if not blank or column.storage != "text":
            return f"s.{quote_name(name)} IS NULL"
        return f"(s.{quote_name(name)} IS NULL OR {text_of(column, 's')} IN ({', '.join(map(quote_text, blank))}))"

    def _bot(self, events: Source) -> Read:
        column = events.column("is_bot")
        if column is None:
            return Read("FALSE")
        if column.storage == "boolean":
            return Read("s.is_bot")

        def read(cell: object) -> bool | None:
            try:
                return bool(self.base.readings.cells.value(cell, FieldSpec("boolean")))  # type: ignore[arg-type]
            except UnfitError:
                return None

        return self.base.readings.mapped(events, "is_bot", "s", read, "BOOLEAN")

    # -- rows that cannot be read -----------------------------------------------------------------------

    def _checked(
        self,
        source: Source,
        name_column: str,
        name: str,
        at: Read,
        unfit: str | None,
        bot: Read | None,
        *,
        undated: str | None = None,
    ) -> Source:
        """Return the rows that can be read; note the others, each with the first thing that is wrong with it."""
        base = self.base
        time_column = "at" if name_column == "outcome" else "occurred_at"
        faults = [
            (self._is_missing(source, "lead_id"), "'missing-id'"),
            (self._has_no_name(source, name_column), "'missing-name'"),
        ]
        if bot is not None and bot.join:
            faults.append((f"({bot.value} IS NULL AND s.is_bot IS NOT NULL)", "'value-does-not-fit'"))
        if undated:
            faults.append((undated, "'undated'"))
        joins = at.join + (bot.join if bot else "")
        reason = "'unreadable-date'"
        if unfit:
            joins += f" LEFT JOIN {unfit} ON {unfit}.written = s.{quote_name(time_column)}"
            reason = f"COALESCE({unfit}.reason, 'unreadable-date')"
        is_stored = self._column(source, time_column).storage == "time" and not at.join
        faults.append((f"s.{time_column} IS NULL" if is_stored else f"{at.value} IS NULL", reason))
        any_fault = " OR ".join(fault for fault, _ in faults)
        # DuckDB answers each alone from what a file says of its columns, but not all together.
        asked = [fault for fault, _ in faults] if base.engine.dialect == "duckdb" else [any_fault]
        if not any(
            base.engine.fetch(f"SELECT 1 AS n FROM {source.relation} AS s{joins} WHERE {one} LIMIT 1") for one in asked
        ):
            return source
        which = f"CASE {' '.join(f'WHEN {fault} THEN {why}' for fault, why in faults)} END"
        base.readings.reject_rows(source, which, time_column, join=joins, where=any_fault)
        query = f"SELECT s.* FROM {source.relation} AS s{joins} WHERE NOT ({any_fault})"
        name_of = f"{source.kind}_read"
        base.engine.make_view(name_of, query)
        return Source(source.kind, name_of, source.columns, source.row_column, source.path)

    # -- one row of those with one id -------------------------------------------------------------------

    def _once(self, source: Source, id_column: str) -> Source:
        """Return the rows without repeated ids: of rows with one id the earliest counts, then the smallest as JSON."""
        base = self.base
        column = source.column(id_column)
        if column is None:
            return source
        row_id = text_of(column, "s")
        has_id = f"NOT {is_missing(row_id)}" if column.storage == "text" else f"s.{quote_name(id_column)} IS NOT NULL"
        ((rows, ids),) = base.engine.fetch(
            f"SELECT COUNT(*) AS n, COUNT(DISTINCT s.{quote_name(id_column)}) AS ids FROM {source.relation} AS s WHERE {has_id}"
        )
        if rows == ids:
            return source
        base.readings.rejects.add(
            source.kind, "duplicate-event" if source.kind == "events" else "duplicate-row", count=int(rows - ids)
        )
        time_column = "occurred_at" if source.kind == "events" else "at"
        at, _ = base.readings.instant(source, time_column, "s")
        repeated = base.readings.name("repeated")
        names = ", ".join(f"s.{quote_name(item.name)}" for item in source.columns)
        row = f", s.{quote_name(source.row_column)}" if source.row_column else ""
        base.engine.make_table(
            f"{repeated}_id",
            f"SELECT {row_id} AS id FROM {source.relation} AS s WHERE {has_id} GROUP BY {row_id} HAVING COUNT(*) > 1",
        )
        base.engine.make_table(
            repeated,
            f"SELECT ranked.*, ROW_NUMBER() OVER (ORDER BY id_of_row) AS number_of_row FROM (SELECT {names}{row}, {row_id} AS id_of_row,"
            f" RANK() OVER (PARTITION BY {row_id} ORDER BY {at.value} ASC) AS rank_of_row FROM {source.relation} AS s{at.join}"
            f" JOIN {repeated}_id ON {repeated}_id.id = {row_id} WHERE {has_id}) AS ranked WHERE rank_of_row = 1",
        )
        chosen = self._choose(source, repeated)
        kept = base.readings.name("kept")
        base.engine.load(kept, {"number_of_row": "BIGINT"}, [(number,) for number in chosen])
        view = f"{source.kind}_once"
        base.engine.make_view(
            view,
            f"SELECT {names}{row} FROM {source.relation} AS s WHERE NOT ({has_id}) OR {row_id} NOT IN (SELECT id FROM {repeated}_id)"
            f" UNION ALL SELECT {names}{row} FROM {repeated} AS s JOIN {kept} ON {kept}.number_of_row = s.number_of_row",
        )
        return Source(source.kind, view, source.columns, source.row_column, source.path)

    def _choose(self, source: Source, repeated: str) -> list[int]:
        """Return the numbers of the rows that count: where several are earliest, the smallest as JSON."""
        names = [item.name for item in source.columns]
        listed = ", ".join(quote_name(name) for name in names)
        rows = self.base.engine.fetch(f"SELECT number_of_row, id_of_row, {listed} FROM {repeated}")
        best: dict[str, tuple[str, int]] = {}
        for number, row_id, *cells in rows:
            entry = (canonical_json(dict(zip(names, cells, strict=True))), int(number))
            if row_id not in best or entry < best[row_id]:
                best[row_id] = entry
        return sorted(number for _, number in best.values())

    # -- what is told ---------------------------------------------------------------------------------------

    def _range(self, source: Source, at: Read, column: str) -> tuple[int, int]:
        """Return the first and last instant; of a column of times itself, since files know the ends of their columns."""
        engine, low, high = self.base.engine, f"MIN({at.value})", f"MAX({at.value})"
        if (stored := self._column(source, column)).storage == "time" and not at.join:
            low, high = (engine.microseconds(f"{end}(s.{column})", stored.sql_type) for end in ("MIN", "MAX"))
        ((first, last),) = engine.fetch(f"SELECT {low} AS low, {high} AS high FROM {source.relation} AS s{at.join}")
        return int(first or 0), int(last or 0)

    def _survey(self, source: Source, name: str, at: Read, bot: Read) -> Dated:
        """Return what there is, and count the events that rightly do not count: by bots, and after the moment."""
        base, relation = self.base, f"{source.relation} AS s{at.join}{bot.join}"
        is_bot = f"COALESCE({bot.value}, FALSE)" if source.column("is_bot") else "1 = 0"
        rows = base.engine.fetch(
            f"SELECT {name} AS name, COUNT(*) AS n, SUM(CASE WHEN {is_bot} THEN 1 ELSE 0 END) AS bots"
            f" FROM {relation} GROUP BY {name}"
        )
        is_later = f"{at.value} > {base.as_of.until_us} AND NOT {is_bot}"
        bound = base.readings.stored_instant(source, "occurred_at", base.as_of.until_us)
        is_later += f" AND s.occurred_at > {bound}" if bound else ""
        ((later,),) = base.engine.fetch(f"SELECT COUNT(*) AS n FROM {relation} WHERE {is_later}")
        for reason, count in (("bot", sum(int(bots) for _, _, bots in rows)), ("after-as-of", int(later))):
            if count:
                base.readings.rejects.add("events", reason, count=count)
        first_us, last_us = self._range(source, at, "occurred_at")
        received = base.arrivals(source)
        if received:
            had_happened = f"{at.value} <= {base.as_of.until_us} AND NOT {is_bot}"
            tell_arrivals(base.readings, received, had_happened=had_happened, join=f"{at.join}{bot.join}")
        names = {str(of_name): int(count) for of_name, count, _ in rows}
        return Dated(source, first_us, last_us, names, bot, received)

    def _tell_unknown_leads(self, source: Source) -> None:
        base = self.base
        if "leads" not in base.sources or not self.tells:
            return
        join = f"LEFT JOIN lead_known ON lead_known.lead_key = {base.key(source, 's')}"
        base.readings.reject_rows(source, "'unknown-lead'", "lead_id", join=join, where="lead_known.lead_key IS NULL")
