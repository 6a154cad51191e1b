"""What differs between two conditions: no more of them than the part that is another one.

`meaning_of` is when two conditions are the same though they are written differently: the letter case of texts, the order of what is
joined by *and* or *or*, the name of a list and the side on which a number stands mean nothing.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.words import say_condition, say_field, say_name, say_term
from leadline.engine.playbook.changes_words import instead, members
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Clause

_FLIPPED: dict[n.Operator, n.Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_KINDS: dict[n.Kind, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "day": "a date",
    "list": "a list",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of a playbook: what it means, and as it is written."""

    condition: n.Condition
    text: str

    @property
    def said(self) -> str:
        """The condition in words."""
        return say_condition(self.condition)


def asked(bound: BoundPlaybook, clause: Clause | None) -> Asked | None:
    """Return a clause with its meaning; None where there is none."""
    return None if clause is None else Asked(bound.test(clause), clause.text)


# -- when two are the same ------------------------------------------------------------------------------


def meaning_of(condition: n.Condition | n.Term | None) -> Hashable:
    """Return what two conditions have in common that mean the same."""
    match condition:
        case n.Literal(value, kind, _):
            return (kind, value)
        case n.Among(term, (value,), None):
            return meaning_of(n.Compare(term, "=", value))
        case n.Among(term, values, _):
            return ("Among", meaning_of(term), frozenset(map(meaning_of, values)))
        case n.AllOf(parts) | n.AnyOf(parts):
            return (type(condition).__name__, frozenset(map(meaning_of, parts)))
        case n.Compare(n.Literal() as left, sign, right) if not isinstance(right, n.Literal):
            return meaning_of(n.Compare(right, _FLIPPED[sign], left))
        case _ if is_dataclass(condition):
            return (
                type(condition).__name__,
                *(_plain(getattr(condition, one.name)) for one in fields(condition) if one.name != "shown"),
            )
        case _:
            return None


def _plain(value: object) -> Hashable:
    return meaning_of(value) if is_dataclass(value) and not isinstance(value, type) else value  # type: ignore[arg-type]


# -- what differs ---------------------------------------------------------------------------------------


def say_change(was: Asked | None, now: Asked | None, lead: str, *, name: str) -> Iterator[str]:
    """Yield what is otherwise about two conditions; nothing when they mean the same.

    Args:
        was, now: None where there is no condition.
        lead: what a condition follows, such as ``enters when``.
        name: how the whole of it is called, such as ``the condition to enter``.
    """
    if was is None or now is None:
        if was is not now:
            yield instead(*("" if one is None else f"{lead} {one.said}" for one in (was, now)))
        return
    if meaning_of(was.condition) != meaning_of(now.condition):
        for said in _differences(was.condition, now.condition, lead, name):
            yield said or f"{lead} ‘{now.text}’ instead of ‘{was.text}’"


def _differences(old: n.Condition, new: n.Condition, lead: str, name: str) -> Iterator[str]:
    """Yield what is otherwise; an empty text where words do not tell two things apart."""
    for kind in (n.AllOf, n.AnyOf):
        before, after = (list(one.parts) if isinstance(one, kind) else [one] for one in (old, new))
        if len(before) + len(after) > 2 and {*map(meaning_of, before)} & {*map(meaning_of, after)}:
            yield from _parts(before, after, lead, name, is_all=kind is n.AllOf)
            return
    if isinstance(old, n.AllOf | n.AnyOf) and type(old) is type(new) and len(old.parts) == len(new.parts):
        yield from _parts(list(old.parts), list(new.parts), lead, name, is_all=isinstance(old, n.AllOf))
    else:
        yield from _one(old, new, lead)


def _parts(old: list[n.Condition], new: list[n.Condition], lead: str, name: str, *, is_all: bool) -> Iterator[str]:
    """Yield which parts of a joined condition came, are gone, or are others."""
    before, after = ({meaning_of(part): part for part in parts} for parts in (old, new))
    gone = [part for meaning, part in before.items() if meaning not in after]
    came = [part for meaning, part in after.items() if meaning not in before]
    for part in list(came):
        twin = gone[0] if len(came) == len(gone) == 1 else next((one for one in gone if _are_alike(one, part)), None)
        if twin is not None:
            came.remove(part)
            gone.remove(twin)
            yield from _one(twin, part, lead)
    verbs = ("also asks that", "no longer asks that") if is_all else ("also holds when", "no longer holds when")
    for verb, parts in zip(verbs, (came, gone), strict=True):
        for part in parts:
            yield f"{name} {verb} {say_condition(part)}"


def _are_alike(old: n.Condition, new: n.Condition) -> bool:
    """Return whether two parts are about one thing, so that one stands in the other's place."""
    subject = _subject(new)
    return say_condition(old) == say_condition(new) or (subject is not None and subject == _subject(old))


def _one(old: n.Condition, new: n.Condition, lead: str) -> Iterator[str]:
    was, now = say_condition(old), say_condition(new)
    subject = _subject(new)
    if was == now:  # what it names is another thing now
        yield from list(_otherwise_named(old, new)) or [""]
    elif subject is None or subject != _subject(old):
        is_joined = isinstance(old, n.AllOf | n.AnyOf) or isinstance(new, n.AllOf | n.AnyOf)
        yield f"{lead} ‘{now}’ instead of ‘{was}’" if is_joined else f"{lead} {now} instead of {was}"
    elif said := _other_values(old, new):
        yield f"{lead} {subject} {', '.join(said)}"
    else:
        yield f"{lead} {subject} {instead(was.removeprefix(f'{subject} '), now.removeprefix(f'{subject} '))}"


def _other_values(old: n.Condition, new: n.Condition) -> list[str]:
    """Return which values came and are gone where a term is compared with some of the same values as before."""
    if not (isinstance(old, n.Among) and isinstance(new, n.Among)) or old.list_name or new.list_name:
        return []
    was, now = _by_meaning(old.values), _by_meaning(new.values)
    return members(was, now, has="also", has_not="no longer", last="or") if was.keys() & now.keys() else []


def _by_meaning(values: Iterable[n.Literal]) -> dict[Hashable, str]:
    return {meaning_of(one): say_term(one) for one in values}


def _subject(condition: n.Condition) -> str | None:
    """Return what a simple condition is about, with its verb; None where its sentence does not begin with that."""
    parts = n.parts_of(condition)
    if isinstance(condition, n.Not):
        return _subject(condition.part)
    if isinstance(condition, n.AllOf | n.AnyOf | n.IsTrue) or not parts or isinstance(parts[0], n.Condition):
        return None
    said, term = say_condition(condition), say_term(parts[0])
    return next((f"{term} {verb}" for verb in ("is", "are") if said.startswith(f"{term} {verb} ")), None)


def _otherwise_named(was: n.Condition, now: n.Condition) -> Iterator[str]:
    """Yield which lists that a condition names have other entries, and which fields are of another kind."""
    old_lists, new_lists = _lists(was), _lists(now)
    for name in new_lists:
        if name in old_lists and old_lists[name] != new_lists[name]:
            yield f"the list “{say_name(name)}” has other entries"
    old_kinds, new_kinds = _fields(was), _fields(now)
    for (scope, name), kind in new_kinds.items():
        before_kind = old_kinds.get((scope, name), kind)
        if before_kind != kind:
            yield f"{say_field(scope, name)} is read as {_KINDS[kind]} instead of {_KINDS[before_kind]}"


def _lists(condition: n.Condition) -> dict[str, Hashable]:
    asked_lists = [one for one in _walk(condition) if isinstance(one, n.Among)]
    return {one.list_name: frozenset(map(meaning_of, one.values)) for one in asked_lists if one.list_name}


def _fields(condition: n.Condition) -> dict[tuple[n.Scope, str], n.Kind]:
    found = [one.field if isinstance(one, n.DaysSinceField) else one for one in _walk(condition)]
    return {(one.scope, one.name): one.kind for one in found if isinstance(one, n.Field)}


def _walk(item: n.Condition | n.Term) -> Iterator[n.Condition | n.Term]:
    """Yield a condition and all that it is made of, also what counts ask of events."""
    yield item
    inner = n.parts_of(item) if isinstance(item, n.Condition) else ()
    for part in inner:
        yield from _walk(part)
    if isinstance(item, n.Count) and item.only is not None:
        yield from _walk(item.only)
