"""Makes the changes that somebody made in the form, in the text of the playbook."""

import copy
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from leadline.engine.playbook.lines import Path
from leadline.engine.playbook.toml_file import parse_toml
from leadline.engine.problems import Problem, ProblemsError
from leadline.web.playbooks.editing import language
from leadline.web.playbooks.editing.answers import clean, is_unchanged, read_answer
from leadline.web.playbooks.editing.form import Field, Takes
from leadline.web.playbooks.editing.quoting import Scalar
from leadline.web.playbooks.editing.reading import FILE, read_form
from leadline.web.playbooks.editing.surgery import (
    Add,
    Change,
    OutOfReachError,
    Put,
    Remove,
    change_text,
    change_values,
)

Answers = dict[tuple[str, ...], tuple[Field, Scalar | None]]
"""Of one table the fields that change, by their keys: with the new value, or None for none."""


def apply_edits(toml: str, edits: Mapping[str, str]) -> str:
    """Return the text of a playbook with some values changed, and all else as it was, byte for byte.

    An answer that says what the field says already changes nothing. An empty one takes the key of an optional value out, with the comment
    on its line; a decay goes with its half-life, a limit with its count. A value that was not there is added to its table, behind the keys
    that the documentation writes before it; a limit needs both its values. A text stays in the quotes that it has, where it fits into
    them, and what is around it within them stays.

    Whether a value goes with the others is not asked here: `check_playbook` says it, with the same paths.

    Args:
        toml: the text of a playbook.
        edits: by the paths of `read_form`, what somebody typed. Fields that are not named stay.

    Raises:
        ProblemsError: the text is not TOML, or an edit cannot be made: all that is wrong; *where* is the edit's path.
    """
    fields = {field.path: field for field in read_form(toml).all_fields()}
    values = parse_toml(toml, file=FILE).values
    problems: list[Problem] = []
    tables: dict[Path, Answers] = {}
    for path, given in edits.items():
        field = fields.get(path)
        if field is None:
            message = "There is no such field in this playbook; perhaps it was there when the form was opened."
            problems.append(Problem(code="unknown-key", message=message, where=path, file=FILE))
            continue
        answer, before = clean(given), find_value(values, field.at)
        if is_unchanged(field, before, answer) or _goes_with_its_count(path, field, edits):
            continue
        value: Scalar | None = None
        if answer or not field.is_optional:
            value, found = read_answer(field, answer)
            problems += found
            if isinstance(value, str) and isinstance(before, str):
                value = around(before, value)
        keys = field.takes.key
        tables.setdefault(field.at[: -len(keys)], {})[keys] = (field, value)
    problems += [one for table, answers in tables.items() for one in _half_limits(values, table, answers)]
    if problems:
        raise ProblemsError(problems)
    changes = [change for table, answers in tables.items() for change in _changes(values, table, answers)]
    return change_playbook(toml, changes, where=next(iter(edits)) if len(edits) == 1 else "")


def change_playbook(toml: str, changes: Iterable[Change], *, where: str = "") -> str:
    """Return the text of a playbook with changes made, and read again to see that it says just what was meant.

    *where* is the place that an error names.

    Raises:
        ProblemsError: a part is written in a way in which it cannot be changed here.
    """
    changes = list(changes)
    if not changes:
        return toml
    try:
        wanted = copy.deepcopy(dict(parse_toml(toml, file=FILE).values))
        change_values(wanted, changes)
        changed = change_text(toml, changes)
        if is_same(parse_toml(changed, file=FILE).values, wanted):
            return changed
    except (OutOfReachError, ProblemsError, RecursionError):  # what no playbook has may lie a thousand tables deep
        pass
    raise out_of_reach(where)


def out_of_reach(where: str = "") -> ProblemsError:
    """Return the error for what is written in a way in which it cannot be changed here."""
    message = "This part is written in a way that only a change of the text can change."
    return ProblemsError([Problem(code="bad-value", message=message, where=where, file=FILE)])


def is_same(one: object, other: object) -> bool:
    """Return whether two values of TOML are the same; that is no number is the same as itself."""
    match one, other:
        case (dict(), dict()):
            return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
        case (list(), list()):
            return len(one) == len(other) and all(map(is_same, one, other))
        case (Decimal(), Decimal()) if one.is_nan() or other.is_nan():
            return one.is_nan() and other.is_nan()
    return bool(one == other)


def find_value(values: Any, at: Path) -> Any:
    """Return what stands at a place among the values of a file, or None."""
    for part in at:
        if isinstance(part, int):
            values = values[part]
        else:
            values = values.get(part) if isinstance(values, dict) else None
    return values


def around(before: str, value: str) -> str:
    """Return a text with what is around the one before it: blanks, and ends of lines where it has several.

    >>> around("fit >= 50\\n", "fit >= 60")
    'fit >= 60\\n'
    """
    inner = before.strip()
    if not inner:
        return value
    begin = before.index(inner)
    return before[:begin] + value + before[begin + len(inner) :]


def _goes_with_its_count(path: str, field: Field, edits: Mapping[str, str]) -> bool:
    """Return whether this is of a limit whose count was emptied: then nothing of it is left to be said."""
    if field.takes.key != language.PER.key or not field.is_written:
        return False
    return not clean(edits.get(_beside(path, language.PER, language.COUNT), "as it was"))


def _half_limits(values: Any, table: Path, answers: Answers) -> Iterable[Problem]:
    """Yield what is missing where a limit would begin with one of its two values."""
    if find_value(values, (*table, "limit")):
        return
    for given, other in ((language.COUNT, language.PER), (language.PER, language.COUNT)):
        if given.key in answers and other.key not in answers:
            where = _beside(answers[given.key][0].path, given, other)
            message = f"'{other.key[-1]}' is missing: a limit says how many events count, and in each of what."
            yield Problem(code="missing-key", message=message, where=where, file=FILE)


def _beside(path: str, takes: Takes, other: Takes) -> str:
    """Return the path of another field of the same table."""
    return path.removesuffix(".".join(takes.key)) + ".".join(other.key)


def _changes(values: Any, table: Path, answers: Answers) -> Iterable[Change]:
    """Yield the changes that answers come to in one table."""
    without = {
        keys[0]
        for keys, (field, value) in answers.items()
        if value is None and len(keys) > 1 and _is_all_of(values, field)
    }
    for name in without:
        yield Remove((*table, name))
    begun: dict[str, dict[str, Scalar]] = {}
    for keys, (field, value) in answers.items():
        if keys[0] in without:
            continue
        if value is None:
            yield Remove(field.at)
        elif field.is_written:
            yield Put(field.at, value)
        elif len(keys) == 1:
            yield Add(table, keys[0], value, _order_of(table))
        elif isinstance(find_value(values, (*table, keys[0])), dict):
            yield Add(field.at[:-1], keys[-1], value, language.ORDER.get(keys[0], ()))
        else:
            begun.setdefault(keys[0], {})[keys[-1]] = value
    for name, inner in begun.items():
        inner = {key: inner[key] for key in language.ORDER.get(name, tuple(inner)) if key in inner}
        is_written = find_value(values, (*table, name)) is not None  # decay = "none"
        yield Put((*table, name), inner) if is_written else Add(table, name, inner, _order_of(table))


def _is_all_of(values: Any, field: Field) -> bool:
    """Return whether the table of an emptied field goes with it: a limit with its count, a decay with how it fades."""
    holder = find_value(values, field.at[:-1])
    return field.takes.key == language.COUNT.key or (isinstance(holder, dict) and len(holder) == 1)


def _order_of(table: Path) -> tuple[str, ...]:
    """Return the order of a table's keys, by the list or the table of tables that it stands in."""
    return language.ORDER[str(table[-2:][0])]
