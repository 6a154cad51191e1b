"""What a file is, told by what stands in it and not by its name; and what to do with one that cannot be imported."""

import zipfile
from pathlib import Path
from typing import Literal

Format = Literal["csv", "xlsx", "parquet"]
_HEAD = 4096
_MOST_UNPACKED_BYTES = 2_000_000_000
_MOST_SHARED_BYTES = 300_000_000


class CannotImportError(Exception):
    """A file, or a choice about it, with which no import can be made. The message says what was found and what to do."""


def find_format(path: Path) -> Format:
    """Return what a file is.

    Raises:
        CannotImportError: it is something else; says how to make a file of it that can be imported.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise CannotImportError("The file is empty: 0 bytes. Export it again, with a line of column names.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_workbook(path)
        return "xlsx"
    if head.startswith(b"PAR1"):
        return "parquet"
    if reason := _find_refusal(head):
        raise CannotImportError(reason)
    return "csv"


def _find_refusal(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, reason in {
        b"\xd0\xcf\x11\xe0": "This is an Excel file of before 2007, or has a password. Save it as .xlsx without a password, or as CSV.",
        b"\x1f\x8b": "This file is packed (gzip). Unpack it and upload what is inside.",
        b"%pdf": "This is a PDF. Export the table as CSV or .xlsx.",
    }.items():
        if head.lower().startswith(mark):
            return reason
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return (
            "This is a web page or XML, whatever its name says. Open it in a spreadsheet and save it as .xlsx or CSV."
        )
    if start.startswith((b"{", b"[{")):
        return "This is JSON. Export the table as CSV, .xlsx or Parquet."
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and _looks_binary(head):
        return "This is neither text nor a spreadsheet nor Parquet. Export the table as CSV, .xlsx or Parquet."
    return ""


def _looks_binary(head: bytes) -> bool:
    """Whether there are signs that no text has. UTF-16 without a mark is full of NUL, in every other byte."""
    if head[0::2].count(0) * 3 > len(head) or head[1::2].count(0) * 3 > len(head):
        return False
    controls = sum(head.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13, 26, 27))
    return controls * 20 > len(head)


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = {info.filename: info.file_size for info in packed.infolist()}
    except zipfile.BadZipFile as error:
        raise CannotImportError("The file is damaged: it begins like an .xlsx file but cannot be unpacked.") from error
    if "xl/workbook.xml" not in sizes:
        if "content.xml" in sizes:
            raise CannotImportError("This is an OpenDocument spreadsheet. Save it as .xlsx or CSV.")
        raise CannotImportError("This is a ZIP archive. Unpack it and upload the table that is inside.")
    if sum(sizes.values()) > _MOST_UNPACKED_BYTES or sizes.get("xl/sharedStrings.xml", 0) > _MOST_SHARED_BYTES:
        raise CannotImportError("Unpacked, this .xlsx file is too large to be read. Save the sheet as CSV.")
