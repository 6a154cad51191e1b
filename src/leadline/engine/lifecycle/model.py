"""Spells and stage moves as values: what a lead's history comes to.

Moments are microseconds since 1970 in UTC, days are local days of the playbook's zone, points are ten-thousandths. Nothing here
knows how a history is computed: `fold.py` says it one observation after another, `history.py` feeds it naively and
`timeline` in bulk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BeganBy = Literal["enter", "hand_raise"]
BackBy = Literal["", "hand_raise", "reinstated"]
EndedBy = Literal["cooled", "outcome", "excluded"]
"""How a spell ended: neither `enter` nor `stay` held any more; an outcome that ends; an exclusion that began to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was true at the moment when a spell began.

    scores: points of each score. grade: the lead's grade. contributions: points of each criterion that gave any.
    """

    scores: Mapping[str, int] = field(default_factory=dict)
    grade: str | None = None
    contributions: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Spell:
    """One stay of a lead in a qualification.

    number:      1 for the lead's first spell of this qualification, 2 for the second …
    began_by:    `enter` was true, or a hand raise (then *hand_raise* names the event).
    ended_us:    None while it is open.
    ended_by:    see `EndedBy`; *ended_because* names the outcome or the exclusion, *reason* is the outcome's.
    outcome:     the last outcome that was reported during the spell or that ended it.
    evidence:    what was true when it began; None where it was not asked for.
    """

    lead_id: str
    qualification: str
    number: int
    began_us: int
    began_day: int
    began_by: BeganBy
    hand_raise: str | None = None
    ended_us: int | None = None
    ended_day: int | None = None
    ended_by: EndedBy | None = None
    ended_because: str | None = None
    reason: str | None = None
    outcome: str | None = None
    evidence: Evidence | None = field(default=None, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_us is None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOut:
    """What keeps a lead out of a qualification for now, whatever the conditions say: an outcome that was reported.

    until_day: the local day with which it may begin again by itself; None where no day will do.
    back_by:   what lets it begin before that, or at all: a later hand raise, or the outcome ``reinstated``; empty where only time does.
    outcome, reason, since_day: what was reported, and the local day on which it was.
    """

    qualification: str
    until_day: int | None = field(default=None, metadata={"unit": "day"})
    back_by: BackBy = ""
    outcome: str
    reason: str | None = None
    since_day: int = field(metadata={"unit": "day"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMove:
    """A move of a lead from one stage of the lifecycle to another, forward or backward.

    before: None for the first. because: what made it move, such as ``mql began``, ``mql ended`` or ``outcome won``.
    """

    lead_id: str
    at_us: int
    day: int
    before: str | None
    after: str | None
    because: str
    is_forward: bool
