"""What stands in a cell of a file, whatever its format, and how it is kept between reading and understanding.

CSV knows texts only. Spreadsheets and Parquet know numbers, truths, days, times and lists too; a time with a zone is an instant, one
without is local to a zone that the import says. Cells are kept as JSON, where the last four are objects with one key.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

Cell = None | bool | int | float | str | list[str] | dict[str, str]
DAY, LOCAL, INSTANT, ERROR = "day", "local", "instant", "error"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    number: as a spreadsheet shows it: the header is row 1 where there is one.
    fault:  why it cannot be used, as (reason, detail); its cells are then what could be read of it.
    """

    number: int
    cells: Sequence[Cell]
    fault: tuple[str, str] | None = None


def cell_of(value: Any) -> Cell:
    """Return a value of a spreadsheet or a Parquet file as a cell.

    >>> cell_of(datetime(2026, 3, 1, 9, 30)), cell_of(date(2026, 3, 1)), cell_of(2.0), cell_of(float("nan"))
    ({'local': '2026-03-01T09:30:00'}, {'day': '2026-03-01'}, 2, None)
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            if not math.isfinite(value):
                return None
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        case datetime() if value.tzinfo is not None:
            return {INSTANT: value.astimezone(UTC).isoformat()}
        case datetime():
            return {LOCAL: value.isoformat()}
        case date():
            return {DAY: value.isoformat()}
        case list() | tuple():
            return [str(one) for one in value if one is not None]
        case _:
            return str(value)


def cell_text(cell: Cell) -> str:
    """Return a cell as it would stand in a CSV file.

    >>> cell_text({"local": "2026-03-01T09:30:00"}), cell_text(True), cell_text(["a", "b"]), cell_text(None)
    ('2026-03-01T09:30:00', 'true', 'a;b', '')
    """
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case list():
            return ";".join(cell)
        case dict():
            return next(iter(cell.values()), "")
        case _:
            return str(cell)


def is_empty(cell: Cell) -> bool:
    """Return whether nothing stands in a cell.

    >>> is_empty("  "), is_empty(0), is_empty([])
    (True, False, True)
    """
    return cell is None or cell == [] or (isinstance(cell, str) and not cell.strip())


def find_bad_sign(cells: Sequence[Cell]) -> tuple[str, str] | None:
    """Return why no database can keep one of the cells: a byte that is no text in this encoding, or NUL."""
    text = "\x1f".join(cell if isinstance(cell, str) else "" for cell in cells)
    if text.isascii() and "\0" not in text:
        return None
    if "\0" in text:
        return "bad-sign", "There is a NUL byte in the row."
    if any("\udc80" <= sign <= "\udcff" for sign in text):
        byte = next(ord(sign) - 0xDC00 for sign in text if "\udc80" <= sign <= "\udcff")
        return (
            "bad-sign",
            f"The byte 0x{byte:02X} is no text in this encoding. Choose another encoding, or mend the row.",
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "bad-sign", "There is half of a sign in the row (a lone surrogate)."
    return None
