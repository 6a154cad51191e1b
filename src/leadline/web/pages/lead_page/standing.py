"""How a lead stands with each qualification where its conditions alone do not tell.

Conditions are of this moment; a spell has a past. A hand raise keeps a spell open whatever the scores, and what sales reported keeps one
from beginning although everything asked for is there. Shown without that, the parts of a condition would contradict the stage beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadline.engine.explanation.model import QualificationExplanation
from leadline.engine.lifecycle.fold import BARRING
from leadline.engine.playbook.model import Playbook
from leadline.engine.values import text_key
from leadline.web.assessments.models import Spell

Why = Literal["", "stays", "asked", "given_back", "reported"]
BackBy = Literal["", "reinstated", "hand_raise"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A qualification of a lead, and why it is open or not.

    level: the qualification with its conditions, part by part.
    why:   what the conditions do not tell. *stays*: those to enter ceased to hold, those to stay hold; *asked*: neither holds, a hand
           raise keeps it; *given_back*: they hold, and an outcome ended *spell*; *reported*: they hold, and an outcome that was
           reported while none was open keeps it out. Empty where the conditions tell all.
    spell: the open one, else the last that ended; None where there was none.
    back_by: what alone lets it begin again after the outcome that ended *spell*; empty where time or the next event does.
    """

    level: QualificationExplanation
    why: Why = ""
    spell: Spell | None = None
    back_by: BackBy = ""

    @property
    def is_open(self) -> bool:
        """Whether the lead is in it now."""
        return self.level.since is not None


def standings_of(
    playbook: Playbook, levels: Sequence[QualificationExplanation], spells: Sequence[Spell]
) -> tuple[Standing, ...]:
    """Return how a lead stands with each qualification.

    Args:
        playbook: the one that holds.
        levels:   its qualifications as they are explained.
        spells:   of the lead, the latest first.
    """
    raisable = {one.id for one in playbook.qualifications if one.hand_raise}
    found = []
    for level in levels:
        own = [one for one in spells if one.qualification == level.id]
        spell = next((one for one in own if one.ended_at is None), own[0] if own else None)
        why = _why(level, spell, may_ask=level.id in raisable)
        back_by = _back_by(playbook, spell) if spell is not None and why == "given_back" else ""
        found.append(Standing(level, why, spell, back_by))
    return tuple(found)


def _back_by(playbook: Playbook, spell: Spell) -> BackBy:
    outcome = next((one for one in playbook.outcomes if one.id == spell.ended_because), None)
    reasons = () if outcome is None else outcome.reasons
    returns = next((one.returns for one in reasons if text_key(one.id) == spell.reason), "any")
    if spell.ended_because in BARRING or returns == "never":
        return "reinstated"
    return "hand_raise" if returns == "hand_raise" else ""


def _why(level: QualificationExplanation, spell: Spell | None, *, may_ask: bool) -> Why:
    if level.enter is None:  # excluded: that is said in its own place
        return ""
    if level.since is not None:
        if level.holds:
            return ""
        if level.stays:
            return "stays"
        return "asked" if may_ask else ""
    if not level.holds:
        return ""
    return "given_back" if spell is not None and spell.ended_by == "outcome" else "reported"
