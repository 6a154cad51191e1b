"""Which values of a field, or a property, make a difference: one value of each kind that the conditions tell apart.

The values come from the conditions: those that are written there, the borders of ranges and what lies between them, the parts of
texts. Two values for which every condition says the same are one *class*, so "seniority in ('vp', 'c_level')" is one thing to find
out and not two. A condition that compares two fields gives no values.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import ceil, floor

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import Truth, evaluate
from leadline.engine.next_step.reach import leaves_of, subject_of

SOMETHING_ELSE = "¤"
"""A text that no condition names."""

_MOST_TEXTS = 200


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Values that no condition tells apart.

    value:      the first of them. values: all that the conditions name; of numbers and days one for each stretch.
    truths:     what each of the field's simple conditions says.
    is_offered: whether it could help: some condition is true for it, or one stands under a *not*.
    """

    value: n.Value
    values: tuple[n.Value, ...]
    truths: tuple[Truth, ...]
    is_offered: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """The classes of values of a field.

    leaves:   the simple conditions about it alone. shown: values as the playbook writes them.
    is_alone: no condition compares it with another field, so the values of a class are worth the same.
    line:     for numbers and days: the borders and what lies between them, in order.
    """

    field: n.Field
    leaves: tuple[n.Condition, ...]
    classes: tuple[ValueClass, ...]
    shown: dict[n.Value, str] = dataclasses.field(compare=False)
    is_alone: bool = True
    line: tuple[n.Value, ...] = ()
    borders: frozenset[float] = frozenset()


def choices_of(
    subject: n.Field, conditions: Iterable[n.Condition], also: Iterable[n.Condition] = (), *, today: int = 0
) -> Choices:
    """Return the classes of values of a field.

    Args:
        subject: the field.
        conditions: that can help: a value is offered when it makes something of them true.
        also: conditions that only tell values apart, such as exclusions.
        today: the day from which "days since" a date field are counted.
    """
    helping: dict[n.Condition, None] = {}
    is_alone, has_not = True, False
    for condition in conditions:
        for leaf, is_negated in leaves_of(condition):
            if not _reads(leaf, subject):
                continue
            if subject_of(leaf) != subject:
                is_alone = False
                continue
            helping[leaf] = None
            has_not |= is_negated or isinstance(leaf, n.IsNull)
    others = [leaf for one in also for leaf, _ in leaves_of(one) if subject_of(leaf) == subject]
    leaves = tuple(dict.fromkeys((*helping, *others)))
    shown: dict[n.Value, str] = {}
    for leaf in leaves:
        for literal in _literals(leaf):
            shown.setdefault(literal.value, literal.shown)
    line, borders = _line(leaves, today) if subject.kind in ("number", "day") else ((), frozenset())
    found: dict[tuple[Truth, ...], list[n.Value]] = {}
    for value in line or _values(subject, leaves):
        truths = tuple(truth_for(leaf, subject, value, today) for leaf in leaves)
        found.setdefault(truths, []).append(value)
    classes = tuple(
        ValueClass(
            value=_first(values, borders),
            values=tuple(values),
            truths=truths,
            is_offered=has_not or any(truths[: len(helping)]),
        )
        for truths, values in found.items()
    )
    return Choices(subject, leaves, classes, shown, is_alone, line, borders)


def truth_for(leaf: n.Condition, subject: n.Field, value: n.Value, today: int) -> Truth:
    """Return what a simple condition about a field alone says of a value."""

    def read(term: n.Term) -> n.Value:
        if isinstance(term, n.DaysSinceField):
            return float(today - int(value))  # type: ignore[arg-type]  # a day
        return value

    return evaluate(leaf, read)


def _reads(leaf: n.Condition, subject: n.Field) -> bool:
    return subject in n.terms_of(leaf)


def _literals(leaf: n.Condition) -> list[n.Literal]:
    return [part for part in n.parts_of(leaf) if isinstance(part, n.Literal)]


def _first(values: Sequence[n.Value], borders: frozenset[float]) -> n.Value:
    """Return the value that stands for its class: the least border, for numbers and days; else the first."""
    return next((value for value in values if value in borders), values[0])


# -- numbers and days -----------------------------------------------------------------------------------


def _line(leaves: Iterable[n.Condition], today: int) -> tuple[tuple[n.Value, ...], frozenset[float]]:
    """Return the borders that conditions set, and a value in each stretch between, in order."""
    found: set[float] = set()
    is_day = False
    for leaf in leaves:
        since = any(isinstance(part, n.DaysSinceField) for part in n.parts_of(leaf))
        is_day = is_day or since or any(literal.kind == "day" for literal in _literals(leaf))
        for literal in _literals(leaf):
            number = float(literal.value)
            found.add(today - number if since else number)
    if not found:
        return ((today if is_day else 0.0),), frozenset()
    if is_day:
        days = {day for border in found for day in (floor(border) - 1, floor(border), ceil(border), ceil(border) + 1)}
        return tuple(sorted(days)), frozenset(found)
    borders = sorted(found)
    line = [borders[0] - 1, borders[0]]
    for low, high in pairwise(borders):
        line += [low + 1 if low == floor(low) and low + 1 < high else low + (high - low) / 2, high]
    return tuple(dict.fromkeys([*line, borders[-1] + 1])), frozenset(found)


# -- texts, lists and truths ----------------------------------------------------------------------------


def _values(subject: n.Field, leaves: Sequence[n.Condition]) -> list[n.Value]:
    match subject.kind:
        case "boolean":
            return [True, False]
        case "list":
            entries = list(dict.fromkeys(str(leaf.entry.value) for leaf in leaves if isinstance(leaf, n.Has)))
            alone: list[n.Value] = [(entry,) for entry in entries]
            return [*alone, *([tuple(entries)] if len(entries) > 1 else []), (SOMETHING_ELSE,)]
        case _:
            return list(dict.fromkeys([*_texts(leaves), SOMETHING_ELSE]))


def _texts(leaves: Sequence[n.Condition]) -> list[str]:
    """Return the texts that conditions name, and those that are made of the parts that they name."""
    whole: list[str] = []
    parts: dict[str, list[str]] = {"starts_with": [""], "contains": [""], "ends_with": [""]}
    for leaf in leaves:
        match leaf:
            case n.TextTest(how, _, part):
                parts[how].append(str(part.value))
            case n.Like(_, pattern, _):
                whole.append(pattern.replace("%", "").replace("_", SOMETHING_ELSE) or SOMETHING_ELSE)
            case _:
                whole += [str(literal.value) for literal in _literals(leaf)]
    joined = ("".join(chosen) for chosen in product(parts["starts_with"], parts["contains"], parts["ends_with"]))
    made = sorted((text for text in dict.fromkeys(joined) if text), key=len)
    return [*whole, *made[:_MOST_TEXTS]]
