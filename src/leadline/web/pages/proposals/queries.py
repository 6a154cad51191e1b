"""What the pages about proposals show: one with all that helps to decide, the gate before a publication, and lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadline.web.accounts.models import User, Workspace
from leadline.web.pages.whatif.queries import show as show_whatif
from leadline.web.pages.whatif.withdrawing import show_withdrawing
from leadline.web.playbooks.changed import Changed, say_changes
from leadline.web.playbooks.checking import check_texts
from leadline.web.playbooks.models import Draft, Proposal, ProposalStep, Side
from leadline.web.playbooks.proposals.queries import (
    Shown,
    find_open,
    show,
    show_decided,
    show_open,
    text_then,
    waits_for,
)
from leadline.web.playbooks.proposals.rules import SIDES, Approvers, base_of, find_approvers, name_sides
from leadline.web.playbooks.proposals.said import Told, say_not_needed, say_published, say_steps, why_lapsed
from leadline.web.playbooks.queries import find_version

DECIDED = 30
"""Proposals that are over, on the page of all."""


@dataclass(frozen=True, slots=True)
class SideShown:
    """A side of a proposal. approval: that counts; lapsed: with why it counts no more. by: who could approve."""

    side: Side
    approval: ProposalStep | None
    lapsed: Sequence[tuple[ProposalStep, str]]
    asked: Sequence[ProposalStep]
    by: Sequence[User]


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal in a list. waits: for which sides; mine: for which of them it waits for who looks."""

    shown: Shown
    waits: str
    mine: str
    published: str
    comments: int


def sides_of(shown: Shown, approvers: Approvers) -> list[SideShown]:
    """Return both sides of a proposal."""
    standing = shown.standing
    return [
        SideShown(
            side,
            standing.approvals.get(side),
            [(one, why_lapsed(one, standing)) for one in standing.lapsed if one.side == side],
            [one for one in standing.asked if one.side == side],
            approvers.of[side],
        )
        for side in SIDES
    ]


def line_of(shown: Shown, approvers: Approvers, reader: User) -> Line:
    """Return a proposal as lists show it."""
    waits = name_sides(shown.standing.missing) if shown.is_open else ""
    mine = name_sides(waits_for(shown, reader, approvers.sides_of(reader)))
    comments = sum(one.kind == ProposalStep.Kind.COMMENTED for one in shown.proposal.steps.all())
    return Line(shown, waits, mine, say_published(shown), comments)


def list_open(workspace: Workspace, reader: User, approvers: Approvers) -> list[Line]:
    """Return the open proposals, those that wait for who looks first."""
    lines = [line_of(one, approvers, reader) for one in show_open(workspace)]
    return sorted(lines, key=lambda one: not one.mine)


def list_decided(workspace: Workspace, reader: User, approvers: Approvers, most: int = DECIDED) -> list[Line]:
    """Return those that were published or withdrawn last."""
    return [line_of(one, approvers, reader) for one in show_decided(workspace, most)]


def all_about(proposal: Proposal, reader: User) -> dict[str, Any]:
    """Return all that the page of a proposal says."""
    shown = show(proposal)
    approvers = find_approvers(proposal.workspace_id)
    base = find_version(proposal.workspace, shown.standing.base_number)
    my_sides = approvers.sides_of(reader) if shown.is_open else ()
    mine = shown.standing.of(reader) if shown.is_open else None
    context: dict[str, Any] = {
        "shown": shown,
        "proposal": proposal,
        "sides": sides_of(shown, approvers),
        "steps": say_steps(shown, proposal.steps.all()),
        "published": say_published(shown),
        "not_needed": say_not_needed(approvers, is_first=base is None) if shown.is_open else "",
        "base": base,
        "changed": say_changes(base.toml, shown.standing.text.toml) if base else None,
        "since": _since(shown, reader),
        "my_sides": my_sides,
        "mine": mine,
        "to_approve": ()
        if mine in shown.standing.approvals.values()
        else tuple(side for side in my_sides if side in shown.standing.missing),
    }
    draft = proposal.draft
    if draft is not None and draft.deleted_at is None:
        context |= {"draft": draft, "whatif": show_whatif(draft)}
    if shown.is_open and draft is not None:
        checked = check_texts(*shown.standing.text)
        withdrawing = show_withdrawing(proposal.workspace_id, checked.compiled)
        context |= {"checked": checked, "live": base, "is_as_live": False, "withdrawing": withdrawing}
    return context


@dataclass(frozen=True, slots=True)
class Since:
    """What differs from the text of which somebody spoke last."""

    told: Told
    changed: Changed


def _since(shown: Shown, reader: User) -> Since | None:
    """Return what changed since the reader spoke of the text last; else since the last who approved it or asked for changes."""
    if not shown.is_open:
        return None
    spoke = (ProposalStep.Kind.APPROVED, ProposalStep.Kind.ASKED)
    steps = [one for one in shown.proposal.steps.all() if one.kind in spoke]
    last = next((one for one in reversed(steps) if one.by_id == reader.pk), steps[-1] if steps else None)
    if last is None or last.digest == shown.standing.digest:
        return None
    then = text_then(last)
    if then is None:
        return None
    return Since(say_steps(shown, [last])[0], say_changes(then.toml, shown.standing.text.toml))


# -- publishing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether a draft may be published now. why_free: why no approvals are needed; empty: they are. waits: for whom."""

    shown: Shown | None
    why_free: str
    waits: str
    who: str

    @property
    def is_open(self) -> bool:
        """Whether it may."""
        return bool(self.why_free) or (self.shown is not None and self.shown.standing.is_approved)


def gate_of(draft: Draft) -> Gate:
    """Return whether a draft may be published."""
    base, approvers = base_of(draft.workspace_id), find_approvers(draft.workspace_id)
    found = find_open(draft)
    shown = show(found) if found else None
    given = shown.standing.approvals if shown else {}
    return Gate(
        shown=shown,
        why_free=say_not_needed(approvers, is_first=base is None),
        waits=name_sides(shown.standing.missing) if shown else "",
        who=" and ".join(f"{one.by or 'somebody who is gone'} for {side.value}" for side, one in given.items()),
    )
