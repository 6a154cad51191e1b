"""Every write about proposals but publishing: each takes the workspace's turn, looks again at what stands, and writes a step.

What somebody saw is named by a digest of the text and the number of the version that it replaces: when either is another by now, nothing
is written and they are told who was faster. tests/web/playbooks/proposals/test_races.py lets many try at once.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.models import User
from leadline.web.leads.turn import take_turn
from leadline.web.playbooks.actions import CasesFailedError, check_publishable
from leadline.web.playbooks.models import Draft, Proposal, ProposalStep, Side
from leadline.web.playbooks.proposals.rows import Tell, make_proposal, tell_nobody, write_step
from leadline.web.playbooks.proposals.rules import (
    Standing,
    Text,
    base_of,
    find_approvers,
    name_sides,
    number_of,
    standing_of,
    text_of,
)

Kind = ProposalStep.Kind
State = Proposal.State


class NotPossibleError(Exception):
    """It makes no sense for this proposal, or not for this person. The message says why, for people."""


class ChangedError(NotPossibleError):
    """The proposal is not as it was: somebody was faster. The message says who."""


class NotApproverError(NotPossibleError):
    """The person does not approve for the side."""


class AlreadyPutForwardError(NotPossibleError):
    """The draft has an open proposal already: *proposal*."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(f"This draft was put forward already, as proposal {proposal.number}.")
        self.proposal = proposal


def put_forward(
    draft: Draft,
    *,
    revision: int,
    title: str,
    why: str,
    by: User | None,
    via: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> Proposal:
    """Put a draft forward, so that both sides can look at it.

    Args:
        draft: which one.
        revision: of the draft, as it was seen.
        title: what it is about, in a line.
        why: why it is to be changed.
        by: who puts it forward.
        via: the API key by which it is done.
        now: when.
        tell: is handed the step.

    Raises:
        AlreadyPutForwardError: it has an open proposal.
        ChangedError: the draft was changed meanwhile, or is none any more.
        NotPossibleError: it says the same as what would be replaced.
    """
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(draft.workspace_id)
        there = Proposal.objects.filter(draft=draft, state=State.OPEN).first()
        if there is not None:
            raise AlreadyPutForwardError(there)
        seen = Draft.objects.filter(pk=draft.pk, deleted_at=None, published_as=None, revision=revision).first()
        if seen is None:
            raise ChangedError("The draft was changed meanwhile, or is none any more: look again.")
        text, base = Text(seen.toml, seen.cases), base_of(draft.workspace_id)
        if base is not None and (base.toml, base.cases) == text:
            raise NotPossibleError(f"It says the same as version {base.number}: there is nothing to propose.")
        proposal = make_proposal(
            draft.workspace, title=title, why=why, text=text, base_number=number_of(base), draft=seen, by=by, now=now
        )
        step = write_step(proposal, Kind.PUT_FORWARD, text, number_of(base), by=by, via=via, now=now)
        tell([step])
    return proposal


def comment(
    proposal: Proposal,
    text: str,
    *,
    by: User | None,
    via: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> ProposalStep:
    """Say something on a proposal, also on one that is over."""
    now = now or timezone.now()
    with transaction.atomic():
        found, standing = _look(proposal)
        step = write_step(
            found, Kind.COMMENTED, standing.text, standing.base_number, by=by, via=via, now=now, said=text
        )
        tell([step])
    return step


def approve(
    proposal: Proposal,
    side: Side | str,
    *,
    digest: str,
    base_number: int,
    by: User,
    text: str = "",
    via: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> ProposalStep:
    """Approve exactly one text for a side.

    Args:
        proposal: which one.
        side: for which.
        digest: of the text that was looked at. base_number: the version beside which it was looked at.
        by: who approves.
        text: what there is to say with it.
        via: the API key by which it is done.
        now: when.
        tell: is handed the step.

    Raises:
        NotApproverError: they do not approve for the side.
        ChangedError: it is another text by now, or replaces another version, or somebody approved for the side already, or it is over.
        NotPossibleError: they approved for the other side; or the text cannot be published.
    """
    now, side = now or timezone.now(), Side(side)
    text_now = text_of(Proposal.objects.select_related("draft", "version").get(pk=proposal.pk))
    if text_now.digest == digest:  # else it is refused below
        _check_usable(text_now)  # cases take a while, so before the turn
    with transaction.atomic():
        found, standing = _look(proposal)
        _check_open(found)
        _check_approver(found, side, by)
        _check_seen(found, standing, digest, base_number)
        given = standing.approvals.get(side)
        if given is not None:
            who = "You have" if given.by_id == by.pk else f"{given.by or 'Somebody'} has"
            raise ChangedError(f"{who} approved it for {side.value} already.")
        own = next((one for one in standing.approvals.values() if one.by_id == by.pk), None)
        if own is not None:
            raise NotPossibleError(
                f"You approved it for {own.side}. The other side has to be somebody else: nobody gives both approvals."
            )
        wishes = [one.pk for one in standing.asked if one.by_id == by.pk]
        ProposalStep.objects.filter(pk__in=wishes).update(taken_back_at=now)  # what was asked for is settled
        step = write_step(
            found, Kind.APPROVED, standing.text, base_number, by=by, via=via, now=now, side=side, said=text
        )
        tell([step])
    return step


def ask_for_changes(
    proposal: Proposal,
    side: Side | str,
    *,
    text: str,
    digest: str,
    by: User,
    via: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> ProposalStep:
    """Ask for changes of exactly one text: it is not published before they approve, take it back, or the text is another.

    An approval of theirs is taken back by it.

    Raises:
        NotApproverError: they do not approve for the side.
        ChangedError: it is another text by now, or the proposal is over.
        NotPossibleError: they asked already.
    """
    now, side = now or timezone.now(), Side(side)
    with transaction.atomic():
        found, standing = _look(proposal)
        _check_open(found)
        _check_approver(found, side, by)
        _check_seen(found, standing, digest, standing.base_number)
        if any(one.by_id == by.pk for one in standing.asked):
            raise ChangedError("You have asked for changes of this text already. Say more in a comment.")
        own = [one.pk for one in standing.approvals.values() if one.by_id == by.pk]
        ProposalStep.objects.filter(pk__in=own).update(taken_back_at=now)
        step = write_step(
            found, Kind.ASKED, standing.text, standing.base_number, by=by, via=via, now=now, side=side, said=text
        )
        tell([step])
    return step


def take_back(
    proposal: Proposal, *, by: User, via: str = "", now: datetime | None = None, tell: Tell = tell_nobody
) -> ProposalStep:
    """Take back one's approval, or one's wish for changes.

    Raises:
        ChangedError: the proposal is over, or nothing of theirs stands.
    """
    now = now or timezone.now()
    with transaction.atomic():
        found, standing = _look(proposal)
        _check_open(found)
        own = standing.of(by)
        if own is None:
            raise ChangedError("Nothing of yours stands here that could be taken back.")
        ProposalStep.objects.filter(pk=own.pk).update(taken_back_at=now)
        step = write_step(
            found, Kind.TAKEN_BACK, standing.text, standing.base_number, by=by, via=via, now=now, side=Side(own.side),
            said=f"what they {own.get_kind_display()}" if own.kind == Kind.ASKED else "",
        )  # fmt: skip
        tell([step])
    return step


def withdraw(
    proposal: Proposal,
    *,
    text: str = "",
    by: User | None,
    via: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> None:
    """Withdraw a proposal. Its draft stays, and can be put forward again.

    Raises:
        ChangedError: it is over already.
    """
    now = now or timezone.now()
    with transaction.atomic():
        found, standing = _look(proposal)
        _check_open(found)
        Proposal.objects.filter(pk=found.pk).update(
            state=State.WITHDRAWN, digest=standing.digest, base_number=standing.base_number, ended_at=now
        )
        step = write_step(
            found, Kind.WITHDRAWN, standing.text, standing.base_number, by=by, via=via, now=now, said=text
        )
        tell([step])


# -- what drafts do ---------------------------------------------------------------------------------------------------


def follow_draft(draft: Draft, *, by: User | None, now: datetime, tell: Tell) -> None:
    """Note that the text of a proposal was changed. One person's changes in a row are one step. Call it under the turn.

    Whoever approved the text before, or asked for it to be changed, is told once.
    """
    proposal = Proposal.objects.filter(draft=draft, state=State.OPEN).first()
    if proposal is None:
        return
    text, base_number = Text(draft.toml, draft.cases), number_of(base_of(draft.workspace_id))
    last = proposal.steps.order_by("at", "pk").last()
    if last is not None and last.digest == text.digest:
        return
    if last is not None and last.kind == Kind.CHANGED and last.by_id == (by.pk if by else None):
        ProposalStep.objects.filter(pk=last.pk).update(digest=text.digest, base_number=base_number, at=now)
        return
    step = write_step(proposal, Kind.CHANGED, text, base_number, by=by, now=now)
    tell([step])


def withdraw_with_draft(draft: Draft, *, by: User | None, now: datetime, tell: Tell) -> None:
    """Withdraw the open proposal of a draft that is put away. Call it under the turn."""
    proposal = Proposal.objects.filter(draft=draft, state=State.OPEN).first()
    if proposal is not None:
        withdraw(proposal, text="The draft was deleted.", by=by, now=now, tell=tell)


# -- looking again ----------------------------------------------------------------------------------------------------


def _look(proposal: Proposal) -> tuple[Proposal, Standing]:
    """Wait for the turn, and return the proposal as it is then."""
    take_turn(proposal.workspace_id)
    found = Proposal.objects.select_related("draft", "version", "workspace").get(pk=proposal.pk)
    return found, standing_of(found)


def _check_open(proposal: Proposal) -> None:
    if proposal.state == State.OPEN:
        return
    last = proposal.steps.filter(kind__in=(Kind.PUBLISHED, Kind.WITHDRAWN)).select_related("by").last()
    who = f" by {last.by}" if last is not None and last.by is not None else ""
    raise ChangedError(f"The proposal was {proposal.get_state_display().lower()}{who} meanwhile.")


def _check_approver(proposal: Proposal, side: Side, by: User) -> None:
    if side not in find_approvers(proposal.workspace_id).sides_of(by):
        raise NotApproverError(
            f"You do not approve for {name_sides([side])}. An administrator names who does, under Settings, Members."
        )


def _check_seen(proposal: Proposal, standing: Standing, digest: str, base_number: int) -> None:
    if standing.digest != digest:
        who = proposal.draft.updated_by if proposal.draft else None
        raise ChangedError(f"{who or 'Somebody'} changed the text after you opened it. Look at it again.")
    if standing.base_number != base_number:
        raise ChangedError(
            f"Version {standing.base_number} was published after you opened it. Look at what differs from that."
        )


def _check_usable(text: Text) -> None:
    try:
        check_publishable(*text)
    except (ProblemsError, CasesFailedError) as error:
        raise NotPossibleError("The text cannot be published as it is, so it cannot be approved either.") from error
