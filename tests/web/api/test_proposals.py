"""Proposals by the API and its client: put forward, commented, approved by both sides, published; and what is refused, with its code."""

import pytest
from tests.web.conftest import member
from tests.web.playbooks.conftest import TOML

from leadline.client import ApiError, Leadline
from leadline.web.accounts.actions import name_approver
from leadline.web.accounts.models import Membership
from leadline.web.playbooks.actions import go_live, publish
from leadline.web.playbooks.models import Draft, Proposal

OTHER = TOML.replace("points = 30", "points = 40")
TOM, INES = "tom@northwind.example", "ines@northwind.example"


@pytest.fixture
def approvers(northwind):
    for name, role, side in (("Tom", "marketer", "marketing"), ("Ines", "manager", "sales")):
        membership = Membership.objects.get(user=member(northwind, name, role))
        name_approver(membership, marketing=side == "marketing", sales=side == "sales")
    go_live(publish(northwind, toml=TOML, note="the first", by=None))


@pytest.fixture
def client(approvers, live_server, key_for):
    return Leadline(live_server.url, key_for(), tries=1)


def refused(act):
    with pytest.raises(ApiError) as found:
        act()
    return found.value


@pytest.mark.django_db(transaction=True)
def test_both_sides_approve_and_it_is_published(client):
    made = client.put_forward(OTHER, title="Germany", why="They buy", by=TOM)
    assert (made["number"], made["waits_for"], made["base_number"]) == (2, ["marketing", "sales"], 1)
    assert Draft.objects.get().toml == OTHER

    client.comment(2, "How many?", by=INES)
    asked = client.ask_for_changes(made, "sales", "Not before spring", by=INES)
    assert not asked["approved"]
    client.approve(made, "marketing", by=TOM)
    error = refused(lambda: client.publish_proposal(2, by=TOM))
    assert (error.code, error.proposal["waits_for"]) == ("approval-needed", ["sales"])
    found = client.approve(made, "sales", by=INES, text="As you wish")
    assert found["approved"]
    assert [(one["kind"], one["stands"]) for one in found["steps"]] == [
        ("put_forward", False), ("commented", False), ("asked", False), ("approved", True), ("approved", True),
    ]  # fmt: skip
    assert found["steps"][-1]["via"].startswith("the API key")

    version = client.publish_proposal(2, by=TOM)
    assert (version["number"], version["proposal"], version["note"]) == (2, 2, "They buy")
    shown = client.proposal(2)
    assert shown["said"] == "Approved by Tom for marketing and Ines for sales."
    assert [one["number"] for one in client.proposals(state="published")] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_text_that_was_not_approved_is_not_published_from_git(client):
    error = refused(lambda: client.post("/playbooks", {"toml": OTHER}))
    assert (error.status, error.code, error.proposal) == (409, "approval-needed", None)
    made = client.put_forward(OTHER, title="Germany", why="They buy", by=TOM)
    error = refused(lambda: client.post("/playbooks", {"toml": OTHER}))
    assert error.proposal["number"] == made["number"]
    client.approve(made, "marketing", by=TOM)
    client.approve(made, "sales", by=INES)
    assert client.post("/playbooks", {"toml": OTHER})["proposal"] == made["number"]


@pytest.mark.django_db(transaction=True)
def test_who_may_not_and_who_comes_late_is_told(client):
    made = client.put_forward(OTHER, title="Germany", why="They buy", by=TOM)
    assert "does not approve for sales" in str(refused(lambda: client.approve(made, "sales", by=TOM)))
    assert refused(lambda: client.put_forward(TOML, title="Germany", why="They buy", by=TOM)).code == "same-playbook"
    assert "administrators and marketers" in str(refused(lambda: client.withdraw(2, by=INES)))
    Draft.objects.update(toml=OTHER + "\n")
    error = refused(lambda: client.approve(made, "sales", by=INES))
    assert (error.code, error.proposal["digest"] != made["digest"]) == ("changed", True)
    client.approve(error.proposal, "sales", by=INES)
    client.take_back(2, by=INES)
    assert refused(lambda: client.take_back(2, by=INES)).code == "changed"
    client.withdraw(2, by=TOM, text="Another time")
    assert refused(lambda: client.publish_proposal(2, by=TOM)).code == "changed"
    assert Proposal.objects.get(number=2).state == "withdrawn"


@pytest.mark.django_db(transaction=True)
def test_a_key_that_publishes_does_not_approve(approvers, live_server, key_for):
    client = Leadline(live_server.url, key_for("playbooks:read", "playbooks:write"), tries=1)
    made = client.put_forward(OTHER, title="Germany", why="They buy", by=TOM)
    assert refused(lambda: client.approve(made, "sales", by=INES)).code == "scope-missing"
