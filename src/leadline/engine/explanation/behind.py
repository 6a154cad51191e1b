"""What is behind the difference of one criterion: which events came in, faded or are forgotten, which facts became known, what was
changed in the playbook. The points of the parts add up to what the criterion differs by, before its own minimum and maximum.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.calendar import get_zone
from leadline.engine.explanation.difference import Behind, BehindKind
from leadline.engine.explanation.parts import Found
from leadline.engine.explanation.wiped import say_wiped_by
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.words import join_words, say_day, say_days, say_event, say_term
from leadline.engine.playbook.changes_rules import say_rule_changes
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import AnyCriterion, EventCriterion, FactCriterion, InactivityCriterion
from leadline.engine.playbook.words import say_activity
from leadline.engine.reference.result import Assessment, Contribution, Evidence

RULE_WAS_CHANGED = "the rule was changed"


@dataclass(frozen=True, slots=True)
class Given:
    """A criterion of a playbook and what it gave a lead at a moment."""

    bound: BoundPlaybook
    assessment: Assessment
    criterion: AnyCriterion
    found: Contribution

    @property
    def values(self) -> Found:
        """What the terms of conditions were worth."""
        grades = {score: result.grade for score, result in self.assessment.scores.items()}
        return Found(self.assessment.values, grades)


def behind(before: Given, after: Given) -> Iterator[Behind]:
    """Yield what is behind the difference of a criterion that was and is there; nothing where nothing is."""
    match before.criterion, after.criterion:
        case EventCriterion(), EventCriterion():
            yield from _events(before, after)
        case FactCriterion(), FactCriterion():
            yield from _facts(before, after)
        case InactivityCriterion(), InactivityCriterion():
            yield from _silence(before, after)
        case _:
            points = after.found.before_hold - before.found.before_hold
            yield Behind(kind="rule", text="it is another kind of criterion now", points=points)


# -- events ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """Events of one name with one fate: how many, on which days, and the points that they brought or took."""

    times: int = 0
    points: int = 0
    first_day: int = 0
    last_day: int = 0

    def add(self, day: int, points: int) -> None:
        self.first_day = day if not self.times else min(self.first_day, day)
        self.last_day = day if not self.times else max(self.last_day, day)
        self.times += 1
        self.points += points


def _events(before: Given, after: Given) -> Iterator[Behind]:
    """Compare event by event: a difference is what came in, what is gone, and what the same event is worth otherwise."""
    is_same_rule = not rule_changes(before, after)
    groups: dict[tuple[BehindKind, str, str], _Group] = {}
    for old, new in _paired(before.found.evidence, after.found.evidence):
        one = new or old
        assert one is not None
        points = (0 if new is None else new.worth_now) - (0 if old is None else old.worth_now)
        kind, said = _fate(old, new, before, after, is_same_rule)
        if points or kind == "came in":
            groups.setdefault((kind, said, one.event.name), _Group()).add(one.day, points)
    for (kind, said, name), group in groups.items():
        times = "" if group.times == 1 else f"{group.times} "
        days = say_day(group.first_day)
        if group.first_day != group.last_day:
            days += f" to {say_day(group.last_day)}"
        yield Behind(kind=kind, text=f"{times}{say_event(name)} {said} ({days})", points=group.points)


def _paired(before: Sequence[Evidence], after: Sequence[Evidence]) -> Iterator[tuple[Evidence | None, Evidence | None]]:
    """Yield each event as it was and as it is; None where it did not count at all. Equal events are told apart by their order."""
    numbered_before, numbered_after = _numbered(before), _numbered(after)
    for key in dict.fromkeys([*numbered_before, *numbered_after]):
        yield numbered_before.get(key), numbered_after.get(key)


def _numbered(evidence: Sequence[Evidence]) -> dict[Any, Evidence]:
    seen: Counter[Any] = Counter()
    found = {}
    for one in evidence:
        event = one.event
        key = (event.at_us, event.name, event.event_id or "", tuple(sorted(event.properties.items(), key=repr)))
        found[key, seen[key]] = one
        seen[key] += 1
    return found


def _fate(
    old: Evidence | None, new: Evidence | None, before: Given, after: Given, is_same_rule: bool
) -> tuple[BehindKind, str]:
    """Return in words what became of an event."""
    same_playbook = before.bound is after.bound
    if old is None:
        assert new is not None
        left = {"counted": "", "over limit": ", over the limit", "forgotten": ", forgotten again"}[new.fate]
        if new.event.at_us > before.assessment.as_of.until_us:
            return "came in", f"came in{left}"
        if _is_wiped(new, before):
            return "wiped", f"wiped before, counted now{left}"
        return ("arrived", f"became known later{left}") if same_playbook else ("rule", f"counted now{left}")
    if new is None:
        if _is_wiped(old, after):
            return "wiped", _say_wiped(after)
        if old.event.at_us > after.assessment.as_of.until_us:
            return "gone", "had not happened yet"
        return ("gone", "not there any more") if same_playbook else ("rule", "not counted any more")
    if old.fate == new.fate == "counted":
        if not is_same_rule:
            return "rule", "worth otherwise"
        return (
            ("faded", "faded")
            if after.assessment.as_of.day > before.assessment.as_of.day
            else ("faded", "worth otherwise")
        )
    if "over limit" in (old.fate, new.fate):
        return "limit", "over the limit now" if new.fate == "over limit" else "within the limit now"
    if new.fate == "forgotten":
        assert isinstance(after.criterion, EventCriterion)
        within = after.criterion.within_days
        return "forgotten", "worth nothing any more" if within is None else f"forgotten after {say_days(within)}"
    return "rule", "not forgotten any more"


def _say_wiped(side: Given) -> str:
    reset, playbook = side.found.reset, side.bound.playbook
    assert reset is not None
    return f"wiped on {say_day(get_zone(playbook.timezone).day_of(reset.at_us))} by {say_wiped_by(playbook, reset)}"


def _is_wiped(one: Evidence, side: Given) -> bool:
    return side.found.reset_us is not None and one.event.at_us <= side.found.reset_us


# -- facts and silence ----------------------------------------------------------------------------------


def _facts(before: Given, after: Given) -> Iterator[Behind]:
    points = after.found.before_hold - before.found.before_hold
    if not points:
        return
    said = list(_changed_values(before, after))
    kind: BehindKind = "fact"
    if not said:
        kind, said = "rule", [RULE_WAS_CHANGED]
    yield Behind(kind=kind, text=join_words(said, "and"), points=points)


def _changed_values(before: Given, after: Given) -> Iterator[str]:
    """Yield what is otherwise about the values that the criterion reads."""
    terms = dict.fromkeys(term for side in (after, before) for one in _conditions(side) for term in n.terms_of(one))
    dates = {term.field for term in terms if isinstance(term, n.DaysSinceField)}
    was, now = before.values, after.values
    for term in terms:
        one, other = was.values.get(term), now.values.get(term)
        if one == other or term in dates:
            continue
        if one is None and isinstance(term, n.Field):
            yield f"{say_term(term)} became known: {now.say(term)}"
        elif other is None and isinstance(term, n.Field):
            yield f"{say_term(term)} is not known any more: it was {was.say(term)}"
        else:
            is_many = isinstance(term, n.DaysSinceEvent | n.DaysSinceField | n.DaysSinceOutcome)
            verbs = ("were", "are") if is_many else ("was", "is")
            yield f"{say_term(term)} {verbs[0]} {was.say(term)}, {verbs[1]} {now.say(term)}"


def _conditions(side: Given) -> list[n.Condition]:
    assert isinstance(side.criterion, FactCriterion)
    return [side.bound.test(choice.when) for choice in side.criterion.choices]


def _silence(before: Given, after: Given) -> Iterator[Behind]:
    points = after.found.before_hold - before.found.before_hold
    if not points:
        return
    said = f"{_say_silence(after)}; before: {_say_silence(before)}"
    yield Behind(kind="silence", text=said, points=points)


def _say_silence(side: Given) -> str:
    criterion, found = side.criterion, side.found
    assert isinstance(criterion, InactivityCriterion)
    if found.periods is None or found.quiet_since is None:
        return f"never {say_activity(criterion)}"
    times = {0: "not yet", 1: "once"}.get(found.periods, f"{found.periods} times")
    return (
        f"{times} {say_days(criterion.every_days)} without {say_activity(criterion)} since {say_day(found.quiet_since)}"
    )


# -- what was changed in the playbook ---------------------------------------------------------------------


def rule_changes(before: Given, after: Given) -> tuple[str, ...]:
    """Return what the playbook says otherwise about a criterion, in words; nothing when it says the same."""
    return say_rule_changes(before.bound, before.criterion, after.bound, after.criterion)
