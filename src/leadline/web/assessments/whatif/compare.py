"""Two texts of the playbook over leads, at once: for who waits for the answer, and so over those seen last when they are many."""

from dataclasses import dataclass, field
from datetime import datetime

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.whatif.sides import Sides, pairs_in_parts
from leadline.web.assessments.whatif.tally import Change, Tally, changes_of
from leadline.web.leads.models import Lead
from leadline.web.playbooks.queries import Compiled

MOST_LEADS = 1_000
"""So many are assessed by both, those seen last: some seconds of work."""
_AT_ONCE = 250


@dataclass(slots=True, kw_only=True)
class Compared:
    """What two playbooks say of the same leads at one moment.

    leads: how many were assessed. moved: those of whom a qualification, the grade or the stage differs.
    """

    leads: int = 0
    is_everybody: bool = True
    moved: int = 0
    qualifications: dict[str, Change] = field(default_factory=dict)
    grades: dict[str, Change] = field(default_factory=dict)


def compare(workspace: Workspace, before: Compiled, after: Compiled, now: datetime) -> Compared:
    """Assess known leads by two playbooks, and count what differs."""
    known = Lead.objects.filter(workspace=workspace, merged_into=None, is_known=True)
    ids = list(known.order_by("-last_seen_at", "-pk").values_list("pk", flat=True)[: MOST_LEADS + 1])
    sides = Sides(before, after, now)
    tally = Tally.begin(sides)
    for pairs in pairs_in_parts(sides, ids[:MOST_LEADS], _AT_ONCE):
        tally.count(pairs, sides)
    return Compared(
        leads=tally.leads,
        is_everybody=len(ids) <= MOST_LEADS,
        moved=tally.moved,
        qualifications=tally.qualifications,
        grades=changes_of(tally.grades),
    )
