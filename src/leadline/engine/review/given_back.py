"""What had brought the leads that sales gave back: the criteria that were there when a spell began.

A spell is *given back* when its outcome is rejected or recycled, *accepted* when it is accepted, opportunity or won. Others are not
compared: nobody has decided, or something else came. Guarded by tests/engine/review/test_given_back.py.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadline.engine.replay.model import Replay
from leadline.engine.review.bounds import LEAST_SPELLS
from leadline.engine.review.clustered import count_leads, log_ratio
from leadline.engine.review.model import Direction, GivenBack
from leadline.engine.review.sides import times

if TYPE_CHECKING:
    from numpy.typing import NDArray

RETURNED = ("rejected", "recycled")
ACCEPTED = ("accepted", "opportunity", "won")


@dataclass(frozen=True, eq=False, kw_only=True)
class Decided:
    """Spells with evidence that sales decided on, and whose; shapes (n,)."""

    contributions: tuple[dict[str, int], ...]
    is_returned: "NDArray[np.bool_]"
    lead: "NDArray[np.int64]"
    leads: int
    criteria: frozenset[str]

    @property
    def returned(self) -> int:
        """How many were given back."""
        return int(self.is_returned.sum())

    @property
    def accepted(self) -> int:
        """How many were accepted."""
        return int((~self.is_returned).sum())


def decided_spells(replay: Replay, *, until_us: int, horizon_us: int) -> Decided:
    """Return the spells that were decided, of those that began at least *horizon_us* before *until_us*.

    A refusal comes faster than a sale: without that bound the last spells would be refused ones only.
    """
    found = [
        spell
        for spell in replay.spells
        if spell.evidence is not None
        and spell.outcome in (*RETURNED, *ACCEPTED)
        and spell.began_us + horizon_us <= until_us
    ]
    names = sorted({spell.lead_id for spell in found})
    index = {lead_id: number for number, lead_id in enumerate(names)}
    contributions = tuple(dict(spell.evidence.contributions) for spell in found if spell.evidence is not None)
    of_all = (spell.evidence.contributions for spell in replay.spells if spell.evidence is not None)
    return Decided(
        contributions=contributions,
        is_returned=np.array([spell.outcome in RETURNED for spell in found], dtype=bool),
        lead=np.array([index[spell.lead_id] for spell in found], dtype=np.int64),
        leads=len(names),
        criteria=frozenset(name for given in of_all for name, points in given.items() if points),
    )


def compare_spells(decided: Decided, criterion: str, direction: Direction, z: float) -> GivenBack | None:
    """Return how often a side was there among spells given back and accepted; None when there are too few of either."""
    returned = decided.is_returned
    fewest = min(count_leads(side, decided.lead) for side in (returned, ~returned)) if returned.size else 0
    if fewest < LEAST_SPELLS:
        return None
    sign = 1 if direction == "gives" else -1
    has = np.array([sign * given.get(criterion, 0) > 0 for given in decided.contributions], dtype=bool)
    ratio = log_ratio(has, returned, decided.lead, decided.leads) if has.any() else None
    return GivenBack(
        among_returned=float(has[returned].mean()),
        among_accepted=float(has[~returned].mean()),
        ratio=None if ratio is None else times(ratio),
        is_clear=ratio is not None and ratio.z >= z,
    )
