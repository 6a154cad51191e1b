"""Reads a TOML table key by key, noting everything that is wrong instead of stopping at it.

A getter returns the value, or None when it is missing or wrong; then the problem is already noted. `finish` complains about
keys that nobody asked for. So load.py reads like the language itself.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar, cast

from leadline.engine.arithmetic import read_duration, to_units
from leadline.engine.playbook.lines import Path
from leadline.engine.problems import Problem, ProblemsError, Severity, suggest

ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
MAX_POINTS = 1_000
MAX_BOUND = 1_000_000
_FOUR_PLACES = Decimal("0.0001")
T = TypeVar("T")

_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (Decimal, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a table"),
)


def name_of_type(value: object) -> str:
    """Return what kind of TOML value this is, in words."""
    return next((name for kind, name in _TYPE_NAMES if isinstance(value, kind)), "a date or time")


@dataclass(slots=True)
class Notes:
    """The problems of one file, and the lines of its keys."""

    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """Return the line of a path, or of the nearest thing that holds it."""
        for size in range(len(path), 0, -1):
            if path[:size] in self.lines:
                return self.lines[path[:size]]
        return None

    def note(self, code: str, message: str, path: Path, where: str, severity: Severity = "error") -> None:
        """Note a problem."""
        self.problems.append(Problem(code=code, message=message, where=where, line=self.line(path), severity=severity))

    def warnings_or_raise(self, file: str) -> list[Problem]:
        """Return what was noted, in the order of lines, when it is all warnings.

        Raises:
            ProblemsError: with everything that was noted, when an error is among it.
        """
        found = sorted((problem.in_file(file) for problem in self.problems), key=lambda problem: problem.line or 0)
        if any(problem.severity == "error" for problem in found):
            raise ProblemsError(found)
        return found


class Table:
    """One table of a TOML file, with its place."""

    def __init__(self, values: Mapping[str, Any], path: Path, where: str, notes: Notes) -> None:
        self.values = values
        self.path = path
        self.where = where
        self.notes = notes
        self.asked: set[str] = set()

    def place(self, key: str) -> str:
        """Return the place of a key, such as ``criteria.size.when``."""
        return f"{self.where}.{key}" if self.where else key

    @property
    def line(self) -> int | None:
        """The line of the table."""
        return self.notes.line(self.path)

    def line_of(self, key: str) -> int | None:
        """Return the line of a key."""
        return self.notes.line((*self.path, key))

    def note(self, code: str, message: str, key: str | None = None, severity: Severity = "error") -> None:
        """Note a problem with *key*, or with the table."""
        path = self.path if key is None else (*self.path, key)
        self.notes.note(code, message, path, self.where if key is None else self.place(key), severity)

    def has(self, key: str) -> bool:
        """Return whether the key is written; it then counts as known."""
        self.asked.add(key)
        return key in self.values

    def finish(self) -> None:
        """Complain about keys that were not asked for."""
        for key in self.values:
            if key not in self.asked:
                self.note("unknown-key", f"There is no key '{key}' here.{suggest(key, self.asked)}", key)

    # -- values -----------------------------------------------------------------------------------

    def _get(self, key: str, kind: type[T] | tuple[type[T], ...], words: str, required: bool) -> T | None:
        self.asked.add(key)
        if key not in self.values:
            if required:
                self.note("missing-key", f"'{key}' is missing: {words}.", key)
            return None
        value = self.values[key]
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.note("wrong-type", f"'{key}' is {name_of_type(value)}, but takes {words}.", key)
            return None
        return value

    def text(self, key: str, *, required: bool = False, words: str = "a text") -> str | None:
        """Return a text that is not empty."""
        value = self._get(key, str, words, required)
        if value is not None and not value.strip():
            self.note("bad-value", f"'{key}' is empty.", key)
            return None
        return value

    def truth(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key, bool, "true or false", False)
        return default if value is None else value

    def whole(self, key: str, low: int, high: int, *, required: bool = False) -> int | None:
        """Return a whole number from *low* to *high*."""
        value = self._get(key, int, f"a whole number from {low} to {high}", required)
        if value is not None and not low <= value <= high:
            self.note("bad-value", f"'{key}' is {value}, but goes from {low} to {high}.", key)
            return None
        return value

    def number(self, key: str, bound: int, *, required: bool = False) -> Decimal | None:
        """Return a number from -bound to bound with at most four decimal places."""
        value = self._get(key, (int, Decimal), f"a number from -{bound} to {bound}", required)
        if value is None:
            return None
        number = Decimal(cast("int | Decimal", value))
        if not (number.is_finite() and -bound <= number <= bound):
            self.note("bad-value", f"'{key}' is {value}, but goes from -{bound} to {bound}.", key)
            return None
        if number != number.quantize(_FOUR_PLACES):
            self.note("bad-value", f"'{key}' is {value}: points have at most four decimal places.", key)
            return None
        return number

    def units(self, key: str, *, bound: int = MAX_BOUND, required: bool = False) -> int | None:
        """Return a number of points, in ten-thousandths."""
        number = self.number(key, bound, required=required)
        return None if number is None else to_units(number)

    def days(self, key: str, *, required: bool = False) -> int | None:
        """Return a duration in whole days."""
        text = self.text(key, required=required, words="a duration such as '14d' or '2w'")
        if text is None:
            return None
        days = read_duration(text)
        if days is None:
            self.note(
                "bad-value", f"'{key}' is '{text}': durations are whole days or weeks, such as '14d' or '2w'.", key
            )
        return days

    def hours(self, key: str) -> int | None:
        """Return a duration in hours; days and weeks are allowed too."""
        text = self.text(key, words="a duration such as '4h' or '2d'")
        if text is None:
            return None
        digits = text.strip()[:-1]
        if (
            text.strip().lower().endswith("h")
            and digits.isascii()
            and digits.isdigit()
            and 1 <= int(digits[:9]) <= 10_000
        ):
            return int(digits)
        days = read_duration(text)
        if days is None:
            self.note("bad-value", f"'{key}' is '{text}': write hours, days or weeks, such as '4h' or '2d'.", key)
        return None if days is None else 24 * days

    def choice(self, key: str, known: Iterable[str], default: str) -> str:
        """Return one of a few words."""
        words = tuple(known)
        value = self.text(key, words="one of " + ", ".join(words))
        if value is not None and value not in words:
            self.note("bad-value", f"'{key}' is '{value}'.{suggest(value, words)}", key)
            return default
        return default if value is None else value

    def texts(self, key: str, *, required: bool = False, or_one: bool = False) -> tuple[str, ...]:
        """Return a list of texts; with *or_one* a single text is a list of one."""
        words = "a text or a list of texts" if or_one else "a list of texts"
        kinds: tuple[type, ...] = (list, str) if or_one else (list,)
        value: Any = self._get(key, kinds, words, required)
        if value is None:
            return ()
        entries = [value] if isinstance(value, str) else list(value)
        if not all(isinstance(entry, str) and entry.strip() for entry in entries):
            self.note("wrong-type", f"'{key}' takes {words}, none of them empty.", key)
            return ()
        if required and not entries:
            self.note("bad-value", f"'{key}' is an empty list.", key)
        for entry, count in Counter(entries).items():
            if count > 1:
                self.note("bad-value", f"'{key}' names '{entry}' twice.", key)
        return tuple(dict.fromkeys(entries))

    def id(self, key: str = "id") -> str | None:
        """Return an id."""
        value = self.text(key, required=True, words="an id of letters, digits, '_' and '-'")
        if value is not None and not ID.fullmatch(value):
            self.note("bad-id", f"'{value}' is no id: begin with a letter, then letters, digits, '_' and '-'.", key)
            return None
        return value

    # -- tables in tables ---------------------------------------------------------------------------

    def table(self, key: str, *, required: bool = False, words: str = "a table") -> "Table | None":
        """Return a table under *key*."""
        value = self._get(key, dict, words, required)
        return None if value is None else Table(value, (*self.path, key), self.place(key), self.notes)

    def named_tables(self, key: str) -> "list[tuple[str, Table]]":
        """Return the tables of a table by name; names that are no ids are complained about."""
        holder = self.table(key)
        found = []
        for name, value in () if holder is None else holder.values.items():
            assert holder is not None
            if not isinstance(value, dict):
                holder.note("wrong-type", f"'{name}' is {name_of_type(value)}, but takes a table.", name)
            elif not ID.fullmatch(name):
                holder.note(
                    "bad-id", f"'{name}' is no id: begin with a letter, then letters, digits, '_' and '-'.", name
                )
            else:
                found.append((name, Table(value, (*holder.path, name), holder.place(name), self.notes)))
        return found

    def tables(self, key: str) -> "list[Table]":
        """Return a list of tables, each placed by its id where it has one."""
        value = self._get(key, list, "a list of tables", False)
        found = []
        for index, entry in enumerate(value or ()):
            path = (*self.path, key, index)
            if not isinstance(entry, dict):
                self.notes.note(
                    "wrong-type",
                    f"entry {index + 1} is {name_of_type(entry)}, but takes a table.",
                    path,
                    f"{self.place(key)}[{index}]",
                )
                continue
            name = entry.get("id")
            where = f"{self.place(key)}.{name}" if isinstance(name, str) else f"{self.place(key)}[{index}]"
            found.append(Table(entry, path, where, self.notes))
        return found


def refuse_twins(tables: Iterable[tuple[str, Table]], what: str) -> None:
    """Complain about each id that stands twice."""
    first: dict[str, Table] = {}
    for name, table in tables:
        if name in first:
            line = first[name].line
            table.note("duplicate-id", f"There is another {what} '{name}'{f' on line {line}' if line else ''}.", "id")
        first.setdefault(name, table)


def read_each(tables: Iterable[Table], read: Callable[[Table], T | None]) -> tuple[T, ...]:
    """Return what *read* makes of each table, without those that it could not read."""
    found = []
    for table in tables:
        item = read(table)
        table.finish()
        if item is not None:
            found.append(item)
    return tuple(found)
