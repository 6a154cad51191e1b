"""The things of a playbook that are known by their ids, scores and criteria aside: how two versions of one are compared and said."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.expressions.words import say_event, say_field, say_name
from leadline.engine.playbook import changes_tables as tables
from leadline.engine.playbook.changes_facets import Facet, Side, rule_of
from leadline.engine.playbook.model import Playbook
from leadline.engine.playbook.outcome_words import say_outcome
from leadline.engine.playbook.words import (
    say_declared_event,
    say_declared_field,
    say_entries,
    say_named,
    say_qualification,
    say_question,
    say_reset,
    say_stage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingKind:
    """A kind of thing that stands by its id in one part of a playbook.

    read: the things of a playbook by id. say: one of them whole. title: how people call it.
    telling: what it does, where that is enough to know it under another id; None where it is not.
    is_ordered: which stands first means something.
    """

    part: str
    part_title: str
    what: str
    facets: tuple[Facet, ...]
    read: Callable[[Playbook], Mapping[str, Any]]
    say: Callable[[Side, str], str]
    title: Callable[[Any, str], str]
    telling: Callable[[Side], Hashable | None] = lambda _: None
    is_ordered: bool = False


def _by_id(things: Iterable[Any]) -> dict[str, Any]:
    return {one.id: one for one in things}


def _title_of(thing: Any, _: str) -> str:
    title: str = thing.title
    return title


def _rule(facets: Sequence[Facet]) -> Callable[[Side], Hashable | None]:
    return lambda side: rule_of(facets, side)


def _resets(playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """Return what each event wipes, together where an event stands several times."""
    found: dict[str, dict[str, None]] = {}
    for reset in playbook.resets:
        found.setdefault(reset.event, {}).update(dict.fromkeys(reset.scores))
    return {event: tuple(scores) for event, scores in found.items()}


WORDS = (
    ThingKind(
        part="fields", part_title="Fields", what="field", facets=tables.FIELD,
        read=lambda one: {**one.lead_fields, **{f"company.{name}": spec for name, spec in one.company_fields.items()}},
        say=lambda side, name: say_declared_field(_field(name), side.thing),
        title=lambda _, name: _field(name),
    ),
    ThingKind(
        part="events", part_title="Events", what="event", facets=tables.EVENT,
        read=lambda one: one.events,
        say=lambda side, name: say_declared_event(name, side.thing),
        title=lambda _, name: say_event(name),
    ),
    ThingKind(
        part="lists", part_title="Lists", what="list", facets=tables.LIST,
        read=lambda one: one.lists,
        say=lambda side, name: f"The list {name} has {say_entries(side.thing)}.",
        title=lambda _, name: f"The list {name}",
        telling=lambda side: rule_of(tables.LIST, side) if side.thing else None,
    ),
)  # fmt: skip
"""What a playbook speaks about."""

AFTER_SCORES = (
    ThingKind(
        part="resets", part_title="What wipes a score", what="reset", facets=tables.RESET,
        read=_resets,
        say=lambda side, event: say_reset(event, side.thing),
        title=lambda _, event: say_event(event),
    ),
    ThingKind(
        part="questions", part_title="Questions", what="question", facets=tables.QUESTION,
        read=lambda one: _by_id(one.questions),
        say=lambda side, _: say_question(side.bound, side.thing),
        title=lambda one, name: one.ask if one.ask != name else say_name(name),
        telling=lambda side: rule_of(tables.QUESTION, side) if side.thing.yes or side.thing.partly or side.thing.no else None,
    ),
    ThingKind(
        part="personas", part_title="Personas", what="persona", facets=tables.NAMED, is_ordered=True,
        read=lambda one: _by_id(one.personas),
        say=lambda side, _: say_named(side.bound, side.thing),
        title=_title_of, telling=_rule(tables.NAMED),
    ),
    ThingKind(
        part="exclusions", part_title="Never a lead", what="exclusion", facets=tables.NAMED, is_ordered=True,
        read=lambda one: _by_id(one.exclusions),
        say=lambda side, _: say_named(side.bound, side.thing),
        title=_title_of, telling=_rule(tables.NAMED),
    ),
    ThingKind(
        part="qualifications", part_title="Qualifications", what="qualification", facets=tables.QUALIFICATION,
        is_ordered=True,
        read=lambda one: _by_id(one.qualifications),
        say=lambda side, _: say_qualification(side.bound, side.thing),
        title=_title_of, telling=_rule(tables.QUALIFICATION),
    ),
    ThingKind(
        part="outcomes", part_title="Outcomes", what="outcome", facets=tables.OUTCOME,
        read=lambda one: _by_id(one.outcomes),
        say=lambda side, name: next(say_outcome(side.thing), f"{say_name(name)}."),
        title=lambda one, name: say_name(name) if one.title == name else one.title,
    ),
    ThingKind(
        part="stages", part_title="Stages", what="stage", facets=tables.STAGE, is_ordered=True,
        read=lambda one: _by_id(one.stages),
        say=lambda side, _: say_stage(side.thing, side.bound.playbook),
        title=_title_of,
        telling=lambda side: rule_of(tables.STAGE, side) if side.thing.while_ or side.thing.since else None,
    ),
)  # fmt: skip
"""What stands behind the scores."""


def _field(name: str) -> str:
    company, _, rest = name.partition("company.")
    return say_field("company", rest) if not company and rest else say_field("lead", name)
