"""What a version has to have before it is stored, and the proposal that it names: `actions.store_version` asks here, whatever the way.

Where two different people are named to approve, one for each side, a text is published that both approved, or with a reason of why not.
Until then, and for a first version, nothing is needed; then a proposal is made at once, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadline.web.accounts.models import User, Workspace
from leadline.web.playbooks.models import Draft, Proposal, ProposalStep, Side, Version
from leadline.web.playbooks.proposals.rows import Tell, make_proposal, write_step
from leadline.web.playbooks.proposals.rules import (
    Standing,
    Text,
    base_of,
    find_approvers,
    name_sides,
    number_of,
    standing_of,
)

Without = Proposal.Without


class ApprovalNeededError(Exception):
    """Both sides have to approve the text before it is published. *proposal*: an open one of this text; *missing*: who has still to."""

    def __init__(self, proposal: Proposal | None, missing: Sequence[Side], *, is_asked: bool = False) -> None:
        if proposal is None:
            how = "Put it forward as a proposal, and publish it when marketing and sales have approved it."
        elif missing:
            how = f"Proposal {proposal.number} has this text and waits for the approval of {name_sides(missing)}."
        else:
            how = f"Somebody asked for changes of this text in proposal {proposal.number}."
        super().__init__(f"Both sides have to approve a change of the playbook, so nothing was published. {how}")
        self.proposal, self.missing, self.is_asked = proposal, tuple(missing), is_asked


@dataclass(frozen=True, slots=True)
class Named:
    """The proposal that a version will name, how it stands, and why it needs no approvals; empty: it has them."""

    proposal: Proposal
    standing: Standing | None
    without: str
    override: str


def needs_approval(workspace: Workspace | int) -> bool:
    """Return whether what is published next needs both approvals."""
    return base_of(workspace) is not None and find_approvers(workspace).is_needed


def name_proposal(
    workspace: Workspace,
    text: Text,
    *,
    base: Version | None,
    draft: Draft | None,
    title: str,
    why: str,
    override: str,
    by: User | None,
    now: datetime,
) -> Named:
    """Return the proposal of a text that is about to be published; make one where there is none. Call it under the turn.

    Args:
        workspace: whose playbook.
        text: that is published.
        base: the version that it replaces.
        draft: that is published; None for a file.
        title, why: of a proposal that has to be made.
        override: why it is published without approvals; empty: it is not.
        by: who publishes.
        now: when.

    Raises:
        ApprovalNeededError: both sides have to approve it, and have not.
    """
    found = _find(workspace, text, base, draft)
    proposal, standing = found if found else (None, None)
    if standing is not None and standing.is_approved:
        assert proposal is not None
        return Named(proposal, standing, "", "")
    if base is None:
        without = Without.FIRST
    elif not find_approvers(workspace).is_needed:
        without = Without.NOBODY
    elif override.strip():
        without = Without.OVERRIDE
    else:
        raise ApprovalNeededError(proposal, standing.missing if standing else tuple(Side), is_asked=bool(standing))
    if proposal is None:
        proposal = make_proposal(
            workspace, title=title, why=why, text=text, base_number=number_of(base), draft=draft, by=by, now=now
        )
    return Named(proposal, standing, without, override.strip() if without == Without.OVERRIDE else "")


def record_publication(
    named: Named, version: Version, text: Text, *, base: Version | None, by: User | None, now: datetime, tell: Tell
) -> None:
    """Write down that a proposal was published as a version, and that its draft is one no more."""
    proposal = named.proposal
    Proposal.objects.filter(pk=proposal.pk).update(
        state=Proposal.State.PUBLISHED,
        version=version,
        digest=text.digest,
        base_number=number_of(base),
        without=str(named.without),
        override=named.override[:500],
        ended_at=now,
    )
    step = write_step(proposal, ProposalStep.Kind.PUBLISHED, text, number_of(base), by=by, now=now, said=named.override)
    its_draft = Draft.objects.filter(proposals=proposal, deleted_at=None, published_as=None)
    its_draft.update(published_as=version, note=version.note)
    tell([step])


def _find(
    workspace: Workspace, text: Text, base: Version | None, draft: Draft | None
) -> tuple[Proposal, Standing] | None:
    """Return the open proposal of a draft; of a file one that has its text, an approved one first."""
    open_ones = Proposal.objects.filter(workspace=workspace, state=Proposal.State.OPEN).select_related("draft")
    if draft is not None:
        open_ones = open_ones.filter(draft=draft)
    found = [(one, standing_of(one, base_number=number_of(base))) for one in open_ones.order_by("pk")]
    same = [one for one in found if one[1].text == text]
    return max(same, key=lambda one: one[1].is_approved, default=None)
