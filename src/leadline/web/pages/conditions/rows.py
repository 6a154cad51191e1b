"""A condition as rows of what, how and value; and back to its text. What rows cannot say is said as text."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from leadline.engine.expressions import nodes as n
from leadline.engine.values import read_number

Joint = Literal["and", "or"]
EVENT, LAST = "event:", "last:"
_EPOCH = date(1970, 1, 1)
_WINDOWS = ("7", "30", "90", "")
_PLAIN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. what: a name as conditions write it, or an event after ``event:`` or ``last:``; how: one of `HOWS`."""

    what: str = ""
    how: str = "is"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of which all, or any, must hold."""

    rows: tuple[Row, ...]
    joint: Joint = "and"


HOWS: dict[str, str] = {
    "is": "is",
    "is-not": "is not",
    "among": "is one of",
    "not-among": "is none of",
    "at-least": "is at least",
    "at-most": "is at most",
    "more": "is more than",
    "less": "is less than",
    "begins": "begins with",
    "contains": "contains",
    "has": "has the entry",
    "has-not": "lacks the entry",
    "known": "is known",
    "unknown": "is not known",
}
"""How a value can be compared, in words; several values stand between commas."""

EVENT_HOWS: dict[str, str] = {
    **{f"times{days}": f"at least, in {days} days" if days else "at least, ever" for days in _WINDOWS},
    **{f"never{days}": f"not in {days} days" if days else "never" for days in _WINDOWS},
}
LAST_HOWS: dict[str, str] = {"at-most": "at most so many days ago", "at-least": "at least so many days ago"}
NO_VALUE = {"known", "unknown", *(how for how in EVENT_HOWS if how.startswith("never"))}
_SIGNS = {"is": "=", "is-not": "<>", "at-least": ">=", "at-most": "<=", "more": ">", "less": "<"}
_TESTS = {"begins": "starts_with", "contains": "contains"}
_NUMBER_HOWS = ("at-least", "at-most", "more", "less")


def hows_of(what: str) -> dict[str, str]:
    """Return how something can be compared."""
    return EVENT_HOWS if what.startswith(EVENT) else LAST_HOWS if what.startswith(LAST) else HOWS


# -- to text ------------------------------------------------------------------------------------------------------------


def write(rows: Rows, kinds: dict[str, n.Kind]) -> str:
    """Return the text of rows; those that say nothing yet are left out. *kinds*: of what, where it is known."""
    return f" {rows.joint} ".join(one for row in rows.rows if (one := _write_row(row, kinds.get(row.what))))


def _write_row(row: Row, kind: n.Kind | None) -> str:
    what, value = row.what, row.value.strip()
    how = row.how if row.how in hows_of(what) else next(iter(hows_of(what)))
    if not what or (not value and how not in NO_VALUE and not what.startswith(EVENT)):
        return ""
    if what.startswith(EVENT):
        return _write_event(what.removeprefix(EVENT), how, value)
    if what.startswith(LAST):
        return f"days_since({_quote(what.removeprefix(LAST))}) {_SIGNS[how]} {value}"
    if how in NO_VALUE:
        return f"{what} is {'not ' if how == 'known' else ''}null"
    if how in ("among", "not-among"):
        values = ", ".join(_literal(one.strip(), kind) for one in value.split(",") if one.strip())
        return f"{what} {'not ' if how == 'not-among' else ''}in ({values})"
    if how in _TESTS:
        return f"{_TESTS[how]}({what}, {_quote(value)})"
    if how in ("has", "has-not"):
        return f"{'not ' if how == 'has-not' else ''}has({what}, {_quote(value)})"
    return f"{what} {_SIGNS[how]} {_literal(value, kind, is_ordered=how in _NUMBER_HOWS)}"


def _write_event(event: str, how: str, value: str) -> str:
    days = how.lstrip("timesnvr")
    count = f"count({_quote(event)}, '{days}d')" if days else f"count({_quote(event)})"
    return f"{count} = 0" if how.startswith("never") else f"{count} >= {value or 1}"


def _literal(value: str, kind: n.Kind | None, *, is_ordered: bool = False) -> str:
    """Return a value as conditions write one of its kind; of an unknown kind, what is ordered is a date or a number."""
    is_date = bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))
    if kind == "day" or (kind is None and is_ordered and is_date):
        return f"date '{value}'" if is_date else _quote(value)
    if kind == "boolean":
        return {"yes": "true", "no": "false"}.get(
            value.lower(), value.lower() if value.lower() in ("true", "false") else _quote(value)
        )
    if (kind == "number" or (kind is None and is_ordered)) and read_number(value) is not None:
        return value
    return _quote(value)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def name_of_field(scope: str, name: str, *, is_bare: bool = True) -> str:
    """Return a field as a condition writes it.

    >>> name_of_field("lead", "country"), name_of_field("company", "Größe in m²"), name_of_field("lead", "fit", is_bare=False)
    ('country', 'company."Größe in m²"', 'lead.fit')
    """
    plain = name if _PLAIN.fullmatch(name) else f'"{name}"'
    return plain if scope == "lead" and is_bare else f"{scope}.{plain}"


# -- from a condition ---------------------------------------------------------------------------------------------------


def read_rows(condition: n.Condition, levels: frozenset[str]) -> Rows | None:
    """Return a condition as rows; None where it says more than rows can. *levels*: names of scores and questions."""
    parts: tuple[n.Condition, ...] = (condition,)
    joint: Joint = "and"
    if isinstance(condition, n.AllOf | n.AnyOf):
        parts, joint = condition.parts, "and" if isinstance(condition, n.AllOf) else "or"
    found = [_read_row(part, levels) for part in parts]
    rows = tuple(row for row in found if row is not None)
    return Rows(rows, joint) if len(rows) == len(parts) else None


def _read_row(part: n.Condition, levels: frozenset[str]) -> Row | None:
    match part:
        case n.Compare(n.Count(event, days, None), sign, n.Literal(value, _, shown)):
            if str(days or "") not in _WINDOWS or sign not in (">=", "=") or (sign == "=" and value != 0):
                return None
            how = "times" if sign == ">=" else "never"
            return Row(EVENT + event, f"{how}{days or ''}", shown if how == "times" else "")
        case n.Compare(n.DaysSinceEvent(event), ("<=" | ">=") as sign, n.Literal(_, _, shown)):
            return Row(LAST + event, "at-most" if sign == "<=" else "at-least", shown)
        case n.Compare(term, sign, n.Literal() as value):
            how = next(name for name, one in _SIGNS.items() if one == sign)
            return _row(term, how, levels, (value,))
        case n.Among(term, values, None):
            return _row(term, "among", levels, values)
        case n.Not(n.Among(term, values, None)):
            return _row(term, "not-among", levels, values)
        case n.TextTest("starts_with", term, value):
            return _row(term, "begins", levels, (value,))
        case n.TextTest("contains", term, value):
            return _row(term, "contains", levels, (value,))
        case n.Has(term, value):
            return _row(term, "has", levels, (value,))
        case n.Not(n.Has(term, value)):
            return _row(term, "has-not", levels, (value,))
        case n.IsNull(term):
            return _row(term, "unknown", levels, ())
        case n.Not(n.IsNull(term)):
            return _row(term, "known", levels, ())
        case _:
            return None


def _row(term: n.Term, how: str, levels: frozenset[str], values: tuple[n.Literal, ...]) -> Row | None:
    match term:
        case n.Field(scope, name):
            what = name_of_field(scope, name, is_bare=name not in levels)
        case n.Score() | n.Grade() | n.Answer() | n.History() | n.AnsweredYes():
            what = n.name_of_term(term)
        case _:
            return None
    texts = [_say(one) for one in values]
    if len(texts) > 1 and any("," in one for one in texts):
        return None
    return Row(what, how, ", ".join(texts))


def _say(literal: n.Literal) -> str:
    if literal.kind == "day":
        return str(_EPOCH + timedelta(days=int(literal.value)))
    shown = literal.shown
    return shown[1:-1].replace("''", "'") if literal.kind == "text" and shown.startswith("'") else shown
