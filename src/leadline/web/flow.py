"""The product in one file: what follows what.

Apps know those below them and nothing of their neighbours; where one thing follows another across them, it is said here.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from django.utils import timezone

from leadline.engine.playbook.model import Playbook
from leadline.web.assessments import jobs
from leadline.web.assessments import subjects as assessed
from leadline.web.assessments.changes import Change
from leadline.web.assessments.whatif import subjects as whatifs
from leadline.web.capture import subjects as captured
from leadline.web.handoff import subjects as handed_over
from leadline.web.handoff.away import follow_absences
from leadline.web.handoff.changes import HandOffChange
from leadline.web.handoff.clocks import run_clocks
from leadline.web.handoff.escalation import follow_up
from leadline.web.handoff.opening import follow_merges, reconcile, sweep
from leadline.web.leads.erasure import also_erase
from leadline.web.leads.export import also_export
from leadline.web.leads.mending import ask_for_playbook
from leadline.web.leads.merging import Merged, also_follow_merges
from leadline.web.leads.ranks import ask_for_ranks
from leadline.web.notices import subjects as noticed
from leadline.web.notices.of_proposals import proposals_changed as tell_of_proposals
from leadline.web.notices.tell import handoffs_changed as tell_people
from leadline.web.outgoing import subjects as told
from leadline.web.playbooks.models import ProposalStep
from leadline.web.playbooks.queries import find_live, get_plan, live_versions
from leadline.web.telling import tell_of_changes, tell_of_erasure, tell_of_handoffs, tell_of_merges

log = logging.getLogger("leadline.flow")
SWEEP_EVERY = 5.0
"""Seconds between looking for hand-offs that are missing."""


def connect() -> None:
    """Say what belongs to a person's export and erasure beside their leads, and who knows the live playbook. Called once."""
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
    also_follow_merges("handoffs", move_handoffs)
    ask_for_ranks(rank_of_sources)
    ask_for_playbook(find_playbook)


def rank_of_sources(workspace_id: int) -> Sequence[str]:
    """Return whom a workspace's live playbook believes, the strongest first; nobody before another when there is none."""
    version = find_live(workspace_id)
    return get_plan(version).playbook.source_rank if version else ()


def find_playbook(workspace_id: int) -> Playbook | None:
    """Return the live playbook of a workspace, where there is one."""
    version = find_live(workspace_id)
    return get_plan(version).playbook if version else None


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
            own = [one for one in changes if one.workspace_id == workspace_id]
            tell_of_changes(version, own)
            over = {(one.lead_id, one.qualification) for one in own if one.kind in ("left", "withdrawn")}
            reconcile(version, lead_ids, over=over, tell=handoffs_changed)


def handoffs_changed(changes: Sequence[HandOffChange]) -> None:
    """Take what became different about hand-offs: opened, claimed, decided, late and so on.

    Called in the transaction that changes them: what is written here stands or falls with them.
    """
    counted = Counter(change.decision or change.kind for change in changes)
    log.info("Hand-offs: %s", ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())))
    tell_of_handoffs(changes)
    tell_people(changes)


def move_handoffs(workspace_id: int, merged: Sequence[Merged]) -> None:
    """Take the open hand-offs of leads that became one along with them, in the transaction of the merge: they can be claimed at once."""
    version = find_live(workspace_id)
    if version is not None:
        leads = {lead for one in merged for lead in one[:2]}
        follow_merges(version, leads, now=timezone.now(), tell=handoffs_changed)


def proposals_changed(steps: Sequence[ProposalStep]) -> None:
    """Take what happened to proposals: put forward, approved, sent back and so on. Called in the transaction in which it happens."""
    tell_of_proposals(steps)


def sweep_handoffs() -> int:
    """Open hand-offs that are missing and close those that are left over, now and then: where nobody was assessed but things changed."""
    return _sweeps.do(sweep_handoffs_now)


def sweep_handoffs_now() -> int:
    """The same at once, however lately it was done."""
    return sum(sweep(version, tell=handoffs_changed) for version in live_versions())


def watch_clocks() -> int:
    """Warn of hand-offs that have to be answered soon, and mark those that are late."""
    return run_clocks(tell=handoffs_changed) + follow_up(tell=handoffs_changed) + follow_absences(tell=handoffs_changed)


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
