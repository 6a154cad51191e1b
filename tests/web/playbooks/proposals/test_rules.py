"""What stands of a proposal, held to a naive reading of what people said; and who approves."""

import random

import pytest
from tests.web.conftest import member
from tests.web.playbooks.conftest import TOML
from tests.web.playbooks.proposals.conftest import OTHER, SIDES, THIRD, again, seen

from leadline.web.accounts.actions import ViewerError, change_role, name_approver
from leadline.web.accounts.models import Membership
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.drafts import save_draft
from leadline.web.playbooks.models import Draft, Side
from leadline.web.playbooks.proposals import actions
from leadline.web.playbooks.proposals.rules import Text, find_approvers, standing_of

TEXTS = (OTHER, THIRD, OTHER + "# as said\n")


class Naive:
    """What people said last, each of a text beside a version."""

    def __init__(self):
        self.text, self.base = OTHER, 1
        self.said = {}  # name -> list of (kind, text, base), in order; what is taken back goes

    def standing(self, name, kind):
        return [one for one in self.said.get(name, ()) if one[0] == kind and one[1] == self.text and
                (kind == "asked" or one[2] == self.base)]  # fmt: skip

    def approved(self, side):
        return [name for name in SIDES if SIDES[name] == side and self.standing(name, "approved")]

    @property
    def asked(self):
        return {name for name in SIDES if self.standing(name, "asked")}

    def drop(self, name, kind):
        gone = self.standing(name, kind)
        self.said[name] = [one for one in self.said.get(name, ()) if one not in gone]


def act(naive, proposal, people, chance):
    """Do one thing that is drawn, and the same to the naive reading, which says whether it may be done."""
    name = chance.choice(sorted(SIDES))
    person, side = people[name], SIDES[name]
    what = chance.choice(["approve", "approve", "approve", "ask", "take_back", "save", "save", "publish"])
    may = True
    try:
        if what == "approve":
            may = not naive.approved(side)
            actions.approve(proposal, side, by=person, **seen(proposal))
            naive.drop(name, "asked")
            naive.said.setdefault(name, []).append(("approved", naive.text, naive.base))
        elif what == "ask":
            may = name not in naive.asked
            actions.ask_for_changes(proposal, side, text="Why?", digest=seen(proposal)["digest"], by=person)
            naive.drop(name, "approved")
            naive.said.setdefault(name, []).append(("asked", naive.text, naive.base))
        elif what == "take_back":
            may = bool(naive.standing(name, "approved") or naive.standing(name, "asked"))
            actions.take_back(proposal, by=person)
            naive.drop(name, "approved" if naive.standing(name, "approved") else "asked")
        elif what == "save":
            naive.text = chance.choice(TEXTS)
            draft = Draft.objects.get()
            save_draft(draft, revision=draft.revision, by=person, toml=naive.text)
        else:
            publish(proposal.workspace, toml=f"{TOML}# {naive.base}\n", by=person, override="in a hurry")
            naive.base += 1
    except actions.NotPossibleError:
        assert not may, what
        return what
    assert may, what
    return what


@pytest.mark.parametrize("seed", range(20))
def test_what_stands_is_what_people_said_last_of_this_text(proposal, people, seed):
    chance, naive, path = random.Random(seed), Naive(), []
    for _ in range(14):
        path.append(act(naive, proposal, people, chance))
        standing = standing_of(again(proposal))
        found = {
            side: [standing.approvals[side].by.name.lower()] if side in standing.approvals else [] for side in Side
        }
        assert found == {side: naive.approved(side.value) for side in Side}, path
        assert {one.by.name.lower() for one in standing.asked} == naive.asked, path
        both = all(naive.approved(side.value) for side in Side)
        assert standing.is_approved == (both and not naive.asked), path


def test_texts_with_another_border_between_playbook_and_cases_are_others():
    assert len({Text("a", "b").digest, Text("ab", "").digest, Text("", "ab").digest, Text("a", "b ").digest}) == 4


# -- who approves ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marketing", "sales", "is_needed"),
    [
        ("", "", False),
        ("tom", "", False),
        ("", "ines", False),
        ("tom", "ines", True),
        ("tom", "tom", False),  # one person cannot give both
        ("tom", "tom ines", True),
        ("tom ines", "tom ines", True),
        ("gone", "ines", False),
    ],
)
def test_approval_is_needed_when_two_people_can_give_it(northwind, marketing, sales, is_needed):
    for name in ("tom", "ines", "gone"):
        user = member(northwind, name.title(), "manager")
        membership = Membership.objects.get(user=user)
        name_approver(membership, marketing=name in marketing.split(), sales=name in sales.split())
        if name == "gone":
            user.is_active = False
            user.save()
    assert find_approvers(northwind).is_needed == is_needed


def test_a_viewer_approves_nothing_and_who_becomes_one_no_more(northwind, maria):
    vera, tom = (Membership.objects.get(user=member(northwind, *who)) for who in (("Vera", "viewer"), ("Tom", "rep")))
    with pytest.raises(ViewerError):
        name_approver(vera, marketing=True, sales=False)
    name_approver(tom, marketing=True, sales=True)
    change_role(tom, "manager")
    assert find_approvers(northwind).only_one == tom.user
    change_role(tom, "viewer")
    change_role(tom, "manager")
    assert find_approvers(northwind).sides_without == tuple(Side)


def test_steps_stay_as_history(proposal, people):
    actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))
    actions.take_back(proposal, by=people["ines"])
    kinds = list(proposal.steps.values_list("kind", flat=True).order_by("pk"))
    assert kinds == ["put_forward", "approved", "taken_back"]
