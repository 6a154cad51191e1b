"""Northwind with a live playbook, a draft of the next, and who approves: Tom and Ada for marketing, Ines and Omar for sales."""

import pytest
from tests.web.conftest import member
from tests.web.playbooks.conftest import TOML, live

from leadline.web.accounts.actions import name_approver
from leadline.web.accounts.models import Membership
from leadline.web.playbooks.drafts import begin_draft, save_draft
from leadline.web.playbooks.proposals.actions import put_forward
from leadline.web.playbooks.proposals.queries import find_proposal
from leadline.web.playbooks.proposals.rules import standing_of

__all__ = ["live"]  # a fixture
OTHER = TOML.replace("points = 30", "points = 40")
THIRD = TOML.replace("points = 30", "points = 35")
SIDES = {"tom": "marketing", "ada": "marketing", "ines": "sales", "omar": "sales"}


@pytest.fixture
def people(northwind, maria, omar):
    """Everybody by name, with the approvers named."""
    found = {"maria": maria, "omar": omar}
    for name, role in (("tom", "marketer"), ("ada", "marketer"), ("ines", "manager"), ("vera", "viewer")):
        found[name] = member(northwind, name.title(), role)
    for name, side in SIDES.items():
        membership = Membership.objects.get(user=found[name])
        name_approver(membership, marketing=side == "marketing", sales=side == "sales")
    return found


@pytest.fixture
def draft(northwind, live, people):
    made = begin_draft(northwind, name="Germany matters more", version=live, by=people["tom"])
    return save_draft(made, revision=1, by=people["tom"], toml=OTHER)


@pytest.fixture
def proposal(draft, people):
    return put_forward(
        draft, revision=draft.revision, title="Germany matters more", why="They buy twice as often", by=people["tom"]
    )


def again(proposal):
    """Return a proposal as it is now."""
    return find_proposal(proposal.workspace_id, proposal.number)


def seen(proposal):
    """Return what somebody sees who opens a proposal now: the text by its digest, and what it replaces."""
    standing = standing_of(again(proposal))
    return {"digest": standing.digest, "base_number": standing.base_number}
