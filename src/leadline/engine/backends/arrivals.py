"""What was known then, in SQL: whether a row had arrived by the moment, and how many rows do not say when they did.

An event arrives when it is received, a fact or an outcome when it is recorded, a lead with its columns when it is created.
A row that does not say when it arrived counts from when it happened, the columns of a lead always; so does one that says it
unreadably. Ages do not change. tests/parity holds this to reference/read.py and reference/assess.py.
"""

from dataclasses import dataclass

from leadline.engine.backends.engine import Source, is_missing, text_of
from leadline.engine.backends.readings import Read, Readings
from leadline.engine.calendar import DAY_US, MAX_DAY, MIN_DAY
from leadline.engine.inputs.source import TableName, quote_name

ARRIVAL_COLUMNS: dict[TableName, str] = {
    "leads": "created_at",
    "events": "received_at",
    "facts": "recorded_at",
    "outcomes": "recorded_at",
}
"""Where a row says when it arrived."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When the rows of one table arrived, as the row ``s`` of a query says it.

    at: the instant, NULL where it is not said. column: None when the table has no such column.
    """

    source: Source
    column: str | None
    at: Read
    until_us: int

    @property
    def join(self) -> str:
        """The join that it needs."""
        return self.at.join

    @property
    def has_arrived(self) -> str:
        """Whether a row had arrived by the moment: true or false."""
        return "TRUE" if self.column is None else f"COALESCE({self.at.value} <= {self.until_us}, TRUE)"


def read_arrivals(readings: Readings, source: Source, until_us: int) -> Arrivals:
    """Return when the rows of a table arrived."""
    name = ARRIVAL_COLUMNS[source.kind]
    column = source.column(name)
    if column is None:
        return Arrivals(source, None, Read("CAST(NULL AS BIGINT)"), until_us)
    at, _ = readings.instant(source, name, "s")
    if column.storage == "time" and not at.join:  # other cells outside these years are no instant already
        first_us, last_us = MIN_DAY * DAY_US, (MAX_DAY + 1) * DAY_US - 1
        at = Read(f"CASE WHEN {at.value} BETWEEN {first_us} AND {last_us} THEN {at.value} END")
    return Arrivals(source, name, at, until_us)


def tell_arrivals(
    readings: Readings, arrivals: Arrivals, *, had_happened: str | None = None, join: str = "", where: str = "TRUE"
) -> None:
    """Note how many rows do not say when they arrived, and how many had happened by the moment and arrived later.

    *had_happened*: whether a row had, in SQL, with the *join* that it needs; *where* picks the rows that are looked at.
    """
    source, name = arrivals.source, arrivals.column
    relation = f"{source.relation} AS s{join}{arrivals.join}"
    if name is None:
        ((count,),) = readings.engine.fetch(f"SELECT COUNT(*) AS n FROM {relation} WHERE {where}")
        if count:
            readings.rejects.add(source.kind, "no-arrival", count=int(count))
        return
    column = source.column(name)
    assert column is not None
    cell = f"s.{quote_name(name)}"
    is_blank = is_missing(text_of(column, "s")) if column.storage == "text" else f"{cell} IS NULL"
    is_late = f"{arrivals.at.value} > {arrivals.until_us} AND {had_happened}"
    branches = [f"WHEN {is_late} THEN 'arrived-later'"] if had_happened else []
    branches += [f"WHEN {arrivals.at.value} IS NOT NULL THEN 'arrived'", f"WHEN {is_blank} THEN 'no-arrival'"]
    what = f"CASE {' '.join(branches)} ELSE 'unreadable-arrival' END"
    found = readings.engine.fetch(
        f"SELECT what, COUNT(*) AS n FROM (SELECT {what} AS what FROM {relation} WHERE {where}) AS told GROUP BY what"
    )
    for reason, count in sorted(found):
        if reason == "unreadable-arrival":
            is_unreadable = f"({where}) AND {arrivals.at.value} IS NULL AND NOT ({is_blank})"
            joins = f"{join}{arrivals.join}"
            readings.reject_rows(source, "'unreadable-arrival'", name, join=joins, where=is_unreadable)
        elif reason != "arrived":
            readings.rejects.add(source.kind, reason, count=int(count))
