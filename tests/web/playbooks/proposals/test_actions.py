"""Putting forward, approving, asking for changes: who may, what is refused and why, and what a version then names."""

import pytest
from tests.web.playbooks.conftest import CASES, TOML
from tests.web.playbooks.proposals.conftest import OTHER, THIRD, again, seen

from leadline.web.accounts.models import Membership
from leadline.web.playbooks.actions import SamePlaybookError, go_live, publish
from leadline.web.playbooks.drafts import StaleDraftError, begin_draft, publish_draft, put_away, put_back, save_draft
from leadline.web.playbooks.models import Draft, Proposal, Version
from leadline.web.playbooks.proposals import actions
from leadline.web.playbooks.proposals.publishing import ApprovalNeededError, needs_approval
from leadline.web.playbooks.proposals.rules import standing_of

FOR_40 = CASES.replace("fit = 30", "fit = 40")


def approve_both(proposal, people):
    actions.approve(proposal, "marketing", by=people["tom"], **seen(proposal))
    actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))


def publish_it(draft, people, **more):
    draft.refresh_from_db()
    return publish_draft(draft, revision=draft.revision, note="Germany", by=people["tom"], **more)


# -- putting forward ------------------------------------------------------------------------------------------------


def test_a_draft_is_put_forward_once(proposal, draft, people):
    assert (proposal.number, proposal.base_number, proposal.state) == (2, 1, "open")  # 1: of the first version
    with pytest.raises(actions.AlreadyPutForwardError) as refused:
        actions.put_forward(draft, revision=draft.revision, title="Again", why="", by=people["maria"])
    assert refused.value.proposal == proposal


def test_what_was_not_seen_is_not_put_forward(draft, people):
    with pytest.raises(actions.ChangedError):
        actions.put_forward(draft, revision=1, title="Germany", why="", by=people["tom"])
    save_draft(draft, revision=draft.revision, by=people["tom"], toml=TOML)
    with pytest.raises(actions.NotPossibleError, match="the same as version 1"):
        actions.put_forward(draft, revision=draft.revision, title="Germany", why="", by=people["tom"])
    assert Proposal.objects.count() == 1


def test_a_withdrawn_proposal_keeps_its_text_and_its_draft_may_be_put_forward_again(proposal, draft, people):
    actions.withdraw(proposal, text="Not now", by=people["tom"])
    save_draft(draft, revision=draft.revision, by=people["tom"], toml=THIRD)
    assert standing_of(again(proposal)).text.toml == OTHER
    with pytest.raises(actions.ChangedError, match="withdrawn by Tom"):
        actions.withdraw(proposal, by=people["ada"])
    second = actions.put_forward(draft, revision=draft.revision, title="Less", why="", by=people["tom"])
    assert second.number == 3


def test_a_draft_that_is_put_away_takes_its_proposal_along(proposal, draft, people):
    put_away(draft, by=people["ada"])
    assert again(proposal).state == "withdrawn"
    put_back(draft)
    assert again(proposal).state == "withdrawn"


# -- approving ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["maria", "ines", "vera"])
def test_only_who_is_named_approves(proposal, people, who):
    with pytest.raises(actions.NotApproverError):
        actions.approve(proposal, "marketing", by=people[who], **seen(proposal))


def test_nobody_gives_both_approvals(proposal, people):
    both = Membership.objects.get(user=people["tom"])
    both.approves_sales = True
    both.save()
    actions.approve(proposal, "marketing", by=people["tom"], **seen(proposal))
    with pytest.raises(actions.NotPossibleError, match="nobody gives both"):
        actions.approve(proposal, "sales", by=people["tom"], **seen(proposal))


def test_who_comes_second_learns_who_was_first(proposal, people):
    looked_at = seen(proposal)
    actions.approve(proposal, "sales", by=people["ines"], **looked_at)
    with pytest.raises(actions.ChangedError, match="Ines has approved it for sales already"):
        actions.approve(proposal, "sales", by=people["omar"], **looked_at)


def test_another_text_or_version_than_was_seen_is_not_approved(proposal, draft, northwind, people):
    looked_at = seen(proposal)
    save_draft(draft, revision=draft.revision, by=people["ada"], toml=THIRD)
    with pytest.raises(actions.ChangedError, match="Ada changed the text"):
        actions.approve(proposal, "sales", by=people["ines"], **looked_at)
    looked_at = seen(proposal)
    publish(northwind, toml=TOML + "# more\n", by=people["maria"], override="urgent")
    with pytest.raises(actions.ChangedError, match="Version 2 was published"):
        actions.approve(proposal, "sales", by=people["ines"], **looked_at)


def test_what_cannot_be_published_is_not_approved(proposal, draft, people):
    save_draft(draft, revision=draft.revision, by=people["tom"], toml=OTHER.replace("points", "point"))
    with pytest.raises(actions.NotPossibleError, match="cannot be published"):
        actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))


# -- publishing -----------------------------------------------------------------------------------------------------


def test_a_version_names_its_proposal_and_both_who_approved(proposal, draft, people):
    with pytest.raises(ApprovalNeededError, match="waits for the approval of marketing and sales"):
        publish_it(draft, people)
    approve_both(proposal, people)
    version = publish_it(draft, people)

    found = again(proposal)
    assert (found.version, found.state, found.without) == (version, "published", "")
    assert {side: one.by.name for side, one in standing_of(found).approvals.items()} == {
        "marketing": "Tom",
        "sales": "Ines",
    }
    assert Draft.objects.get().published_as == version
    go_live(version)  # what is live by now does not change what was approved then
    assert standing_of(again(proposal)).is_approved


@pytest.mark.parametrize(
    "spoils",
    [
        lambda proposal, draft, people: save_draft(draft, revision=draft.revision, by=people["tom"], toml=THIRD),
        lambda proposal, draft, people: save_draft(draft, revision=draft.revision, by=people["tom"], cases=FOR_40),
        lambda proposal, draft, people: publish(draft.workspace, toml=THIRD, by=people["maria"], override="urgent"),
        lambda proposal, draft, people: actions.take_back(proposal, by=people["ines"]),
        lambda proposal, draft, people: actions.ask_for_changes(
            proposal, "sales", text="Wait", digest=seen(proposal)["digest"], by=people["omar"]
        ),
    ],
    ids=["the text", "the cases", "another version", "taken back", "somebody asks"],
)
def test_an_approval_that_counts_no_more_publishes_nothing(proposal, draft, people, spoils):
    approve_both(proposal, people)
    spoils(proposal, draft, people)
    before = Version.objects.count()
    with pytest.raises(ApprovalNeededError):
        publish_it(draft, people)
    assert Version.objects.count() == before
    assert again(proposal).state == "open"


def test_a_draft_that_nobody_put_forward_is_not_published(draft, people):
    with pytest.raises(ApprovalNeededError, match="Put it forward"):
        publish_it(draft, people)


def test_a_file_with_the_approved_text_is_published_and_ends_the_draft(northwind, proposal, draft, people):
    with pytest.raises(ApprovalNeededError, match="Proposal 2 has this text"):
        publish(northwind, toml=OTHER, by=None)
    approve_both(proposal, people)
    with pytest.raises(ApprovalNeededError):
        publish(northwind, toml=OTHER + "\n", by=None)
    version = publish(northwind, toml=OTHER, by=None)
    assert again(proposal).version == version
    assert Draft.objects.get().published_as == version
    with pytest.raises(StaleDraftError):
        publish_it(draft, people)


def test_an_override_is_kept_with_its_reason(proposal, draft, people):
    actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))
    publish_it(draft, people, override=" The form broke ")
    found = again(proposal)
    assert (found.without, found.override) == ("override", "The form broke")
    assert found.steps.last().text == "The form broke"
    assert list(standing_of(found).approvals) == ["sales"]


def test_an_override_that_was_not_needed_is_none(proposal, draft, people):
    approve_both(proposal, people)
    publish_it(draft, people, override="just in case")
    assert (again(proposal).without, again(proposal).override) == ("", "")


def test_a_first_version_needs_none_and_names_a_proposal(northwind, people):
    assert not needs_approval(northwind)
    version = publish(northwind, toml=TOML, note="the first", by=people["tom"])
    found = Proposal.objects.get()
    assert (found.version, found.without, found.title, found.by) == (version, "first", "the first", people["tom"])
    assert needs_approval(northwind)  # also while the first is in preparation


def test_where_nobody_is_named_everything_is_published_and_says_so(northwind, live, maria):
    version = publish(northwind, toml=OTHER, note="", by=maria)
    assert (version.proposal.without, version.proposal.title) == ("nobody", "Version 2")
    draft = begin_draft(northwind, name="Autumn", version=live, toml="", by=maria)
    save_draft(draft, revision=1, by=maria, toml=THIRD)
    again_version = publish_draft(draft, revision=2, note="Why not", by=maria)
    assert (again_version.proposal.title, again_version.proposal.why) == ("Autumn", "Why not")
    assert again_version.proposal.draft == draft


def test_nothing_new_makes_no_proposal(northwind, live, people):
    with pytest.raises(SamePlaybookError):
        publish(northwind, toml=TOML, by=people["tom"])
    assert Proposal.objects.count() == 1


def test_what_is_in_preparation_is_what_an_approval_stands_beside(northwind, proposal, draft, people):
    """Two proposals that were approved beside version 1: the second must not undo the first without anybody having seen it."""
    approve_both(proposal, people)
    publish(northwind, toml=THIRD, by=people["maria"], override="urgent")
    assert Version.objects.get(number=2).state == "preparing"
    with pytest.raises(ApprovalNeededError):
        publish_it(draft, people)
    assert Version.objects.get(number=2).state == "preparing"


# -- the text changes -----------------------------------------------------------------------------------------------


def test_changes_in_a_row_are_one_step_and_told_once(proposal, draft, people):
    heard = []
    approve_both(proposal, people)
    for toml in (THIRD, THIRD + "# a\n", THIRD + "# b\n"):
        draft.refresh_from_db()
        save_draft(draft, revision=draft.revision, by=people["tom"], tell=heard.extend, toml=toml)
    assert [one.kind for one in heard] == ["changed"]
    steps = [one.kind for one in again(proposal).steps.all()]
    assert steps == ["put_forward", "approved", "approved", "changed"]
    assert {one.by.name for one in standing_of(again(proposal)).lapsed} == {"Tom", "Ines"}


def test_another_name_of_the_draft_changes_no_proposal(proposal, draft, people):
    save_draft(draft, revision=draft.revision, by=people["tom"], name="Autumn")
    assert [one.kind for one in again(proposal).steps.all()] == ["put_forward"]
