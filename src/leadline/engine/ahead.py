"""What lies before and ahead of every lead at one moment: open spells and when they cool, what is missing, spells that have ended.

`score` shows these on request as columns beside the assessments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.backends.history_tables import Wanted
from leadline.engine.calendar import AsOf
from leadline.engine.cells.columns import Integers
from leadline.engine.compiler.plan import Plan
from leadline.engine.next_step.joined import Stretch, find_next_steps_of_all
from leadline.engine.past import open_past
from leadline.engine.run import Progress, Run
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.kept_out import find_kept_out
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.moments import regular_moments
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import histories_until


@dataclass(slots=True, kw_only=True)
class Ahead:
    """What was found, one entry for each lead of *lead_ids*.

    since_us:   for each qualification when its open spell began; None: none is open.
    cools_day:  the first day at whose start that spell has ended if nothing more happens; None: none is open, or it never does.
    next_steps: the smallest change that would let the lead enter its next qualification, in words; None: none is known.
    """

    lead_ids: list[str] = field(default_factory=list)
    since_us: dict[str, list[int | None]] = field(default_factory=dict)
    cools_day: dict[str, list[int | None]] = field(default_factory=dict)
    next_steps: list[str | None] = field(default_factory=list)


def look_ahead(
    run: Run,
    plan: Plan,
    moment: AsOf,
    *,
    cools_on: bool,
    next_step: bool,
    as_known: bool,
    events_are_unique: bool,
    tell: Progress,
    staying: Sequence[str] | None = None,
) -> Ahead:
    """Return for all leads when their open qualifications cool, and what is missing for the next.

    *staying*: the leads of whom some qualification could be open by what is true now; where nothing else is asked, no others are
    looked at but those that raised a hand lately.

    Raises:
        ProblemsError: the engine cannot go through time (Spark).
    """
    wanted = None if staying is None or next_step or plan.spells else _wanted(run, plan, moment, staying)
    feed = open_past(run, plan, as_known=as_known, events_are_unique=events_are_unique, tells=False, wanted=wanted)
    levels = [level.id for level in plan.playbook.qualifications]
    found = Ahead(since_us={level: [] for level in levels}, cools_day={level: [] for level in levels})

    def stretches() -> Iterator[Stretch]:
        for everything in feed.stretches():
            known = everything.until(moment.until_us)
            open_spells = find_open_spells(plan, known, moment, run.zone)
            found.lead_ids += known.lead_ids
            if cools_on:
                for level in levels:
                    own = [one for one in open_spells if one.spell.qualification == level]
                    found.since_us[level] += _placed(len(known), [(one.lead, one.spell.began_us) for one in own])
                    found.cools_day[level] += _placed(len(known), [(one.lead, one.cools_day) for one in own])
            tell("Looking ahead", 0.6 * len(found.lead_ids) / max(1, feed.tables.lead_count))
            is_open = {level: np.zeros(len(known), dtype=np.bool_) for level in levels}
            for one in open_spells:
                is_open[one.spell.qualification][one.lead] = True
            ended = _ended(run, plan, known, moment) if next_step else {}
            kept = find_kept_out(plan, known, moment, run.zone) if next_step else {}
            yield Stretch(known=known, open_spells=is_open, ended_before=ended, kept_out=kept)

    if next_step:
        for _, steps in find_next_steps_of_all(plan, stretches(), moment):
            found.next_steps += [None if step is None else step.text for step in steps]
    else:
        for _ in stretches():
            pass
    return found


def _wanted(run: Run, plan: Plan, moment: AsOf, staying: Sequence[str]) -> Wanted:
    """Return the leads of whom a spell may be open: what holds says so, or a hand was raised lately."""
    levels = plan.playbook.qualifications
    days = max((level.hand_raise_stay_days or 0 for level in levels), default=0)
    events = dict.fromkeys(name for level in levels for name in level.hand_raise)
    return Wanted(lead_ids=staying, events=list(events), since_us=run.zone.first_instant(moment.day - days - 1))


def _placed(count: int, found: Sequence[tuple[int, int | None]]) -> list[int | None]:
    values: list[int | None] = [None] * count
    for lead, value in found:
        values[lead] = value
    return values


def ended_spells(
    run: Run, plan: Plan, moment: AsOf, *, as_known: bool, events_are_unique: bool
) -> list[tuple[str | int, ...]]:
    """Return for each lead of which spells had ended before a moment its id, and how many of each of the plan's *spells*.

    Raises:
        ProblemsError: the engine cannot go through time (Spark).
    """
    feed = open_past(run, plan, as_known=as_known, events_are_unique=events_are_unique, tells=False)
    rows: list[tuple[str | int, ...]] = []
    for everything in feed.stretches():
        known = everything.until(moment.until_us)
        counts = _ended(run, plan, known, moment)
        leads = np.flatnonzero(np.sum([counts[name] for name in plan.spells], axis=0)).tolist()
        rows += [(known.lead_ids[lead], *(int(counts[name][lead]) for name in plan.spells)) for lead in leads]
    return rows


def _ended(run: Run, plan: Plan, known: KnownLeads, moment: AsOf) -> Mapping[str, Integers]:
    """Return for each lead how many spells had ended before a moment, of those of which a condition asks."""
    if not plan.spells:
        return {}
    looks = Reach(plan, known).may_begin()
    happened = histories_until(plan, known, run.zone, moment, looks, evidence=False, stages=False)
    now = regular_moments(run.zone, known, [moment])
    found: dict[str, Integers] = {}
    for name in plan.spells:
        counts = np.zeros(len(known), dtype=np.int64)
        counts[now.spread.lead_of] = happened.ended_before(name, known, now)
        found[name] = counts
    return found
