"""The meaning of one cell of a table, whatever it was stored as.

A cell is a text as in a CSV file, or a typed value as in Parquet. There is one rule for both: *a typed value means what
its text means* (`as_written`). So a number, a date or a list has the same meaning from every kind of file and on every
engine.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_never

from leadline.engine.calendar import Zone
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.expressions.nodes import Value
from leadline.engine.values import (
    find_date_fault,
    is_missing,
    read_boolean,
    read_day,
    read_instant,
    read_list,
    read_number,
    text_key,
)

Cell = str | bool | int | float | Decimal | date | datetime | list["Cell"] | None
Row = Mapping[str, Cell]

ANSWER_PREFIX = "questions."
"""Fields of this prefix hold what a person answered."""

_FIXED_TYPES = {ANSWER_PREFIX: "text", "consent.": "text", "model.": "number"}


class UnfitError(ValueError):
    """A value that cannot be read as what it should be; *reason* is one of those that rejects are counted by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_written(cell: Cell) -> str:
    """Return a cell as text.

    Whole numbers in decimal digits, other numbers in the shortest form that means the same double, truths as ``true``
    and ``false``, dates and times as ISO 8601 (those with an offset in UTC), lists as JSON arrays of texts; nothing is
    the empty text.

    >>> as_written(17), as_written(0.1), as_written(True), as_written(date(2026, 3, 1)), as_written(["a", 2])
    ('17', '0.1', 'true', '2026-03-01', '["a","2"]')
    """
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float() | Decimal():
            return str(cell)
        case datetime():
            moment = cell if cell.tzinfo is None else cell.astimezone(UTC).replace(tzinfo=None)
            return moment.isoformat() + ("" if cell.tzinfo is None else "Z")
        case date():
            return cell.isoformat()
        case list():
            return _compact_json([as_written(entry) for entry in cell if entry is not None])
        case _:
            assert_never(cell)


def canonical_json(row: Row) -> str:
    """Return a row as the text by which rows are compared: a JSON object of its cells as written.

    Columns in the order of their names, missing cells left out, no spaces between the parts, what is not ASCII as it
    is. Two rows are equal when these texts are; the smaller row is that of the smaller text (by code points, which is
    the order of the UTF-8 bytes).

    >>> canonical_json({"b": 1, "a": "x", "c": None, "d": " "})
    '{"a":"x","b":"1"}'
    """
    cells = {name: as_written(cell) for name, cell in row.items()}
    return _compact_json({name: text for name, text in cells.items() if not is_missing(text)})


def _compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fixed_type(field: str) -> FieldSpec | None:
    """Return how the values of a field are read whose name alone says it: answers, consents and models."""
    for prefix, kind in _FIXED_TYPES.items():
        if field.startswith(prefix):
            return FieldSpec(kind)  # type: ignore[arg-type]
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReader:
    """Reads cells. *zone* is the playbook's, where days begin; *naive_zone* that of times without an offset."""

    zone: Zone
    naive_zone: Zone

    def value(self, cell: Cell, spec: FieldSpec, field: str = "") -> Value | None:
        """Return what a cell of *field* is worth in conditions, or None when it is missing.

        Raises:
            UnfitError: it is none of the field's type, or an answer that is no answer.
        """
        text = as_written(cell)
        if is_missing(text) or text_key(text) in {text_key(entry) for entry in spec.missing}:
            return None
        found: Value | None
        match spec.type:
            case "number":
                found = read_number(text)
            case "boolean":
                found = read_boolean(text)
            case "date" | "time":
                found = read_day(text, zone=self.zone, naive_zone=self.naive_zone)
            case "list":
                found = read_list(text, spec.separator)
            case "text" | None:
                found = text_key(text)
                if field.startswith(ANSWER_PREFIX) and found not in ANSWERS:
                    found = None
            case _:
                assert_never(spec.type)
        if found is None:
            raise UnfitError("not-finite" if spec.type == "number" and _is_too_large(text) else "value-does-not-fit")
        return found

    def instant(self, cell: Cell) -> int:
        """Return the instant of a dated row, in microseconds.

        Raises:
            UnfitError: it is missing, no date or time, or outside the years 1900 to 2200.
        """
        text = as_written(cell)
        found = read_instant(text, zone=self.zone, naive_zone=self.naive_zone)
        if found is None:
            raise UnfitError(find_date_fault(text) or "unreadable-date")
        return found


def _is_too_large(text: str) -> bool:
    """Return whether a text is a number, but none that a double can hold."""
    try:
        return not math.isfinite(float(text.replace("_", "?")))
    except ValueError:
        return False
