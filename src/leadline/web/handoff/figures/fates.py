"""What became of hand-offs, in one word each."""

from leadline.web.handoff.actions.deciding import REFUSALS
from leadline.web.handoff.models import HandOff

State = HandOff.State

SENT_BACK = tuple(str(one) for one in REFUSALS)
DECIDED = (str(State.ACCEPTED), *SENT_BACK)
OPEN, COOLED, WITHDRAWN = "open", "cooled", "withdrawn"
FATES = (*DECIDED, COOLED, OPEN, WITHDRAWN)
"""All of them. cooled: the spell ended before anybody claimed it. withdrawn: the spell no longer stands, or the lead is another now."""
STATES = {
    **{one: (one,) for one in DECIDED},
    COOLED: (str(State.COOLED),),
    OPEN: tuple(str(one) for one in HandOff.OPEN),
    WITHDRAWN: (str(State.WITHDRAWN), str(State.MERGED)),
}
"""Which states come to which fate: each of them to one."""
FATE_OF = {state: fate for fate, states in STATES.items() for state in states}
