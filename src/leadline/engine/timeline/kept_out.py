"""What keeps many leads out of qualifications at a moment: the same as `lifecycle/kept_out.py` says of each, from arrays.

Only leads of whom something was reported are looked at: nothing else keeps anybody out.
tests/engine/timeline/test_kept_out.py holds it to that.
"""

import numpy as np

from leadline.engine.calendar import AsOf, Zone
from leadline.engine.compiler.plan import Plan
from leadline.engine.lifecycle.fold import Observation, SpellFold
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.spells import outcome_at


def find_kept_out(plan: Plan, known: KnownLeads, as_of: AsOf, zone: Zone) -> dict[int, dict[str, KeptOut]]:
    """Return what keeps leads out of qualifications, by their places in *known* and the ids; none for whom nothing does.

    Args:
        plan: of the playbook; its outcomes say what follows from each.
        known: what is known of the leads; later things are left out.
        as_of: the moment.
        zone: the playbook's.
    """
    playbook = plan.playbook
    none = [False] * len(playbook.qualifications)
    reported, events = known.outcomes, known.events
    raised = events.named(list(dict.fromkeys(name for level in playbook.qualifications for name in level.hand_raise)))
    raised = raised[np.isin(events.lead[raised], reported.lead)]
    things: dict[int, dict[int, tuple[list[ReportedOutcome], list[str]]]] = {}
    for row in np.flatnonzero(reported.from_us <= as_of.until_us).tolist():
        at = things.setdefault(int(reported.lead[row]), {}).setdefault(int(reported.from_us[row]), ([], []))
        at[0].append(outcome_at(known, row))
    for row in raised[events.from_us[raised] <= as_of.until_us].tolist():
        if (lead := int(events.lead[row])) in things:
            things[lead].setdefault(int(events.from_us[row]), ([], []))[1].append(events.names[int(events.name[row])])
    found = {}
    for lead, moments in things.items():
        fold = SpellFold(playbook, known.lead_ids[lead])
        for us, (outcomes, names) in sorted(moments.items()):
            fold.step(
                Observation(at_us=us, day=zone.day_of(us), enter=none, stays=none, outcomes=outcomes, events=names)
            )
        if kept := fold.kept_out(as_of.day):
            found[lead] = kept
    return found
