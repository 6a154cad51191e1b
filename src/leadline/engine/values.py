"""The single meaning of a value: how a text in a file becomes a number, a day, an instant, a list.

Every reader and every engine uses these functions, or a faster way that is held to them by a test. Nothing is
guessed: a text that does not fit gives None, which the caller counts among the rejects. Whether a *missing* value is
meant is asked first, with `is_missing`; the functions below treat it as a text that does not fit.

Instants are microseconds since 1970-01-01T00:00Z and days are days since 1970-01-01, both integers, as in
`leadline.engine.calendar`. This module knows no files and no databases. tests/engine/test_values.py guards it.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal, Protocol

from leadline.engine.catalog import FieldSpec, FieldType

DateFault = Literal["unreadable-date", "date-out-of-range"]

FIRST_YEAR, LAST_YEAR = 1900, 2200

NUMBER_PATTERN = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
"""A number, once the spaces around it are gone. RE2 reads it too, so SQL can ask the same before it casts to DOUBLE
(a bare cast also takes ``1_000``, ``nan`` and ``inf``). What overflows to infinity must still be refused."""

ISO_INSTANT_PATTERN = (
    r"^(19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}[T ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$"
)
"""The instants that DuckDB reads as `read_instant` does: for a text that matches,
``epoch_us(TRY_CAST(text AS TIMESTAMPTZ))`` is the same integer, or NULL where `read_instant` says None (30 February).
It is RE2 and needs an offset in the text; whatever does not match must go through `read_instant`."""

ISO_NAIVE_PATTERN = ISO_INSTANT_PATTERN.replace(r"(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$", "$")
"""The same without an offset, where the naive zone is UTC: ``epoch_us(TRY_CAST(text AS TIMESTAMP))``."""

_NUMBER = re.compile(NUMBER_PATTERN)
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_ANY_YEAR = re.compile(r"([+-]?[0-9]{4,9})(-[0-9]{2}-[0-9]{2}(?:[T ].*)?)", re.DOTALL)
_BOOLEANS = {"true": True, "t": True, "yes": True, "y": True, "1": True,
             "false": False, "f": False, "no": False, "n": False, "0": False}  # fmt: skip
_PLAIN_BOOLEANS = frozenset({"true", "false", "yes", "no"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MAX_OFFSET_MINUTES = 15 * 60 + 59
_LONGEST_MOMENT = 64


class DayZone(Protocol):
    """What reading needs to know of the playbook's zone: where its days begin."""

    def day_of(self, instant_us: int, /) -> int:
        """Return the local day of an instant."""

    def first_instant(self, day: int, /) -> int:
        """Return the first instant of a local day."""


class NaiveZone(Protocol):
    """The zone of times that are written without an offset."""

    def instant_of_local(self, local: datetime, /) -> int:
        """Return the instant of a local time: the earlier of two, when the clock went back."""


def is_missing(text: str | None) -> bool:
    """Return whether nothing is said: None, or a text of spaces only.

    >>> is_missing("  "), is_missing("0")
    (True, False)
    """
    return text is None or not text.strip()


def text_key(text: str) -> str:
    """Return the form in which two texts are compared: NFC, casefold, NFC, without spaces at the ends.

    >>> text_key("  Straße ")
    'strasse'
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def read_number(text: str) -> float | None:
    """Return a number in plain decimal notation, or None.

    A sign and an exponent are allowed, and spaces around it. No ``1_000``, ``1,000``, ``0x10``, ``nan`` or ``inf``, and
    nothing so large that a double cannot hold it. Minus zero is zero.

    >>> read_number(" -1.5e3 "), read_number("1,000"), read_number("1e400")
    (-1500.0, None, None)
    """
    stripped = text.strip()
    if not _NUMBER.match(stripped):
        return None
    value = float(stripped) + 0.0
    return value if math.isfinite(value) else None


def read_boolean(text: str) -> bool | None:
    """Return yes or no in the words of a declared boolean: true, t, yes, y, 1 and their opposites, in any case.

    >>> read_boolean("Yes"), read_boolean("f"), read_boolean("2")
    (True, False, None)
    """
    return _BOOLEANS.get(text.strip().lower())


def read_instant(text: str, *, zone: DayZone, naive_zone: NaiveZone | None = None) -> int | None:
    """Return an ISO 8601 date or time as microseconds since 1970-01-01T00:00Z, or None.

    ``2026-03-01``, or with ``T`` or one space ``10:30``, ``10:30:05`` or ``10:30:05.123456789`` (cut to microseconds),
    and then nothing, ``Z``, ``+01``, ``+0100`` or ``+01:00``. Every part has all its digits; spaces around it are
    allowed. The years are 1900 to 2200. `find_date_fault` says why a text was refused.

    Args:
        text: the value as written.
        zone: the playbook's zone; a date alone is the first instant of that local day.
        naive_zone: the zone of a time without offset; None is UTC.

    >>> from leadline.engine.calendar import Zone
    >>> read_instant("1970-01-01T01:00:00.5+01:00", zone=Zone("UTC"))
    500000
    >>> read_instant("2015-2-02T00:30:08.276Z", zone=Zone("UTC")) is None
    True
    """
    found = _read_moment(text)
    if found is None:
        return None
    if isinstance(found, int):
        return zone.first_instant(found)
    if found.tzinfo is None and naive_zone is not None:
        return naive_zone.instant_of_local(found)
    aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def read_day(text: str, *, zone: DayZone, naive_zone: NaiveZone | None = None) -> int | None:
    """Return an ISO 8601 date, or the local day of a time, as days since 1970-01-01, or None.

    >>> from leadline.engine.calendar import Zone
    >>> read_day("1970-01-02", zone=Zone("UTC")), read_day("1970-01-01T23:30Z", zone=Zone("Europe/Berlin"))
    (1, 1)
    """
    found = _read_moment(text)
    if found is None or isinstance(found, int):
        return found
    instant = read_instant(text, zone=zone, naive_zone=naive_zone)
    return None if instant is None else zone.day_of(instant)


def find_date_fault(text: str) -> DateFault | None:
    """Return why `read_instant` and `read_day` refuse a text, or None when they do not.

    >>> find_date_fault("0001-01-01"), find_date_fault("294277-01-09T04:00:54Z"), find_date_fault("2026-02-30")
    ('date-out-of-range', 'date-out-of-range', 'unreadable-date')
    """
    if _read_moment(text) is not None:
        return None
    match = _ANY_YEAR.fullmatch(text.strip()[:_LONGEST_MOMENT])
    if match is None:
        return "unreadable-date"
    year, rest = int(match[1]), match[2]
    if FIRST_YEAR <= year <= LAST_YEAR:
        return "unreadable-date"
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    year_alike = 2004 if is_leap else 2001
    return "unreadable-date" if _read_moment(f"{year_alike}{rest}") is None else "date-out-of-range"


def _read_moment(text: str) -> int | datetime | None:
    """Return a date as a day number, a time as a datetime (naive when it has no offset), or None."""
    match = _MOMENT.fullmatch(text) or _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        if hour is None:
            return date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
        micros = int((fraction or "0").ljust(6, "0")[:6])
        shift = None if offset is None else _read_offset(offset)
        clock = (int(hour), int(minute), int(second or 0), micros)
        return datetime(int(year), int(month), int(day), *clock, tzinfo=shift)
    except ValueError:
        return None


def _read_offset(offset: str) -> timezone:
    """Return ``Z``, ``+01``, ``+0130`` or ``+01:30`` as a zone.

    Raises:
        ValueError: no clock is so far from UTC.
    """
    if offset == "Z":
        return UTC
    minutes = int(offset[-2:]) if len(offset) > 3 else 0
    total = int(offset[1:3]) * 60 + minutes
    if minutes > 59 or total > _MAX_OFFSET_MINUTES:
        raise ValueError(offset)
    return timezone(timedelta(minutes=-total if offset[0] == "-" else total))


def read_list(text: str, separator: str | None = None) -> tuple[str, ...] | None:
    """Return the keys of a list, each once and sorted, or None when it begins with ``[`` and is no JSON array.

    Args:
        text: the value as written; ``["a", "b"]``, or texts between separators.
        separator: what stands between two texts; None takes the whole text as one.

    >>> read_list("Blue; red;;BLUE", ";"), read_list('["b", 1.50, null]'), read_list("[b")
    (('blue', 'red'), ('1.50', 'b'), None)
    """
    stripped = text.strip()
    if not stripped.startswith("["):
        return _list_keys(stripped.split(separator) if separator else [stripped])
    try:
        parsed = json.loads(stripped, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    parts: list[str] = []
    for part in parsed:
        match part:
            case bool():
                parts.append("true" if part else "false")
            case str():
                parts.append(part)
            case None:
                continue
            case _:
                return None
    return _list_keys(parts)


def _list_keys(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({key for part in parts if (key := text_key(part))}))


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def says_nothing(text: str | None, spec: FieldSpec) -> bool:
    """Return whether a text stands for "no value" in a field: nothing, spaces, or one of its missing texts.

    >>> says_nothing(" select ", FieldSpec("text", missing=("Select",))), says_nothing("0", FieldSpec("number"))
    (True, False)
    """
    return is_missing(text) or (bool(spec.missing) and text_key(text or "") in map(text_key, spec.missing))


def read_value(
    text: str | None, spec: FieldSpec, *, zone: DayZone, naive_zone: NaiveZone | None = None
) -> str | float | bool | int | tuple[str, ...] | None:
    """Return a text as conditions compare it: a text key, a number, a truth, a day, or the keys of a list.

    None when it says nothing (`says_nothing`) and when it does not fit. A field of unknown type is a text.

    >>> from leadline.engine.calendar import Zone
    >>> read_value(" VP ", FieldSpec("text"), zone=Zone("UTC")), read_value("many", FieldSpec("number"), zone=Zone("UTC"))
    ('vp', None)
    """
    if text is None or says_nothing(text, spec):
        return None
    match spec.type:
        case "number":
            return read_number(text)
        case "boolean":
            return read_boolean(text)
        case "date" | "time":
            return read_day(text, zone=zone, naive_zone=naive_zone)
        case "list":
            return read_list(text, spec.separator)
        case "text" | None:
            return text_key(text)


def infer_type(values: Iterable[str]) -> FieldType:
    """Return the type of an undeclared column from its distinct values: what *all* of them are, else text.

    Missing values say nothing; a column of them alone is text. 0 and 1 are numbers, not booleans. A column of dates
    is a date, of times (or times and dates) a time. A list is never inferred.

    >>> infer_type(["1", " 2.5 "]), infer_type(["yes", "No"]), infer_type(["2026-03-01", "2026-03-01T10:00Z"])
    ('number', 'boolean', 'time')
    >>> infer_type(["1", "yes"]), infer_type([])
    ('text', 'text')
    """
    fits: dict[FieldType, Callable[[str], bool]] = {
        "number": lambda text: read_number(text) is not None,
        "boolean": lambda text: text.strip().lower() in _PLAIN_BOOLEANS,
        "date": lambda text: isinstance(_read_moment(text), int),
        "time": lambda text: _read_moment(text) is not None,
    }
    candidates: list[FieldType] = list(fits)
    seen = False
    for value in values:
        if is_missing(value):
            continue
        seen = True
        candidates = [kind for kind in candidates if fits[kind](value)]
        if not candidates:
            break
    return candidates[0] if seen and candidates else "text"
