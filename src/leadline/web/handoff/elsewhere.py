"""Decisions that were reported elsewhere: by a CRM, an import, the API, or on a lead's page. They are outcomes, as those of the queue are.

tests/web/handoff/test_opening_in_any_order.py guards what hand-offs make of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadline.engine.expressions.vocabulary import DEALS, DECISIONS
from leadline.web.handoff.models import HandOff
from leadline.web.leads.models import Outcome

DECIDES = tuple(one for one in (*DECISIONS, *DEALS, "excluded") if one not in ("reinstated", "churned"))
"""Outcomes after which a spell needs no hand-off any more, whoever reported them."""


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome that decides. source: which system said it; by: who there, as far as it is known."""

    pk: int
    at: datetime
    outcome: str
    reason: str
    source: str
    by: str

    @property
    def decision(self) -> str:
        """The state that a hand-off takes: a deal that was opened, won or lost is one that sales had accepted."""
        return HandOff.State.ACCEPTED.value if self.outcome in DEALS else self.outcome

    def said(self) -> dict[str, Any]:
        """Return what the step says of it."""
        return {
            "decision": self.decision,
            "reason": self.reason,
            "outcome": self.outcome,
            "source": self.source,
            "told_by": self.by,
        }


def told_of(lead_ids: Iterable[int]) -> dict[tuple[int, str], list[Told]]:
    """Return the outcomes that decide about some leads, by lead and qualification; by an empty one: about all of them."""
    rows = Outcome.objects.filter(lead__in=list(lead_ids), outcome__in=DECIDES).order_by()
    found: dict[tuple[int, str], list[Told]] = {}
    columns = ("lead_id", "qualification", "pk", "at", "outcome", "reason", "source", "by")
    for lead_id, qualification, *values in rows.values_list(*columns):
        found.setdefault((lead_id, qualification), []).append(Told(*values))
    return found
