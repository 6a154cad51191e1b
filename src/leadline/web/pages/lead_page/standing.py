"""How a lead stands with each qualification where its conditions alone do not tell.

Conditions are of this moment; a spell has a past. A hand raise keeps a spell open whatever the scores, and what sales reported keeps one
from beginning although everything asked for is there. Shown without that, the parts of a condition would contradict the stage beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadline.engine.explanation.model import QualificationExplanation
from leadline.engine.playbook.model import Playbook
from leadline.web.assessments.models import Spell

Why = Literal["", "stays", "asked", "given_back", "reported"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A qualification of a lead, and why it is open or not.

    level: the qualification with its conditions, part by part.
    why:   what the conditions do not tell. *stays*: those to enter ceased to hold, those to stay hold; *asked*: neither holds, a hand
           raise keeps it; *given_back*: they hold, and an outcome ended *spell*; *reported*: they hold, and an outcome that was
           reported while none was open keeps it out. Empty where the conditions tell all.
    spell: the open one, else the last that ended; None where there was none.
    """

    level: QualificationExplanation
    why: Why = ""
    spell: Spell | None = None

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
        found.append(Standing(level, _why(level, spell, may_ask=level.id in raisable), spell))
    return tuple(found)


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
