"""A facet is one side of a thing in a playbook that can be another one: its points, its condition, what it is called.

Each kind of thing has a table of its facets (changes_rules.py, changes_tables.py); what two of a kind differ in is what their facets say.
tests/engine/playbook/test_changes_cover.py holds that every field of the model stands in a table.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.arithmetic import plain_points
from leadline.engine.expressions.words import say_days
from leadline.engine.playbook.changes_conditions import asked, meaning_of, say_change
from leadline.engine.playbook.changes_words import instead, instead_text, members
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Clause


@dataclass(frozen=True, slots=True)
class Side:
    """A thing of a playbook, as it was or as it is."""

    bound: BoundPlaybook
    thing: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One side of a thing.

    fields:     the fields of the model that it is about.
    meaning:    what two have in common that are the same in it.
    say:        what is otherwise, in words; asked only where the meanings differ.
    is_wording: it is for people to read, and nothing is computed of it.
    """

    fields: tuple[str, ...]
    meaning: Callable[[Side], Hashable]
    say: Callable[[Side, Side], Iterable[str]]
    is_wording: bool = False


def differing(facets: Sequence[Facet], was: Side, now: Side) -> list[Facet]:
    """Return the facets in which two things of one kind differ."""
    return [facet for facet in facets if facet.meaning(was) != facet.meaning(now)]


def say_facets(facets: Iterable[Facet], was: Side, now: Side) -> tuple[str, ...]:
    """Return what differs in some facets, each with at least a sentence."""
    return tuple(said for facet in facets for said in facet.say(was, now))


def rule_of(facets: Sequence[Facet], side: Side) -> Hashable:
    """Return what a thing does, whatever it is called."""
    return tuple(facet.meaning(side) for facet in facets if not facet.is_wording)


# -- facets of the usual kinds ----------------------------------------------------------------------------


def value(field: str, say: Callable[[Any], str]) -> Facet:
    """Return a facet of a plain value; *say* gives an empty text where there is none."""

    def sentences(was: Side, now: Side) -> Iterator[str]:
        yield instead(*(say(getattr(side.thing, field)) for side in (was, now)))

    return Facet(fields=(field,), meaning=lambda side: getattr(side.thing, field), say=sentences)


def days(field: str, say: str) -> Facet:
    """Return a facet of a duration, such as ``quiet for {}``."""
    return value(field, lambda found: "" if found is None else say.format(say_days(found)))


def switch(field: str, on: str, off: str) -> Facet:
    """Return a facet that is so or is not."""
    return Facet(
        fields=(field,),
        meaning=lambda side: bool(getattr(side.thing, field)),
        say=lambda _, now: [on if getattr(now.thing, field) else off],
    )


def names(field: str, say: Callable[[str], str], *, has: str, has_not: str, last: str = "and") -> Facet:
    """Return a facet of names whose order means nothing."""

    def said(side: Side) -> dict[Hashable, str]:
        return {one: say(one) for one in getattr(side.thing, field)}

    def sentences(was: Side, now: Side) -> list[str]:
        return members(said(was), said(now), has=has, has_not=has_not, last=last)

    return Facet(fields=(field,), meaning=lambda side: frozenset(getattr(side.thing, field)), say=sentences)


def condition(field: str, lead: str, name: str) -> Facet:
    """Return a facet of a condition: what it follows (``enters when``) and how it is called (``the condition to enter``)."""

    def get(side: Side) -> Clause | None:
        found: Clause | None = getattr(side.thing, field)
        return found

    def meaning(side: Side) -> Hashable:
        clause = get(side)
        return None if clause is None else meaning_of(side.bound.test(clause))

    def sentences(was: Side, now: Side) -> Iterator[str]:
        yield from say_change(asked(was.bound, get(was)), asked(now.bound, get(now)), lead, name=name)

    return Facet(fields=(field,), meaning=meaning, say=sentences)


def bound(field: str, say: str) -> Facet:
    """Return a facet of a minimum or a maximum in ten-thousandths, such as ``never below {}``."""
    return value(field, lambda units: "" if units is None else say.format(_signed(units)))


def _signed(units: int) -> str:
    return f"{'minus ' if units < 0 else ''}{plain_points(abs(units))}"


def written(field: str, lead: str, *, is_wording: bool = False) -> Facet:
    """Return a facet of a text that somebody wrote, and what it follows, such as ``otherwise to``."""
    return Facet(
        fields=(field,),
        meaning=lambda side: getattr(side.thing, field) or None,
        say=lambda was, now: [instead_text(lead, getattr(was.thing, field), getattr(now.thing, field))],
        is_wording=is_wording,
    )


def called(field: str, lead: str = "called", *, untitled: Callable[[str], str] = str) -> Facet:
    """Return the facet of what a thing is called; its id, which stands for a title, is none. *untitled*: another such text."""

    def read(side: Side) -> str | None:
        title: str = getattr(side.thing, field)
        return None if title in (side.thing.id, untitled(side.thing.id)) else title

    return Facet(
        fields=(field,),
        meaning=read,
        say=lambda was, now: [instead_text(lead, read(was), read(now))],
        is_wording=True,
    )


SOURCE = written("source", "with the source", is_wording=True)
"""Where the number comes from."""
