"""What a list of amendments comes to in the end: who is one with whom, which events are whose, bots or gone.

Here is the meaning of their order, and what makes no sense. No table is looked at. tests/engine/amendments guards it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from leadline.engine.amendments.model import (
    Amendment,
    BotRule,
    Erase,
    MarkBot,
    MarkNoBot,
    Merge,
    RepointEvents,
    UnmarkBot,
    Unmerge,
)
from leadline.engine.problems import Problem
from leadline.engine.values import is_missing


@dataclass(slots=True)
class Said:
    """What holds after the last amendment.

    merged:        into whom a lead was merged, in the order in which that was said.
    pointed:       whose an event is, by its id, where that was said.
    bots:          whether a bot made an event, by its id, where that was said.
    rules:         the rules that hold, by id.
    erased:        leads of whom nothing remains. erased_events: ids of the events that had been re-pointed to them.
    """

    merged: dict[str, str] = field(default_factory=dict)
    pointed: dict[str, str] = field(default_factory=dict)
    bots: dict[str, bool] = field(default_factory=dict)
    rules: dict[str, BotRule] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    erased_events: set[str] = field(default_factory=set)

    def survivor(self, lead: str) -> str:
        """Return who a lead is now: itself, or the one at the end of its merges."""
        return self.way(lead)[-1]

    def way(self, lead: str) -> list[str]:
        """Return a lead, whom it was merged into, whom that one was merged into, and so on."""
        found = [lead]
        while (following := self.merged.get(found[-1])) is not None:
            found.append(following)
        return found

    def together(self, survivor: str) -> list[str]:
        """Return a lead and all who were merged into it, the nearest first, and of those the one that was merged first.

        >>> Said(merged={"b": "c", "d": "c", "a": "b"}).together("c")
        ['c', 'b', 'a', 'd']
        """
        joined: dict[str, list[str]] = {}
        for lead, into in self.merged.items():
            joined.setdefault(into, []).append(lead)
        found, waiting = list[str](), [survivor]
        while waiting:
            found.append(waiting.pop())
            waiting += reversed(joined.get(found[-1], ()))
        return found


def fold(amendments: Sequence[Amendment]) -> tuple[Said, list[Problem]]:
    """Return what amendments come to, without those that make no sense; and a problem for each of these.

    >>> said, problems = fold([Merge(lead="ann", into="anna"), Merge(lead="anna", into="ann")])
    >>> said.merged
    {'ann': 'anna'}
    >>> print(problems[0])
    bad-amendment  amendment 2: 'anna' cannot be merged into 'ann', which is merged into it already (ann → anna). Undo that merge first.
    """
    said, problems = Said(), list[Problem]()
    for number, amendment in enumerate(amendments, start=1):
        for message in _take(said, amendment):
            problems.append(Problem(code="bad-amendment", message=message, where=f"amendment {number}"))
    return said, problems


def _take(said: Said, amendment: Amendment) -> Iterator[str]:
    """Take one amendment; yield what makes no sense about it."""
    match amendment:
        case Merge(lead=lead, into=into):
            complaint = _merge_complaint(said, lead, into)
            if complaint:
                yield complaint
                return
            said.merged.pop(lead, None)  # so that the order is that of the last words
            said.merged[lead] = into
        case Unmerge(lead=lead):
            if lead in said.erased:
                yield f"'{lead}' was erased, which cannot be undone."
            elif lead not in said.merged:
                yield f"'{lead}' is not merged into any lead, so there is nothing to undo."
            else:
                del said.merged[lead]
        case MarkBot(event_ids=ids, rule=rule):
            if not ids and rule is None:
                yield "It names neither events nor a rule."
            said.bots.update(dict.fromkeys(ids, True))
            if rule is not None and is_missing(rule.id):
                yield "The rule has no id: give it one, by which it can be withdrawn."
            elif rule is not None:
                said.rules[rule.id] = rule
        case MarkNoBot(event_ids=ids):
            if not ids:
                yield "It names no events."
            said.bots.update(dict.fromkeys(ids, False))
        case UnmarkBot(event_ids=ids, rule_id=rule_id):
            yield from _unmark(said, ids, rule_id)
        case RepointEvents(event_ids=ids, into=into):
            yield from _repoint(said, ids, into)
        case Erase(lead=lead):
            if is_missing(lead):
                yield "It names no lead."
                return
            person = set(said.together(said.survivor(lead)))
            events = {event_id for event_id, into in said.pointed.items() if into in person}
            said.erased |= person
            said.erased_events |= events
        case _:
            assert_never(amendment)


def _merge_complaint(said: Said, lead: str, into: str) -> str:
    if is_missing(lead) or is_missing(into):
        return "It names only one lead."
    if lead == into:
        return f"'{lead}' cannot be merged into itself."
    for one in (lead, into):
        if one in said.erased:
            return f"'{one}' was erased, so nobody can be merged with it."
    way = said.way(into)
    if lead in way:
        shown = " → ".join(way[: way.index(lead) + 1])
        return f"'{lead}' cannot be merged into '{into}', which is merged into it already ({shown}). Undo that merge first."
    return ""


def _unmark(said: Said, ids: tuple[str, ...], rule_id: str | None) -> Iterator[str]:
    if not ids and rule_id is None:
        yield "It names neither events nor a rule."
    if rule_id is not None and said.rules.pop(rule_id, None) is None:
        yield f"There is no rule '{rule_id}' to withdraw."
    unsaid = [event_id for event_id in ids if event_id not in said.bots]
    if unsaid:
        yield f"Nothing was said of whether a bot made {_some(unsaid)}, so there is nothing to take back."
    for event_id in ids:
        said.bots.pop(event_id, None)


def _repoint(said: Said, ids: tuple[str, ...], into: str | None) -> Iterator[str]:
    if not ids:
        yield "It names no events."
    if into is None:
        unsaid = [event_id for event_id in ids if event_id not in said.pointed and event_id not in said.erased_events]
        if unsaid:
            yield f"{_some(unsaid)} was not re-pointed, so there is nothing to undo."
        for event_id in ids:
            said.pointed.pop(event_id, None)
    elif into in said.erased:
        yield f"'{into}' was erased, so no event can be its own."
    elif is_missing(into):
        yield "It names no lead."
    else:
        said.pointed.update(dict.fromkeys(ids, into))


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(f"'{event_id}'" for event_id in ids[:3])
    return f"event {shown}" if len(ids) == 1 else f"events {shown}{', …' if len(ids) > 3 else ''}"
