"""Reads columns: what a cell means is decided by `CellReader`, in Python, once for each distinct value.

A column whose storage already is what is wanted is read in place. Of any other the distinct values are fetched, read by the
one function that gives values their meaning, and joined back as a small table ("reading"). So no engine ever folds case,
parses a number or splits a list, and all agree.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from leadline.engine.backends.engine import Engine, Source
from leadline.engine.calendar import DAY_US, MAX_DAY, MIN_DAY, Zone
from leadline.engine.catalog import FieldSpec, FieldType
from leadline.engine.compiler.conditions import LIST_SEPARATOR
from leadline.engine.expressions.nodes import Value
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import quote_name, quote_text
from leadline.engine.reference.cells import CellReader, UnfitError

COLUMN_TYPES: dict[FieldType, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "BIGINT",
    "time": "BIGINT",
    "list": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Read:
    """A column read: its value in SQL, and the join that it needs, if any."""

    value: str
    join: str = ""


def stored_value(value: Value | None) -> Any:
    """Return a canonical value as prepared tables hold it: a list is the text of its keys between separators."""
    if isinstance(value, tuple):
        keys = [key.replace(LIST_SEPARATOR, "\x1e") for key in value]
        return LIST_SEPARATOR + "".join(key + LIST_SEPARATOR for key in keys) if keys else LIST_SEPARATOR
    return value


class Readings:
    """Makes the readings of one run."""

    def __init__(self, engine: Engine, cells: CellReader, rejects: Rejects) -> None:
        self.engine = engine
        self.cells = cells
        self.rejects = rejects
        self._count = 0
        self._told: set[tuple[str, str]] = set()
        self._values: dict[tuple[str, str, FieldSpec], list[tuple[Any, Value]]] = {}

    def name(self, what: str = "reading") -> str:
        """Return a new name for a small table."""
        self._count += 1
        return f"{what}_{self._count}"

    # -- values of fields and properties -----------------------------------------------------------

    def read(self, source: Source, name: str, spec: FieldSpec, alias: str) -> Read:
        """Return how a column of *source* (named *alias* in the query) is read as *spec* says."""
        column = source.column(name)
        kind = spec.type or "text"
        if column is None:
            return Read(f"CAST(NULL AS {COLUMN_TYPES[kind]})")
        plain = f"{alias}.{quote_name(name)}"
        if not spec.missing:
            match column.storage, kind:
                case "number", "number":
                    finite = self.engine.finite(plain, column.sql_type)
                    if "isfinite" in finite or "CASE" in finite:
                        self._reject_stored(source, name, finite, plain, "not-finite")
                    return Read(finite)
                case "boolean", "boolean":
                    return Read(plain)
                case "date", ("date" | "time"):
                    day = _within_years(self.engine.day_number(plain), MIN_DAY, MAX_DAY)
                    self._reject_stored(source, name, day, plain, "value-does-not-fit")
                    return Read(day)
                case "time", ("date" | "time") if self.is_direct(column.sql_type):
                    instant = self.engine.microseconds(plain, column.sql_type)
                    zone = self.cells.zone
                    first, last = zone.first_instant(MIN_DAY), zone.first_instant(MAX_DAY + 1) - 1
                    low, high = self.bounds(f"{source.relation} AS {alias}", _within_years(instant, first, last))
                    day = f"CASE WHEN {instant} BETWEEN {first} AND {last} THEN {day_sql(zone, instant, low, high)} END"
                    self._reject_stored(source, name, day, plain, "value-does-not-fit")
                    return Read(day)
        return self._through_python(source, name, spec, plain)

    def _reject_stored(self, source: Source, name: str, value: str, plain: str, reason: str) -> None:
        """Note stored values that do not fit, once for each column."""
        if (source.kind, name) in self._told:
            return
        self._told.add((source.kind, name))
        alias = plain.partition(".")[0]
        unfit = f"{plain} IS NOT NULL AND ({value}) IS NULL"
        ((count,),) = self.engine.fetch(f"SELECT COUNT(*) AS n FROM {source.relation} AS {alias} WHERE {unfit}")
        if count and alias == "s":
            self.reject_rows(source, quote_text(reason), name, where=unfit)

    def is_direct(self, sql_type: str) -> bool:
        """Return whether stored times of this type need no other zone than UTC."""
        has_zone = "WITH TIME ZONE" in sql_type.upper() or sql_type.upper() in ("TIMESTAMPTZ", "TIMESTAMP_LTZ")
        return has_zone or self.cells.naive_zone.name == "UTC"

    def stored_instant(self, source: Source, name: str, instant_us: int) -> str | None:
        """Return an instant as the column of times itself stores it, so that whole parts of a file can be passed over.

        None where the engine or the column has no exact way to say it.
        """
        column = source.column(name)
        if column is None or self.engine.dialect != "duckdb" or not self.is_direct(column.sql_type):
            return None
        functions = {"TIMESTAMP": "make_timestamp", "TIMESTAMP WITH TIME ZONE": "make_timestamptz"}
        function = functions.get(column.sql_type.upper())
        return None if function is None else f"{function}({instant_us})"

    def bounds(self, relation: str, instant: str) -> tuple[int, int]:
        """Return the first and last instant of a relation; 0 and 0 when it has none."""
        ((low, high),) = self.engine.fetch(f"SELECT MIN({instant}) AS low, MAX({instant}) AS high FROM {relation}")
        return (0, 0) if low is None else (int(low), int(high))

    def _through_python(self, source: Source, name: str, spec: FieldSpec, plain: str) -> Read:
        column = source.column(name)
        assert column is not None
        known = [(written, stored_value(value)) for written, value in self.values(source, name, spec)]
        table = self.name()
        self.engine.load(table, {"written": column.sql_type, "value": COLUMN_TYPES[spec.type or "text"]}, known)
        return Read(f"{table}.value", f" LEFT JOIN {table} ON {table}.written = {plain}")

    def values(self, source: Source, name: str, spec: FieldSpec) -> list[tuple[Any, Value]]:
        """Return the distinct cells of a column, each with what it means; missing and unfit ones are not there.

        The values that do not fit are noted; when asked again, the same is returned and nothing noted twice.
        """
        column = source.column(name)
        if column is None:
            return []
        if column.storage == "boolean" and spec.type == "boolean" and not spec.missing:
            return [(True, True), (False, False)]
        asked = (source.relation, name, spec)
        if asked not in self._values:
            wanted = quote_name(name)
            rows = self.engine.fetch(
                f"SELECT DISTINCT {wanted} AS written FROM {source.relation} WHERE {wanted} IS NOT NULL"
            )
            known: list[tuple[Any, Value]] = []
            unfit: list[tuple[Any, str]] = []
            for (written,) in rows:
                try:
                    value = self.cells.value(written, spec, name)
                except UnfitError as error:
                    unfit.append((written, error.reason))
                    continue
                if value is not None:
                    known.append((written, value))
            if unfit:
                self._reject_values(source, name, column.sql_type, unfit)
            self._values[asked] = known
        return self._values[asked]

    def _reject_values(self, source: Source, name: str, sql_type: str, unfit: list[tuple[Any, str]]) -> None:
        table = self.name("unfit")
        self.engine.load(table, {"written": sql_type, "reason": "VARCHAR"}, unfit)
        self.reject_rows(
            source, f"{table}.reason", name, join=f"JOIN {table} ON {table}.written = s.{quote_name(name)}"
        )

    def reject_rows(self, source: Source, reason: str, column: str, *, join: str = "", where: str = "TRUE") -> None:
        """Note the rows of *source* (``s``, with *join*) of which *where* is true, with the *reason* of each, in SQL."""
        relation = f"{source.relation} AS s {join} WHERE ({where})"
        row = f"s.{quote_name(source.row_column)}" if source.row_column else "NULL"
        record = next((name for name in ("lead_id", "company_id") if source.column(name)), None)
        record_id = f"CAST(s.{quote_name(record)} AS VARCHAR)" if record else "NULL"
        found = f"CAST(s.{quote_name(column)} AS VARCHAR)" if source.column(column) else "''"
        if self.engine.dialect == "duckdb":  # one pass instead of one more for each reason
            row_of = f"struct_pack(r := {row}, i := {record_id}, f := {found})"
            for of_reason, count, rows in self.engine.fetch(
                f"SELECT {reason} AS why, COUNT(*) AS n, MIN({row_of}, {self.rejects.limit}) AS rows FROM {relation}"
                f" GROUP BY {reason} ORDER BY why"
            ):
                self._note(source, of_reason, column, count, [(one["r"], one["i"], one["f"]) for one in rows])
            return
        counts = self.engine.fetch(
            f"SELECT why, COUNT(*) AS n FROM (SELECT {reason} AS why FROM {relation}) AS t GROUP BY why ORDER BY why"
        )
        for of_reason, count in counts:
            examples = self.engine.fetch(
                f"SELECT {row} AS r, {record_id} AS i, {found} AS f FROM {relation} AND {reason} = {quote_text(of_reason)}"
                f" ORDER BY 1, 2, 3 LIMIT {self.rejects.limit}"
            )
            self._note(source, of_reason, column, count, examples)

    def _note(self, source: Source, reason: str, column: str, count: int, examples: Sequence[tuple[Any, ...]]) -> None:
        for row, record, found in examples:
            self.rejects.add(source.kind, reason, row=row, record_id=record, column=column, found=found)
        if count > len(examples):
            self.rejects.add(source.kind, reason, count=count - len(examples))

    # -- instants -------------------------------------------------------------------------------------

    def instant(self, source: Source, name: str, alias: str) -> tuple[Read, str | None]:
        """Return how the time of a row is read, and the table of texts that are no time (``written``, ``reason``), if any."""
        column = source.column(name)
        assert column is not None
        plain, wanted = f"{alias}.{quote_name(name)}", quote_name(name)
        if column.storage == "time" and self.is_direct(column.sql_type):
            return Read(self.engine.microseconds(plain, column.sql_type)), None
        fast = None
        if column.storage == "text":
            fast = self.engine.iso_instant(plain, self.cells.naive_zone.name == "UTC")
        slow = f" AND {self.engine.iso_instant(wanted, self.cells.naive_zone.name == 'UTC')} IS NULL" if fast else ""
        rows = self.engine.fetch(
            f"SELECT DISTINCT {wanted} AS written FROM {source.relation} WHERE {wanted} IS NOT NULL{slow}"
        )
        known, unfit = self._sort_out(rows)
        bad = self.name("unfit") if unfit else None
        if bad:
            self.engine.load(bad, {"written": column.sql_type, "reason": "VARCHAR"}, unfit)
        if fast and not known:
            return Read(fast), bad
        table = self.name()
        self.engine.load(table, {"written": column.sql_type, "value": "BIGINT"}, known)
        join = f" LEFT JOIN {table} ON {table}.written = {plain}"
        return Read(f"COALESCE({fast}, {table}.value)" if fast else f"{table}.value", join), bad

    def _sort_out(self, rows: Iterable[tuple[Any, ...]]) -> tuple[list[tuple[Any, int]], list[tuple[Any, str]]]:
        known: list[tuple[Any, int]] = []
        unfit: list[tuple[Any, str]] = []
        for (written,) in rows:
            try:
                known.append((written, self.cells.instant(written)))
            except UnfitError as error:
                unfit.append((written, error.reason))
        return known, unfit

    def mapped(self, source: Source, name: str, alias: str, read: Callable[[Any], Any], sql_type: str) -> Read:
        """Return a column read by a function of its distinct values; what it returns None for is NULL."""
        column = source.column(name)
        if column is None:
            return Read(f"CAST(NULL AS {sql_type})")
        wanted = quote_name(name)
        rows = self.engine.fetch(
            f"SELECT DISTINCT {wanted} AS written FROM {source.relation} WHERE {wanted} IS NOT NULL"
        )
        known = [(written, value) for (written,) in rows if (value := read(written)) is not None]
        table = self.name()
        self.engine.load(table, {"written": column.sql_type, "value": sql_type}, known)
        return Read(f"{table}.value", f" LEFT JOIN {table} ON {table}.written = {alias}.{quote_name(name)}")


def _within_years(value: str, low: int, high: int) -> str:
    """Return a whole number, NULL outside the years that are read."""
    return f"CASE WHEN {value} BETWEEN {low} AND {high} THEN {value} END"


def day_sql(zone: Zone, instant: str, low_us: int, high_us: int) -> str:
    """Return the local day of an instant in SQL, given that instants lie from *low_us* to *high_us*.

    TRICKY: engines round a division towards zero, so the number is made positive first.
    """
    shifts = zone.shifts(low_us, high_us)
    branches = [f"WHEN {instant} < {following.start_us} THEN {shift.add_us}" for shift, following in pairwise(shifts)]
    add = f"CASE {' '.join(branches)} ELSE {shifts[-1].add_us} END" if branches else str(shifts[-1].add_us)
    far = 100_000 * DAY_US
    moved = f"({instant} + {add} + {far})"
    return f"CAST(({moved} - {moved} % {DAY_US}) / {DAY_US} - 100000 AS BIGINT)"
