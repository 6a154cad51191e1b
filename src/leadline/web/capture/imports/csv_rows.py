"""Rows of a CSV file, one after another, whatever has become of its quotes.

A quote that is never closed would swallow all that follows. Here it costs one line: that line is a row with a fault, and reading goes on
with the next. What follows a header (how many cells a row should have) is not known here; see `detection`.
"""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leadline.web.capture.imports.cells import Row, find_bad_sign
from leadline.web.capture.imports.file_kinds import CannotImportError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
LONGEST_LINE = 1_000_000
_MOST_OPEN_QUOTES = 10_000
_SAMPLE_SIGNS = 200_000
_SAMPLE_ROWS = 200
_SAID = re.compile(r'"?sep=(.)"?\r?\n?')
"""The line by which Excel says the delimiter of a file."""


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[io.TextIOBase]:
    """Open a text file behind its mark. Bytes that are no text come as lone surrogates, or as U+FFFD from UTF-16."""
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        if file.read(1) != "\ufeff":
            file.seek(0)
        yield file


def detect_delimiter(path: Path, encoding: str) -> str:
    """Return the delimiter: what Excel said in the first line, else the one that cuts most rows into as many cells; a comma if none."""
    with open_text(path, encoding) as file:
        sample = file.read(_SAMPLE_SIGNS)
    if said := _SAID.match(sample):
        return said[1] if said[1] in DELIMITERS else ","
    cut_end = max(sample.rfind("\n"), sample.rfind("\r"))
    whole = sample[: cut_end + 1] if len(sample) == _SAMPLE_SIGNS and cut_end > 0 else sample
    return max(DELIMITERS, key=lambda delimiter: _rate(whole, delimiter))


def _rate(sample: str, delimiter: str) -> tuple[float, int]:
    """Return how well a delimiter cuts a text: the share of rows of the commonest width, then that width."""
    widths: Counter[int] = Counter()
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(cells):
                widths[len(cells)] += 1
            if widths.total() == _SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0, 0
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 1
    width = max(several, key=lambda one: (several[one], one))
    return several[width] / widths.total(), width


def read_csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """Yield every record, blank ones too, numbered from 1.

    Raises:
        CannotImportError: a line never ends, or quotes are open in so many rows that this is no CSV file with this delimiter.
    """
    with open_text(path, encoding) as file:
        lines = _Lines(file)
        records = csv.reader(lines, delimiter=delimiter, strict=True)
        number = open_quotes = 0
        while True:
            number += 1
            lines.begin_record()
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                open_quotes += 1
                if open_quotes > _MOST_OPEN_QUOTES:
                    raise CannotImportError(
                        f"More than {_MOST_OPEN_QUOTES:,} rows have a quote that is never closed. Is the delimiter right?"
                    ) from error
                yield _open_quote(number, lines, delimiter)
                continue
            if number == 1 and _SAID.fullmatch("".join(lines.taken)):
                yield Row(1, [])
                continue
            fault = find_bad_sign(cells)
            if fault is None and encoding.startswith("utf-16") and any("\ufffd" in cell for cell in cells):
                fault = "bad-sign", "Some bytes of the row are no text in this encoding."
            yield Row(number, cells, fault)


def _open_quote(number: int, lines: "_Lines", delimiter: str) -> Row:
    """Return the line in which a record went wrong as a row with a fault, and give back the lines behind it."""
    first, *others = lines.taken
    lines.give_back(others)
    cells = [cell.strip('"') for cell in first.rstrip("\r\n").split(delimiter)]
    if not others and first.count('"') % 2 == 0:
        return Row(
            number, cells, ("stray-quote", "A quote stands inside a cell. Double it, and put the cell in quotes.")
        )
    return Row(
        number, cells, ("open-quote", "A quote is opened and not closed, or a cell is longer than 131,072 signs.")
    )


class _Lines(Iterable[str]):
    """The lines of a file, of which those of the record in work can be given back."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []

    def begin_record(self) -> None:
        self.taken = []

    def give_back(self, lines: Iterable[str]) -> None:
        self._waiting.extendleft(reversed(list(lines)))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) >= LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise CannotImportError(
                f"A line is longer than {LONGEST_LINE:,} signs. Is this a table with one row a line?"
            )
        self.taken.append(line)
        return line
