"""Which qualifications a lead is kept out of by what was reported, at a moment: quiet times, and who may come back only in one way.

No condition is looked at for this: outcomes keep a lead out, hand raises and ``reinstated`` let it back, by the rules of `fold.py`.
"""

from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.lifecycle.fold import Observation, SpellFold
from leadline.engine.lifecycle.history import when
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.log import LeadLog


def kept_out(playbook: Playbook, log: LeadLog, as_of: AsOf, *, as_known: bool = False) -> dict[str, KeptOut]:
    """Return what keeps a lead out of qualifications at a moment, by their ids; what is open already is not asked.

    Args:
        playbook: its outcomes say what follows from each.
        log: everything known of the lead, at any time.
        as_of: the moment.
        as_known: a thing is there only when it had been received or recorded, not when it happened.
    """
    zone = get_zone(playbook.timezone)
    raising = {name for level in playbook.qualifications for name in level.hand_raise}
    raised = [one for one in log.events if one.name in raising and not one.is_bot]
    moments = {when(one, as_known=as_known) for one in raised} | {when(one, as_known=as_known) for one in log.outcomes}
    none = [False] * len(playbook.qualifications)
    fold = SpellFold(playbook, log.lead_id)
    for at_us in sorted(moment for moment in moments if moment <= as_of.until_us):
        fold.step(
            Observation(
                at_us=at_us,
                day=zone.day_of(at_us),
                enter=none,
                stays=none,
                outcomes=[one for one in log.outcomes if when(one, as_known=as_known) == at_us],
                events=[one.name for one in raised if when(one, as_known=as_known) == at_us],
            )
        )
    return fold.kept_out(as_of.day)
