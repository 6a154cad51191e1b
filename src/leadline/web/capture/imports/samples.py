"""The first rows of a file, kept with its import so that pages can show how they are understood without opening the file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from leadline.web.capture.imports.cells import Cell, Row, cell_text, is_empty
from leadline.web.capture.imports.guesses import Column
from leadline.web.capture.imports.kept_rows import plain_cells
from leadline.web.capture.imports.rows import Refused
from leadline.web.capture.imports.understanding import Reader, Way
from leadline.web.capture.imports.values import shorten

LOOKED_AT = 300
"""Rows that guesses are made from."""
SAMPLE_ROWS = 12
_MOST_SIGNS = 300
_SHOWN_SIGNS = 60


def take_sample(rows: Iterable[Row]) -> list[Row]:
    """Return the first rows, those with a fault too."""
    return list(islice(rows, LOOKED_AT))


def keep_sample(rows: Sequence[Row]) -> list[Any]:
    """Return rows as they are kept; long texts are cut."""
    return [[row.number, [_cut(cell) for cell in plain_cells(row.cells)], row.fault] for row in rows]


def sample_of(kept: Sequence[Any]) -> list[Row]:
    """Return the rows that `keep_sample` kept."""
    return [Row(number, cells, tuple(fault) if fault else None) for number, cells, fault in kept]


def _cut(cell: Cell) -> Cell:
    return shorten(cell, _MOST_SIGNS) if isinstance(cell, str) else cell


def examples_of(rows: Sequence[Row], at: int) -> str:
    """Return what stands in a column, as two or three different examples."""
    texts = [cell_text(row.cells[at]).strip() for row in rows if row.fault is None and not is_empty(row.cells[at])]
    return ", ".join(shorten(text, 28) for text in list(dict.fromkeys(texts))[:3])


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A value as it is understood; or what stands there and what is wrong with it."""

    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as it is understood; *refused* says why it would not be imported."""

    number: int
    cells: tuple[ShownCell, ...]
    refused: str = ""

    @property
    def remark(self) -> str:
        """Why it is refused, where no cell says so already."""
        return "" if any(cell.problem for cell in self.cells) else self.refused


def show_rows(rows: Sequence[Row], way: Way, *, now: datetime) -> tuple[list[str], list[ShownRow]]:
    """Return the columns that are used, and the rows as they are understood."""
    used = {name: column for name, column in way.columns.items() if column.field}
    places = {name: at for at, name in enumerate(way.columns)}
    reader = Reader(way, now=now)
    return list(used), [_show_row(row, used, places, reader, way.zone) for row in rows]


def _show_row(
    row: Row, used: Mapping[str, Column], places: Mapping[str, int], reader: Reader, zone: ZoneInfo
) -> ShownRow:
    if row.fault is not None:
        cells = tuple(
            ShownCell(
                shorten(cell_text(row.cells[places[name]]), _SHOWN_SIGNS) if places[name] < len(row.cells) else ""
            )
            for name in used
        )
        return ShownRow(row.number, cells, row.fault[1])
    values, faults = reader.read_cells(row.cells)
    problems = {fault.column: fault.detail for fault in faults}
    said = reader.read(row)
    shown = tuple(
        ShownCell(_text_of(values.get(column.field), zone), problems.get(name, ""))
        if name not in problems
        else ShownCell(shorten(cell_text(row.cells[places[name]]), _SHOWN_SIGNS), problems[name])
        for name, column in used.items()
    )
    return ShownRow(row.number, shown, said.detail if isinstance(said, Refused) else "")


def _text_of(value: Any, zone: ZoneInfo) -> str:
    """Return a value as it was understood; a moment as the day or time that it is in a zone."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            local = value.astimezone(zone)
            return f"{local.day} {local:%B %Y}" + (f", {local:%H:%M}" if (local.hour, local.minute) != (0, 0) else "")
        case list():
            return " · ".join(map(str, value))
        case _:
            return shorten(str(value), _SHOWN_SIGNS)
