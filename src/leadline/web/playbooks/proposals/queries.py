"""Reads of proposals for pages, notices and programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from leadline.web.accounts.models import User, Workspace
from leadline.web.playbooks.models import Draft, Proposal, ProposalStep, ProposalText, Side, Version
from leadline.web.playbooks.proposals.rules import Standing, Text, base_of, number_of, standing_of

State = Proposal.State


def proposals_of(workspace: Workspace | int) -> QuerySet[Proposal]:
    """Return all proposals of a workspace with what their standing needs, the latest first."""
    steps = ProposalStep.objects.select_related("by").order_by("at", "pk")
    found = Proposal.objects.filter(workspace=workspace)
    return (
        found.select_related("draft", "version", "by", "workspace")
        .prefetch_related(Prefetch("steps", steps))
        .order_by("-number")
    )


def find_proposal(workspace: Workspace | int, number: int) -> Proposal | None:
    """Return a proposal of a workspace by its number."""
    return proposals_of(workspace).filter(number=number).first()


def find_open(draft: Draft) -> Proposal | None:
    """Return the open proposal of a draft."""
    return proposals_of(draft.workspace_id).filter(draft=draft, state=State.OPEN).first()


def proposal_of(version: Version) -> Proposal | None:
    """Return the proposal that a version names; none of one that was made in another way than by publishing."""
    return proposals_of(version.workspace_id).filter(version=version).first()


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with how it stands."""

    proposal: Proposal
    standing: Standing

    @property
    def is_open(self) -> bool:
        """Whether it was neither published nor withdrawn."""
        return self.proposal.state == State.OPEN

    @property
    def word(self) -> str:
        """How it stands, in two words or so."""
        if not self.is_open:
            return str(self.proposal.get_state_display()).lower()
        if self.standing.asked:
            return "changes asked for"
        return "approved" if self.standing.is_approved else "waits for approval"


def show(proposal: Proposal, *, base_number: int | None = None) -> Shown:
    """Return a proposal with how it stands."""
    return Shown(proposal, standing_of(proposal, base_number=base_number))


def show_open(workspace: Workspace | int) -> list[Shown]:
    """Return the open proposals, the latest first."""
    found = list(proposals_of(workspace).filter(state=State.OPEN))
    base = number_of(base_of(workspace)) if found else 0
    return [show(one, base_number=base) for one in found]


def show_decided(workspace: Workspace | int, most: int) -> list[Shown]:
    """Return the proposals that were published or withdrawn last."""
    found = proposals_of(workspace).exclude(state=State.OPEN).order_by("-ended_at", "-number")
    return [Shown(one, standing_of(one, is_listed=True)) for one in found[:most]]


def participants_of(proposal: Proposal) -> frozenset[int]:
    """Return who put it forward or said something on it."""
    steps = ProposalStep.objects.filter(proposal=proposal).exclude(kind=ProposalStep.Kind.CHANGED)
    said = steps.exclude(by=None).values_list("by_id", flat=True)
    return frozenset((*said, *([proposal.by_id] if proposal.by_id else [])))


def text_then(step: ProposalStep) -> Text | None:
    """Return the text that a step speaks of; None where it was not kept."""
    kept = ProposalText.objects.filter(proposal=step.proposal_id, digest=step.digest).first()
    return Text(kept.toml, kept.cases) if kept else None


def waits_for(shown: Shown, user: User, sides: Sequence[Side]) -> tuple[Side, ...]:
    """Return for which of the sides of somebody a proposal waits for them: each lacks an approval, and they gave none yet."""
    if not shown.is_open or shown.standing.of(user) is not None:
        return ()
    return tuple(side for side in sides if side in shown.standing.missing)
