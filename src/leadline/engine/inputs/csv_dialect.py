"""How a CSV file is written, and whether it is written so plainly that a fast reader cannot misread it.

One pass over the bytes finds the delimiter and the header and looks for anything that two CSV readers may understand
differently: blank lines, mixed line ends, spaces beside quotes, rows that end in a delimiter too many. Such a file is
*odd*; it is still read, but by the careful reader in `leadline.engine.inputs.csv_files`.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from leadline.engine.inputs.source import REQUIRED, TableName
from leadline.engine.inputs.text_files import read_chunks, refuse

DELIMITERS = (",", ";", "\t", "|")
_LINE_ENDS = (b"", b"\r")
_SPACE_AND_QUOTE = (b' "', b'" ')
_TAB_AND_QUOTE = (b'\t"', b'"\t')


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvDialect:
    """How a file is written.

    delimiter:       what stands between two cells, found in the header line.
    skips_spaces:    the header puts a space behind its first delimiter, so such spaces belong to no cell.
    header:          the names of the columns.
    is_odd:          something stands in the file that readers understand differently.
    has_quotes:      some cell is quoted, so that a row may have several lines.
    has_quoted_ends: a line with a quote ends in an empty cell; odd too, but only if rows have several lines.
    has_nul:         the character NUL occurs.
    line_count:      lines that are not blank at the end of the file, the header included.
    """

    delimiter: str
    skips_spaces: bool
    header: tuple[str, ...]
    is_odd: bool
    has_quotes: bool
    has_quoted_ends: bool
    has_nul: bool
    line_count: int


def read_dialect(path: str, kind: TableName) -> CsvDialect:
    """Return how a CSV file is written.

    Raises:
        ProblemsError: the file cannot be read as text, or has no header.
    """
    chunks = read_chunks(path)
    first = next(chunks)
    delimiter, skips_spaces, header = _read_header(first.decode("utf-8"), path, kind)
    oddities = _Oddities(delimiter, len(header))
    oddities.look_at(first)
    for chunk in chunks:
        oddities.look_at(chunk)
    return CsvDialect(
        delimiter=delimiter,
        skips_spaces=skips_spaces,
        header=header,
        is_odd=skips_spaces or oddities.are_found(),
        has_quotes=oddities.has_quotes,
        has_quoted_ends=oddities.has_quoted_ends,
        has_nul=oddities.has_nul,
        line_count=oddities.count_lines(),
    )


def _read_header(text: str, path: str, kind: TableName) -> tuple[str, bool, tuple[str, ...]]:
    """Return the delimiter, whether spaces behind it are dropped, and the names.

    The delimiter is the one with which the header has the most columns that this table needs, then the most columns.
    """
    needed = {name for group in REQUIRED[kind] for name in group}
    found = {delimiter: cells for delimiter in DELIMITERS if (cells := _find_first_record(text, delimiter, True))}
    if not found and not text.strip("\r\n"):
        raise refuse("empty-file", "The file has only blank lines: not even a header.", path)
    delimiter = max(DELIMITERS, key=lambda each: _rate(found.get(each, ()), needed))
    has_stray_quote = any('"' in cell for cell in found.get(delimiter, ()))
    if not found or (has_stray_quote and len(found) < len(DELIMITERS) and not _rate(found[delimiter], needed)[0]):
        message = "A quote in the header is not followed by a separator, or is never closed."
        raise refuse("unbalanced-quote", message, path, line=1)
    as_written = _find_first_record(text, delimiter, False) or found[delimiter]
    skips_spaces = len(as_written) > 1 and as_written[1].startswith(" ")
    cells = found[delimiter] if skips_spaces else as_written
    return delimiter, skips_spaces, tuple(cell.strip() for cell in cells)


def _rate(cells: Sequence[str], needed: set[str]) -> tuple[int, int]:
    """Return how well a delimiter cuts the header: columns that are needed, then columns."""
    return len(needed & {cell.strip() for cell in cells}), len(cells)


def _find_first_record(text: str, delimiter: str, skips_spaces: bool) -> list[str] | None:
    """Return the cells of the first record that is not blank, or None when it cannot be read."""
    lines = io.StringIO(text, newline="")
    try:
        return next(
            filter(None, csv.reader(lines, delimiter=delimiter, skipinitialspace=skips_spaces, strict=True)), None
        )
    except csv.Error:
        return None


class _Oddities:
    """Looks at a file piece by piece for what readers understand differently."""

    def __init__(self, delimiter: str, width: int) -> None:
        mark = re.escape(delimiter.encode())
        self._delimiter = delimiter.encode()
        self._width = width
        self._beside_quote = re.compile(rb"(?:" + mark + rb'|[\r\n])[ \t]+"|"[ \t]+(?:' + mark + rb"|[\r\n\"]|\Z)")
        self._spaces_first = re.compile(rb'[ \t]+"')
        self._feeds = self._pairs = self._returns = 0
        self._has_returns = False
        self._blank_end = 0
        self._ends_open = False
        self._is_odd = False
        self.has_quotes = False
        self.has_quoted_ends = False
        self.has_nul = False

    def look_at(self, chunk: bytes) -> None:
        """Look at the next piece, which ends with a line feed or with the file."""
        feeds = chunk.count(b"\n")
        self._feeds += feeds
        self._has_returns = b"\r" in chunk  # one byte is sought ten times as fast as two
        if self._has_returns:
            self._pairs += chunk.count(b"\r\n")
            self._returns += chunk.count(b"\r")
        self._ends_open = not chunk.endswith(b"\n")
        self.has_nul = self.has_nul or b"\0" in chunk
        self._look_for_blank_lines(chunk)
        if not self._is_odd and b'"' in chunk:
            self.has_quotes = True
            self._is_odd = self._has_spaces_beside_quotes(chunk)
        if not self._is_odd:
            self._is_odd = self._has_delimiter_too_many(chunk)

    def are_found(self) -> bool:
        """Whether anything was odd."""
        return self._is_odd or self.has_nul or self._pairs not in (0, self._feeds) or self._returns != self._pairs

    def count_lines(self) -> int:
        """Return how many lines the file has up to the last that is not blank."""
        return self._feeds - self._blank_end + self._ends_open

    def _look_for_blank_lines(self, chunk: bytes) -> None:
        body = chunk.rstrip(b"\r\n")
        if body and (self._blank_end or body[:1] in b"\r\n" or self._has_blank_line(body)):
            self._is_odd = True
        blank = chunk.count(b"\n", len(body)) - (1 if body else 0)
        self._blank_end = max(0, blank) if body else self._blank_end + blank
        if self._blank_end and self._width == 1:
            self._is_odd = True

    def _has_blank_line(self, body: bytes) -> bool:
        return b"\n\n" in body or (self._has_returns and b"\n\r\n" in body)

    def _has_spaces_beside_quotes(self, chunk: bytes) -> bool:
        """Whether a cell may begin or end with spaces outside its quotes: one reader drops them."""
        pairs = _SPACE_AND_QUOTE + (_TAB_AND_QUOTE if b"\t" in chunk else ())
        if not any(pair in chunk for pair in pairs):
            return False
        return bool(self._beside_quote.search(chunk) or self._spaces_first.match(chunk))

    def _has_delimiter_too_many(self, chunk: bytes) -> bool:
        """Whether some line ends in a delimiter though it has all its cells: DuckDB would drop what is too much."""
        cells = (b"", b'""') if b'"' in chunk else (b"",)
        line_ends = tuple(self._delimiter + cell + end for cell in cells for end in _LINE_ENDS[: 1 + self._has_returns])
        if not any(end + b"\n" in chunk for end in line_ends) and not chunk.endswith(line_ends):
            return False
        lines = [line for line in chunk.split(b"\n") if line.endswith(line_ends)]
        self.has_quoted_ends = self.has_quoted_ends or any(b'"' in line for line in lines)
        return any(self._count_cells(line) != self._width for line in lines)

    def _count_cells(self, line: bytes) -> int:
        if b'"' not in line:
            return line.count(self._delimiter) + 1
        try:
            return len(next(csv.reader([line.decode("utf-8")], delimiter=self._delimiter.decode())))
        except csv.Error:
            return 0
