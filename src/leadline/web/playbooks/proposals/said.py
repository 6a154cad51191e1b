"""Proposals in words: their history, why approvals lapsed, and how a version was published."""

from collections.abc import Iterable
from dataclasses import dataclass

from leadline.web.playbooks.models import Proposal, ProposalStep, Version
from leadline.web.playbooks.proposals.queries import Shown, proposal_of, show
from leadline.web.playbooks.proposals.rules import SIDES, Approvers, Standing, name_sides

Kind = ProposalStep.Kind


@dataclass(frozen=True, slots=True)
class Told:
    """A step in words. did: after who did it. note: what became of it since; empty: nothing."""

    step: ProposalStep
    did: str
    note: str

    @property
    def icon(self) -> str:
        """The name of its picture."""
        return _ICONS[Kind(self.step.kind)]


_ICONS = {
    Kind.PUT_FORWARD: "stamp",
    Kind.CHANGED: "pencil",
    Kind.COMMENTED: "message-square",
    Kind.APPROVED: "circle-check",
    Kind.ASKED: "hand",
    Kind.TAKEN_BACK: "undo-2",
    Kind.PUBLISHED: "rocket",
    Kind.WITHDRAWN: "x",
}


def say_steps(shown: Shown, steps: Iterable[ProposalStep]) -> list[Told]:
    """Return the history of a proposal, the first step first."""
    all_steps = list(steps)
    taken = {(one.by_id, one.taken_back_at): one.kind for one in all_steps if one.taken_back_at is not None}
    return [
        Told(one, _did(shown.proposal, one, taken.get((one.by_id, one.at))), _note(shown, one)) for one in all_steps
    ]


def _did(proposal: Proposal, step: ProposalStep, taken: str | None) -> str:
    side = f" for {step.side}" if step.side else ""
    match Kind(step.kind):
        case Kind.PUT_FORWARD:
            return "put it forward"
        case Kind.CHANGED:
            return "changed the text"
        case Kind.COMMENTED:
            return "commented"
        case Kind.APPROVED:
            return f"approved it{side}"
        case Kind.ASKED:
            return f"asked for changes,{side}" if side else "asked for changes"
        case Kind.TAKEN_BACK:
            return f"took back the wish for changes,{side}" if taken == Kind.ASKED else f"took back the approval{side}"
        case Kind.WITHDRAWN:
            return "withdrew it"
        case Kind.PUBLISHED:
            without = " without the approval of both sides" if proposal.without == Proposal.Without.OVERRIDE else ""
            return f"published it as version {proposal.version.number if proposal.version else '?'}{without}"


def _note(shown: Shown, step: ProposalStep) -> str:
    if step.kind not in (Kind.APPROVED, Kind.ASKED):
        return ""
    if step.taken_back_at is not None:
        return "counts no more: taken back"
    if step.kind == Kind.APPROVED and step not in shown.standing.approvals.values():
        return why_lapsed(step, shown.standing)
    if step.kind == Kind.ASKED and step.digest != shown.standing.digest:
        return "the text was changed since"
    return ""


def why_lapsed(step: ProposalStep, standing: Standing) -> str:
    """Return why an approval counts no more, as the end of a sentence."""
    if step.digest != standing.digest:
        return "counts no more: the text is another by now"
    return f"counts no more: version {standing.base_number} was published since"


def say_published(shown: Shown) -> str:
    """Return who approved a version, or why nobody did; empty where it is not published.

    Who did what may be gone; then somebody did.
    """
    proposal, given = shown.proposal, shown.standing.approvals
    if proposal.state != Proposal.State.PUBLISHED:
        return ""
    names = [f"{given[side].by or 'somebody who is gone'} for {side.value}" for side in SIDES if side in given]
    who = " and ".join(names)
    match proposal.without:
        case "":
            return f"Approved by {who}."
        case Proposal.Without.FIRST:
            return "No approvals: a first version needs none."
        case Proposal.Without.NOBODY:
            partly = f" {who[0].upper()}{who[1:]} approved it." if who else ""
            return f"Published without both approvals: not both sides had an approver.{partly}"
        case _:
            partly = f" Only {who} approved it." if who else ""
            return f"Published without the approval of both sides: “{proposal.override}”.{partly}"


def say_not_needed(approvers: Approvers, *, is_first: bool) -> str:
    """Return why no approvals are needed; empty where they are."""
    if is_first:
        return "A first version needs no approvals."
    if approvers.is_needed:
        return ""
    if approvers.only_one is not None:
        return (
            f"No approvals are needed yet: {approvers.only_one} approves for both sides, and nobody else does. "
            "One person cannot give both."
        )
    missing = name_sides(approvers.sides_without).replace(" and ", " or ")
    return f"No approvals are needed yet: nobody is named to approve for {missing}."


def named_by(version: Version | None) -> dict[str, object]:
    """Return the proposal that a version names, and in a sentence how it was approved, for a template."""
    proposal = proposal_of(version) if version else None
    return {"proposal": proposal, "published": say_published(show(proposal)) if proposal else ""}
