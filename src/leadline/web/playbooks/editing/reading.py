"""Reads a playbook's text as a form.

It need not be right: whatever is TOML can be read, so that a form can mend it. What has another shape than the language says is left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from leadline.engine.playbook.table import ID, Table
from leadline.engine.playbook.toml_file import parse_toml
from leadline.web.playbooks.editing import language
from leadline.web.playbooks.editing.form import Entry, Field, Part, PlaybookForm, ScorePart, Takes

FILE = "playbook.toml"
KINDS = ("event", "inactive_for", "choose", "when")
"""The keys that say of which kind a criterion is; the first that it has counts."""

_NAME = re.compile(r"[^\s,](?:[^,\n\r]*[^\s,])?")
_WRITTEN_OUT = 30
"""The places of a number up to which it is shown without an exponent."""


def read_form(toml: str) -> PlaybookForm:
    """Return what can be changed in a form, in the order of the file.

    Args:
        toml: the text of a playbook, right or wrong. It is not large: `check_playbook` says what is too large.

    Raises:
        ProblemsError: it is not TOML; the problem has its line.
    """
    root = parse_toml(toml, file=FILE)
    return PlaybookForm(scores=_scores(root), parts=_parts(root))


def shown(value: object) -> str | None:
    """Return a value as somebody would type it, without what is around a text; None when it is no single value.

    >>> shown(" one\\r\\n two "), shown(Decimal("2.50")), shown([1])
    ('one\\n two', '2.50', None)
    """
    match value:
        case bool():
            return str(value).lower()
        case str():
            return one_newline(value).strip()
        case int():
            return str(value) if abs(value) < 10**_WRITTEN_OUT else hex(value)
        case Decimal():
            exponent = value.adjusted() if value.is_finite() else _WRITTEN_OUT
            return format(value, "f") if abs(exponent) < _WRITTEN_OUT else str(value)
    return None


def shown_names(value: object) -> str | None:
    """Return names as somebody would type them; None where they are none, or one of them cannot be typed so.

    >>> shown_names(["a", "b"]), shown_names("a"), shown_names(["a, b"]), shown_names([1])
    ('a, b', 'a', None, None)
    """
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) and _NAME.fullmatch(one) for one in names):
        return None
    return ", ".join(names)


def one_newline(text: str) -> str:
    """Return a text with its lines ended in one way: a browser sends them as it likes."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# -- scores and criteria ----------------------------------------------------------------------------------------


def _scores(root: Table) -> tuple[ScorePart, ...]:
    scores = {name: _score(name, table) for name, table in root.named_tables("scores")}
    criteria: dict[str, list[Entry]] = {name: [] for name in scores}
    for place, table in _listed(root, "criteria"):
        criteria.setdefault(str(table.values.get("score", "")), []).append(_criterion(place, table))
    return tuple(
        ScorePart(id=name, score=scores.get(name), criteria=tuple(entries)) for name, entries in criteria.items()
    )


def _score(name: str, table: Table) -> Entry:
    grades = table.values.get("grades")
    takes = [language.takes_of_grade(grade) for grade in grades] if isinstance(grades, dict) else []
    title, low, high, source = language.SCORE
    about = [str(part) for part in _as_list(table.values.get("sum_of"))]
    return _entry(table.where, table, "score", (title, low, high, *takes, source), name=name, about=about)


def _criterion(place: str, table: Table) -> Entry:
    kind = next((key for key in KINDS if key in table.values), "when")
    chosen = [_entry(at, one, "choice", language.CHOICE) for at, one in _listed(table, "choose", place)]
    events = [str(name) for name in _as_list(table.values.get("event"))]
    takes = language.takes_of_criterion(kind, _decay(table.values.get("decay")))
    return _entry(place, table, kind, takes, about=events, entries=chosen)


def _decay(written: object) -> Sequence[Takes]:
    """Return the fields of a decay as it is written; a half-life where there is none yet."""
    if written is None or is_no_decay("decay", written):
        return (language.HALF_LIFE,)
    if not isinstance(written, dict):
        return ()
    found = [takes for key, takes in language.DECAYS.items() if key in written]
    return [one for takes in found for one in takes] or (() if written else (language.HALF_LIFE,))


# -- what follows -------------------------------------------------------------------------------------------------


def _parts(root: Table) -> tuple[Part, ...]:
    parts = [
        _part("questions", "Questions", [_question(*one) for one in root.named_tables("questions")]),
        _part("personas", "Personas", [_persona(place, table) for place, table in _listed(root, "personas")]),
        _part("exclusions", "Exclusions", [_persona(place, table) for place, table in _listed(root, "exclusions")]),
        _part("qualifications", "Qualifications", _all(root, "qualifications", language.QUALIFICATION)),
        _part("outcomes", "Outcomes", [_outcome(*one) for one in root.named_tables("outcomes")]),
        _part("stages", "Stages", _all(root, "stages", language.STAGE)),
        _part("handoff", "Hand-off", [_handoff(table) for table in (root.table("handoff"),) if table]),
    ]
    return tuple(sorted((part for part in parts if part.entries), key=lambda part: root.line_of(part.key) or 0))


def _part(key: str, title: str, entries: Iterable[Entry]) -> Part:
    return Part(key=key, title=title, entries=tuple(entries))


def _all(root: Table, key: str, takes: Sequence[Takes]) -> list[Entry]:
    return [_entry(place, table, key.removesuffix("s"), takes) for place, table in _listed(root, key)]


def _question(name: str, table: Table) -> Entry:
    return _entry(table.where, table, "question", language.QUESTION, name=name)


def _persona(place: str, table: Table) -> Entry:
    key = str(table.path[0])
    called = [one for one in language.NAMES.values() if one.key[0] in table.values] or [language.NAMES[key]]
    return _entry(place, table, key.removesuffix("s"), (*called, *language.NAMED))


def _outcome(name: str, table: Table) -> Entry:
    reasons = [_entry(place, one, "reason", language.REASON) for place, one in _listed(table, "reasons")]
    return _entry(table.where, table, "outcome", language.OUTCOME, name=name, entries=reasons)


def _handoff(table: Table) -> Entry:
    routes = [_entry(place, one, "route", language.ROUTE) for place, one in _listed(table, "routes")]
    about = [str(name) for name in _as_list(table.values.get("qualifications"))]
    return _entry("handoff", table, "handoff", language.HANDOFF, name="handoff", about=about, entries=routes)


# -- entries and fields ---------------------------------------------------------------------------------------------


def _listed(table: Table, key: str, place: str | None = None) -> list[tuple[str, Table]]:
    """Return the tables of a list, each with its place: by its id, where it has one of its own, or by its number."""
    tables = table.tables(key)
    holder = table.place(key) if place is None else f"{place}.{key}"
    seen: Counter[object] = Counter()
    found = []
    for one in tables:
        name = one.values.get("id")
        is_known = isinstance(name, str) and bool(ID.fullmatch(name)) and not seen[name]
        seen[name if isinstance(name, str) else ""] += 1
        found.append((f"{holder}.{name}" if is_known else f"{holder}[{one.path[-1]}]", one))
    return found


def _entry(
    place: str,
    table: Table,
    kind: str,
    takes: Iterable[Takes],
    *,
    name: str = "",
    about: Sequence[str] = (),
    entries: Iterable[Entry] = (),
) -> Entry:
    values = table.values
    identifier = name or str(values.get("id", ""))
    titles = (values.get("title"), values.get("why"), values.get("ask"))
    return Entry(
        path=place,
        id=identifier,
        title=next((one.strip() for one in titles if isinstance(one, str) and one.strip()), identifier),
        kind=kind,
        fields=tuple(field for one in takes if (field := _field(place, table, one))),
        about=tuple(about),
        entries=tuple(entries),
        line=table.line,
    )


def _field(place: str, table: Table, takes: Takes) -> Field | None:
    """Return a field, or None where something stands that no field can show."""
    holder: Any = table.values
    for part in takes.key[:-1]:
        below = holder.get(part, {})
        if not isinstance(below, dict) and not is_no_decay(part, below):
            return None  # such as limit = 3
        holder = below if isinstance(below, dict) else {}
    is_written = takes.key[-1] in holder
    read = shown_names if takes.kind == "names" else shown
    value = read(holder[takes.key[-1]]) if is_written else ""
    if value is None:
        return None
    if takes is language.PER and holder:  # a limit has both
        takes = replace(takes, is_optional=False)
    at = (*table.path, *takes.key)
    line = table.notes.line(at) if is_written else None
    return Field(path=".".join((place, *takes.key)), takes=takes, value=value, is_written=is_written, line=line, at=at)


def is_no_decay(key: str, value: object) -> bool:
    """Return whether this is ``decay = "none"``, which says what no decay at all says."""
    return key == "decay" and value == "none"


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
