"""The rows of a proposal: itself, its steps, and the texts that they speak of. Write them under the workspace's turn."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Max

from leadline.web.accounts.models import User, Workspace
from leadline.web.playbooks.models import Draft, Proposal, ProposalStep, ProposalText, Side
from leadline.web.playbooks.proposals.rules import Text

Tell = Callable[[Sequence[ProposalStep]], None]
"""Is handed what happened, in the transaction in which it happens."""


def tell_nobody(steps: Sequence[ProposalStep]) -> None:
    """Do nothing: for who acts without anything following."""


def make_proposal(
    workspace: Workspace,
    *,
    title: str,
    why: str,
    text: Text,
    base_number: int,
    draft: Draft | None,
    by: User | None,
    now: datetime,
) -> Proposal:
    """Store a proposal under the next number."""
    last = Proposal.objects.filter(workspace=workspace).aggregate(last=Max("number"))["last"]
    return Proposal.objects.create(
        workspace=workspace,
        number=(last or 0) + 1,
        title=title.strip()[:120],
        why=why.strip()[:500],
        draft=draft,
        digest=text.digest,
        base_number=base_number,
        by=by,
        at=now,
    )


def write_step(
    proposal: Proposal,
    kind: ProposalStep.Kind,
    text: Text,
    base_number: int,
    *,
    by: User | None,
    now: datetime,
    via: str = "",
    side: Side | str = "",
    said: str = "",
) -> ProposalStep:
    """Write what happened, and keep the text that it speaks of: but what is only typed, and what a version keeps."""
    if kind not in (ProposalStep.Kind.CHANGED, ProposalStep.Kind.PUBLISHED):
        ProposalText.objects.get_or_create(
            proposal=proposal,
            digest=text.digest,
            defaults={"workspace_id": proposal.workspace_id, "toml": text.toml, "cases": text.cases},
        )
    return ProposalStep.objects.create(
        workspace_id=proposal.workspace_id,
        proposal=proposal,
        kind=kind,
        side=str(side),
        text=said.strip()[:2000],
        digest=text.digest,
        base_number=base_number,
        by=by,
        via=via[:100],
        at=now,
    )
