"""What is different about a lead after it was assessed, for others to act on: `flow.leads_assessed` is handed these.

Only what the live version of the playbook says counts. They are found while the rows are stored and handed over in the same transaction,
so that what follows from them is committed with them or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["entered", "left", "reopened", "withdrawn", "moved", "cooling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is different.

    entered:   a spell was found that was not there. It may have ended already: then there is a `left` as well.
    left:      a spell that was open has ended.
    reopened:  a spell that had ended is open again: something came late.
    withdrawn: a spell no longer stands: something came late, was a bot's, or was another lead's.
    moved:     the lead is in another stage.
    cooling:   an open spell cools on another day than before.

    at: when it happened by the log: the beginning or the end of the spell, the move. cools_day: of an open spell; None: never.
    """

    kind: Kind
    workspace_id: int
    version_id: int
    lead_id: int
    at: datetime
    qualification: str = ""
    began_at: datetime | None = None
    because: str = ""
    before: str = ""
    after: str = ""
    cools_day: int | None = None


Tell = Callable[[Sequence[Change]], None]


def tell_nobody(changes: Sequence[Change]) -> None:
    """Do nothing with changes: for who assesses leads without anything following."""
