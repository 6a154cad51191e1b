"""Many at once on one proposal: one approval a side, no approval of a text that is another by then, one version.

LEADLINE_RACES=200 python -m pytest tests/web/playbooks/proposals/test_races.py    as many as one likes
"""

import os

import pytest
from tests.web.conftest import member
from tests.web.handoff.races import all_at_once
from tests.web.playbooks.proposals.conftest import THIRD, again, seen

from leadline.web.accounts.actions import name_approver
from leadline.web.accounts.models import Membership
from leadline.web.playbooks.drafts import StaleDraftError, publish_draft, save_draft
from leadline.web.playbooks.models import Draft, Proposal, ProposalStep, Version
from leadline.web.playbooks.proposals import actions
from leadline.web.playbooks.proposals.publishing import ApprovalNeededError
from leadline.web.playbooks.proposals.rules import standing_of

RACES = int(os.environ.get("LEADLINE_RACES", "3"))
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("race", range(RACES))]


def test_six_approve_for_one_side_and_one_does(proposal, northwind, race):
    crowd = [member(northwind, f"Rep{number}", "rep") for number in range(6)]
    for one in crowd:
        name_approver(Membership.objects.get(user=one), marketing=False, sales=True)
    looked_at = seen(proposal)
    found = all_at_once([lambda one=one: actions.approve(proposal, "sales", by=one, **looked_at) for one in crowd])

    winner = ProposalStep.objects.get(kind="approved").by
    losers = [one for one in found if isinstance(one, actions.ChangedError)]
    assert len(losers) == 5, found
    assert all(str(one) == f"{winner} has approved it for sales already." for one in losers)


def test_an_approval_never_counts_for_a_text_that_was_not_seen(proposal, draft, people, race):
    looked_at = seen(proposal)
    found = all_at_once(
        [
            lambda: actions.approve(proposal, "sales", by=people["ines"], **looked_at),
            lambda: save_draft(draft, revision=draft.revision, by=people["tom"], toml=THIRD),
            lambda: actions.approve(proposal, "marketing", by=people["ada"], **looked_at),
        ]
    )
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, actions.ChangedError)], found
    standing = standing_of(again(proposal))
    assert standing.text.toml == THIRD
    assert not standing.approvals
    assert {one.digest for one in ProposalStep.objects.filter(kind="approved")} <= {looked_at["digest"]}


def test_publishing_and_changing_at_once_never_publish_what_was_not_approved(proposal, draft, people, race):
    actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))
    actions.approve(proposal, "marketing", by=people["ada"], **seen(proposal))
    approved = standing_of(again(proposal)).text.toml
    found = all_at_once(
        [
            lambda: publish_draft(draft, revision=draft.revision, note="now", by=people["tom"]),
            lambda: save_draft(draft, revision=draft.revision, by=people["ada"], toml=THIRD),
            lambda: actions.take_back(proposal, by=people["ines"]),
            lambda: publish_draft(draft, revision=draft.revision, note="now", by=people["maria"]),
        ]
    )
    wrong = (actions.ChangedError, StaleDraftError, ApprovalNeededError)
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, wrong)], found
    published = Version.objects.filter(number=2)
    assert [one.toml for one in published] in ([], [approved])
    assert Proposal.objects.filter(version__in=published).count() == published.count()
    assert (Draft.objects.get().published_as is not None) == published.exists()


def test_two_put_one_draft_forward(draft, people, race):
    found = all_at_once(
        [
            lambda who=who: actions.put_forward(draft, revision=draft.revision, title=who, why="", by=people[who])
            for who in ("tom", "ada", "maria")
        ]
    )
    assert len([one for one in found if isinstance(one, actions.AlreadyPutForwardError)]) == 2, found
    assert Proposal.objects.filter(draft=draft).count() == 1
