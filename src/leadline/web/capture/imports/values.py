"""How a cell becomes a value: a text, a number, a truth, a day, a time, a list. A text that does not fit is refused, never bent.

Two things cannot be told from one value: whether ``03/04/2026`` is March or April, and whether ``1,234`` is a thousand or a little more
than one. All values of a column vote; where none of them decides, somebody is asked (`Votes.question`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from leadline.engine.values import find_date_fault, read_boolean, read_number
from leadline.web.capture.imports.cells import ERROR, Cell, cell_text

Type = Literal["text", "number", "boolean", "date", "list;", "list,"]
TYPES: dict[Type, str] = {
    "text": "Text",
    "number": "Number",
    "boolean": "Yes or no",
    "date": "Date or time",
    "list;": "List, with ;",
    "list,": "List, with ,",
}
Reading = Literal["", "dmy", "mdy", "point", "comma"]
READINGS: dict[Reading, str] = {
    "dmy": "day first: 03/04 is 3 April",
    "mdy": "month first: 03/04 is 4 March",
    "point": "1,234.5: a point before the fraction",
    "comma": "1.234,5: a comma before the fraction",
}
FIRST_YEAR, LAST_YEAR = 1900, 2200
_MONTHS = {
    name: number
    for number, names in enumerate(
        ["jan", "feb", "mar mär", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"], start=1
    )
    for name in names.split()
}
_CLOCK = r"(?:,?[T ]\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|[+-]\d\d:?\d\d|[+-]\d\d)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _CLOCK)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)" + _CLOCK)
_DAY_NAME = re.compile(r"(?:[A-Za-z]{2,9},?\s+)?(\d{1,2})\.?[- ]([^\W\d]{3,9})\.?,?[- ](\d{4})" + _CLOCK)
_NAME_DAY = re.compile(r"(?:[A-Za-z]{2,9},?\s+)?([^\W\d]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + _CLOCK)
_SECONDS = re.compile(r"[12]\d{9}(\d{3})?(\.\d+)?")
_GROUPED_POINT = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_GROUPED_COMMA = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
_COMMA = re.compile(r"[-+]?\d+(,\d+)?")
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(?!\d))")
_CURRENCY = re.compile(r"^[€$£]\s*|\s*(?:[€$£]|EUR|USD|GBP|CHF)$")


class UnreadableError(ValueError):
    """A cell that does not fit. *reason* is a stable code; the message says what stands there."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def shorten(text: str, most: int = 60) -> str:
    """Return a text as it is shown in a message."""
    return text if len(text) <= most else text[: most - 1] + "…"


# -- texts, truths, lists ---------------------------------------------------------------------------------


def read_text(cell: Cell) -> str:
    """Return a cell as text, without spaces at its ends.

    Raises:
        UnreadableError: the spreadsheet could not compute it.
    """
    if isinstance(cell, dict) and ERROR in cell:
        raise UnreadableError("formula-error", f"The spreadsheet shows {cell[ERROR]} here.")
    return cell_text(cell).strip()


def read_truth(cell: Cell) -> bool:
    """Return yes or no.

    Raises:
        UnreadableError: it is neither.
    """
    if isinstance(cell, bool):
        return cell
    text = read_text(cell)
    found = _WORDS.get(text.lower())
    if found is None:
        found = read_boolean(text)
    if found is None:
        raise UnreadableError("not-a-truth", f"'{shorten(text)}' is neither yes nor no.")
    return found


_WORDS = {"ja": True, "nein": False, "oui": True, "non": False, "sí": True, "si": True, "x": True, "on": True, "off": False,
          "wahr": True, "falsch": False, "vrai": True, "faux": False, "✓": True}  # fmt: skip


def read_texts(cell: Cell, separator: str) -> list[str]:
    """Return a list of texts, each once, in the order of the cell."""
    parts = cell if isinstance(cell, list) else read_text(cell).split(separator)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


# -- numbers ----------------------------------------------------------------------------------------------


def read_amount(cell: Cell, reading: Reading) -> int | float:
    """Return a number; the sign of a currency beside it, and spaces or apostrophes between thousands, are left out.

    >>> read_amount("1.234,50 €", "comma"), read_amount("1,234.50", "point"), read_amount("12 000", "")
    (1234.5, 1234.5, 12000)

    Raises:
        UnreadableError: it is none.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    text = read_text(cell)
    plain = _SPACES.sub("", _CURRENCY.sub("", text).replace("\u2212", "-"))
    if reading == "comma":
        if _GROUPED_COMMA.fullmatch(plain) or _COMMA.fullmatch(plain):
            plain = plain.replace(".", "").replace(",", ".")
        elif "." in plain or "," in plain:
            plain = ""
    elif _GROUPED_POINT.fullmatch(plain):
        plain = plain.replace(",", "")
    number = read_number(plain)
    if number is None:
        raise UnreadableError("not-a-number", f"'{shorten(text)}' is no number.")
    if re.fullmatch(r"[-+]?\d+", plain):
        return int(plain) if len(plain) <= 18 else number
    return number


# -- days and times ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _read_moment(text: str, reading: Reading) -> date | datetime:
    """Return a day, a time without a zone or one with it.

    Raises:
        UnreadableError: it is none of them.
    """
    found = _find_parts(text, reading)
    if found is not None:
        year, month, day, clock = found
        try:
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise UnreadableError(
                    "date-out-of-range", f"'{shorten(text)}': years go from {FIRST_YEAR} to {LAST_YEAR}."
                )
            moment = date(year, month, day)
            return moment if clock[0] is None else _at_clock(moment, clock)
        except UnreadableError:
            raise
        except ValueError as error:
            raise UnreadableError("no-such-date", f"'{shorten(text)}' is no date: {error}.") from error
    if _SECONDS.fullmatch(text):
        whole = text.partition(".")[0]
        return datetime.fromtimestamp(float(text) / (1000 if len(whole) == 13 else 1), tz=UTC)
    reason = find_date_fault(text) or "unreadable-date"
    raise UnreadableError(reason, f"'{shorten(text)}' is no date that can be read. Write it like 2026-03-31.")


def _find_parts(text: str, reading: Reading) -> tuple[int, int, int, tuple[str | None, ...]] | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4]), match.groups()[4:]
    if match := _NUMBERS.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year = year if len(match[4]) == 4 else year + (2000 if year < 69 else 1900)
        day, month = (second, first) if reading == "mdy" else (first, second)
        return year, month, day, match.groups()[4:]
    for pattern, name_at, day_at in ((_DAY_NAME, 2, 1), (_NAME_DAY, 1, 2)):
        match = pattern.fullmatch(text)
        if match and (found := _MONTHS.get(match[name_at][:3].lower())):
            return int(match[3]), found, int(match[day_at]), match.groups()[3:]
    return None


def _at_clock(day: date, clock: tuple[str | None, ...]) -> datetime:
    hour, minute, second, fraction, half, offset = clock
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("hours with am or pm go from 1 to 12")
        hours = hours % 12 + (12 if half[0] in "Pp" else 0)
    micros = int((fraction or "0").ljust(6, "0")[:6])
    local = datetime(day.year, day.month, day.day, hours, int(minute or 0), int(second or 0), micros)  # noqa: DTZ001
    if not offset:
        return local
    if offset in ("Z", "UTC"):
        return local.replace(tzinfo=UTC)
    minutes = int(offset[1:3]) * 60 + int(offset[-2:] if len(offset) > 3 else 0)
    return (local - timedelta(minutes=minutes if offset[0] == "+" else -minutes)).replace(tzinfo=UTC)


def read_date(cell: Cell, reading: Reading) -> date | datetime:
    """Return the day or time that a cell says; a datetime without a zone is local to a zone that is said elsewhere.

    Raises:
        UnreadableError: it is no date.
    """
    match cell:
        case {"day": text}:
            return date.fromisoformat(text)
        case {"local": text} | {"instant": text}:
            return datetime.fromisoformat(text)
        case _:
            return _read_moment(read_text(cell), reading)


def read_instant(cell: Cell, reading: Reading, zone: ZoneInfo) -> datetime:
    """Return the moment that a cell says, in UTC; a day is its first moment in *zone*.

    Raises:
        UnreadableError: it is no date.
    """
    found = read_date(cell, reading)
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day)  # noqa: DTZ001
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC)


def read_date_text(cell: Cell, reading: Reading, zone: ZoneInfo) -> str:
    """Return a date as facts keep it: ``2026-03-31``, or a time in UTC as ``2026-03-31T07:30:00+00:00``.

    Raises:
        UnreadableError: it is no date.
    """
    found = read_date(cell, reading)
    return read_instant(cell, reading, zone).isoformat() if isinstance(found, datetime) else found.isoformat()


def _find_amount(text: str, reading: Reading) -> int | float | None:
    try:
        return read_amount(text, reading)
    except UnreadableError:
        return None


# -- what all values of a column say together -------------------------------------------------------------


@dataclass(slots=True)
class Votes:
    """What the values of a column say about how dates, or numbers, are to be read.

    first, second: values that can only be read day first and month first, or with a point and with a comma.
    either:        values that both read, differently; *example* is one of them.
    """

    kind: Literal["date", "number"]
    first: int = 0
    second: int = 0
    either: int = 0
    example: str = ""

    def look_at(self, cell: Cell) -> None:
        """Count a value."""
        if not isinstance(cell, str):
            return
        text = cell.strip()
        if self.kind == "date":
            self._look_at_date(text)
        else:
            self._look_at_number(text)

    def _look_at_date(self, text: str) -> None:
        match = _NUMBERS.fullmatch(text)
        if match is None:
            return
        one, two = int(match[1]), int(match[3])
        if one > 12 >= two:
            self.first += 1
        elif two > 12 >= one:
            self.second += 1
        elif one != two:
            self._note_either(text)

    def _look_at_number(self, text: str) -> None:
        if "." not in text and "," not in text:
            return
        point, comma = _find_amount(text, "point"), _find_amount(text, "comma")
        if point is not None and comma is not None:
            if point != comma:
                self._note_either(text)
        elif point is not None:
            self.first += 1
        elif comma is not None:
            self.second += 1

    def _note_either(self, text: str) -> None:
        self.either += 1
        self.example = self.example or text

    @property
    def readings(self) -> tuple[Reading, Reading]:
        """The two ways to read the column."""
        return ("dmy", "mdy") if self.kind == "date" else ("point", "comma")

    @property
    def is_open(self) -> bool:
        """Whether somebody has to say how the column is read: nothing decides, or values contradict one another."""
        return bool((self.either and not (self.first or self.second)) or (self.first and self.second))

    @property
    def decided(self) -> Reading:
        """How the column is read, where its values say so; empty where it makes no difference, or nobody knows."""
        if self.is_open or not (self.first or self.second):
            return ""
        return self.readings[0] if self.first else self.readings[1]
