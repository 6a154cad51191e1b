"""What became different about hand-offs, for others to act on: `flow.handoffs_changed` is handed these.

They are found while rows are written and handed over in the same transaction, so that what follows from them (a notice, a webhook) is
committed with them or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadline.web.handoff.models import HandOff, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOffChange:
    """One thing that is different: a step, or the undoing of one.

    kind: that of the step. decision: of a `decided` step, what was decided: ``accepted``, ``recycled`` … by_id: who did it; None: Leadline.
    """

    kind: str
    handoff_id: int
    workspace_id: int
    lead_id: int
    step_id: int
    by_id: int | None
    at: datetime
    decision: str = ""
    is_undone: bool = False


Tell = Callable[[Sequence[HandOffChange]], None]


def tell_nobody(changes: Sequence[HandOffChange]) -> None:
    """Do nothing with changes: for who acts without anything following."""


def change_of(handoff: HandOff, step: Step, *, is_undone: bool = False, at: datetime | None = None) -> HandOffChange:
    """Return what a step made different."""
    return HandOffChange(
        kind=step.kind,
        handoff_id=handoff.pk,
        workspace_id=handoff.workspace_id,
        lead_id=handoff.lead_id,
        step_id=step.pk,
        by_id=step.by_id,
        at=at or step.at,
        decision=str(step.said.get("decision", "")),
        is_undone=is_undone,
    )
