"""The rows of a file, read once and kept one a line, so that work on them can go on from any row after a crash.

A line is JSON: number, twin, cells, and the fault of a row that cannot be used. Where a line begins is a place in bytes, which an import
keeps with what it has done.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from leadline.web.capture.imports.cells import Cell, Row

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row as it is kept: with how many rows of the same cells stand before it (0 where nobody asked)."""

    row: Row
    twin: int


def encode_row(row: Row, twin: int) -> bytes:
    """Return the line of a row. Bytes that were no text become question marks: the row's fault has told of them."""
    cells = plain_cells(row.cells) if row.fault else row.cells
    return _ENCODER.encode((row.number, twin, cells, row.fault)) + b"\n"


def digest_of(cells: Sequence[Cell]) -> bytes:
    """Return what stands for the cells of a row, 20 bytes."""
    return hashlib.blake2b(_ENCODER.encode(cells), digest_size=20).digest()


def read_part(path: Path, start: int, most: int) -> tuple[list[KeptRow], int]:
    """Return at most so many rows from a place on, and the place behind them."""
    rows: list[KeptRow] = []
    with path.open("rb") as file:
        file.seek(start)
        for _ in range(most):
            line = file.readline()
            if not line:
                break
            number, twin, cells, fault = msgspec.json.decode(line)
            rows.append(KeptRow(Row(number, cells, tuple(fault) if fault else None), twin))
        return rows, file.tell()


def plain_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells in which every sign can be kept: others became question marks."""
    return [
        cell.encode("utf-8", "replace").decode("utf-8").replace("\0", "?") if isinstance(cell, str) else cell
        for cell in cells
    ]
