"""What was left out of a run, why, and how often: the counterpart of "nothing is dropped silently".

Readers and cleaners share one `Rejects`. Counts are always exact; of each reason only the first rows are kept as
examples, so that a file of ten million bad rows does not fill the memory. Reasons are a closed list with stable codes,
`REASONS`; scripts may rely on the codes, the sentences may change.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from leadline.engine.inputs.formula_cells import quote_formula

Effect = Literal["row", "value", "told", "assumed"]
"""What becomes of it: the *row* is left out, the *value* is unknown, it is rightly not counted and only *told*, or it counts,
and something about it is *assumed*."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was left out.

    effect:   whether a row or a value is missing now, or nothing is.
    sentence: what it means, for people.
    """

    effect: Effect
    sentence: str

    @property
    def is_missing(self) -> bool:
        """Whether a row or a value is missing for it."""
        return self.effect in ("row", "value")


REASONS: dict[str, Reason] = {
    # how the file is written
    "short-row": Reason("row", "The row has fewer cells than the header."),
    "long-row": Reason(
        "row", "The row has more cells than the header: perhaps a separator inside a cell without quotes."
    ),
    "bad-quote": Reason(
        "row", "After the quote that ends a cell there is more text; a quote inside a cell is written twice."
    ),
    "nul-character": Reason("row", "The row contains the character NUL, which no text has."),
    "unreadable-json": Reason("row", "The line is not one JSON object."),
    "not-finite-json": Reason("row", "The line contains NaN or Infinity, which JSON does not have."),
    # what the rows say
    "missing-id": Reason("row", "The row does not say whom or what it is about."),
    "missing-name": Reason("row", "The row does not say which event, field or outcome it is."),
    "differing-duplicate": Reason("row", "Two rows with this id differ, so both are left out."),
    "unreadable-date": Reason("row", "The time is not an ISO 8601 date or time, such as 2026-03-01T10:30:00Z."),
    "date-out-of-range": Reason("row", "The time lies outside the years 1900 to 2200."),
    "unknown-lead": Reason("row", "No row among the leads has this id."),
    "unknown-company": Reason("row", "No row among the companies has this id."),
    # single values
    "value-does-not-fit": Reason("value", "The value does not fit the type of its column, and is unknown."),
    "not-finite": Reason("value", "The number is NaN, infinite or too large, and is unknown."),
    # told, not bad
    "duplicate-row": Reason("told", "The same row stands there twice; it counts once."),
    "duplicate-event": Reason("told", "Another row has the same event_id; the event counts once."),
    "after-as-of": Reason("told", "It happened after the moment of the assessment."),
    "undated": Reason("told", "It has no time, so it says nothing about a moment."),
    "bot": Reason("told", "The event was made by a bot."),
    # when it arrived, where only what was known then is asked for
    "arrived-later": Reason(
        "told", "It had happened by the moment of the assessment, and was received or recorded after it."
    ),
    "no-arrival": Reason(
        "assumed",
        "It does not say when it was received, recorded or created: it counts from when it happened, a lead's columns always.",
    ),
    "unreadable-arrival": Reason(
        "assumed",
        "When it was received, recorded or created cannot be read: it counts from when it happened, a lead's columns always.",
    ),
}

_COLUMNS = ("table", "file", "row", "id", "column", "found", "reason", "message")
_LONGEST_FOUND = 200


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One example of what was left out.

    row:       the number of the row as a spreadsheet or an editor shows it; None when it has none.
    record_id: the lead, company or event it speaks of, as far as it could be read.
    column:    the column that is wrong, or "".
    found:     what stands there, shortened.
    """

    row: int | None
    record_id: str
    column: str
    found: str


@dataclass(frozen=True, slots=True)
class _Source:
    file: str
    count_rows: Callable[[], int]


class Rejects:
    """Collects what is left out.

    >>> rejects = Rejects()
    >>> rejects.name_source("events", "data/events.csv", lambda: 60_000)
    >>> rejects.add("events", "unreadable-date", row=17, column="occurred_at", found="2015-2-02")
    >>> rejects.add("events", "bot", count=40)
    >>> rejects.summary(see="rejects.csv")
    ['events.csv: 1 of 60,000 rows left out: 1 unreadable-date; 40 not counted: 40 bot (see rejects.csv)']
    """

    def __init__(self, limit: int = 1000) -> None:
        """Keep at most *limit* rows of each table and reason as examples."""
        self.limit = limit
        self._counts: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[str, str], list[RejectedRow]] = {}
        self._sources: dict[str, _Source] = {}

    def name_source(self, table: str, file: str, count_rows: Callable[[], int]) -> None:
        """Say where a table comes from; *count_rows*, asked only for a summary, counts all rows of the file."""
        self._sources[table] = _Source(file, count_rows)

    def add(
        self,
        table: str,
        reason: str,
        *,
        row: int | None = None,
        record_id: str | None = None,
        column: str = "",
        found: str | None = "",
        count: int = 1,
    ) -> None:
        """Count something that is left out; with a *count* above 1 it stands for so many rows.

        Raises:
            KeyError: the reason is none of `REASONS`.
        """
        if reason not in REASONS:
            raise KeyError(reason)
        key = (table, reason)
        self._counts[key] = self._counts.get(key, 0) + count
        rows = self._rows.setdefault(key, [])
        is_example = row is not None or bool(record_id) or bool(column) or bool(found)
        if is_example and len(rows) < self.limit:
            rows.append(RejectedRow(row, _shorten(record_id or ""), column, _shorten(found or "")))

    def count(self, table: str | None = None, reason: str | None = None) -> int:
        """Return how many were left out, of one table, for one reason, or in all."""
        return sum(
            number
            for (of_table, of_reason), number in self._counts.items()
            if table in (None, of_table) and reason in (None, of_reason)
        )

    def counts(self) -> dict[tuple[str, str], int]:
        """Return the exact numbers by table and reason, in a stable order."""
        order = list(REASONS)
        return dict(sorted(self._counts.items(), key=lambda item: (item[0][0], order.index(item[0][1]))))

    def rows(self, table: str, reason: str) -> tuple[RejectedRow, ...]:
        """Return the examples kept."""
        return tuple(self._rows.get((table, reason), ()))

    def settle(self) -> None:
        """Count the rows of the files that a summary will name, while they can be asked; for when the engine is closed before."""
        for table in {
            table for table, reason in self._counts if REASONS[reason].effect == "row"
        } & self._sources.keys():
            rows = self._sources[table].count_rows()
            self._sources[table] = _Source(self._sources[table].file, lambda rows=rows: rows)  # type: ignore[misc]

    def __bool__(self) -> bool:
        """Whether anything was left out or told."""
        return bool(self._counts)

    def summary(self, see: str = "") -> list[str]:
        """Return one line for each table of which something was left out; *see* names the file of rejects."""
        lines = []
        for table in dict.fromkeys(table for table, _ in self.counts()):
            parts = [part for effect in get_args(Effect) if (part := self._part(table, effect))]
            source = self._sources.get(table)
            name = Path(source.file).name if source else table
            lines.append(f"{name}: {'; '.join(parts)}" + (f" (see {see})" if see else ""))
        return lines

    def _part(self, table: str, effect: str) -> str:
        """Return what a summary says about one effect, or nothing."""
        numbers = {
            reason: number
            for (of_table, reason), number in self.counts().items()
            if of_table == table and REASONS[reason].effect == effect
        }
        if not numbers:
            return ""
        by_size = sorted(numbers.items(), key=lambda item: -item[1])
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in by_size)
        total = sum(numbers.values())
        if effect == "row":
            source = self._sources.get(table)
            of_all = f" of {source.count_rows():,} rows" if source else " rows" if total != 1 else " row"
            return f"{total:,}{of_all} left out: {reasons}"
        if effect == "value":
            return f"{total:,} value{'s' if total != 1 else ''} unknown: {reasons}"
        if effect == "told":
            return f"{total:,} not counted: {reasons}"
        return f"{total:,} taken as known at once: {reasons}"

    def write(self, path: str | Path) -> None:
        """Write the examples as CSV that is safe in a spreadsheet; what is not listed is counted."""
        with Path(path).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows(self._lines())

    def _lines(self) -> Iterable[list[str]]:
        for (table, reason), number in self.counts().items():
            source = self._sources.get(table)
            rows = self._rows[table, reason]
            sentence = REASONS[reason].sentence
            begin = [table, source.file if source else ""]
            for row in rows:
                place = ["" if row.row is None else str(row.row), row.record_id, row.column, row.found]
                yield [quote_formula(cell) for cell in (*begin, *place, reason, sentence)]
            if number > len(rows):
                more = f"{number - len(rows):,} {'more ' if rows else ''}not listed here. {sentence}"
                yield [quote_formula(cell) for cell in (*begin, "", "", "", "", reason, more)]


def _shorten(text: str) -> str:
    """Return a text that fits a cell, with what cannot be seen written out."""
    shown = text if len(text) <= _LONGEST_FOUND else text[:_LONGEST_FOUND] + "…"
    return shown.replace("\x00", "\\0")
