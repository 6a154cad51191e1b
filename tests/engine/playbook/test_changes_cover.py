"""Nothing changes unsaid: two playbooks of one meaning have no change, two of different meaning have one, and every criterion is named.

What counts as one meaning is written here once more, from the model alone: a field that is new there and not covered fails a test.
"""

import json
import re
import tomllib
import typing
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.strategies.playbooks import Draft, drafts

from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.changes import playbook_changes
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.playbook.model import (
    Clause,
    InactivityCriterion,
    Playbook,
)
from leadline.engine.problems import ProblemsError
from leadline.engine.values import text_key
from leadline.starter import PLAYBOOK

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FILES = [
    Path(PLAYBOOK),
    HERE / "northwind.toml",
    HERE / "everything.toml",
    *sorted((ROOT / "examples").glob("*/playbook.toml")),
]
ANY_ORDER = {
    "events",
    "sum_of",
    "hand_raise",
    "until",
    "activity",
    "reset",
    "fix",
    "reasons",
    "outcomes",
    "questions",
    "scores",
}
"""Fields whose order decides nothing; of `HandOff` also its qualifications."""

NO_MEANING = {
    ("Playbook", "file"),
    ("Score", "line"),
    ("FactCriterion", "line"),
    ("EventCriterion", "line"),
    ("InactivityCriterion", "line"),
    ("Qualification", "line"),
    ("FactCriterion", "is_choose"),  # a plain `when` is a choice of one
    ("Clause", "text"),  # its meaning counts
    ("Clause", "where"),
    ("Clause", "line"),
    ("Clause", "place"),
    ("Clause", "events"),
    ("FieldSpec", "declared"),
}
"""What says where something stands in the file, or how it was written."""


def to_toml(tables: Mapping[str, Any]) -> str:
    """Return a parsed file as a text again."""
    rest = {name: table for name, table in tables.items() if name not in ("fields", "events")}
    return Draft(rest, fields=tables.get("fields", {}), events=tables.get("events", {})).to_toml()


def bind(text: str) -> BoundPlaybook:
    return bind_playbook(read_playbook(text)[0])[0]


# -- what counts as one meaning --------------------------------------------------------------------------


def condition_meaning(value: Any) -> Any:
    """Return a condition as nested tuples, without how it was written."""
    if isinstance(value, n.Literal):
        return value.kind, value.value
    if isinstance(value, n.AllOf | n.AnyOf):
        return type(value).__name__, frozenset(map(condition_meaning, value.parts))
    if isinstance(value, n.Among):
        return "Among", condition_meaning(value.term), frozenset(map(condition_meaning, value.values))
    if is_dataclass(value):
        return type(value).__name__, *(
            condition_meaning(getattr(value, one.name)) for one in fields(value) if one.name != "shown"
        )
    return value


def meaning(value: Any, bound: BoundPlaybook, field: str = "") -> Any:
    """Return what a playbook, or a thing in it, says and computes."""
    if isinstance(value, Clause):
        return condition_meaning(bound.test(value))
    if isinstance(value, FieldSpec):
        separator = value.separator if value.type == "list" else None
        return value.type, separator, frozenset(map(text_key, value.missing))
    if field == "resets":
        return frozenset((reset.event, score) for reset in value for score in reset.scores)
    if field == "lists":
        return frozenset((name, frozenset(map(text_key, entries))) for name, entries in value.items())
    if is_dataclass(value):
        names = [one.name for one in fields(value) if (type(value).__name__, one.name) not in NO_MEANING]
        found = {name: meaning(getattr(value, name), bound, name) for name in names}
        if isinstance(value, InactivityCriterion):
            found["activity"] = value.activity is None, frozenset(value.activity or bound.playbook.activity)
        if type(value).__name__ == "HandOff":
            found["qualifications"] = frozenset(value.qualifications)
        return type(value).__name__, tuple(found.items())
    if isinstance(value, Mapping):
        return frozenset((key, meaning(entry, bound)) for key, entry in value.items())
    if isinstance(value, tuple):
        entries = [meaning(entry, bound) for entry in value]
        return frozenset(entries) if field in ANY_ORDER else tuple(entries)
    return value


def hold(before: BoundPlaybook, after: BoundPlaybook) -> None:
    """Hold the changes between two playbooks to what their models say."""
    found = playbook_changes(before, after)
    assert bool(found) == (meaning(before.playbook, before) != meaning(after.playbook, after))
    criteria = [change for change in found if change.what == "criterion"]
    named = {change.id for change in criteria} | {change.old_id for change in criteria}
    old, new = ({one.id: meaning(one, side) for one in side.playbook.criteria} for side in (before, after))
    wanted = {name for name in (*old, *new) if old.get(name) != new.get(name)}
    renamed_scores = any(change.what == "score" and change.kind == "renamed" for change in found)
    assert renamed_scores or wanted == named - {None}
    for change in found:
        json.dumps(change.to_dict())
        if change.kind == "added":
            assert (change.before, bool(change.after)) == (None, True)
        elif change.kind == "removed":
            assert (bool(change.before), change.after) == (True, None)
        else:
            assert change.details
        assert change.sentence.endswith(".")
        assert all(said and "None" not in said for said in (change.sentence, *change.details))
        assert change.title
        assert change.part_title
    back = playbook_changes(after, before)
    turned = {"added": "removed", "removed": "added"}
    assert sorted((one.what, turned.get(one.kind, one.kind)) for one in back) == sorted(
        (one.what, one.kind) for one in found
    )


# -- single values, one after the other ------------------------------------------------------------------


def values_in(tables: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all values in a parsed file, of tables and lists too."""
    entries = tables.items() if isinstance(tables, dict) else enumerate(tables) if isinstance(tables, list) else ()
    for key, entry in entries:
        yield (*path, key)
        yield from values_in(entry, (*path, key))


def others(value: Any) -> list[Any]:
    """Return values that could stand in the place of one."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value - 1]
        case str() if value[:-1].isdecimal():
            return [f"{int(value[:-1]) + 1}{value[-1]}"]
        case str():
            return [f"{value}x", f"not ({value})", f"({value}) and employees > 7", "1" if value == "" else value[:-1]]
        case list():
            return [value[1:], value[:-1], value[::-1], value + value[:1]]
        case _:
            return []


GONE = object()


def with_other(tables: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a parsed file with another value in a place, or with nothing there."""
    found = deepcopy(tables)
    place: Any = found
    for key in path[:-1]:
        place = place[key]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return found


def get(tables: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tables = tables[key]
    return tables


@pytest.mark.parametrize("name", ["everything", "northwind"])
def test_every_other_value_in_a_file_is_told(name: str) -> None:
    tables = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    before = bind(to_toml(tables))
    tried = 0
    for place in values_in(tables):
        for value in (*others(get(tables, place))[:2], GONE):
            try:
                after = bind(to_toml(with_other(tables, place, value)))
            except ProblemsError:
                continue
            hold(before, after)
            tried += 1
    assert tried > 150


@given(st.sampled_from(FILES), st.data())
def test_several_other_values_are_told(path: Path, data: st.DataObject) -> None:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    before = bind(to_toml(tables))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(list(values_in(tables))))
        found = with_other(tables, place, data.draw(st.sampled_from([*others(get(tables, place)), GONE])))
        try:
            bind(to_toml(found))
        except ProblemsError:
            continue
        tables = found
    hold(before, bind(to_toml(tables)))


@given(drafts(), drafts())
def test_two_playbooks_that_have_little_in_common(one: Draft, other: Draft) -> None:
    try:
        before, after = bind(one.to_toml()), bind(other.to_toml())
    except ProblemsError:
        assume(False)
    hold(before, after)
    hold(before, bind(one.to_toml()))


@given(drafts(), st.data())
def test_a_drawn_playbook_with_parts_of_another(one: Draft, data: st.DataObject) -> None:
    """So that both have the same ids and other rules."""
    other = data.draw(drafts())
    parts = data.draw(st.sets(st.sampled_from(sorted(one.tables)), min_size=1))
    mixed = Draft(
        {name: other.tables.get(name, table) if name in parts else table for name, table in one.tables.items()}
    )
    try:
        before, after = bind(one.to_toml()), bind(mixed.to_toml())
    except ProblemsError:
        assume(False)
    hold(before, after)


# -- comments, order and spacing mean nothing --------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_comments_spacing_and_the_order_of_the_parts_mean_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    turned = to_toml({name: tables[name] for name in reversed(tables)})
    spaced = "# a comment\n\n" + re.sub(r"^(\w+) = ", r"\1   =  ", text, flags=re.MULTILINE)
    spaced = re.sub(r'^((?:when|enter|stay|yes) .*?") ?(.*)(")$', r"\1 (  (\2 ) ) \3", spaced, flags=re.MULTILINE)

    for other in (turned, spaced):
        assert playbook_changes(bind(text), bind(other)) == []


# -- every field of the model ------------------------------------------------------------------------------


def model_fields() -> set[tuple[str, str]]:
    """Return every field of every class that a playbook is made of."""
    found: set[tuple[str, str]] = set()
    waiting: list[Any] = [Playbook]
    while waiting:
        hint = waiting.pop()
        waiting += [one for one in typing.get_args(hint) if one is not Ellipsis]
        if isinstance(hint, type) and is_dataclass(hint):
            mine = {(hint.__name__, one.name) for one in fields(hint)}
            if not mine <= found:
                found |= mine
                waiting += typing.get_type_hints(hint).values()
    return found


def changed_fields(thing: Any, hint_of: Callable[[type], dict[str, Any]]) -> Iterator[tuple[set[tuple[str, str]], Any]]:
    """Yield a thing with one value in it changed, wherever it lies, with the fields through which it is reached."""
    if not is_dataclass(thing):
        return
    hints = hint_of(type(thing))
    for one in fields(thing):
        was = getattr(thing, one.name)
        key = (type(thing).__name__, one.name)
        if key == ("FactCriterion", "is_choose") and len(thing.choices) > 1:
            continue  # several choices cannot be one plain condition
        for other in other_values(was, hints[one.name], key):
            if other != was and not (other == () and key in NEVER_EMPTY):
                yield {key}, replace(thing, **{one.name: other})
        for keys, other in changed_inside(was, hint_of):
            yield {key, *keys}, replace(thing, **{one.name: other})


NEVER_EMPTY = {
    ("FactCriterion", "choices"),
    ("EventCriterion", "events"),
    ("InactivityCriterion", "activity"),
    ("Reset", "scores"),
    ("HandOff", "qualifications"),
}
"""What a file cannot leave empty."""


def changed_inside(was: Any, hint_of: Callable[[type], dict[str, Any]]) -> Iterator[tuple[set[tuple[str, str]], Any]]:
    if isinstance(was, Mapping):
        for name, entry in was.items():
            for keys, other in changed_fields(entry, hint_of):
                yield keys, {**was, name: other}
    elif isinstance(was, tuple):
        for index, entry in enumerate(was):
            for keys, other in changed_fields(entry, hint_of):
                yield keys, (*was[:index], other, *was[index + 1 :])
    else:
        yield from changed_fields(was, hint_of)


def other_values(was: Any, hint: Any, key: tuple[str, str]) -> list[Any]:
    """Return other values of one type: a number more, a word longer, one entry less, nothing where that is allowed."""
    found: list[Any] = [None] if type(None) in typing.get_args(hint) and was is not None else []
    choices = [one for one in (hint, *typing.get_args(hint)) if typing.get_origin(one) is typing.Literal]
    if choices:
        return [*found, *(one for choice in choices for one in typing.get_args(choice) if one != was)]
    match was:
        case bool():
            found.append(not was)
        case int():
            found.append(was + 1)
        case Decimal():
            found.append(was / 2)
        case str() if key == ("Clause", "text"):
            found.append(f"not ({was})")
        case str():
            found += [f"{was}x", "Europe/Vienna", "fit", "engagement", "mql", "pql", "won", "lost"]
        case tuple():
            found += [was[1:], was[:-1], was[::-1]]
        case Mapping():
            found += [dict(list(was.items())[1:]), dict(list(was.items())[:-1])]
    return found


def test_every_field_of_the_model_is_told() -> None:
    before = bind((HERE / "everything.toml").read_text(encoding="utf-8"))
    told: set[tuple[str, str]] = set()
    for keys, playbook in changed_fields(before.playbook, typing.get_type_hints):
        try:
            after = bind_playbook(playbook)[0]
        except ProblemsError:
            continue
        hold(before, after)
        if playbook_changes(before, after):
            told |= keys

    assert model_fields() - told - NO_MEANING == set()
    assert {"HalfLife", "Linear", "Step", "Limit", "Route", "Reason"} <= {name for name, _ in told}


def test_what_counts_as_no_meaning_is_there() -> None:
    """An entry of a field that is gone would hide a new one of its name."""
    assert model_fields() >= NO_MEANING
