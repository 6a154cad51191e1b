"""The product in one file: what follows what.

Apps know those below them and nothing of their neighbours; where one thing follows another across them, it is said here.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from leadline.web.assessments import jobs
from leadline.web.assessments import subjects as assessed
from leadline.web.assessments.changes import Change
from leadline.web.assessments.whatif import subjects as whatifs
from leadline.web.capture import subjects as captured
from leadline.web.handoff import subjects as handed_over
from leadline.web.handoff.changes import HandOffChange
from leadline.web.handoff.clocks import run_clocks
from leadline.web.handoff.opening import reconcile, sweep
from leadline.web.leads.erasure import also_erase
from leadline.web.leads.export import also_export
from leadline.web.leads.merging import also_follow_merges
from leadline.web.leads.ranks import ask_for_ranks
from leadline.web.notices import subjects as noticed
from leadline.web.notices.tell import handoffs_changed as tell_people
from leadline.web.outgoing import subjects as told
from leadline.web.playbooks.queries import find_live, get_plan, live_versions
from leadline.web.telling import tell_of_changes, tell_of_erasure, tell_of_handoffs, tell_of_merges

log = logging.getLogger("leadline.flow")
SWEEP_EVERY = 5.0
"""Seconds between looking for hand-offs that are missing."""


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
    also_export("whatifs", whatifs.find_named)
    also_export("handoffs", handed_over.find_handoffs)
    also_export("steps", handed_over.find_steps)
    also_erase("what came in", captured.erase_from_capture)
    also_erase("what-ifs", whatifs.erase_from_whatifs)
    also_export("webhook_messages", told.find_messages)
    also_export("notices", noticed.find_notices)
    also_export("channel_posts", noticed.find_posts)
    also_erase("webhooks", told.erase_from_messages)
    also_erase("webhooks told of it", tell_of_erasure)  # after the line above, which leaves nothing but ids
    also_follow_merges("webhooks", tell_of_merges)
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
    leads: dict[int, set[int]] = {}
    for change in changes:
        leads.setdefault(change.workspace_id, set()).add(change.lead_id)
    for workspace_id, lead_ids in leads.items():
        version = find_live(workspace_id)
        if version is not None:
            tell_of_changes(version, [one for one in changes if one.workspace_id == workspace_id])
            reconcile(version, lead_ids, tell=handoffs_changed)


def handoffs_changed(changes: Sequence[HandOffChange]) -> None:
    """Take what became different about hand-offs: opened, claimed, decided, late and so on.

    Called in the transaction that changes them: what is written here stands or falls with them.
    """
    counted = Counter(change.decision or change.kind for change in changes)
    log.info("Hand-offs: %s", ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())))
    tell_of_handoffs(changes)
    tell_people(changes)


def sweep_handoffs() -> int:
    """Open hand-offs that are missing and close those that are left over, now and then: where nobody was assessed but things changed."""
    return _sweeps.do(lambda: sum(sweep(version, tell=handoffs_changed) for version in live_versions()))


def watch_clocks() -> int:
    """Warn of hand-offs that have to be answered soon, and mark those that are late."""
    return run_clocks(tell=handoffs_changed)


class _NowAndThen:
    """Does something at most every so many seconds, in each process."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.rests_until = seconds, 0.0

    def do(self, act: Callable[[], int]) -> int:
        """Do it, unless it was done a moment ago and found nothing."""
        if time.monotonic() < self.rests_until:
            return 0
        done = act()
        self.rests_until = 0.0 if done else time.monotonic() + self.seconds
        return done


_sweeps = _NowAndThen(SWEEP_EVERY)
