"""A lead's history in plain Python, the naive way: assessed by the reference at every moment there is.

This says what is right; `timeline` computes the same in bulk and is held to it by tests/engine/timeline. A lead is assessed when
anything of it or of its company happens or becomes known, and at the start of each local day, from the moment of the first thing
of its own that is dated.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.expressions import nodes as n
from leadline.engine.lifecycle.fold import Observation, SpellFold
from leadline.engine.lifecycle.model import Evidence, Spell, StageMove
from leadline.engine.lifecycle.stages import StageFold, stages_of
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome
from leadline.engine.reference.result import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened to a lead up to a moment: its spells and stage moves in the order of time."""

    spells: Sequence[Spell]
    moves: Sequence[StageMove]


def history(bound: BoundPlaybook, log: LeadLog, until: AsOf, *, as_known: bool = False) -> History:
    """Return what happened to a lead up to a moment, that moment included.

    Args:
        bound: the playbook.
        log: everything known of the lead, at any time.
        until: the last moment.
        as_known: a thing is there only when it had been received or recorded, not when it happened.
    """
    zone = get_zone(bound.playbook.timezone)
    spells = SpellFold(bound.playbook, log.lead_id)
    stages = StageFold(stages_of(bound.playbook), log.lead_id)
    for at_us in moments_of(bound, log, until, as_known=as_known):
        found = assess(bound, log, zone.moment(at_us), as_known=as_known, ended_spells=spells.ended)
        outcomes = [one for one in log.outcomes if when(one, as_known=as_known) == at_us]
        seen = Observation(
            at_us=at_us,
            day=found.as_of.day,
            enter=[found.qualifications.get(level.id, False) for level in bound.playbook.qualifications],
            stays=[found.stays.get(level.id, False) for level in bound.playbook.qualifications],
            excluded_by=found.excluded_by,
            outcomes=outcomes,
            events=[one.name for one in log.events if not one.is_bot and when(one, as_known=as_known) == at_us],
        )
        for spell in spells.step(seen):
            spell.evidence = evidence_of(found)
        stages.step(at_us, seen.day, spells.open, outcomes)
    return History(spells=spells.spells, moves=stages.moves)


def begins_us(log: LeadLog, *, as_known: bool = False) -> int | None:
    """Return the moment of the first thing of the lead's own that is dated, ahead or not; None when nothing is."""
    own: Iterable[Event | Fact | ReportedOutcome] = (
        *(event for event in log.events if not event.is_bot),
        *log.facts,
        *log.outcomes,
    )
    moments = [when(one, as_known=as_known) for one in own]
    return min(moments if log.created_us is None else [*moments, log.created_us], default=None)


def moments_of(bound: BoundPlaybook, log: LeadLog, until: AsOf, *, as_known: bool = False) -> list[int]:
    """Return the moments at which a lead is assessed, in order. A lead of which nothing is dated is assessed at *until* alone."""
    first = begins_us(log, as_known=as_known)
    if first is None:
        return [until.until_us]
    zone = get_zone(bound.playbook.timezone)
    days = range(zone.day_of(first) + 1, zone.day_of(until.until_us) + 1)
    dated: Iterator[Event | Fact | ReportedOutcome] = iter(
        (*(one for one in log.events if not one.is_bot), *log.facts, *log.company_facts, *log.outcomes)
    )
    created = {log.created_us} if as_known and log.created_us is not None else set()
    moments = {
        first,
        *created,
        *(zone.first_instant(day) for day in days),
        *(when(one, as_known=as_known) for one in dated),
    }
    return sorted(moment for moment in moments if first <= moment <= until.until_us)


def when(thing: Event | Fact | ReportedOutcome, *, as_known: bool) -> int:
    """Return the moment from which a thing is there."""
    if as_known:
        return thing.from_us
    return thing.known_at_us if isinstance(thing, Fact) else thing.at_us


def evidence_of(found: Assessment) -> Evidence:
    """Return what is kept of an assessment with the spell that begins with it."""
    return Evidence(
        scores={score: result.units for score, result in found.scores.items()},
        grade=found.grade,
        contributions={one.criterion_id: one.units for one in found.contributions.values() if one.units},
    )


def reads_spells(bound: BoundPlaybook) -> bool:
    """Return whether any condition asks how many spells have ended."""
    return any(isinstance(term, n.Spells) for test in bound.tests.values() for term in n.terms_of(test))


def assess_in_time(bound: BoundPlaybook, log: LeadLog, as_of: AsOf, *, as_known: bool = False) -> Assessment:
    """Return the assessment at a moment, with the lead's history where a condition asks how many spells have ended.

    Those that had ended before the moment count: a spell that ends at it has not ended yet for the assessment that ends it.
    """
    ended: dict[str, int] = {}
    if reads_spells(bound):
        for spell in history(bound, log, as_of, as_known=as_known).spells:
            if spell.ended_us is not None and spell.ended_us < as_of.until_us:
                ended[spell.qualification] = ended.get(spell.qualification, 0) + 1
    return assess(bound, log, as_of, as_known=as_known, ended_spells=ended)
