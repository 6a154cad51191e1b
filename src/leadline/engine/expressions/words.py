"""Says a condition in plain words, for people who do not read the language.

``company.industry in ('software', 'fintech')`` becomes ``the company's industry is software or fintech``. Nothing is
left out and nothing is softened: two conditions that mean different things are said differently.
tests/engine/expressions/test_words.py guards both.
"""

import re
from collections.abc import Sequence
from typing import assert_never

from leadline.engine.calendar import date_of
from leadline.engine.expressions import nodes as n

_PLAIN = re.compile(r"[^\W\d_][\w.&-]*")
_LONG = re.compile("-?[1-9][0-9]{4,}")
"""A whole number that is hard to read in one piece; years have four digits."""
_OWN_WORDS = frozenset({"and", "or", "not", "known", "true", "false"})
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_IS: dict[n.Operator, str] = {
    "=": "",
    "<>": "not ",
    "<": "less than ",
    "<=": "at most ",
    ">": "more than ",
    ">=": "at least ",
}
_IS_DAY: dict[n.Operator, str] = {
    "=": "",
    "<>": "not ",
    "<": "before ",
    "<=": "on or before ",
    ">": "after ",
    ">=": "on or after ",
}
_FLIPPED: dict[n.Operator, n.Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DOES = {
    "starts_with": ("starts", "start", "with"),
    "ends_with": ("ends", "end", "with"),
    "contains": ("contains", "contain", ""),
}


def say_condition(condition: n.Condition) -> str:
    """Return a condition as a clause that can follow "when".

    >>> size = n.Field("company", "employees", "number")
    >>> say_condition(n.Between(size, n.Literal(50.0, "number", "50"), n.Literal(2000.0, "number", "2000")))
    "the company's employees is from 50 to 2000"
    """
    match condition:
        case n.AllOf(parts):
            return ", and ".join(_enclosed(part) for part in parts)
        case n.AnyOf(parts):
            return ", or ".join(_enclosed(part) for part in parts)
        case n.Not(part):
            return _say_opposite(part)
        case n.IsTrue(n.Holds() | n.Not(n.Holds()) as part):
            return say_condition(part)
        case n.IsTrue(part):
            return f"it is certain that {_enclosed(part)}"
        case n.Compare(n.Literal() as left, sign, right) if not isinstance(right, n.Literal):
            return say_condition(n.Compare(right, _FLIPPED[sign], left))
        case n.Compare(left, sign, right):
            words = (_IS_DAY if n.kind_of(left) == "day" else _IS)[sign]
            return f"{_subject(left)} {words}{_say_amount(right) if weighs(condition) else say_term(right)}"
        case n.Among(term, values, None):
            return f"{_subject(term)} {join_words([say_term(value) for value in values], 'or')}"
        case n.Among(term, _, name):
            return f"{_subject(term)} in the list “{say_name(name or '')}”"
        case n.Between(term, low, high):
            return f"{_subject(term)} from {_say_amount(low)} to {_say_amount(high)}"
        case n.Like(term, pattern, _):
            return _say_like(term, pattern, is_so=True)
        case n.TextTest(how, term, part):
            return _say_text_test(how, term, part, is_so=True)
        case n.Has(field, entry):
            return f"{say_term(field)} has {say_term(entry)}"
        case n.IsNull(term):
            return f"{_subject(term)} not known"
        case n.Holds(term):
            return f"{_subject(term)} true"
        case _:
            assert_never(condition)


def _say_opposite(condition: n.Condition) -> str:
    """Return what is so when a condition is false."""
    match condition:
        case n.IsNull(term):
            return f"{_subject(term)} known"
        case n.Holds(term):
            return f"{_subject(term)} false"
        case n.Among(term, values, None):
            return f"{_subject(term)} not {join_words([say_term(value) for value in values], 'or')}"
        case n.Among(term, _, name):
            return f"{_subject(term)} not in the list “{say_name(name or '')}”"
        case n.Between(term, low, high):
            return f"{_subject(term)} not from {_say_amount(low)} to {_say_amount(high)}"
        case n.Like(term, pattern, _):
            return _say_like(term, pattern, is_so=False)
        case n.TextTest(how, term, part):
            return _say_text_test(how, term, part, is_so=False)
        case n.Has(field, entry):
            return f"{say_term(field)} does not have {say_term(entry)}"
        case n.IsTrue(n.Holds(term)):
            return f"{_subject(term)} false or not known"
        case n.IsTrue(n.Not(n.Holds(term))):
            return f"{_subject(term)} true or not known"
        case n.IsTrue(part):
            return f"it is not certain that {_enclosed(part)}"
        case n.Compare() | n.Not() | n.AllOf() | n.AnyOf():
            return f"it is not so that {_enclosed(condition)}"
        case _:
            assert_never(condition)


def _enclosed(condition: n.Condition) -> str:
    said = say_condition(condition)
    match condition:
        case n.AllOf() | n.AnyOf() | n.IsTrue() | n.Not(n.Compare() | n.Not() | n.AllOf() | n.AnyOf() | n.IsTrue()):
            return f"({said})"
        case _:
            return said


def _say_like(term: n.Term, pattern: str, *, is_so: bool) -> str:
    """Return a pattern in words where it has a simple shape, else the pattern with what its signs mean."""
    bare = pattern.strip("%")
    opens, closes = pattern.startswith("%"), pattern.endswith("%")
    if bare and not re.search("[%_]", bare) and pattern in (f"{bare}%", f"%{bare}", f"%{bare}%"):
        how = "contains" if opens and closes else "ends_with" if opens else "starts_with"
        return _say_text_test(how, term, n.Literal(bare, "text", bare), is_so=is_so)
    signs = [meaning for sign, meaning in (("%", "% is any text"), ("_", "_ is any one sign")) if sign in pattern]
    said = f"{_subject(term)} {'' if is_so else 'not '}like “{pattern}”"
    return f"{said} ({', '.join(signs)})" if signs else said


def _say_text_test(how: str, term: n.Term, part: n.Literal, *, is_so: bool) -> str:
    does, do, preposition = _DOES[how]
    verb = does if is_so else f"does not {do}"
    return " ".join(word for word in (say_term(term), verb, preposition, say_term(part)) if word)


def _subject(term: n.Term) -> str:
    """Return a term with its verb."""
    is_many = isinstance(term, n.DaysSinceEvent | n.DaysSinceField | n.DaysSinceOutcome)
    return f"{say_term(term)} {'are' if is_many else 'is'}"


def _say_amount(term: n.Term) -> str:
    return group_digits(say_term(term)) if isinstance(term, n.Literal) else say_term(term)


def weighs(condition: n.Condition) -> bool:
    """Return whether a condition asks for more or less: its numbers are amounts. One that is only equal may be a code."""
    match condition:
        case n.Compare(_, sign, _):
            return sign not in ("=", "<>")
        case n.Not(part):
            return weighs(part)
        case _:
            return isinstance(condition, n.Between)


# -- terms --------------------------------------------------------------------------------------------


def say_term(term: n.Term) -> str:
    """Return a term as people name it.

    >>> say_term(n.Count("page_viewed", 7, None)), say_term(n.Field("company", "hires_sales", "boolean"))
    ('the number of “page viewed” in the last 7 days', "the company's hires sales")
    """
    match term:
        case n.Literal(value, kind, shown):
            return say_value(value, kind, shown)
        case n.Field(scope, name, _):
            return say_field(scope, name)
        case n.Count(event, window, only):
            filtered = "" if only is None else f" (only when {say_condition(only)})"
            return f"the number of {say_event(event)}{_window(window)}{filtered}"
        case n.ActiveDays(event, window):
            return f"the number of days with {say_event(event)}{_window(window)}"
        case n.DaysSinceEvent(event):
            return f"the days since the last {say_event(event)}"
        case n.DaysSinceField(field):
            return f"the days since {say_term(field)}"
        case n.DaysSinceOutcome(outcome):
            return f"the days since the outcome {say_text(outcome)}"
        case n.Spells(qualification):
            return f"the number of ended spells of {qualification}"
        case n.History("reason"):
            return "the reason of the latest decision"
        case n.History(what):
            return f"the latest {what}"
        case n.AnsweredYes():
            return "the number of questions answered yes"
        case n.Answer(question):
            return f"the answer to {say_name(question)}"
        case n.Score(score):
            return f"the score {say_name(score)}"
        case n.Grade(score):
            return f"the grade of {say_name(score)}"
        case _:
            assert_never(term)


def _window(days: int | None) -> str:
    return "" if days is None else f" in the last {say_days(days)}"


def say_field(scope: n.Scope, name: str) -> str:
    """Return a field or property as people name it.

    >>> say_field("lead", "email_domain"), say_field("event", "path"), say_field("lead", "model.win")
    ("the lead's email domain", 'its path', 'the model win')
    """
    kind, _, rest = name.partition(".")
    if rest and kind == "model":
        return f"the model {say_name(rest)}"
    if rest and kind == "consent":
        return f"the consent to {say_name(rest)}"
    owner = {"lead": "the lead's", "company": "the company's", "event": "its"}[scope]
    return f"{owner} {say_name(name)}"


def say_name(name: str) -> str:
    """Return a name in the file as words."""
    return name.replace("_", " ")


def say_event(event: str) -> str:
    """Return an event's name as words in quotes; ``*`` is any event."""
    return "any event" if event == "*" else f"“{say_name(event)}”"


# -- values -------------------------------------------------------------------------------------------


def say_value(value: n.Value | None, kind: n.Kind, shown: str | None = None) -> str:
    """Return a value as people write it; *shown* as it stands in the file, when it does.

    >>> say_value(320.0, "number"), say_value(20514, "day"), say_value(("a", "b c"), "list"), say_value(None, "text")
    ('320', '2 March 2026', 'a and “b c”', 'not known')
    """
    match value:
        case None:
            return "not known"
        case bool():
            return "true" if value else "false"
        case tuple():
            return join_words([say_text(entry) for entry in value], "and") or "an empty list"
        case str():
            return say_text(shown[1:-1].replace("''", "'").strip() if shown and shown[0] == "'" else value)
        case int() | float() if kind == "day":
            return say_day(int(value))
        case int() | float():
            return shown or say_number(value)
        case _:
            assert_never(value)


def say_number(value: float) -> str:
    """Return a number without a fraction of zero.

    >>> say_number(5.0), say_number(0.25), say_number(1e300)
    ('5', '0.25', '1e+300')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def group_digits(said: str) -> str:
    """Return an amount with its digits in groups where there are five or more, so that years stay as they are.

    >>> group_digits("10000000"), group_digits("-2500"), group_digits("12500.5")
    ('10,000,000', '-2500', '12500.5')
    """
    return f"{int(said):,}" if _LONG.fullmatch(said) else said


def say_text(text: str) -> str:
    """Return a text, in quotes unless it is a plain word.

    >>> say_text("software"), say_text("lead scoring"), say_text("or")
    ('software', '“lead scoring”', '“or”')
    """
    return text if _PLAIN.fullmatch(text) and text.lower() not in _OWN_WORDS else f"“{text}”"


def say_day(day: int) -> str:
    """Return a day number as a date.

    >>> say_day(0)
    '1 January 1970'
    """
    found = date_of(day)
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def say_days(days: int) -> str:
    """Return a duration.

    >>> say_days(1), say_days(14)
    ('1 day', '14 days')
    """
    return f"{days} day{'' if days == 1 else 's'}"


def join_words(words: Sequence[str], last: str) -> str:
    """Return words as a list with *last* before the last one.

    >>> join_words(["a", "b", "c"], "or"), join_words(["a"], "or"), join_words([], "or")
    ('a, b or c', 'a', '')
    """
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
