"""A proposal's way with people at the keys: marketing proposes, sales asks for changes, both approve, it is published by its name."""

import pytest
from tests.web.browser import expect
from tests.web.playbooks.proposals.conftest import THIRD, seen

from leadline.web.accounts.models import Membership
from leadline.web.assessments.whatif.run import run_whatifs
from leadline.web.playbooks.actions import go_live
from leadline.web.playbooks.drafts import save_draft
from leadline.web.playbooks.models import Proposal, Version
from leadline.web.playbooks.proposals import actions

pytestmark = pytest.mark.browser


def test_marketing_proposes_sales_asks_and_both_approve(visit, people, draft):
    tom, ines = visit(people["tom"]), visit(people["ines"], javascript=False)

    # marketing looks at what would change, and puts it forward
    tom.go(f"/playbook/drafts/{draft.pk}/")
    tom.page.get_by_role("button", name="See what would change").click()
    tom.page.locator("#whatif progress").wait_for()
    while run_whatifs():
        pass
    tom.page.get_by_role("link", name="Put it forward…").click()
    tom.page.get_by_label("Why").fill("They buy twice as often")
    tom.page.get_by_role("button", name="Put it forward").click()
    tom.page.get_by_text("Both sides can look at it now").wait_for()
    expect(tom.page.get_by_role("heading", name="What would change")).to_be_visible()

    # sales finds it where both look, without JavaScript, and asks for changes
    ines.go("/agreement/")
    ines.page.get_by_role("link", name="2: Germany matters more").click()
    expect(ines.page.get_by_text("40 points instead of 30")).to_be_visible()
    ines.page.get_by_label("What you say with it").fill("That is too much: 35")
    ines.page.get_by_role("button", name="Ask for changes").click()
    expect(ines.page.get_by_text("Ines asks for changes: “That is too much: 35”")).to_be_visible()

    # marketing changes the text and approves it
    tom.page.reload()
    expect(tom.page.get_by_text("changes asked for")).to_be_visible()
    tom.page.get_by_role("link", name="Change the draft").click()
    field = tom.page.get_by_label("Playbook", exact=False).first
    field.fill(THIRD)
    tom.page.get_by_role("button", name="Save").click()
    tom.page.get_by_text("The draft was saved.").wait_for()
    tom.page.get_by_role("link", name="Proposal 2").click()
    tom.page.get_by_role("button", name="Approve for marketing").click()
    tom.page.get_by_text("You approved it.").wait_for()

    # sales sees what changed since, and approves
    ines.page.reload()
    ines.go("/playbook/proposals/2/")
    expect(
        ines.page.get_by_role("heading", name="What changed since Ines asked for changes, for sales")
    ).to_be_visible()
    ines.page.get_by_role("button", name="Approve for sales").click()
    expect(ines.page.get_by_text("You approved it.")).to_be_visible()

    # marketing publishes it; the version and the agreement name it
    tom.page.reload()
    tom.page.get_by_role("link", name="Publish…").click()
    assert tom.page.get_by_label("What is new, and why").input_value() == "They buy twice as often"
    tom.page.get_by_role("button", name="Publish").click()
    tom.page.get_by_text("Version 2 is published").wait_for()
    go_live(Version.objects.get(number=2))
    ines.go("/playbook/versions/2/")
    expect(ines.page.get_by_text("Approved by Tom for marketing and Ines for sales.")).to_be_visible()
    ines.go("/agreement/")
    expect(ines.page.get_by_text("Approved by Tom for marketing and Ines for sales.").first).to_be_visible()
    assert Proposal.objects.get(number=2).version.toml == THIRD


def test_proposals_are_readable_in_every_look(visit, people, proposal, draft):
    tom, maria, ines = visit(people["tom"]), visit(people["maria"]), visit(people["ines"])
    tom.go("/playbook/proposals/")
    tom.shoot_every_look("proposals", full=True)
    tom.check_accessibility()
    maria.go("/settings/members/")
    maria.shoot_every_look("members", full=True)
    maria.check_accessibility()
    maria.go(f"/playbook/drafts/{draft.pk}/publish/")
    maria.page.get_by_text("Publish it without the approvals").click()
    maria.shoot_every_look("publish_closed", full=True)
    maria.check_accessibility()

    actions.approve(proposal, "marketing", by=people["ada"], **seen(proposal), text="Our numbers say the same.")
    actions.comment(proposal, "How many more would that be in a week?\nWe are three.", by=people["omar"])
    actions.ask_for_changes(
        proposal, "sales", text="Not before spring", digest=seen(proposal)["digest"], by=people["omar"]
    )
    ines.go("/playbook/proposals/2/")
    ines.shoot_every_look("proposal_asked", full=True)
    ines.check_accessibility()
    save_draft(draft, revision=2, by=people["tom"], toml=THIRD)
    ines.go("/playbook/proposals/2/")
    ines.shoot_every_look("proposal_lapsed", full=True)
    ines.check_accessibility()
    ines.go("/agreement/")
    ines.shoot_every_look("agreement", full=True)
    ines.check_accessibility()
    actions.approve(proposal, "sales", by=people["ines"], **seen(proposal))
    actions.approve(proposal, "marketing", by=people["ada"], **seen(proposal))
    tom.go("/playbook/proposals/2/")
    tom.shoot_every_look("proposal_approved", full=True)
    tom.check_accessibility()
    tom.go(f"/playbook/drafts/{draft.pk}/publish/")
    tom.shoot_every_look("publish_open", full=True)
    tom.check_accessibility()


def test_what_nobody_has_to_approve_is_readable_in_every_look(visit, people, draft):
    Membership.objects.update(approves_sales=False)
    tom = visit(people["tom"])
    for name, path in (
        ("put_forward", f"/playbook/drafts/{draft.pk}/put-forward/"),
        ("publish_free", f"/playbook/drafts/{draft.pk}/publish/"),
        ("proposals_none", "/playbook/proposals/"),
        ("publish_file", "/playbook/publish/"),
        ("playbook", "/playbook/"),
    ):
        tom.go(path)
        tom.shoot_every_look(name, full=True)
        tom.check_accessibility()
