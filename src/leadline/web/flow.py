"""The product in one file: what follows what.

Apps know those below them and nothing of their neighbours; where one thing follows another across them, it is said here.
"""

import logging
from collections import Counter
from collections.abc import Sequence

from leadline.web.assessments import jobs
from leadline.web.assessments.changes import Change

log = logging.getLogger("leadline.flow")


def assess_due() -> int:
    """Assess leads that are due; what became different about them goes on to `leads_assessed`."""
    return jobs.assess_due(tell=leads_assessed)


def leads_assessed(changes: Sequence[Change]) -> None:
    """Take what became different about leads: spells that began, ended or no longer stand, stage moves, when spells cool.

    Called in the transaction that stores the assessments: what is written here stands or falls with them.
    """
    counted = Counter(change.kind for change in changes)
    log.info("Leads assessed: %s", ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())))
