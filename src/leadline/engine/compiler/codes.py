"""Events as small numbers: which signals an event is, looked up in a table instead of evaluated row by row.

The values of a property that no condition tells apart are one *class*. An event's name and the classes of its properties
make its *code*, and there are few codes; which tallies a code counts for is found here, once for each code, by the reference's
own `evaluate`. So an engine that counts events by code never evaluates a condition: it only finds classes.

    page_viewed, path of class 2 ('/pricing…'), duration of class 3 (300 and more)  →  code 47  →  tallies 0 and 5

Nothing runs here. backends/packed_events.py makes tables of this and counts with them.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.calendar import bucket_of
from leadline.engine.compiler.plan import ANY_EVENT, Counted, Days, Feature, LastDay, Plan, Points
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import Truth, evaluate

MOST_CODES = 20_000
"""With more codes than this, finding out what each counts for takes longer than it saves."""

DistinctValues = Mapping[n.Field, Sequence[n.Value]]
"""What occurs in the data, for the properties whose classes are found value by value."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where classes of numbers part: at *value*, which belongs to the class above when *is_above*."""

    value: float
    is_above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The classes of one property. Class 0 is "missing".

    samples: a value of each class; that of class 0 is None.
    cuts:    for numbers and days: the class is 1 and one more for each cut that the value lies above.
    of:      for other kinds: the class of each value that occurs.
    """

    field: n.Field
    samples: tuple[n.Value | None, ...]
    cuts: tuple[Cut, ...] | None
    of: Mapping[n.Value, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCodes:
    """The codes of one event name: ``first + Σ step · class`` over the properties that its conditions read.

    steps: by property; properties that matter only to other events have none.
    """

    name: str
    first: int
    steps: Mapping[n.Field, int]
    first_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code, the tallies that an event of this code counts for, and the first day that still matters to one of them."""

    code: int
    tallies: tuple[int, ...]
    first_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """How events become codes. Codes that count for nothing are left out."""

    classes: tuple[Classes, ...]
    events: tuple[EventCodes, ...]
    codes: tuple[Code, ...]


def make_codes(plan: Plan, names: Iterable[str], values: DistinctValues, as_of_day: int) -> Codes | None:
    """Return the codes of a plan for data with these event *names* and distinct *values*; None where there are too many.

    Args:
        plan: whose tallies are looked for.
        names: the event names that occur.
        values: what occurs of text, truths and lists; numbers and days need none.
        as_of_day: the day of the moment; days too long ago to matter are found from it.
    """
    atoms = _atoms_by_property(plan)
    if atoms is None:
        return None
    classes = {field: _classes(field, tests, values.get(field, ())) for field, tests in atoms.items()}
    first_days = [first_day_of(plan, tally, as_of_day) for tally in range(len(plan.tallies))]
    events: list[EventCodes] = []
    codes: list[Code] = []
    first = 0
    for name in sorted(names):
        tallies = [index for index, tally in enumerate(plan.tallies) if _names(plan, tally.signal) & {name, ANY_EVENT}]
        if not tallies:
            continue
        read = dict.fromkeys(field for index in tallies for field in _properties(plan, plan.tallies[index].signal))
        steps, count = {}, 1
        for field in read:
            steps[field] = count
            count *= len(classes[field].samples)
        if first + count > MOST_CODES:
            return None
        events.append(
            EventCodes(name=name, first=first, steps=steps, first_day=earliest(first_days[one] for one in tallies))
        )
        for picked in itertools.product(*(range(len(classes[field].samples)) for field in read)):
            samples = {field: classes[field].samples[number] for field, number in zip(read, picked, strict=True)}
            found = tuple(index for index in tallies if _counts(plan, plan.tallies[index].signal, samples))
            if found:
                code = first + sum(steps[field] * number for field, number in zip(read, picked, strict=True))
                codes.append(Code(code=code, tallies=found, first_day=earliest(first_days[one] for one in found)))
        first += count
    return Codes(classes=tuple(classes.values()), events=tuple(events), codes=tuple(codes))


def _names(plan: Plan, signal: int) -> set[str]:
    return set(plan.signals[signal].events)


def _properties(plan: Plan, signal: int) -> list[n.Field]:
    only = plan.signals[signal].only
    return [term for term in n.terms_of(only) if isinstance(term, n.Field)] if only else []


def _counts(plan: Plan, signal: int, samples: Mapping[n.Field, n.Value | None]) -> bool:
    only = plan.signals[signal].only

    def read(term: n.Term) -> n.Value | None:
        assert isinstance(term, n.Field)
        return samples[term]

    return only is None or evaluate(only, read) is True


# -- classes -----------------------------------------------------------------------------------------------


def _atoms_by_property(plan: Plan) -> dict[n.Field, list[n.Condition]] | None:
    """Return the comparisons of each property with what stands in the playbook; None when one compares two properties."""
    found: dict[n.Field, dict[n.Condition, None]] = {}
    for signal in plan.signals:
        for atom in _atoms(signal.only) if signal.only else ():
            fields = [term for term in n.terms_of(atom) if isinstance(term, n.Field)]
            if len(fields) > 1:
                return None
            for field in fields:
                found.setdefault(field, {})[atom] = None
    return {field: list(atoms) for field, atoms in found.items()}


def _atoms(condition: n.Condition) -> list[n.Condition]:
    if isinstance(condition, n.AllOf | n.AnyOf | n.Not | n.IsTrue):
        return [atom for part in n.parts_of(condition) if isinstance(part, n.Condition) for atom in _atoms(part)]
    return [condition]


def _truths(atoms: Sequence[n.Condition], value: n.Value | None) -> tuple[Truth, ...]:
    return tuple(evaluate(atom, lambda _term: value) for atom in atoms)


def _classes(field: n.Field, atoms: Sequence[n.Condition], values: Sequence[n.Value]) -> Classes:
    return _classes_of_numbers(field, atoms) if has_cuts(field) else _classes_of_values(field, atoms, values)


def has_cuts(field: n.Field) -> bool:
    """Return whether the classes of a property are stretches of numbers, so that its values need not be known."""
    return field.kind in ("number", "day")


def _classes_of_values(field: n.Field, atoms: Sequence[n.Condition], values: Sequence[n.Value]) -> Classes:
    samples: list[n.Value | None] = [None]
    numbers: dict[tuple[Truth, ...], int] = {}
    of: dict[n.Value, int] = {}
    for value in values:
        truths = _truths(atoms, value)
        if truths not in numbers:
            numbers[truths] = len(samples)
            samples.append(value)
        of[value] = numbers[truths]
    return Classes(field=field, samples=tuple(samples), cuts=None, of=of)


def _classes_of_numbers(field: n.Field, atoms: Sequence[n.Condition]) -> Classes:
    """Part the numbers at what the conditions name: below, at and between those numbers nothing changes."""
    named = sorted({float(value) for atom in atoms for value in _literals(atom)})
    samples: list[n.Value | None] = [None, math.nextafter(named[0], -math.inf) if named else 0.0]
    cuts: list[Cut] = []
    last = _truths(atoms, samples[1])
    for place, value in enumerate(named):
        above = math.nextafter(value, math.inf)
        steps = [(value, Cut(value, True)), (above, Cut(value, False))]
        if above in named[place + 1 :]:
            steps.pop()
        for sample, cut in steps:
            truths = _truths(atoms, sample)
            if truths != last:
                cuts.append(cut)
                samples.append(sample)
                last = truths
    return Classes(field=field, samples=tuple(samples), cuts=tuple(cuts), of={})


def _literals(atom: n.Condition) -> list[Any]:
    """Return the values that stand in a comparison."""
    if isinstance(atom, n.Among):
        return [entry.value for entry in atom.values]
    return [part.value for part in n.parts_of(atom) if isinstance(part, n.Literal)]


# -- how far back ------------------------------------------------------------------------------------------


def features_of(plan: Plan, tally: int) -> list[Feature]:
    """Return the features that a tally feeds."""
    return [feature for feature in plan.features if feature.tally == tally]


def first_day_of(plan: Plan, tally: int, as_of_day: int) -> int | None:
    """Return the first day whose events matter to what a tally feeds; None when all do."""
    return earliest(_first_day(feature, as_of_day) for feature in features_of(plan, tally))


def _first_day(feature: Feature, as_of_day: int) -> int | None:
    match feature:
        case LastDay():
            return None
        case Counted(_, window) | Days(_, window):
            return None if window is None else as_of_day - window + 1
        case Points(_, _, weights, limit):
            if weights.horizon is None:
                return None
            first = as_of_day - weights.horizon + 1
            # What a limit picks depends on all earlier events of its stretch of the calendar.
            return first if limit is None else _first_of_bucket(first, limit.per)


def _first_of_bucket(day: int, per: str) -> int | None:
    if per == "ever":
        return None
    bucket = bucket_of(day, per)
    while bucket_of(day - 1, per) == bucket:
        day -= 1
    return day


def earliest(days: Iterable[int | None]) -> int | None:
    """Return the earliest of some days, None when one of them is None: as far back as there is."""
    listed = list(days)
    return None if None in listed else min(day for day in listed if day is not None)
