"""In what two versions of a score, a question, a qualification, an outcome and so on can differ; criteria stand in changes_rules.py."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from leadline.engine.arithmetic import plain_points
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.words import join_words, say_event, say_name, say_text
from leadline.engine.playbook.changes_conditions import asked, meaning_of, say_change
from leadline.engine.playbook.changes_facets import (
    SOURCE,
    Facet,
    Side,
    bound,
    called,
    condition,
    days,
    differing,
    names,
    rule_of,
    say_facets,
    switch,
    value,
    written,
)
from leadline.engine.playbook.changes_words import instead, members
from leadline.engine.playbook.model import Reason, Route
from leadline.engine.playbook.outcome_words import say_wiped
from leadline.engine.playbook.words import say, say_type
from leadline.engine.values import text_key

# -- scores and what they rest on -------------------------------------------------------------------------


def _say_grades(was: Side, now: Side) -> Iterator[str]:
    old, new = (
        {name: f"{name} from {plain_points(least)}" for name, least in side.thing.grades} for side in (was, now)
    )
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield instead(old.get(name, ""), new.get(name, ""))


SCORE = (
    bound("low", "at least {}"),
    bound("high", "at most {}"),
    Facet(fields=("grades",), meaning=lambda side: side.thing.grades, say=_say_grades),
    names("sum_of", say_name, has="also adds", has_not="no longer adds"),
    called("title"),
    SOURCE,
)


def _type(spec: FieldSpec) -> Hashable:
    """Return how values are read; the order of what says nothing means nothing, and a separator something for lists only."""
    separator = spec.separator if spec.type == "list" else None
    return spec.type, separator, frozenset(map(text_key, spec.missing))


FIELD = (
    Facet(
        fields=("type", "separator", "missing"),
        meaning=lambda side: _type(side.thing),
        say=lambda was, now: [instead(say_type(was.thing), say_type(now.thing))],
    ),
)


def _say_properties(was: Side, now: Side) -> Iterator[str]:
    old, new = was.thing.properties, now.thing.properties
    for name in dict.fromkeys([*new, *old]):
        if name not in old or name not in new or _type(old[name]) != _type(new[name]):
            said = (f"its {say_name(name)} is {say_type(side[name])}" if name in side else "" for side in (old, new))
            yield instead(*said)


EVENT = (
    Facet(
        fields=("properties",),
        meaning=lambda side: frozenset((name, _type(spec)) for name, spec in side.thing.properties.items()),
        say=_say_properties,
    ),
)


def _entries(side: Side) -> dict[Hashable, str]:
    return {text_key(one): say_text(one) for one in side.thing}


LIST = (
    Facet(
        fields=("lists",),
        meaning=lambda side: frozenset(_entries(side)),
        say=lambda was, now: members(_entries(was), _entries(now), has="also has", has_not="no longer has"),
    ),
)

RESET = (
    Facet(
        fields=("resets",),
        meaning=lambda side: frozenset(side.thing),
        say=lambda was, now: members(
            *({one: say_name(one) for one in side.thing} for side in (was, now)),
            has="also wipes",
            has_not="no longer wipes",
        ),
    ),
)

# -- the head ---------------------------------------------------------------------------------------------


def _head(field: str, say_it: Callable[[Any], str]) -> tuple[Facet, ...]:
    return (value(field, say_it),)


HEAD: Mapping[str, tuple[str, tuple[Facet, ...]]] = {
    "name": ("Name", (written("name", "called"),)),
    "timezone": ("Time zone", _head("timezone", lambda zone: f"a day in {zone}")),
    "grade": (
        "Grade",
        _head("grade", lambda scores: f"made of {join_words([*map(say_name, scores)], 'and')}" if scores else ""),
    ),
    "needs_consent": (
        "Consent",
        (
            switch(
                "needs_consent",
                "a lead that has not agreed to scoring is not scored any more",
                "a lead is scored also when it has not agreed",
            ),
        ),
    ),
}
"""The keys of the head: each with its title and its facet."""


SOURCES = _head("source_rank", lambda rank: f"first of {', '.join(rank)}" if rank else "")


# -- questions and levels ---------------------------------------------------------------------------------


def _stay(side: Side) -> Hashable:
    """Return what keeps a lead in a level; None where that is what lets it enter."""
    enter, stay = (meaning_of(side.bound.test(clause)) for clause in (side.thing.enter, side.thing.stay))
    return None if stay == enter else stay


def _say_stay(was: Side, now: Side) -> Iterator[str]:
    old, new = (None if _stay(side) is None else asked(side.bound, side.thing.stay) for side in (was, now))
    yield from say_change(old, new, "stays also while", name="the condition to stay")


QUESTION = (
    condition("yes", "yes when", "the condition for yes"),
    condition("partly", "partly when", "the condition for partly"),
    condition("no", "no when", "the condition for no"),
    called("ask", "asks"),
    SOURCE,
)
NAMED = (condition("when", "when", "its condition"), called("title"), SOURCE)
QUALIFICATION = (
    condition("enter", "enters when", "the condition to enter"),
    Facet(fields=("stay",), meaning=_stay, say=_say_stay),
    names("hand_raise", say_event, has="a hand is raised also by", has_not="a hand is no longer raised by", last="or"),
    days("hand_raise_stay_days", "a raised hand holds for at least {}"),
    days("cooldown_days", "quiet for {} after being given back"),
    called("title"),
    SOURCE,
)

# -- what follows -----------------------------------------------------------------------------------------

_RETURNS = {"any": "", "hand_raise": "comes back only by a raised hand", "never": "never comes back"}
_QUIET = days("quiet_days", "quiet for {}")


def _say_reset(reason: Reason) -> str:
    return "wipes what its outcome wipes" if reason.reset is None else say_wiped(reason.reset)


REASON = (
    Facet(
        fields=("reset",),
        meaning=lambda side: None if side.thing.reset is None else frozenset(side.thing.reset),
        say=lambda was, now: [instead(_say_reset(was.thing), _say_reset(now.thing))],
    ),
    _QUIET,
    value("returns", lambda returns: _RETURNS[returns]),
    value("owner", lambda owner: "goes to a new owner" if owner == "new" else "goes to its owner"),
    names("fix", say_name, has="asks to put right also", has_not="no longer asks to put right", last="or"),
    called("title"),
    SOURCE,
)


def _reasons(side: Side) -> Hashable:
    return frozenset(
        (reason.id, *(facet.meaning(Side(side.bound, reason)) for facet in REASON)) for reason in side.thing.reasons
    )


def _say_reasons(was: Side, now: Side) -> Iterator[str]:
    old, new = ({one.id: one for one in side.thing.reasons} for side in (was, now))
    for key in dict.fromkeys([*new, *old]):
        if key not in old or key not in new:
            yield f"{'now' if key in new else 'no longer'} with the reason {_title(new.get(key) or old[key])}"
            continue
        sides = Side(was.bound, old[key]), Side(now.bound, new[key])
        for said in say_facets(differing(REASON, *sides), *sides):
            yield f"its reason {_title(new[key])}: {said}"


def _title(reason: Reason) -> str:
    return reason.id if reason.title == reason.id else f"“{reason.title}”"


OUTCOME = (
    switch("ends", "ends a qualification now", "no longer ends a qualification"),
    names("reset", say_name, has="also wipes", has_not="no longer wipes"),
    _QUIET,
    Facet(fields=("reasons",), meaning=_reasons, say=_say_reasons),
    called("title", untitled=say_name),
    SOURCE,
)
STAGE = (
    value("while_", lambda level: "" if level is None else f"as long as the lead is in {say_name(level)}"),
    value("since", lambda outcome: "" if outcome is None else f"from {say_name(outcome)} on"),
    names("until", say_name, has="ended also by", has_not="no longer ended by", last="or"),
    called("title"),
)
ROUTE = (condition("when", "when", "its condition"), written("to", "to"), SOURCE)


def _routes(side: Side) -> tuple[Hashable, ...]:
    return tuple(tuple(facet.meaning(Side(side.bound, route)) for facet in ROUTE) for route in side.thing.routes)


def _say_routes(was: Side, now: Side) -> Iterator[str]:
    """Yield what is otherwise about routes; they have no ids, so one is known by whom it leads to, or by its condition."""
    old, new = (
        [
            Side(side.bound, route)
            for route, mine in zip(side.thing.routes, _routes(side), strict=True)
            if mine not in _routes(other)
        ]
        for side, other in ((was, now), (now, was))
    )
    for route in list(new):
        twin = next((one for one in old if _is_twin(one, route)), None)
        if twin is not None:
            old.remove(twin)
            new.remove(route)
            yield from (
                f"the route to {route.thing.to}: {one}"
                for one in say_facets(differing(ROUTE, twin, route), twin, route)
            )
    yield from (f"now {_say_route(route)}" for route in new)
    yield from (f"no longer {_say_route(route)}" for route in old)
    kept, kept_now = (
        [one for one in _routes(side) if one in _routes(other)] for side, other in ((was, now), (now, was))
    )
    if kept != kept_now:
        yield f"the first that holds, in another order: {', '.join(route.to for route in now.thing.routes)}"


def _is_twin(one: Side, other: Side) -> bool:
    same_to: bool = one.thing.to == other.thing.to
    return same_to or rule_of(ROUTE[:1], one) == rule_of(ROUTE[:1], other)


def _say_route(side: Side) -> str:
    route: Route = side.thing
    return f"to {route.to} when {say(side.bound, route.when)}"


HANDOFF = (
    names("qualifications", say_name, has="also takes", has_not="no longer takes"),
    value(
        "respond_within_hours",
        lambda hours: "" if hours is None else f"answered within {hours} working hour{'' if hours == 1 else 's'}",
    ),
    Facet(fields=("routes",), meaning=_routes, say=_say_routes),
    written("otherwise", "otherwise to"),
    SOURCE,
)
