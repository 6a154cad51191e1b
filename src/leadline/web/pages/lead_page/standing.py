"""How a lead stands with each qualification where its conditions alone do not tell.

Conditions are of this moment; a spell has a past. A hand raise keeps a spell open whatever the scores, and what sales reported keeps one
from beginning, for a time or for good, whatever the lead does. Shown without that, the parts of a condition would contradict the stage
beside them, or promise what cannot come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from leadline.engine.explanation.model import QualificationExplanation
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.playbook.model import Playbook
from leadline.web.assessments.models import Spell

Why = Literal["", "stays", "asked", "kept", "waits"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A qualification of a lead, and why it is open or not.

    level: the qualification with its conditions, part by part.
    why:   what the conditions do not tell. *stays*: those to enter ceased to hold, those to stay hold; *asked*: neither holds, a hand
           raise keeps it; *kept*: what was reported keeps it out; *waits*: they hold, and since it ended nothing has happened. Empty
           where the conditions tell all.
    spell: the open one, else the last that ended; None where there was none.
    kept:  what keeps it out, until when, and what lets it back.
    """

    level: QualificationExplanation
    why: Why = ""
    spell: Spell | None = None
    kept: KeptOut | None = None

    @property
    def is_open(self) -> bool:
        """Whether the lead is in it now."""
        return self.level.since is not None


def standings_of(
    playbook: Playbook,
    levels: Sequence[QualificationExplanation],
    spells: Sequence[Spell],
    kept: Mapping[str, KeptOut],
) -> tuple[Standing, ...]:
    """Return how a lead stands with each qualification.

    Args:
        playbook: the one that holds.
        levels:   its qualifications as they are explained.
        spells:   of the lead, the latest first.
        kept:     by qualification, what keeps it out now.
    """
    raisable = {one.id for one in playbook.qualifications if one.hand_raise}
    found = []
    for level in levels:
        own = [one for one in spells if one.qualification == level.id]
        spell = next((one for one in own if one.ended_at is None), own[0] if own else None)
        keeps = kept.get(level.id)
        why = _why(level, is_kept=keeps is not None, may_ask=level.id in raisable)
        found.append(Standing(level, why, spell, keeps if why == "kept" else None))
    return tuple(found)


def _why(level: QualificationExplanation, *, is_kept: bool, may_ask: bool) -> Why:
    if level.enter is None:  # excluded: that is said in its own place
        return ""
    if level.since is None:
        return "kept" if is_kept else "waits" if level.holds else ""
    if level.holds:
        return ""
    if level.stays:
        return "stays"
    return "asked" if may_ask else ""
