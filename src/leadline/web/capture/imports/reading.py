"""The first look at a whole file: its rows are kept, and all its values say how dates and numbers are written."""

import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from leadline.web.capture.imports.cells import Row
from leadline.web.capture.imports.detection import Detected, read_rows
from leadline.web.capture.imports.guesses import Column
from leadline.web.capture.imports.kept_rows import digest_of, encode_row
from leadline.web.capture.imports.seen import Seen
from leadline.web.capture.imports.storing import rows_path, upload_path
from leadline.web.capture.imports.values import Reading, Votes

_AT_ONCE = 500
Kind = Literal["date", "number"]
_KINDS: tuple[Kind, ...] = ("date", "number")


class FileReading:
    """Reads a file in stretches, so that other work can go on between them. After a crash it is read from the beginning.

    Raises, from `read_on`:
        CannotImportError: the file cannot be read further.
    """

    def __init__(self, stored_as: str, detected: Detected, *, finds_twins: bool) -> None:
        self._half = rows_path(stored_as).with_suffix(f".{os.getpid()}.half")
        self._whole = rows_path(stored_as)
        self._twins = self._half.with_suffix(".twins") if finds_twins else None
        self._rows: Iterator[Row] = read_rows(upload_path(stored_as), detected)
        self._votes = {kind: [Votes(kind) for _ in detected.names] for kind in _KINDS}
        self._names = detected.names
        self.rows_read = 0
        for path in (self._half, self._twins):
            if path is not None:
                path.unlink(missing_ok=True)

    def read_on(self, until: float) -> bool:
        """Read until a moment of the monotonic clock; return whether the whole file is read, and its rows are kept."""
        with self._half.open("ab") as file:
            while time.monotonic() < until:
                if not self._read_some(file.write):
                    file.flush()
                    os.fsync(file.fileno())
                    break
            else:
                return False
        self._half.replace(self._whole)
        if self._twins is not None:
            self._twins.unlink(missing_ok=True)
        return True

    def _read_some(self, write: Any) -> bool:
        """Read some rows; return whether there may be more."""
        some = list(islice(self._rows, _AT_ONCE))
        twins = self._count_twins(some, self._twins) if self._twins else [0] * len(some)
        for row, twin in zip(some, twins, strict=True):
            write(encode_row(row, twin))
            if row.fault is None:
                for kind in _KINDS:
                    for votes, cell in zip(self._votes[kind], row.cells, strict=True):
                        if isinstance(cell, str):
                            votes.look_at(cell)
        self.rows_read += len(some)
        return len(some) == _AT_ONCE

    @staticmethod
    def _count_twins(rows: list[Row], path: Path) -> list[int]:
        counts = []
        with Seen(path) as seen:
            for row in rows:
                key = b"" if row.fault else digest_of(row.cells)
                counts.append(seen.count_before(key, row.number) if key else 0)
                if key:
                    seen.note(key, row.number)
        return counts

    def votes(self) -> dict[str, dict[str, list[Any]]]:
        """Return what the columns said, as it is kept: by column and kind the counts, where there are any."""
        found: dict[str, dict[str, list[Any]]] = {}
        for kind in _KINDS:
            for name, votes in zip(self._names, self._votes[kind], strict=True):
                if votes.first or votes.second or votes.either:
                    found.setdefault(name, {})[kind] = [votes.first, votes.second, votes.either, votes.example]
        return found


def votes_of(kept: dict[str, Any], name: str, column: Column, *, is_time: bool) -> Votes | None:
    """Return what a column said about how it is read, where its type makes that matter."""
    kind: Kind = "date" if column.type == "date" or is_time else "number"
    if column.type not in ("date", "number") and not is_time:
        return None
    said = kept.get(name, {}).get(kind)
    return Votes(kind, *said) if said else None


def settle(column: Column, votes: Votes | None) -> tuple[Column, bool]:
    """Return a column with the reading that its values decided, and whether somebody has to be asked."""
    if votes is None:
        return column, False
    if column.reading in votes.readings:
        return column, False
    reading: Reading = votes.decided
    return Column(column.field, column.type, reading), votes.is_open
