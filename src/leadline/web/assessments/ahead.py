"""When a lead has to be looked at again although nothing happens: its next change.

`next_change_day` is no later than the first local day at whose start anything shown (`shown.py`), a qualification or the stage
differs from now. Days are looked at up to `LOOK_AHEAD`; a lead that may change after that is looked at again then, and one of which
nothing can change any more has no such day. tests/web/assessments/test_ahead.py holds this to assessing every day.
"""

from collections.abc import Sequence

import numpy as np

from leadline.engine.calendar import AsOf, Zone
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.cells.columns import Integers
from leadline.engine.timeline.forecast import MOST_DAYS, days_until_settled
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.moments import cells_at, first_instants
from leadline.engine.timeline.spells import Histories
from leadline.web.assessments.shown import ShownCells
from leadline.web.playbooks.queries import Compiled

LOOK_AHEAD = 32
"""Days that are looked at; more would find rare changes sooner than needed, fewer would assess quiet leads more often."""
_STRETCHES = ((1, 2), (3, 8), (9, LOOK_AHEAD))
_FEW_CELLS = 6_400
"""So many cost hardly more than one: then all days are looked at together."""
NO_DAY = np.iinfo(np.int64).max


def first_midnight(zone: Zone, instant_us: int) -> int:
    """Return the first local day at whose start something of an instant is there."""
    day = zone.day_of(instant_us)
    return day if zone.first_instant(day) == instant_us else day + 1


def turn_days(known: KnownLeads, happened: Histories, as_of: AsOf, zone: Zone) -> Integers:
    """Return for each lead the first day on which a spell begins or ends or the stage moves; `NO_DAY` where none does in sight.

    *happened* reaches into the days to come.
    """
    places = {lead_id: place for place, lead_id in enumerate(known.lead_ids)}
    found = np.full(len(known), NO_DAY, dtype=np.int64)
    moments = [(one.lead_id, us) for one in happened.spells for us in (one.began_us, one.ended_us) if us is not None]
    moments += [(one.lead_id, one.at_us) for one in happened.moves]
    for lead_id, us in moments:
        if us > as_of.until_us:
            place = places[lead_id]
            found[place] = min(int(found[place]), first_midnight(zone, us))
    return found


def dated_days(known: KnownLeads, as_of: AsOf, zone: Zone) -> Integers:
    """Return for each lead the first day at whose start something is there that is dated later than now; `NO_DAY` for none."""
    first = np.full(len(known), NO_DAY, dtype=np.int64)
    parts = [(known.events.lead, known.events.from_us), (known.outcomes.lead, known.outcomes.from_us), known.facts]
    parts.append((np.arange(len(known), dtype=np.int64), known.begins_us))
    for lead, us in parts:
        later = us > as_of.until_us
        np.minimum.at(first, lead[later], us[later])
    return np.array([one if one == NO_DAY else first_midnight(zone, one) for one in first.tolist()], dtype=np.int64)


def settled_days(compiled: Compiled, known: KnownLeads, as_of: AsOf) -> Integers:
    """Return for each lead a day from which on nothing changes by itself."""
    playbook = compiled.playbook
    days, by_date = days_until_settled(compiled.plan)
    quiet = [level.cooldown_days or 0 for level in playbook.qualifications]
    for outcome in playbook.outcomes:
        quiet += [outcome.quiet_days or 0, *(reason.quiet_days or 0 for reason in outcome.reasons)]
    days = min(max([days, *quiet]) + 2 + 10 * len(compiled.plan.spells), MOST_DAYS)
    last = np.full(len(known), as_of.day - MOST_DAYS, dtype=np.int64)
    for one in (known.events, known.outcomes):
        np.maximum.at(last, one.lead, one.day)
    found: Integers = last + days
    if by_date:
        leads = np.arange(len(known), dtype=np.int64)
        now = cells_at(compiled.zone, len(known), leads, np.full(len(known), as_of.until_us))
        inputs = TimelineInputs(compiled.plan, known, now)
        for field_read, most in by_date:
            column = inputs.field(field_read)
            values, is_known = (now.spread.wide(one, column.is_wide) for one in (column.values, column.is_known()))
            found = np.maximum(found, np.where(is_known, values + most, 0))
    return found


def next_change_days(
    compiled: Compiled,
    known: KnownLeads,
    happened: Histories,
    as_of: AsOf,
    now: Integers,
    surely: Integers,
) -> list[int | None]:
    """Return for each lead on which day it is to be looked at again; None: not until something happens.

    Args:
        compiled: the playbook.
        known: what is known of the leads by the moment.
        happened: their spells, those of the coming days too.
        as_of: the moment.
        now: what is shown of each lead at the moment (`ShownCells.rows`), of shape (n_rows, n_leads).
        surely: a day for each lead on which it is looked at in any case, `NO_DAY` for none.
    """
    settled = settled_days(compiled, known, as_of)
    found = surely.copy()
    left = np.flatnonzero(settled > as_of.day)
    for first, last in _STRETCHES if len(left) * LOOK_AHEAD > _FEW_CELLS else ((1, LOOK_AHEAD),):
        left = left[found[left] > as_of.day + first]
        if not len(left):
            break
        days = _first_differing(compiled, known, happened, as_of, now, left, (first, last))
        found[left] = np.minimum(found[left], days)
        left = left[days == NO_DAY]
    again = as_of.day + LOOK_AHEAD
    found[left] = np.minimum(found[left], np.where(settled[left] >= again, again, NO_DAY))
    return [None if day == NO_DAY else day for day in found.tolist()]


def _first_differing(
    compiled: Compiled,
    known: KnownLeads,
    happened: Histories,
    as_of: AsOf,
    now: Integers,
    leads: Integers,
    days: Sequence[int],
) -> Integers:
    """Return for some leads the first of some days ahead at whose start what is shown differs."""
    first, last = days
    length = last - first + 1
    starts = first_instants(compiled.zone, as_of.day + first, as_of.day + last)
    cells = cells_at(compiled.zone, len(known), np.repeat(leads, length), np.tile(starts, len(leads)))
    ended = {name: happened.ended_before(name, known, cells) for name in compiled.plan.spells}
    rows = ShownCells(CellAssessments(TimelineInputs(compiled.plan, known, cells, ended))).rows()
    differs = (rows != now[:, cells.spread.lead_of]).any(axis=0)
    found = np.full(len(known), NO_DAY, dtype=np.int64)
    at = np.flatnonzero(differs)
    np.minimum.at(found, cells.spread.lead_of[at], cells.day[at])
    return found[leads]
