"""What the API takes and answers about proposals: the shapes, and how rows become them."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, Field, StringConstraints

from leadline.web.accounts.models import User
from leadline.web.api.given import MOST_OF_A_PLAYBOOK, NO_NUL, READABLE, PageQuery, read_whole
from leadline.web.api.handoff_given import ByIn, Note
from leadline.web.api.handoff_shapes import PersonName
from leadline.web.api.shapes import Moment
from leadline.web.playbooks.models import Proposal, ProposalStep
from leadline.web.playbooks.proposals.queries import Shown, show
from leadline.web.playbooks.proposals.said import say_published

SideName = Literal["marketing", "sales"]
Line = Annotated[str, StringConstraints(max_length=120, pattern=READABLE)]
Why = Annotated[str, StringConstraints(max_length=500, pattern=READABLE)]
Said = Annotated[str, StringConstraints(max_length=2000, pattern=READABLE)]
Digest = Annotated[
    str, StringConstraints(pattern="^[0-9a-f]{64}$"), Field(description="`digest` of the proposal that was read.")
]
Base = Annotated[
    int,
    Field(ge=0, le=2**31 - 1, description="`base_number` of the proposal that was read."),
    BeforeValidator(read_whole),
]


class ProposalQuery(PageQuery):
    """Which proposals."""

    state: Literal["open", "published", "withdrawn"] | None = None


class ProposalIn(ByIn):
    """A playbook that is proposed: what it is about, why, and its text."""

    title: Line
    why: Why
    toml: Annotated[str, StringConstraints(max_length=MOST_OF_A_PLAYBOOK)]
    cases: Annotated[str, StringConstraints(max_length=MOST_OF_A_PLAYBOOK)] = ""


class CommentIn(ByIn):
    """What somebody says."""

    text: Said


class ApprovalIn(ByIn):
    """Who approves exactly which text, for which side, beside which version."""

    side: SideName
    digest: Digest
    base_number: Base
    text: Note = ""


class ChangesIn(ByIn):
    """Who asks for which changes of exactly which text."""

    side: SideName
    digest: Digest
    text: Said


class WithdrawalIn(ByIn):
    """Who withdraws it, and why."""

    text: Note = ""


class PublicationIn(ByIn):
    """Who publishes it, and what is new, for the list of versions. Left empty, that is why it was proposed."""

    note: Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] = ""


class ProposalOut(Schema):
    """A proposal as it stands now. `digest` is of its text, `base_number` the version that it would replace (0: none).

    `waits_for`: the sides that have still to approve. `approved`: both sides approved this text, and nobody asks for changes.
    `without`: why it was published without both approvals: `first`, `nobody` (was named for a side), `override`; else empty.
    """

    number: int
    title: str
    why: str
    state: str
    approved: bool
    waits_for: list[SideName]
    digest: str
    base_number: int
    by: PersonName | None
    at: Moment
    version: int | None
    without: str
    override: str
    said: str


class ProposalPage(Schema):
    """A page of proposals."""

    items: list[ProposalOut]
    next: str | None


class ProposalStepOut(Schema):
    """One thing that happened: who, when, of which text. `stands`: of an approval or a wish for changes, whether it counts."""

    kind: str
    side: str
    text: str
    by: PersonName | None
    via: str
    at: Moment
    digest: str
    base_number: int
    stands: bool


class ProposalDetail(ProposalOut):
    """A proposal with its text, and all that happened to it, the first step first."""

    toml: str
    cases: str
    steps: list[ProposalStepOut]


def proposal_of(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as lists show it; it has to be read by `proposals_of`."""
    return _said(show(proposal))


def detail_of(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal with its text and its steps."""
    shown = show(proposal)
    counts = {one.pk for one in (*shown.standing.approvals.values(), *shown.standing.asked)}
    return _said(shown) | {
        "toml": shown.standing.text.toml,
        "cases": shown.standing.text.cases,
        "steps": [_step(one, one.pk in counts) for one in proposal.steps.all()],
    }


def _said(shown: Shown) -> dict[str, Any]:
    proposal, standing = shown.proposal, shown.standing
    named = ("number", "title", "why", "state", "at", "without", "override")
    return {name: getattr(proposal, name) for name in named} | {
        "approved": standing.is_approved,
        "waits_for": [str(side.value) for side in standing.missing] if shown.is_open else [],
        "digest": standing.digest,
        "base_number": standing.base_number,
        "by": _person(proposal.by),
        "version": proposal.version.number if proposal.version else None,
        "said": say_published(shown),
    }


def _step(step: ProposalStep, stands: bool) -> dict[str, Any]:
    named = ("kind", "side", "text", "via", "at", "digest", "base_number")
    return {name: getattr(step, name) for name in named} | {"by": _person(step.by), "stands": stands}


def _person(user: User | None) -> dict[str, str] | None:
    return None if user is None else {"email": user.email, "name": user.name}
