"""Says what an answer in the form comes to, by the rules of the language and in its words."""

import re
import unicodedata
from decimal import Decimal

from leadline.engine.playbook.clauses import read_clause
from leadline.engine.playbook.table import Notes, Table
from leadline.engine.problems import Problem
from leadline.web.playbooks.editing.form import Field, Takes
from leadline.web.playbooks.editing.quoting import Scalar
from leadline.web.playbooks.editing.reading import FILE, one_newline

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")


def clean(given: str) -> str:
    """Return an answer without what is around it, and its lines ended in one way."""
    return one_newline(given).strip()


def is_unchanged(field: Field, before: object, answer: str) -> bool:
    """Return whether a cleaned answer is what the field says already: ``10.0`` is no change of 10.

    *before* is the value in the file.
    """
    if answer == field.value:
        return True
    if field.kind == "names":
        return read_names(answer) == read_names(field.value)
    if field.kind != "number" or isinstance(before, bool) or not isinstance(before, int | Decimal):
        return False
    number = read_number(answer)
    return number is not None and number == before


def read_number(text: str) -> int | Decimal | None:
    """Return a number as people type it, or None when it is none.

    >>> read_number("-5"), read_number("+2.50"), read_number("\\u22123"), read_number("1e3"), read_number("2,5")
    (-5, Decimal('2.50'), -3, None, None)
    """
    text = text.replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if "." not in text.rstrip("."):
        return int(number)
    return number or abs(number)  # there is no -0.0 in a playbook


def read_names(text: str) -> tuple[str, ...]:
    """Return names as people type them, with commas or ends of lines between them.

    >>> read_names("demo_requested, contact_requested,"), read_names("a\\n b"), read_names(" ,")
    (('demo_requested', 'contact_requested'), ('a', 'b'), ())
    """
    return tuple(name for part in text.replace("\n", ",").split(",") if (name := part.strip()))


def read_answer(field: Field, answer: str) -> tuple[Scalar | None, list[Problem]]:
    """Return what a cleaned answer comes to in the file, and what is wrong with it.

    What it is beside other values is not told here: that a `min` lies above its `max`, or a grade above a better one.

    Returns:
        the value, or None when there is a problem.
    """
    takes, key = field.takes, field.takes.key[-1]
    value: object = answer
    if takes.kind == "number" and answer:
        value = read_number(answer)
        if value is None:
            message = f"'{key}' is '{answer[:40]}', but takes a number such as 10 or 2.5."
            return None, [_problem(field, "wrong-type", message)]
    elif found := find_unwritable(answer):
        return None, [_problem(field, "bad-value", f"'{key}' has a character that no text can have: {found}.")]
    if takes.kind == "names":
        value = list(read_names(answer))
    notes = Notes({})
    table = Table({key: value} if answer else {}, (), field.path.removesuffix(f".{key}"), notes)
    read = _read(takes, table, key)
    if notes.problems or read is None:
        return None, [_problem(field, one.code, one.message) for one in notes.problems]
    return read, []


def _read(takes: Takes, table: Table, key: str) -> Scalar | None:
    """Return a value that is fit to be written, or None with the problem noted."""
    value: Scalar | None = table.values.get(key)
    match takes.kind:
        case "names":
            return table.texts(key, required=True) or None
        case "condition":
            read_clause(table, key, "facts", required=True)
        case "number":
            _number(takes, table, key)
        case "duration":
            days = table.hours(key) if takes.in_hours else table.days(key, required=True)
            if takes.most_days and days and days > takes.most_days:
                table.note("bad-value", f"'{key}' is at most {takes.most_days} days.", key)
        case "choice":
            if not table.has(key):
                table.note("missing-key", f"'{key}' is missing: one of {', '.join(takes.choices)}.", key)
            table.choice(key, takes.choices, "")
        case _:
            table.text(key, required=True)
    return value


def _number(takes: Takes, table: Table, key: str) -> None:
    if takes.is_whole:
        table.whole(key, int(takes.lowest), int(takes.highest), required=True)
        return
    number = table.number(key, int(takes.highest), required=True)
    if number is not None and number < takes.lowest:
        table.note("bad-value", f"'{key}' is {number}, but is at least {takes.lowest}.", key)


def find_unwritable(text: str) -> str | None:
    """Return the code of a character that is no part of any writing, if there is one."""
    for sign in text:
        if sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cs"):
            return f"U+{ord(sign):04X}"
    return None


def _problem(field: Field, code: str, message: str) -> Problem:
    return Problem(code=code, message=message, where=field.path, file=FILE, line=field.line)
