"""What differs between two versions of one criterion: `leadline words --since` says it of playbooks, explanations of a lead's points."""

from collections.abc import Hashable, Iterator
from decimal import Decimal

from leadline.engine.arithmetic import plain_points, to_units
from leadline.engine.expressions.words import say_condition, say_days, say_event
from leadline.engine.playbook.changes_conditions import Asked, meaning_of, say_change
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
    say_facets,
    value,
)
from leadline.engine.playbook.changes_words import instead, members
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import (
    AnyCriterion,
    Choice,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
)
from leadline.engine.playbook.words import say_activity, say_decay, say_limit, say_points

_LEAD, _NAME = "when", "its condition"
_KINDS: dict[type, str] = {
    FactCriterion: "about facts",
    EventCriterion: "about events",
    InactivityCriterion: "about silence",
}


def say_rule_changes(
    before: BoundPlaybook, old: AnyCriterion, after: BoundPlaybook, new: AnyCriterion
) -> tuple[str, ...]:
    """Return what a playbook says otherwise about a criterion, in words; nothing when it computes the same."""
    was, now = Side(before, old), Side(after, new)
    if type(old) is not type(new):
        return (instead(_KINDS[type(old)], _KINDS[type(new)]),)
    return say_facets((one for one in differing(facets_of(new), was, now) if not one.is_wording), was, now)


def facets_of(criterion: AnyCriterion) -> tuple[Facet, ...]:
    """Return in what two criteria of a kind can differ, their score aside."""
    return CRITERION_FACETS[type(criterion)]


# -- choices ----------------------------------------------------------------------------------------------


def _choices(side: Side) -> Hashable:
    return tuple((meaning_of(side.bound.test(one.when)), one.points) for one in side.thing.choices)


def _say_choices(was: Side, now: Side) -> Iterator[str]:
    """Yield what is otherwise about points and their conditions, entry by entry."""
    old, new = _asked(was), _asked(now)
    if len(old) == len(new) == 1:
        (worth, one), (worth_now, one_now) = old[0], new[0]
        if worth != worth_now:
            yield instead(say_points(worth), say_points(worth_now))
        yield from say_change(one, one_now, _LEAD, name=_NAME)
        return
    before = {meaning_of(one.condition): (worth, one) for worth, one in old}
    after = {meaning_of(one.condition): (worth, one) for worth, one in new}
    for meaning, (worth_now, one_now) in after.items():
        worth = before.get(meaning, (worth_now,))[0]
        if worth != worth_now:
            yield f"{say_points(worth_now)} instead of {plain_points(worth)} when {one_now.said}"
    gone = [found for meaning, found in before.items() if meaning not in after]
    came = [found for meaning, found in after.items() if meaning not in before]
    if len(old) == len(new) and len(gone) == len(came):  # each stands where the other stood
        for (worth, one), (worth_now, one_now) in zip(gone, came, strict=True):
            points = instead(say_points(worth), say_points(worth_now)) if worth != worth_now else say_points(worth)
            yield from (f"{points} {said}" for said in say_change(one, one_now, _LEAD, name=_NAME))
    else:
        yield from (f"now {say_points(worth)} when {one.said}" for worth, one in came)
        yield from (f"no longer {say_points(worth)} when {one.said}" for worth, one in gone)
    kept, kept_now = ([key for key in side if key in other] for side, other in ((before, after), (after, before)))
    if kept != kept_now or len(before) < len(old) or len(after) < len(new):
        order = "; ".join(f"{say_points(worth)} when {one.said}" for worth, one in new)
        yield f"the first that holds, in another order: {order}"


def _asked(side: Side) -> list[tuple[int, Asked]]:
    found: tuple[Choice, ...] = side.thing.choices
    return [(one.points, Asked(side.bound.test(one.when), one.when.text)) for one in found]


def _choice_sources(side: Side) -> Hashable:
    """Return where the points come from that choices give, each with its condition."""
    return frozenset((meaning_of(side.bound.test(one.when)), one.source) for one in side.thing.choices if one.source)


def _say_choice_sources(was: Side, now: Side) -> Iterator[str]:
    said: list[dict[Hashable, str]] = [
        {
            (meaning_of(test), one.source): f"“{one.source}” for {say_points(one.points)} when {say_condition(test)}"
            for one in side.thing.choices
            if one.source
            for test in (side.bound.test(one.when),)
        }
        for side in (was, now)
    ]
    yield from members(*said, has="now with the source", has_not="no longer with the source")


# -- events and silence -----------------------------------------------------------------------------------


def _activity(side: Side) -> Hashable:
    """Return what ends the silence; whether it is named changes what a later event does, so it is told too."""
    activity = side.thing.activity
    return activity is None, frozenset(activity or side.bound.playbook.activity)


def _say_activity(was: Side, now: Side) -> Iterator[str]:
    if (was.thing.activity is None) != (now.thing.activity is None):
        yield f"without {instead(say_activity(was.thing), say_activity(now.thing))}"
        return
    old, new = (
        {one: say_event(one) for one in side.thing.activity or side.bound.playbook.activity} for side in (was, now)
    )
    yield from members(old, new, has="ended also by", has_not="no longer ended by", last="or")


def _say_exact(points: Decimal) -> str:
    return say_points(to_units(points))


WORDS_OF_CRITERIA = (called("why"), SOURCE)
"""What people read of a criterion of any kind."""

_BOUNDS = (bound("low", "at least {} points in all"), bound("high", "at most {} points in all"))

CRITERION_FACETS: dict[type, tuple[Facet, ...]] = {
    FactCriterion: (
        # a plain `when` and a `choose` with one entry are two ways of writing one rule
        Facet(fields=("choices", "is_choose"), meaning=_choices, say=_say_choices),
        Facet(fields=("choices",), meaning=_choice_sources, say=_say_choice_sources, is_wording=True),
        *WORDS_OF_CRITERIA,
    ),
    EventCriterion: (
        value("points", _say_exact),
        names("events", say_event, has="also for each", has_not="no longer for each", last="or"),
        condition("when", "only when", _NAME),
        value("limit", lambda limit: "" if limit is None else say_limit(limit)),
        value("decay", say_decay),
        days("within_days", "forgotten after {}"),
        *_BOUNDS,
        *WORDS_OF_CRITERIA,
    ),
    InactivityCriterion: (
        value("points", say_points),
        value("every_days", lambda every: f"for every full {say_days(every)}"),
        Facet(fields=("activity",), meaning=_activity, say=_say_activity),
        *_BOUNDS,
        *WORDS_OF_CRITERIA,
    ),
}
"""In what two criteria of a kind can differ."""
