"""The pages of proposals: what one sees and may do, what is refused and how, and where publishing stops."""

import pytest
from django.urls import reverse
from tests.web.playbooks.conftest import TOML
from tests.web.playbooks.proposals.conftest import OTHER, THIRD, again, seen

from leadline.web.accounts.models import Membership
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.drafts import save_draft
from leadline.web.playbooks.models import Draft, Proposal, Version
from leadline.web.playbooks.proposals import actions
from leadline.web.playbooks.proposals.rules import standing_of


def at(name, proposal):
    return reverse(name, args=[proposal.number])


def text_of(answer):
    return answer.content.decode()


def approve_both(proposal, people):
    actions.approve(proposal, "marketing", by=people["ada"], **seen(proposal))
    actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))


def test_a_marketer_puts_a_draft_forward(as_, draft):
    tom, address = as_("tom"), reverse("draft-put-forward", args=[draft.pk])
    assert address in text_of(tom.get(reverse("draft", args=[draft.pk])))
    assert "40 points instead of 30" in text_of(tom.get(address))
    assert tom.post(address, {"revision": 2, "title": "Germany", "why": ""}).status_code == 422
    stale = tom.post(address, {"revision": 1, "title": "Germany", "why": "They buy"})
    assert stale.status_code == 409 and "They buy" in text_of(stale)
    done = tom.post(address, {"revision": 2, "title": " Germany  first ", "why": "They buy"})
    made = Proposal.objects.get(draft=draft)
    assert (done.url, made.title, made.why) == (at("proposal", made), "Germany first", "They buy")
    assert tom.get(address).url == done.url


def test_a_proposal_says_what_is_different_and_who_has_still_to_approve(as_, proposal):
    page = text_of(as_("vera").get(at("proposal", proposal)))
    for said in (
        "They buy twice as often",
        "40 points instead of 30",
        "Waits for Ada or Tom",
        "Waits for Ines or Omar",
    ):
        assert said in page, said
    assert "You are not named to approve" in page
    assert "<textarea" not in page
    assert as_("vera").post(at("proposal-comment", proposal), {"text": "Hm"}).status_code == 403


def test_both_sides_approve_it_and_it_is_published_by_its_name(as_, proposal, draft, people):
    tom, ines = as_("tom"), as_("ines")
    publish_page = reverse("draft-publish", args=[draft.pk])
    assert "waits for the approval of marketing and sales" in text_of(tom.get(publish_page))
    assert 'name="note"' not in text_of(tom.get(publish_page))
    closed = tom.post(publish_page, {"revision": 2, "note": "Germany"})
    assert closed.status_code == 409 and "nothing was published" in text_of(closed)

    assert tom.post(at("proposal-approve", proposal), {"side": "marketing", **seen(proposal)}).status_code == 302
    assert "waits for you" in text_of(ines.get(reverse("proposals")))
    ines.post(at("proposal-approve", proposal), {"side": "sales", **seen(proposal), "text": "Go"})
    assert "waits for you" not in text_of(ines.get(reverse("proposals")))
    assert "approved by Tom for marketing and Ines for sales" in text_of(tom.get(publish_page))
    tom.post(publish_page, {"revision": 2, "note": "Germany"})

    version = Version.objects.get(number=2)
    said = "Approved by Tom for marketing and Ines for sales."
    for path in (
        reverse("playbook-version", args=[2]), at("proposal", proposal), reverse("proposals"), reverse("agreement"),
    ):  # fmt: skip
        assert said in text_of(tom.get(path)), path
    assert version.proposal == proposal
    assert at("proposal", proposal) in text_of(tom.get(reverse("playbook")))


def test_what_was_approved_before_the_text_changed_is_shown_with_what_changed_since(as_, proposal, draft, people):
    approve_both(proposal, people)
    save_draft(draft, revision=2, by=people["tom"], toml=THIRD)
    page = text_of(as_("ines").get(at("proposal", proposal)))
    assert "What changed since Ines approved it for sales" in page
    assert "35 points instead of 40" in page
    assert "counts no more: the text is another by now" in page
    publish(draft.workspace, toml=TOML + "# x\n", by=people["maria"], override="urgent")
    save_draft(draft, revision=3, by=people["tom"], toml=OTHER)
    assert "counts no more: version 2 was published since" in text_of(as_("ines").get(at("proposal", proposal)))


def test_who_looked_at_an_earlier_text_approves_nothing_and_loses_no_word(as_, proposal, draft, people):
    looked_at = seen(proposal)
    save_draft(draft, revision=2, by=people["tom"], toml=THIRD)
    answer = as_("ines").post(at("proposal-approve", proposal), {"side": "sales", **looked_at, "text": "Fine by us"})
    assert answer.status_code == 409
    assert "Tom changed the text after you opened it" in text_of(answer)
    assert "Fine by us" in text_of(answer) and seen(proposal)["digest"] in text_of(answer)
    assert not standing_of(again(proposal)).approvals


@pytest.mark.parametrize(("name", "side"), [("maria", "sales"), ("omar", "marketing")])
def test_who_is_not_named_is_told_so(as_, proposal, name, side):
    answer = as_(name).post(at("proposal-approve", proposal), {"side": side, **seen(proposal)})
    assert answer.status_code == 409
    assert f"You do not approve for {side}" in text_of(answer)


def test_changes_are_asked_for_with_a_word_and_hold_it_up(as_, proposal, people):
    ines = as_("ines")
    wordless = ines.post(at("proposal-ask", proposal), {"side": "sales", **seen(proposal), "text": ""})
    assert wordless.status_code == 422 and "Say what has to be changed" in text_of(wordless)
    ines.post(at("proposal-ask", proposal), {"side": "sales", **seen(proposal), "text": "And Austria?"})
    assert "Ines asks for changes: “And Austria?”" in text_of(as_("tom").get(at("proposal", proposal)))
    assert "changes asked for" in text_of(as_("tom").get(reverse("agreement")))
    ines.post(at("proposal-take-back", proposal))
    assert "took back the wish for changes, for sales" in text_of(as_("tom").get(at("proposal", proposal)))


def test_administrators_publish_without_approvals_and_say_why(as_, proposal, draft, people):
    address = reverse("draft-publish", args=[draft.pk])
    assert "Publish it without the approvals" in text_of(as_("maria").get(address))
    assert "Publish it without the approvals" not in text_of(as_("tom").get(address))
    given = {"revision": 2, "note": "Germany", "override": "The form broke"}
    assert as_("tom").post(address, given).status_code == 409
    assert as_("maria").post(address, {**given, "override": " "}).status_code == 422
    as_("maria").post(address, given)
    page = text_of(as_("vera").get(reverse("playbook-version", args=[2])))
    assert "Published without the approval of both sides: “The form broke”." in page


def test_a_file_is_put_forward_instead(as_, draft, people):
    address, given = reverse("playbook-publish"), {"toml": THIRD, "note": "Less"}
    assert "put forward first" in text_of(as_("tom").get(address))
    closed = as_("tom").post(address, given)
    assert closed.status_code == 409 and "points = 35" in text_of(closed)
    forward = as_("tom").post(address, {**given, "put_forward": "yes"})
    made = Draft.objects.get(name="Less")
    assert (forward.url, made.toml) == (reverse("draft-put-forward", args=[made.pk]), THIRD)
    as_("tom").post(address, {**given, "override": "me"})
    assert Version.objects.count() == 1
    as_("maria").post(address, {**given, "override": "The form broke"})
    assert Version.objects.get(number=2).proposal.override == "The form broke"


def test_a_withdrawn_proposal_says_so_and_takes_comments(as_, proposal):
    as_("tom").post(at("proposal-withdraw", proposal), {"text": "Not now"})
    page = text_of(as_("omar").get(at("proposal", proposal)))
    assert "It was withdrawn" in page and "Not now" in page
    late = as_("omar").post(at("proposal-approve", proposal), {"side": "sales", **seen(proposal)})
    assert late.status_code == 409 and "withdrawn by Tom" in text_of(late)
    as_("omar").post(at("proposal-comment", proposal), {"text": "A pity"})
    assert "A pity" in text_of(as_("omar").get(at("proposal", proposal)))


def test_without_approvers_the_pages_say_that_none_are_needed(as_, proposal, draft):
    Membership.objects.update(approves_sales=False)
    for path in (reverse("proposals"), at("proposal", proposal), reverse("draft-publish", args=[draft.pk])):
        assert "nobody is named to approve for sales" in text_of(as_("tom").get(path)), path
    as_("tom").post(reverse("draft-publish", args=[draft.pk]), {"revision": 2, "note": "Germany"})
    assert "not both sides had an approver" in text_of(as_("tom").get(at("proposal", proposal)))


def test_administrators_name_approvers(as_, people, northwind):
    member = Membership.objects.get(user=people["omar"])
    address = reverse("member-approvals", args=[member.pk])
    as_("maria").post(address, {"marketing": "on", "sales": "on"})
    member.refresh_from_db()
    assert (member.approves_marketing, member.approves_sales) == (True, True)
    as_("maria").post(address)
    member.refresh_from_db()
    assert (member.approves_marketing, member.approves_sales) == (False, False)
    vera = Membership.objects.get(user=people["vera"])
    answer = as_("maria").post(reverse("member-approvals", args=[vera.pk]), {"sales": "on"}, follow=True)
    assert "is a viewer and changes nothing" in text_of(answer)


def test_hostile_reasons_are_shown_as_texts(as_, proposal, draft, people):
    evil = "<script>alert(1)</script>"
    actions.ask_for_changes(proposal, "sales", text=evil, digest=seen(proposal)["digest"], by=people["ines"])
    as_("maria").post(reverse("draft-publish", args=[draft.pk]), {"revision": 2, "note": evil, "override": evil})
    for path in (at("proposal", proposal), reverse("agreement"), reverse("proposals"), reverse("playbook")):
        page = text_of(as_("tom").get(path))
        assert evil not in page, path
    assert "&lt;script&gt;" in page


def test_who_comes_after_the_approval_of_their_side_may_still_ask(as_, proposal, people):
    actions.approve(proposal, "marketing", by=people["ada"], **seen(proposal))
    page = text_of(as_("tom").get(at("proposal", proposal)))
    assert "Approve for marketing" not in page
    assert "Ask for changes" in page
    page = text_of(as_("ada").get(at("proposal", proposal)))
    assert "Take my approval back" in page and "Approve for" not in page
    assert "Approve for sales" in text_of(as_("omar").get(at("proposal", proposal)))


def test_who_approves_for_both_sides_chooses_one_and_gives_no_second(as_, proposal, people):
    Membership.objects.filter(user=people["tom"]).update(approves_sales=True)
    page = text_of(as_("tom").get(at("proposal", proposal)))
    assert "for marketing" in page and 'type="radio"' in page
    as_("tom").post(at("proposal-approve", proposal), {"side": "sales", **seen(proposal)})
    assert list(standing_of(again(proposal)).approvals) == ["sales"]
    page = text_of(as_("tom").get(at("proposal", proposal)))
    assert "Approve for" not in page
    second = as_("tom").post(at("proposal-approve", proposal), {"side": "marketing", **seen(proposal)})
    assert second.status_code == 409 and "nobody gives both approvals" in text_of(second)


def test_lists_take_as_many_queries_for_many_proposals_as_for_few(
    as_, draft, northwind, people, django_assert_max_num_queries
):
    for number in range(12):
        draft.refresh_from_db()
        made = actions.put_forward(draft, revision=draft.revision, title=f"Try {number}", why="x", by=people["tom"])
        actions.comment(made, "Hm", by=people["omar"])
        if number < 11:
            actions.withdraw(made, by=people["tom"])
    tom = as_("tom")
    with django_assert_max_num_queries(16):
        page = text_of(tom.get(reverse("proposals")))
    assert page.count("1 comment") == 12
