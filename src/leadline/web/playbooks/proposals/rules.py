"""What stands of a proposal: whose approval counts, what is missing, whether any is needed. Nothing is written here.

An approval is of one text and of one version that it replaces. When the draft is changed, or another version is published, it counts no
more, without anybody having to strike it out; when exactly that text comes back beside that version, it counts again.
tests/web/playbooks/proposals/test_rules.py holds it to a naive reading of the steps.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leadline.web.accounts.models import Membership, User, Workspace
from leadline.web.accounts.roles import WORKERS
from leadline.web.playbooks.models import Proposal, ProposalStep, ProposalText, Side, Version
from leadline.web.playbooks.queries import find_live, find_preparing

SIDES = (Side.MARKETING, Side.SALES)
Kind = ProposalStep.Kind


class Text(NamedTuple):
    """A playbook with its cases, as text."""

    toml: str
    cases: str

    @property
    def digest(self) -> str:
        """A hash of both; another place for the border between them is another text."""
        parts = [one.encode("utf-8", "surrogatepass") for one in self]
        return hashlib.sha256(b"".join(b"%d:%s" % (len(one), one) for one in parts)).hexdigest()


# -- who approves -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who approves for each side: members who can sign in and are no viewers, by name."""

    of: Mapping[Side, tuple[User, ...]]

    @property
    def is_needed(self) -> bool:
        """Whether proposals need both approvals: there are two different people, one for each side."""
        marketing, sales = ({one.pk for one in self.of[side]} for side in SIDES)
        return bool(marketing and sales) and len(marketing | sales) > 1

    @property
    def sides_without(self) -> tuple[Side, ...]:
        """The sides for which nobody is named."""
        return tuple(side for side in SIDES if not self.of[side])

    @property
    def only_one(self) -> User | None:
        """The one person who is named for both sides, where there is nobody else: one cannot give both approvals."""
        return self.of[Side.SALES][0] if not self.is_needed and not self.sides_without else None

    def sides_of(self, user: User | None) -> tuple[Side, ...]:
        """Return for which sides somebody approves."""
        return tuple(side for side in SIDES if user is not None and user in self.of[side])


def find_approvers(workspace: Workspace | int) -> Approvers:
    """Return who approves in a workspace."""
    members = Membership.objects.filter(workspace=workspace, user__is_active=True, role__in=WORKERS)
    found = list(members.select_related("user").order_by("user__name", "pk"))
    return Approvers(
        {
            Side.MARKETING: tuple(one.user for one in found if one.approves_marketing),
            Side.SALES: tuple(one.user for one in found if one.approves_sales),
        }
    )


# -- what stands ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a proposal stands, with the text that it is about.

    approvals: those that count, by side. lapsed: those that were given for another text, or beside another version.
    asked:     wishes for changes of exactly this text, which nobody took back.
    """

    text: Text
    digest: str
    base_number: int
    approvals: Mapping[Side, ProposalStep]
    lapsed: Sequence[ProposalStep]
    asked: Sequence[ProposalStep]

    @property
    def missing(self) -> tuple[Side, ...]:
        """The sides that have not approved."""
        return tuple(side for side in SIDES if side not in self.approvals)

    @property
    def is_approved(self) -> bool:
        """Whether both sides approved, and nobody asks for changes."""
        return not self.missing and not self.asked

    def of(self, user: User | None) -> ProposalStep | None:
        """Return the approval or the wish for changes of somebody that stands."""
        said = (*self.approvals.values(), *self.asked)
        return next((one for one in said if user is not None and one.by_id == user.pk), None)


def standing_of(proposal: Proposal, *, base_number: int | None = None, is_listed: bool = False) -> Standing:
    """Return how a proposal stands.

    Args:
        proposal: with its draft and version loaded, and its steps, where there are many to ask of.
        base_number: the version that it would replace, where it is known already.
        is_listed: whether the text of one that is over is left out, which lists do not show.
    """
    text = Text("", "") if is_listed and proposal.state != Proposal.State.OPEN else text_of(proposal)
    if proposal.state != Proposal.State.OPEN:
        digest, base = proposal.digest, proposal.base_number
    else:
        digest = text.digest
        base = number_of(base_of(proposal.workspace_id)) if base_number is None else base_number
    return read_steps(proposal.steps.all(), text, digest, base)


def read_steps(steps: Iterable[ProposalStep], text: Text, digest: str, base_number: int) -> Standing:
    """Return what stands of the steps of a proposal."""
    approvals: dict[Side, ProposalStep] = {}
    lapsed: list[ProposalStep] = []
    asked: list[ProposalStep] = []
    for one in sorted(steps, key=lambda step: (step.at, step.pk)):
        if one.kind not in (Kind.APPROVED, Kind.ASKED) or one.taken_back_at is not None:
            continue
        is_of_this = (one.digest, one.base_number) == (digest, base_number)
        if one.kind == Kind.APPROVED and is_of_this:
            approvals[Side(one.side)] = one
        elif one.kind == Kind.APPROVED:
            lapsed.append(one)
        elif one.digest == digest:
            asked.append(one)
    newer = {(one.by_id, one.side) for one in approvals.values()}
    return Standing(
        text=text,
        digest=digest,
        base_number=base_number,
        approvals=approvals,
        lapsed=tuple(one for one in lapsed if (one.by_id, one.side) not in newer),
        asked=tuple(asked),
    )


def text_of(proposal: Proposal) -> Text:
    """Return the text that a proposal is about: of its draft while it is open, else what was published or withdrawn."""
    if proposal.state == Proposal.State.OPEN and proposal.draft is not None:
        return Text(proposal.draft.toml, proposal.draft.cases)
    if proposal.version is not None:
        return Text(proposal.version.toml, proposal.version.cases)
    kept = ProposalText.objects.filter(proposal=proposal, digest=proposal.digest).first()
    return Text(kept.toml, kept.cases) if kept else Text("", "")


def base_of(workspace: Workspace | int) -> Version | None:
    """Return the version that a publication would replace: the one in preparation, else the live one."""
    return find_preparing(workspace) or find_live(workspace)


def number_of(version: Version | None) -> int:
    """Return a version's number; 0 for none."""
    return version.number if version else 0


def name_sides(sides: Iterable[Side | str]) -> str:
    """Return sides for a sentence.

    >>> name_sides(SIDES), name_sides([Side.SALES])
    ('marketing and sales', 'sales')
    """
    return " and ".join(str(Side(one).value) for one in sides)
