"""Puts stretches of leads together, so that many can be searched at once: the search is shared by leads in one situation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from leadline.engine.calendar import AsOf
from leadline.engine.cells.columns import Array, Column, Integers, Truths
from leadline.engine.compiler.plan import Plan
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.bulk import find_next_steps
from leadline.engine.next_step.model import NextStep
from leadline.engine.timeline.known import Changes, Happened, KnownLeads, Reported, Words

MOST_LEADS = 50_000
MOST_EVENTS = 2_000_000
"""Of leads and of events that are searched together; more would not save much, and take memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some leads, as a feed yields them.

    open_spells:  for each qualification, by its id, which of them are in it.
    ended_before: for each qualification of which a condition asks, how many of its spells have ended.
    kept_out:     what keeps them out of qualifications, by their places here and the ids.
    """

    known: KnownLeads
    open_spells: Mapping[str, Truths] = field(default_factory=dict)
    ended_before: Mapping[str, Integers] = field(default_factory=dict)
    kept_out: Mapping[int, Mapping[str, KeptOut]] = field(default_factory=dict)


def find_next_steps_of_all(
    plan: Plan, stretches: Iterable[Stretch], as_of: AsOf
) -> Iterator[tuple[Sequence[str], list[NextStep | None]]]:
    """Yield the ids and the next steps of all leads, in their order, many at a time; see `find_next_steps`.

    Args:
        plan: of the playbook.
        stretches: leads of one feed, in order.
        as_of: the moment.
    """
    waiting: list[Stretch] = []
    leads = events = 0
    for stretch in stretches:
        waiting.append(replace(stretch, known=stretch.known.until(as_of.until_us)))
        leads, events = leads + len(stretch.known), events + len(waiting[-1].known.events.lead)
        if leads >= MOST_LEADS or events >= MOST_EVENTS:
            yield _search(plan, waiting, as_of)
            waiting, leads, events = [], 0, 0
    if waiting:
        yield _search(plan, waiting, as_of)


def _search(plan: Plan, stretches: Sequence[Stretch], as_of: AsOf) -> tuple[Sequence[str], list[NextStep | None]]:
    known = join_leads([one.known for one in stretches])
    levels = [level.id for level in plan.playbook.qualifications]

    def joined(found: Mapping[str, Array], one: Stretch, name: str, kind: type) -> Array:
        return found.get(name, np.zeros(len(one.known), dtype=kind))

    steps = find_next_steps(
        plan,
        known,
        as_of,
        open_spells={
            level: np.concatenate([joined(one.open_spells, one, level, np.bool_) for one in stretches])
            for level in levels
        },
        ended_before={
            level: np.concatenate([joined(one.ended_before, one, level, np.int64) for one in stretches])
            for level in plan.spells
        },
        kept_out={
            start + lead: kept
            for one, start in zip(stretches, _starts([one.known for one in stretches]), strict=True)
            for lead, kept in one.kept_out.items()
        },
    )
    return known.lead_ids, steps


def _starts(parts: Sequence[KnownLeads]) -> list[int]:
    """Return the place of the first lead of each part in all of them together."""
    found: list[int] = np.cumsum([0, *(len(part) for part in parts[:-1])]).tolist()
    return found


def join_leads(parts: Sequence[KnownLeads]) -> KnownLeads:
    """Return stretches of leads as one. They come from one feed, so their events and outcomes are numbered alike."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    starts = _starts(parts)
    joined = {one: _Field([(part.fields[one], part.changes.get(one)) for part in parts]) for one in first.fields}
    return KnownLeads(
        lead_ids=[lead_id for part in parts for lead_id in part.lead_ids],
        begins_us=np.concatenate([part.begins_us for part in parts]),
        facts=(
            np.concatenate([part.facts[0] + start for part, start in zip(parts, starts, strict=True)]),
            np.concatenate([part.facts[1] for part in parts]),
        ),
        fields={one: joined[one].column() for one in first.fields},
        changes={one: joined[one].changes(starts) for one in first.fields if joined[one].has_changes},
        events=_events([part.events for part in parts], starts),
        outcomes=_outcomes([part.outcomes for part in parts], starts),
    )


class _Field:
    """A field of several stretches; each may number its words in its own way."""

    def __init__(self, parts: Sequence[tuple[Column, Changes | None]]) -> None:
        self.parts = parts
        self.words = None if parts[0][0].words is None else Words()
        self._places: dict[int, Integers] = {}
        self.has_changes = any(changes is not None for _, changes in parts)

    def _values(self, column: Column, values: Array) -> Array:
        if self.words is None or column.words is None or not len(column.words):
            return values
        if id(column.words) not in self._places:
            places = [self.words.place(word) for word in column.words]
            self._places[id(column.words)] = np.array(places, dtype=np.int64)
        return self._places[id(column.words)][values]

    def column(self) -> Column:
        """Return the first values of all leads."""
        known = np.concatenate([column.is_known() for column, _ in self.parts])
        values = np.concatenate([self._values(column, column.values) for column, _ in self.parts])
        return Column(values, known, None if self.words is None else self.words.values)

    def changes(self, starts: Sequence[int]) -> Changes:
        """Return the later values of all leads."""
        found = [(column, one, start) for (column, one), start in zip(self.parts, starts, strict=True) if one]
        return Changes(
            lead=_moved([one.lead for _, one, _ in found], [start for _, _, start in found]),
            us=np.concatenate([one.us for _, one, _ in found]),
            values=np.concatenate([self._values(column, one.values) for column, one, _ in found]),
            known=np.concatenate([one.known for _, one, _ in found]),
        )


def _events(parts: Sequence[Happened], starts: Sequence[int]) -> Happened:
    assert all(list(one.names) == list(parts[0].names) for one in parts)
    return Happened(
        lead=_moved([one.lead for one in parts], starts),
        at_us=np.concatenate([one.at_us for one in parts]),
        from_us=np.concatenate([one.from_us for one in parts]),
        day=np.concatenate([one.day for one in parts]),
        name=np.concatenate([one.name for one in parts]),
        names=parts[0].names,
        signals=np.concatenate([one.signals for one in parts]),
    )


def _outcomes(parts: Sequence[Reported], starts: Sequence[int]) -> Reported:
    assert all(list(one.outcomes) == list(parts[0].outcomes) for one in parts)
    return Reported(
        lead=_moved([one.lead for one in parts], starts),
        at_us=np.concatenate([one.at_us for one in parts]),
        from_us=np.concatenate([one.from_us for one in parts]),
        day=np.concatenate([one.day for one in parts]),
        outcome=np.concatenate([one.outcome for one in parts]),
        reason=np.concatenate([one.reason for one in parts]),
        qualification=np.concatenate([one.qualification for one in parts]),
        outcomes=parts[0].outcomes,
        reasons=parts[0].reasons,
        qualifications=parts[0].qualifications,
    )


def _moved(leads: Sequence[Integers], starts: Sequence[int]) -> Integers:
    return np.concatenate([one + start for one, start in zip(leads, starts, strict=True)])
