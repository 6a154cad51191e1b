"""What a file is and how it is written, as found or as somebody set it; and its rows behind the names of the columns.

A row is *blank* when all its cells are empty; blank rows are no rows. In a CSV file every row has to have as many cells as there are names
(more, if those are empty): one that has not is a row with a fault, since nobody can say which cell is missing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from leadline.engine.inputs.formula_cells import unquote_formula
from leadline.engine.inputs.parquet_rows import read_parquet_names, read_parquet_rows
from leadline.engine.problems import ProblemsError
from leadline.web.capture.imports.cells import Row, cell_of, cell_text, find_bad_sign, is_empty
from leadline.web.capture.imports.csv_rows import DELIMITERS, detect_delimiter, read_csv_rows
from leadline.web.capture.imports.encodings import ENCODINGS, detect_encoding
from leadline.web.capture.imports.file_kinds import CannotImportError, Format, find_format
from leadline.web.capture.imports.refused_columns import are_of_refused_rows
from leadline.web.capture.imports.sheet_rows import read_sheet_names, read_sheet_rows

MOST_COLUMNS = 1_000
_LOOKED_AT = 50
_NEVER_A_NAME = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\d{4}-\d\d-\d\d.*")
_SELDOM_A_NAME = re.compile(r"[-+]?\d+([.,]\d+)*|true|false", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """How a file is written.

    format:     csv, xlsx or parquet.
    encoding, delimiter: of CSV.   sheet, sheets: of .xlsx: the one that is read, and all.
    header_row: in which row the names of the columns stand; 0 where the file has none.
    names:      of the columns, each once; those without a name are called ``column 3``.
    notes:      what somebody should know before going on.
    """

    format: Format
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 1
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept with the import."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Detected":
        """Return what `to_json` kept."""
        lists = {name: tuple(kept.get(name) or ()) for name in ("sheets", "names", "notes")}
        return cls(**{**kept, **lists})

    @property
    def delimiter_name(self) -> str:
        """What people call the delimiter."""
        return DELIMITERS.get(self.delimiter, self.delimiter)

    @property
    def encoding_name(self) -> str:
        """What people call the encoding."""
        return ENCODINGS.get(self.encoding, self.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What somebody set otherwise than it was found; None and empty keep what is found."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int | None = None


def detect(path: Path, chosen: Chosen | None = None) -> Detected:
    """Return how a file is written.

    Raises:
        CannotImportError: it cannot be imported; says why and what to do.
    """
    chosen = chosen or Chosen()
    found = _detect_format(path, chosen)
    first = list(islice(_read_all(path, found), _LOOKED_AT))
    filled = [row for row in first if any(not is_empty(cell) for cell in row.cells)]
    if not filled:
        raise CannotImportError(
            "There are no rows in this file" + (f", sheet '{found.sheet}'." if found.sheet else ".")
        )
    if found.format == "parquet":
        return _name_columns(found, read_parquet_names(str(path)))
    header_row = _find_header_row(filled) if chosen.header_row is None else chosen.header_row
    found = replace(found, header_row=header_row)
    if header_row == 0:
        width = max(len(row.cells) for row in filled)
        return _name_columns(found, [""] * width)
    header = next((row for row in first if row.number == header_row), None)
    if header is None or all(is_empty(cell) for cell in header.cells):
        raise CannotImportError(f"Row {header_row} is empty: the names of the columns do not stand there.")
    if header.fault is not None:
        raise CannotImportError(f"The names of the columns in row {header_row} cannot be read. {header.fault[1]}")
    names = [cell_text(cell).strip() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    if are_of_refused_rows(names):
        names = [unquote_formula(name) for name in names]
    return _name_columns(found, names)


def read_rows(path: Path, detected: Detected) -> Iterator[Row]:
    """Yield the rows behind the header that are not blank, each with a cell for every name, or with its fault.

    Raises:
        CannotImportError: the file cannot be read further.
    """
    width = len(detected.names)
    is_csv = detected.format == "csv"
    is_ours = is_csv and are_of_refused_rows(detected.names)
    for row in _read_all(path, detected):
        if row.number <= detected.header_row and detected.format != "parquet":
            continue
        if all(is_empty(cell) for cell in row.cells):
            continue
        if is_ours:
            cells = [unquote_formula(cell) if isinstance(cell, str) else cell for cell in row.cells]
            row = replace(row, cells=cells)
        yield _fit(row, width, is_csv) if len(row.cells) != width else row


def _fit(row: Row, width: int, is_csv: bool) -> Row:
    cells = list(row.cells)
    while len(cells) > width and is_empty(cells[-1]):
        cells.pop()
    if row.fault is not None or len(cells) == width:
        return replace(row, cells=cells)
    if len(cells) > width:
        fault = (
            "long-row",
            f"The row has {len(cells)} cells, but there are {width} columns. Is a cell with a delimiter not in quotes?",
        )
        return replace(row, cells=cells, fault=fault)
    if is_csv:
        fault = "short-row", f"The row has {len(cells)} cells, but there are {width} columns."
        return replace(row, cells=cells, fault=fault)
    return replace(row, cells=cells + [None] * (width - len(cells)))


def _detect_format(path: Path, chosen: Chosen) -> Detected:
    match find_format(path):
        case "csv":
            encoding = detect_encoding(path)
            name = chosen.encoding or encoding.name
            delimiter = chosen.delimiter or detect_delimiter(path, name)
            notes = (encoding.note,) if encoding.note and name == encoding.name else ()
            return Detected(format="csv", encoding=name, delimiter=delimiter, notes=notes)
        case "xlsx":
            sheets = read_sheet_names(path)
            if not sheets:
                raise CannotImportError("There is no sheet with cells in this file.")
            sheet = chosen.sheet or _find_filled_sheet(path, sheets)
            return Detected(format="xlsx", sheet=sheet, sheets=tuple(sheets))
        case "parquet":
            return Detected(format="parquet")


def _find_filled_sheet(path: Path, sheets: Sequence[str]) -> str:
    """Return the first sheet with at least two rows, else the first."""
    for sheet in sheets:
        rows = islice(read_sheet_rows(path, sheet), _LOOKED_AT)
        if sum(any(not is_empty(cell) for cell in row.cells) for row in rows) > 1:
            return sheet
    return sheets[0]


def _read_all(path: Path, found: Detected) -> Iterator[Row]:
    match found.format:
        case "csv":
            yield from read_csv_rows(path, found.encoding, found.delimiter)
        case "xlsx":
            yield from read_sheet_rows(path, found.sheet)
        case "parquet":
            try:
                for number, values in enumerate(read_parquet_rows(str(path)), start=1):
                    cells = [cell_of(value) for value in values]
                    yield Row(number, cells, find_bad_sign(cells))
            except ProblemsError as error:
                raise CannotImportError(error.problems[0].message) from error


def _find_header_row(filled: Sequence[Row]) -> int:
    """Return the first row that is as wide as the others and holds names, or 0 when its cells look like values.

    A title above the table has fewer cells than the table is wide.
    """
    widths = Counter(sum(not is_empty(cell) for cell in row.cells) for row in filled)
    common = max(widths, key=lambda width: (widths[width], width))
    row = next((row for row in filled if sum(not is_empty(cell) for cell in row.cells) * 2 > common), filled[0])
    texts = [cell_text(cell).strip() for cell in row.cells if not is_empty(cell)]
    is_data = any(map(_NEVER_A_NAME.fullmatch, texts)) or sum(
        map(bool, map(_SELDOM_A_NAME.fullmatch, texts))
    ) * 2 > len(texts)
    return 0 if is_data else row.number


def _name_columns(found: Detected, names: Sequence[str]) -> Detected:
    """Give every column a name of its own, and note where that was needed."""
    if len(names) > MOST_COLUMNS:
        raise CannotImportError(f"There are {len(names):,} columns; at most {MOST_COLUMNS:,} can be imported.")
    taken: dict[str, None] = {}
    notes = list(found.notes)
    for position, name in enumerate(names, start=1):
        called = unique = (name or f"column {position}")[:200]
        count = 1
        while unique in taken:
            count += 1
            unique = f"{called} ({count})"
        taken[unique] = None
        if not name and found.header_row:
            notes.append(f"Column {position} has no name; it is called '{unique}' here.")
        elif unique != called:
            notes.append(f"There are several columns '{called}'; column {position} is called '{unique}' here.")
    return replace(found, names=tuple(taken), notes=tuple(notes))
