"""Notices about proposals: who is told, in which words, and whether it still holds (docs/notices.md).

Approvers are told when a proposal waits for them; who put it forward when it is approved, sent back or spoken of. Nobody is told of
what they did themselves. tests/web/notices/test_of_proposals.py guards it.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.urls import reverse
from django.utils import timezone

from leadline.web.accounts.forms import can_send_mail
from leadline.web.accounts.models import Workspace
from leadline.web.notices.models import Kind, Leaving, Notice, Preference
from leadline.web.notices.said import Said, Words
from leadline.web.notices.tell import leaves_at
from leadline.web.notices.whom import People
from leadline.web.notices.wishes import NO_MAIL, way_of
from leadline.web.playbooks.models import Proposal, ProposalStep
from leadline.web.playbooks.proposals.queries import participants_of
from leadline.web.playbooks.proposals.rules import find_approvers, standing_of

_S = ProposalStep.Kind
_LONGEST = 160


def proposals_changed(steps: Sequence[ProposalStep]) -> None:
    """Write who is told of what happened to proposals. Call it in the transaction in which it happens."""
    for step in steps:
        proposal = Proposal.objects.select_related("draft", "version", "workspace").get(pk=step.proposal_id)
        people = People(step.workspace_id)
        for kind, users in _who_is_told(proposal, step):
            _write(proposal.workspace, step, kind, people.only(users, without=step.by_id))


def _who_is_told(proposal: Proposal, step: ProposalStep) -> Iterator[tuple[Kind, Iterable[int]]]:
    author = [proposal.by_id] if proposal.by_id else []
    match _S(step.kind):
        case _S.PUT_FORWARD | _S.CHANGED if proposal.state == Proposal.State.OPEN:
            missing, approvers = standing_of(proposal).missing, find_approvers(step.workspace_id)
            waited_for = {one.pk for side in missing for one in approvers.of[side]}
            if step.kind == _S.CHANGED:  # once more only whoever spoke of an earlier text
                spoke = ProposalStep.objects.filter(proposal=proposal, kind__in=(_S.APPROVED, _S.ASKED))
                waited_for &= set(spoke.values_list("by_id", flat=True))
            yield Kind.PROPOSED, waited_for
        case _S.APPROVED:
            yield Kind.APPROVED, author
        case _S.ASKED:
            yield Kind.ASKED, author
        case _S.COMMENTED:
            yield Kind.COMMENTED, participants_of(proposal)


def _write(workspace: Workspace, step: ProposalStep, kind: Kind, users: frozenset[int]) -> None:
    wishes = {one.user_id: one for one in Preference.objects.filter(workspace=workspace, user__in=users) if users}
    now, sends_mail, notices = timezone.now(), can_send_mail(), []
    for user in sorted(users):
        preference = wishes.get(user)
        way = way_of(preference, kind)
        notice = Notice(
            workspace=workspace,
            user_id=user,
            proposal_step=step,
            kind=kind,
            by_id=step.by_id,
            at=step.at,
            in_app=way.in_app,
        )
        if way.mail != NO_MAIL and sends_mail:
            notice.mail_state = Leaving.DUE
            notice.mail_due_at = leaves_at(way.mail, preference, workspace, now=now)
        if notice.in_app or notice.mail_state == Leaving.DUE:
            notices.append(notice)
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


# -- in words ---------------------------------------------------------------------------------------------------------


def say_notice(words: Words, about: Notice) -> Said:
    """Return a notice in words, whatever it is about."""
    return words.say(about) if about.proposal_step_id is None else say_proposal(about)


def say_proposal(about: Notice) -> Said:
    """Return a notice about a proposal in words. Its step, with the proposal, and who did it should be read already."""
    step = about.proposal_step
    assert step is not None
    who, side = str(about.by or "Somebody"), f" for {step.side}" if step.side else ""
    match about.kind:
        case Kind.PROPOSED if step.kind == _S.CHANGED:
            what = f"{who} changed it since you spoke of it, and it waits for your approval"
        case Kind.PROPOSED:
            what = f"{who} put it forward, and it waits for your approval"
        case Kind.APPROVED:
            what = f"{who} approved it{side}"
        case Kind.ASKED:
            what = f"{who} asks for changes{side}"
        case _:
            what = f"{who} commented"
    said = step.proposal.why if about.kind == Kind.PROPOSED else step.text
    return Said(
        lead=_in_one_line(str(step.proposal)),
        what=what,
        why=_in_one_line(said),
        respond_by=None,
        path=reverse("proposal", args=[step.proposal.number]),
    )


def waits_still(about: Notice) -> bool:
    """Return whether a proposal that waited for somebody still does."""
    step = about.proposal_step
    if step is None or about.kind != Kind.PROPOSED:
        return True
    proposal = Proposal.objects.select_related("draft", "version").get(pk=step.proposal_id)
    if proposal.state != Proposal.State.OPEN:
        return False
    standing, sides = standing_of(proposal), find_approvers(proposal.workspace_id).sides_of(about.user)
    return standing.of(about.user) is None and any(side in standing.missing for side in sides)


def _in_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
