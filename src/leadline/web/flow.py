"""The product in one file: what follows what.

Apps know those below them and nothing of their neighbours; where one thing follows another across them, it is said here.
"""

import logging
from collections import Counter
from collections.abc import Sequence

from leadline.web.assessments import jobs
from leadline.web.assessments import subjects as assessed
from leadline.web.assessments.changes import Change
from leadline.web.capture import subjects as captured
from leadline.web.leads.erasure import also_erase
from leadline.web.leads.export import also_export
from leadline.web.leads.ranks import ask_for_ranks
from leadline.web.playbooks.queries import find_live, get_plan

log = logging.getLogger("leadline.flow")


def connect() -> None:
    """Say what belongs to a person's export and erasure beside their leads, and who ranks sources. Called once, when the app starts."""
    also_export("assessments", assessed.find_assessments)
    also_export("spells", assessed.find_spells)
    also_export("stage_moves", assessed.find_stage_moves)
    also_export("failing_assessments", assessed.find_failing)
    also_export("bot_changes", captured.find_bot_changes)
    also_export("waiting_requests", captured.find_waiting)
    also_export("refused_events", captured.find_refused_events)
    also_export("refused_rows", captured.find_refused_rows)
    also_export("rows_of_files", captured.find_file_rows)
    also_erase("what came in", captured.erase_from_capture)
    ask_for_ranks(rank_of_sources)


def rank_of_sources(workspace_id: int) -> Sequence[str]:
    """Return whom a workspace's live playbook believes, the strongest first; nobody before another when there is none."""
    version = find_live(workspace_id)
    return get_plan(version).playbook.source_rank if version else ()


def assess_due() -> int:
    """Assess leads that are due; what became different about them goes on to `leads_assessed`."""
    return jobs.assess_due(tell=leads_assessed)


def leads_assessed(changes: Sequence[Change]) -> None:
    """Take what became different about leads: spells that began, ended or no longer stand, stage moves, when spells cool.

    Called in the transaction that stores the assessments: what is written here stands or falls with them.
    """
    counted = Counter(change.kind for change in changes)
    log.info("Leads assessed: %s", ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())))
