"""Finds the smallest set of changes: fewest first, and of one size in the order of preference.

The order: fewer outcomes, then fewer events, then fewer answers (what can be found out comes before what must happen), then file
order. Sets that needs.py rules out are never tried; the others are in small, growing batches, and the first that enters is the
answer. The search does not evaluate: it asks, for one lead or for many in one situation, and find.py and bulk.py answer.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TypeVar

from leadline.engine.next_step.candidates import Candidate, Candidates
from leadline.engine.next_step.model import KINDS, MOST_CHANGES
from leadline.engine.next_step.needs import Needs, available, can_fall, gain_of

Places = tuple[int, ...]
"""A set of candidates by their places, in order; an event can stand several times."""

Way = tuple[Places, ...]
"""A set of changes, each with all the candidates that would do."""

MOST_INSTEAD = 2
FIRST_BATCH, LARGEST_BATCH = 4, 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All of a lead that decides which sets are worth trying. Leads in one situation have the same sets.

    available: places of the candidates that are open to it.
    missing:   for each part None where it is true now, else how much its sum is short of (0 where it asks for none).
    gains:     for each item what one change can add at most, and what all together can (or what it is now: see `gain_of`).
    falls:     for each item whether a change can make it less.
    """

    available: Places
    missing: tuple[int | None, ...]
    gains: tuple[tuple[int, int], ...]
    falls: tuple[bool, ...]


def situation_of(
    needs: Needs,
    *,
    known: Sequence[str],
    answers: Mapping[str, str],
    units: Mapping[str, int],
    sums: Mapping[str, int],
    are_true: Sequence[bool],
) -> Situation:
    """Return the situation of a lead.

    Args:
        needs: of the qualification.
        known: the names of its known fields, as conditions write them; ``questions.x`` where a person answered.
        answers: the answers to the questions now.
        units: what each criterion gives now, in ten-thousandths.
        sums: each score before it is held.
        are_true: for each part whether it is true now.
    """
    reach = needs.candidates.reach
    yes = sum(answers[question.id] == "yes" for question in reach.questions)
    missing = [
        None
        if is_true
        else 0
        if part.least is None
        else max(0, part.least - (yes if part.sum_of is None else sums[part.sum_of]))
        for part, is_true in zip(needs.parts, are_true, strict=True)
    ]
    return Situation(
        available=tuple(available(needs.candidates.all, known, answers)),
        missing=tuple(missing),
        gains=tuple(gain_of(reach, item, units, answers) for item in needs.items),
        falls=tuple(can_fall(reach, item, units) for item in needs.items),
    )


class PossibleSets:
    """The sets that are worth trying for leads in one situation."""

    def __init__(self, needs: Needs, situation: Situation) -> None:
        self.needs = needs
        alternatives = [_Alternative(needs, situation, parts) for parts in needs.alternatives]
        self.alternatives = [one for one in alternatives if one.is_possible]
        eligible = sorted(set().union(*(one.eligible for one in self.alternatives)))
        self.by_kind = [[place for place in eligible if needs.kinds[place] == kind] for kind in range(len(KINDS))]

    def of_size(self, size: int) -> Iterator[Places]:
        """Yield the sets of so many changes, in the order of preference."""
        for slots in _slots(size):
            open_ones = [one for one in self.alternatives if one.can_be_met((), slots)]
            if open_ones and all(self.by_kind[kind] for kind in slots):
                yield from _fill(self.needs, open_ones, self.by_kind, slots, ())


@lru_cache(maxsize=8)
def _slots(size: int) -> tuple[tuple[int, ...], ...]:
    """Return which kinds a set of a size can have, in the order of preference; each in the order of the kinds."""
    found = [
        (outcomes, events, answers)
        for outcomes in range(size + 1)
        for events in range(size + 1 - outcomes)
        for answers in range(size + 1 - outcomes - events)
    ]
    return tuple((0,) * (size - sum(one)) + (1,) * one[2] + (2,) * one[1] + (3,) * one[0] for one in found)


def _fill(
    needs: Needs, alternatives: "list[_Alternative]", by_kind: list[list[int]], slots: tuple[int, ...], chosen: Places
) -> Iterator[Places]:
    if not alternatives:
        return
    if len(chosen) == len(slots):
        if any(one.has_uses(chosen) for one in alternatives):
            yield chosen
        return
    kind, left = slots[len(chosen)], slots[len(chosen) + 1 :]
    taken = {needs.keys[place] for place in chosen} - {None}
    for place in by_kind[kind]:
        if (chosen and place < chosen[-1]) or needs.keys[place] in taken:
            continue
        longer = (*chosen, place)
        open_ones = [one for one in alternatives if one.can_be_met(longer, left)]
        yield from _fill(needs, open_ones, by_kind, slots, longer)


class _Alternative:
    """One way in which `enter` can be true, for leads in one situation."""

    def __init__(self, needs: Needs, situation: Situation, parts: tuple[int, ...]) -> None:
        self.needs = needs
        self.gains = situation.gains
        self.falls = situation.falls
        self.open = [part for part in parts if situation.missing[part] is not None]
        self.met = [part for part in parts if situation.missing[part] is None]
        self.missing = {part: situation.missing[part] or 0 for part in self.open}
        self.helpers = {
            place for place in situation.available if any(place in needs.parts[part].touched_by for part in self.open)
        }
        self.breaks = {place: self._broken_by(place) for place in situation.available}
        breaking = [place for place in situation.available if any(self.breaks[place])]
        self.eligible = self.helpers | {
            place
            for place in situation.available
            if place not in self.helpers and any(self._mends(place, other) for other in breaking)
        }
        self.alone = {part: {place: self._gain((place,), part) for place in self.eligible} for part in self.open}
        self.most = dict.fromkeys(((part, kind) for part in self.open for kind in range(len(KINDS))), 0)
        for part, gains in self.alone.items():
            for place, gain in gains.items():
                key = part, needs.kinds[place]
                self.most[key] = max(self.most[key], gain)
        self.is_possible = bool(self.open) and all(
            MOST_CHANGES * max(self.most[part, kind] for kind in range(len(KINDS))) >= self.missing[part]
            and any(place in needs.parts[part].touched_by for place in self.helpers)
            for part in self.open
        )

    def _broken_by(self, place: int) -> tuple[frozenset[int], frozenset[int]]:
        """Return the parts that are true and a change could break, and the exclusions that it could bring about."""
        items = self.needs.items_of[place]
        parts = {
            part
            for part in self.met
            if place in self.needs.parts[part].touched_by
            and (
                not self.needs.parts[part].only_rises
                or any(self._can_fall(place, item) for item in items if item in self.needs.parts[part].items)
            )
        }
        return frozenset(parts), self.needs.excluded_by[place]

    def _can_fall(self, place: int, item: int) -> bool:
        reach = self.needs.ranges.get((place, item))
        return self.falls[item] if reach is None else reach[0] < self.gains[item][0]

    def _mends(self, place: int, other: int) -> bool:
        """Return whether a change could make good what another breaks."""
        parts, exclusions = self.breaks[other]
        if place == other and self.needs.candidates.all[place].key is not None:
            return False
        return any(place in self.needs.parts[part].touched_by for part in parts) or bool(
            exclusions & self.needs.excluded_by[place]
        )

    def _gain(self, chosen: Places, part: int) -> int:
        """Return how much a set can add at most to the sum that a part asks for."""
        items, ranges = self.needs.parts[part].items, self.needs.ranges
        total = 0
        found: dict[int, int] = {}
        for place in chosen:
            for item in self.needs.items_of[place]:
                if item not in items:
                    continue
                one, most = self.gains[item]
                reach = ranges.get((place, item))
                if reach is not None:  # a criterion on facts: no more than with any of the changes alone
                    gain = max(0, reach[1] - one)
                    now = min(found.get(item, gain), gain)
                else:
                    now = min(found.get(item, 0) + one, most)
                total += (now - found.get(item, 0)) * items[item]
                found[item] = now
        return total

    def can_be_met(self, chosen: Places, left: tuple[int, ...]) -> bool:
        """Return whether a set, with further changes of some kinds, can still make every part true."""
        for place in chosen:
            if place not in self.eligible:
                return False
        for part in self.open:
            alone, needed = self.alone[part], self.missing[part]
            for kind in left:
                needed -= self.most[part, kind]
            for place in chosen:
                needed -= alone[place]
            if needed > 0:  # even if no two of them shared a criterion
                return False
            if not left:
                touched_by = self.needs.parts[part].touched_by
                if not any(place in touched_by for place in chosen) or self._gain(chosen, part) < self.missing[part]:
                    return False
        return True

    def has_uses(self, chosen: Places) -> bool:
        """Return whether each change has a use: it helps, or it could make good what another breaks."""
        return all(
            place in self.helpers
            or any(self._mends(place, other) for at, other in enumerate(chosen) if at != chosen.index(place))
            for place in chosen
        )


# -- leads in one situation -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """Would these leads enter with these sets of changes? Each of *leads* is asked for each of *sets*."""

    sets: Sequence[Places]
    leads: Sequence[int]


Answers = Sequence[Sequence[bool]]
"""To a question: for each set a row, with an entry for each lead."""

Answer = TypeVar("Answer")
Asking = Generator[list[Question], list[Answers], Answer]
"""A search that asks several questions at a time and is sent the answers; whoever drives it knows how to evaluate."""


def find_sets(needs: Needs, situation: Situation, leads: Sequence[int]) -> Asking[dict[int, list[Places]]]:
    """Find for each lead the first set with which it enters; of single changes some more that are enough as well.

    A lead that no set helps is not in the result.
    """
    possible = PossibleSets(needs, situation)
    found: dict[int, list[Places]] = {}
    singles = list(possible.of_size(1))
    open_leads = list(leads)
    if singles:
        (answers,) = yield [Question(singles, open_leads)]
        for at, lead in enumerate(open_leads):
            hits = [places for places, row in zip(singles, answers, strict=True) if row[at]]
            if hits:
                found[lead] = _different(needs, hits)
    longer = chain.from_iterable(possible.of_size(size) for size in range(2, MOST_CHANGES + 1))
    size = FIRST_BATCH
    while (open_leads := [lead for lead in open_leads if lead not in found]) and (batch := list(islice(longer, size))):
        (answers,) = yield [Question(batch, open_leads)]
        for at, lead in enumerate(open_leads):
            hit = next((places for places, row in zip(batch, answers, strict=True) if row[at]), None)
            if hit is not None:
                found[lead] = [hit]
        size = min(2 * size, LARGEST_BATCH)
    return found


def _different(needs: Needs, hits: Iterable[Places]) -> list[Places]:
    """Return the first single change for each field, question, event or outcome, a few of them."""
    found: dict[str, Places] = {}
    for places in hits:
        one = needs.candidates.all[places[0]]
        found.setdefault(one.key or f"event {one.event}", places)
    return list(found.values())[: 1 + MOST_INSTEAD]


def widen(candidates: Candidates, places: Places, leads: Sequence[int]) -> Asking[dict[int, Way]]:
    """Find for each lead what would do in place of each change of a set, whatever is chosen for the others.

    For a field these are other values, for a question other answers. What is said of a step is then true of all of them.
    """
    groups: list[tuple[Way, list[int]]] = [(tuple((place,) for place in places), list(leads))]
    for at, place in enumerate(places):
        one = candidates.all[place]
        if one.kind not in ("fact", "answer") or (one.field in candidates.choices and not _is_alone(candidates, one)):
            continue
        for other in candidates.of(one.key or ""):
            if other.place == place:
                continue
            answers = yield [
                Question(_products([*way[:at], (other.place,), *way[at + 1 :]]), group) for way, group in groups
            ]
            groups = [
                part
                for (way, group), rows in zip(groups, answers, strict=True)
                for part in _split(way, group, rows, at, other.place)
            ]
    return {lead: way for way, group in groups for lead in group}


def _split(way: Way, leads: list[int], rows: Answers, at: int, place: int) -> Iterator[tuple[Way, list[int]]]:
    """Yield the leads for whom a further candidate would do, and those for whom it would not."""
    does = [all(row[number] for row in rows) for number in range(len(leads))]
    wider = (*way[:at], tuple(sorted((*way[at], place))), *way[at + 1 :])
    for wanted, found in ((True, wider), (False, way)):
        group = [lead for lead, truth in zip(leads, does, strict=True) if truth is wanted]
        if group:
            yield found, group


def _is_alone(candidates: Candidates, one: Candidate) -> bool:
    assert one.field is not None
    return candidates.choices[one.field].is_alone


def _products(options: Sequence[tuple[int, ...]]) -> list[Places]:
    found: list[Places] = [()]
    for places in options:
        found = [(*before, place) for before in found for place in places]
    return found
