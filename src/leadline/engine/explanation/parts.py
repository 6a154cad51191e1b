"""Walks a condition part by part: what it asks, whether it holds, and what was found in its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leadline.engine.explanation.model import Certainty, Part
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import Truth, evaluate
from leadline.engine.expressions.words import (
    group_digits,
    say_condition,
    say_event,
    say_term,
    say_text,
    say_value,
    weighs,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a lead: what terms were worth, as they compare, and grades as they are written."""

    values: Mapping[n.Term, n.Value | None]
    grades: Mapping[str, str | None]

    def say(self, term: n.Term) -> str:
        """Return what a term is worth, in words."""
        if isinstance(term, n.Grade):
            return self.grades.get(term.score) or "none"
        return say_value(self.values.get(term), n.kind_of(term))


_CERTAINTY: dict[Truth, Certainty] = {True: "true", False: "false", None: "unknown"}


def truth_of(condition: n.Condition, found: Found) -> Truth:
    """Return whether a condition holds, given what was found."""
    return evaluate(condition, found.values.get)


def parts_in(condition: n.Condition, found: Found) -> Part:
    """Return a condition with its parts, each with its truth and what was found."""
    text, truth = say_condition(condition), _CERTAINTY[truth_of(condition, found)]
    match condition:
        case n.AllOf(parts):
            inner = tuple(parts_in(part, found) for part in parts)
            return Part(text=text, truth=truth, joined="all", parts=inner)
        case n.AnyOf(parts):
            inner = tuple(parts_in(part, found) for part in parts)
            return Part(text=text, truth=truth, joined="any", parts=inner)
        case n.Not(n.AllOf() | n.AnyOf() | n.Not() | n.IsTrue() as part):
            return Part(text=text, truth=truth, joined="not", parts=(parts_in(part, found),))
        case n.IsTrue(n.AllOf() | n.AnyOf() as part):
            return Part(text=text, truth=truth, joined="certain", parts=(parts_in(part, found),))
        case _:
            return Part(
                text=text,
                truth=truth,
                found=_say_found(condition, found),
                brief=_say_found(condition, _in_tenths(condition, found)),
            )


def _say_found(condition: n.Condition, found: Found) -> str:
    """Return what the terms of a simple condition are worth: the one, or each with its name."""
    read = [term for term in _terms(condition) if not isinstance(term, n.Literal)]
    amount = group_digits if weighs(condition) else str
    if len(read) == 1:
        return f"it is {amount(found.say(read[0]))}"
    return ", ".join(f"{say_term(term)} is {amount(found.say(term))}" for term in dict.fromkeys(read))


def _in_tenths(condition: n.Condition, found: Found) -> Found:
    """Return what was found with scores to a tenth, unless the condition would then be otherwise: 39.96 is not yet 40."""
    scores = {term: found.values.get(term) for term in _terms(condition) if isinstance(term, n.Score)}
    tenths: dict[n.Term, n.Value | None] = {
        term: round(value, 1) for term, value in scores.items() if isinstance(value, int | float)
    }
    brief = Found({**found.values, **tenths}, found.grades)
    return brief if tenths and truth_of(condition, brief) == truth_of(condition, found) else found


def say_worths(condition: n.Condition, found: Found, most: int = 3) -> str:
    """Return what the terms of a condition are worth, the first few of them."""
    read = list(dict.fromkeys(term for term in _terms(condition) if not isinstance(term, n.Literal)))
    said = [f"{say_term(term)} is {found.say(term)}" for term in read[:most]]
    return ", ".join(said) + (" …" if len(read) > most else "")


def missing_in(condition: n.Condition, found: Found) -> list[str]:
    """Return, in words and each once, the values that are missing where the condition cannot be decided."""
    return list(dict.fromkeys(_missing(condition, found)))


def _missing(condition: n.Condition, found: Found) -> Iterator[str]:
    if truth_of(condition, found) is not None:
        return
    for part in n.parts_of(condition):
        if isinstance(part, n.Condition):
            yield from _missing(part, found)
        elif not isinstance(part, n.Literal) and found.values.get(part) is None:
            yield _say_missing(part)


def _say_missing(term: n.Term) -> str:
    """Return what would have to be there for a term to have a value."""
    match term:
        case n.DaysSinceField(field):
            return say_term(field)
        case n.DaysSinceEvent(event):
            return say_event(event)
        case n.DaysSinceOutcome(outcome):
            return f"the outcome {say_text(outcome)}"
        case _:
            return say_term(term)


def _terms(condition: n.Condition) -> Iterator[n.Term]:
    """Yield the terms of a condition in the order of their writing."""
    for part in n.parts_of(condition):
        if isinstance(part, n.Condition):
            yield from _terms(part)
        else:
            yield part
