"""Text files as bytes that are known to be good: opened, unpacked, in UTF-8, in pieces that end with a line.

A file that is not UTF-8 is refused with the line and the byte, because reading it in another encoding would be a guess
that changes names and ids. Whoever reads a text file runs through `read_chunks` first.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from leadline.engine.problems import Problem, ProblemsError

CHUNK_BYTES = 4_000_000
LONGEST_LINE_BYTES = 8_000_000
BOM = b"\xef\xbb\xbf"

_BOMB_BYTES = 1_000_000_000
_BOMB_RATIO = 500
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_SPREADSHEET_HINT = "or save it from the spreadsheet as 'CSV UTF-8'"


def is_packed(path: str) -> bool:
    """Return whether a file is gzip, by its name."""
    return path.lower().endswith(".gz")


def open_bytes(path: str) -> IO[bytes]:
    """Open a file for reading, unpacked."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_packed(path) else Path(path).open("rb")


def refuse(code: str, message: str, file: str, line: int | None = None) -> ProblemsError:
    """Return the error that a file cannot be used."""
    return ProblemsError([Problem(code=code, message=message, file=file, line=line)])


def read_chunks(path: str) -> Iterator[bytes]:
    """Yield a text file in pieces of some megabytes that end with a line feed (but for the last), without a BOM.

    Raises:
        ProblemsError: there is no such file, it is empty, packed wrongly, not UTF-8, or one line never ends.
    """
    try:
        with open_bytes(path) as file:
            yield from _read_open(file, path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refuse("unreadable-table", f"The file cannot be unpacked: {error}. Pack it again.", path) from error
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or error
        raise refuse("unreadable-file", f"The file cannot be opened: {found}.", path) from error


def _read_open(file: IO[bytes], path: str) -> Iterator[bytes]:
    packed_bytes = Path(path).stat().st_size
    total = lines = 0
    while chunk := file.read(CHUNK_BYTES):
        if not chunk.endswith(b"\n"):
            chunk += file.readline(LONGEST_LINE_BYTES)
        if total == 0:
            _refuse_other_encodings(chunk, path)
        _refuse_endless_lines(chunk, path, lines)
        _refuse_other_bytes(chunk, path, total, lines)
        if total == 0 and chunk.startswith(BOM):
            total = len(BOM)
            chunk = chunk[len(BOM) :]
        total += len(chunk)
        lines += chunk.count(b"\n")
        if is_packed(path) and total > _BOMB_BYTES and total > _BOMB_RATIO * packed_bytes:
            message = (
                f"Unpacked, the file is more than {_BOMB_RATIO} times its size. Unpack it yourself if it is right."
            )
            raise refuse("too-large", message, path)
        yield chunk
    if total == 0:
        raise refuse("empty-file", "The file is empty: not even a header. A table without rows still has one.", path)


def _refuse_other_encodings(start: bytes, path: str) -> None:
    for mark, encoding in _OTHER_ENCODINGS.items():
        if start.startswith(mark):
            raise refuse("wrong-encoding", _tell_encoding(f"The file is {encoding}", encoding, path), path, line=1)
    head = start[:2000]
    if len(head) > 3 and head.count(0) * 3 >= len(head):
        raise refuse("wrong-encoding", _tell_encoding("The file looks like UTF-16", "UTF-16LE", path), path, line=1)


def _refuse_endless_lines(chunk: bytes, path: str, lines: int) -> None:
    last = len(chunk) - chunk.rfind(b"\n") - 1
    if last >= LONGEST_LINE_BYTES:
        message = (
            f"A line is longer than {LONGEST_LINE_BYTES // 1_000_000} MB. Is this a text file with one row a line?"
        )
        raise refuse("too-large", message, path, line=lines + chunk.count(b"\n") + 1)


def _refuse_other_bytes(chunk: bytes, path: str, total: int, lines: int) -> None:
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError as error:
        line = lines + chunk.count(b"\n", 0, error.start) + 1
        found = f"Byte {total + error.start + 1:,} of the file, 0x{chunk[error.start]:02X}, is not UTF-8"
        raise refuse("wrong-encoding", _tell_encoding(found, "CP1252", path), path, line=line) from error


def _tell_encoding(found: str, encoding: str, path: str) -> str:
    name = Path(path).name
    unpacked = name[:-3] if is_packed(path) else name
    read = f"gunzip -c {name} | iconv" if is_packed(path) else "iconv"
    source = "" if is_packed(path) else f" {name}"
    return f"{found}. Convert it: {read} -f {encoding} -t UTF-8{source} > utf8-{unpacked}, {_SPREADSHEET_HINT}."
