"""Who is told of proposals, in the app and by mail, in which words, and of what they did themselves: nobody."""

import pytest
from django.core import mail
from django.utils import timezone
from tests.web.playbooks.proposals.conftest import THIRD, draft, live, people, proposal, seen

from leadline.web.accounts.models import Membership
from leadline.web.flow import proposals_changed
from leadline.web.notices.mails import send_mails
from leadline.web.notices.models import Notice
from leadline.web.notices.queries import show_notices
from leadline.web.playbooks.drafts import save_draft
from leadline.web.playbooks.proposals import actions

__all__ = ["draft", "live", "people", "proposal"]  # fixtures


@pytest.fixture
def told(draft, people):
    return actions.put_forward(
        draft, revision=2, title="Germany", why="They buy", by=people["tom"], tell=proposals_changed
    )


def notices():
    """Return who was told what, by name."""
    return sorted((one.user.name, str(one.kind)) for one in Notice.objects.select_related("user"))


def said_to(user):
    return [(one.said.lead, one.said.what, one.said.path) for one in show_notices(user.memberships.get(), 1).shown]


def test_approvers_of_both_sides_are_told_but_not_who_put_it_forward(told, people):
    assert notices() == [("Ada", "proposed"), ("Ines", "proposed"), ("Omar", "proposed")]
    assert said_to(people["ines"]) == [
        ("Proposal 2: Germany", "Tom put it forward, and it waits for your approval", "/playbook/proposals/2/")
    ]


def test_who_put_it_forward_is_told_of_approvals_wishes_and_comments(told, people):
    Notice.objects.all().delete()
    tell = {"tell": proposals_changed}
    actions.approve(told, "sales", by=people["ines"], **seen(told), **tell)
    actions.ask_for_changes(told, "marketing", text="Why?", digest=seen(told)["digest"], by=people["ada"], **tell)
    actions.comment(told, "Look here", by=people["tom"], **tell)
    assert notices() == [("Ada", "commented"), ("Ines", "commented"), ("Tom", "approved"), ("Tom", "asked")]
    assert {what for _, what, _ in said_to(people["tom"])} == {
        "Ines approved it for sales",
        "Ada asks for changes for marketing",
    }


def test_who_approved_is_told_once_that_the_text_is_another(told, draft, people):
    actions.approve(told, "sales", by=people["ines"], **seen(told))
    Notice.objects.all().delete()
    for toml in (THIRD, THIRD + "# more\n"):
        draft.refresh_from_db()
        save_draft(draft, revision=draft.revision, by=people["tom"], tell=proposals_changed, toml=toml)
    assert notices() == [("Ines", "proposed")]
    assert said_to(people["ines"])[0][1] == "Tom changed it since you spoke of it, and it waits for your approval"


def test_a_mail_leaves_only_while_it_waits(draft, people, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    made = actions.put_forward(
        draft, revision=2, title="Germany", why="They buy", by=people["tom"], tell=proposals_changed
    )
    actions.approve(made, "marketing", by=people["ada"], **seen(made))
    Notice.objects.update(mail_due_at=timezone.now())
    while send_mails():
        pass
    assert {one.to[0] for one in mail.outbox} == {"ines@northwind.example", "omar@northwind.example"}
    assert mail.outbox[0].subject.startswith("Proposal 2: Germany: Tom put it forward")
    assert "They buy" in mail.outbox[0].body and "/playbook/proposals/2/" in mail.outbox[0].body


def test_a_notice_leads_to_its_proposal_and_is_read(told, people, client):
    client.force_login(people["ines"])
    page = client.get("/notices/").content.decode()
    assert "Proposal 2: Germany" in page
    notice = Notice.objects.get(user=people["ines"])
    answer = client.post("/notices/read/", {"notice": notice.pk, "opens": "1"})
    assert answer.url == "/playbook/proposals/2/"
    assert Membership.objects.filter(user=people["ines"]).exists()
    notice.refresh_from_db()
    assert notice.seen_at is not None
