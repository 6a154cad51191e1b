"""In which encoding a text file is written.

A mark at the beginning settles it; else a file that is UTF-8 from end to end is UTF-8 (nothing else looks like it by chance); else a
library compares how well the text reads. A few bad bytes in a file full of good UTF-8 are bad rows and not another encoding.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "Windows, Western (cp1252)",
    "cp1250": "Windows, Central European (cp1250)",
    "cp1251": "Windows, Cyrillic (cp1251)",
    "cp1253": "Windows, Greek (cp1253)",
    "cp1254": "Windows, Turkish (cp1254)",
    "iso8859-15": "Latin 9 (iso-8859-15)",
    "mac_roman": "Mac OS Roman",
    "cp850": "DOS, Western (cp850)",
    "cp932": "Japanese (Shift-JIS)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "cp949": "Korean (cp949)",
}
"""Encodings that may be chosen, with what people call them."""
_GUESSED = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030", "big5", "cp949", "mac_roman"]
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHUNK = 1 << 20
_SAMPLE_BYTES = 40_000
_ESCAPED = re.compile("[\udc80-\udcff]")
_BAD_BYTES_IN = 20
"""One bad byte in so many signs beyond ASCII is still UTF-8."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """name: for Python. mark: bytes at the beginning that are no text. note: what somebody should know, or empty."""

    name: str
    mark: bytes = b""
    note: str = ""


def find_mark(path: Path) -> bytes:
    """Return the byte order mark at the beginning of a file, or nothing."""
    with path.open("rb") as file:
        head = file.read(4)
    return next((mark for mark, _ in _MARKS if head.startswith(mark)), b"")


def detect_encoding(path: Path) -> Encoding:
    """Return the encoding of a text file, looking at all of it."""
    mark = find_mark(path)
    if mark:
        return Encoding(next(name for one, name in _MARKS if one == mark), mark)
    with path.open("rb") as file:
        head = file.read(4096)
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros.count(0) * 3 > len(head):
            return Encoding(name)
    good, bad, first_line, sample = _count_utf8(path)
    if not bad:
        return Encoding("utf-8")
    if bad * _BAD_BYTES_IN <= good:
        return Encoding(
            "utf-8", note=f"{bad:,} bytes are not UTF-8, the first in line {first_line:,}; such rows are refused."
        )
    return Encoding(_compare(sample))


def _count_utf8(path: Path) -> tuple[int, int, int, bytes]:
    """Return how many signs beyond ASCII are good UTF-8, how many bytes are not, the line of the first, and lines with such signs."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = lines = first_line = 0
    sample = bytearray()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if not chunk.isascii():
                if len(sample) < _SAMPLE_BYTES:
                    sample += b"\n".join(line for line in chunk.splitlines() if not line.isascii())[:_SAMPLE_BYTES]
                good += len(text) - len(text.encode("ascii", "ignore"))
            if found := _ESCAPED.search(text):
                first_line = first_line or lines + text.count("\n", 0, found.start()) + 1
                escaped = len(_ESCAPED.findall(text))
                bad += escaped
                good -= escaped
            lines += text.count("\n")
    rest = len(_ESCAPED.findall(decoder.decode(b"", final=True)))
    return good, bad + rest, first_line or (lines + 1 if rest else 0), bytes(sample)


def _compare(sample: bytes) -> str:
    """Return the encoding in which the lines read best; the Western one of Windows where nothing stands out."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_GUESSED), enable_fallback=False).best()
    return best.encoding if best is not None and best.encoding in ENCODINGS else "cp1252"
