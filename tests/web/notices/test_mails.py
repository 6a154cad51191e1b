"""A mail leaves at most once: states, doubt, what stands in it, and what is no longer worth one."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from tests.web.notices.world import MONDAY, due, tell, waiting

from leadline.web.leads.erasure import erase_person
from leadline.web.leads.models import Company
from leadline.web.leads.subject import get_subject
from leadline.web.notices.mails import LEASE, claim, doubt_mails, send_mails
from leadline.web.notices.models import Notice, Preference
from leadline.web.notices.sending import send_notices
from leadline.web.notices.subjects import find_notices

pytestmark = pytest.mark.django_db
BACKEND = "tests.web.notices.test_mails.Troubled"


class Troubled(EmailBackend):
    """A server that does not take what it is given, in the way that *trouble* says."""

    trouble = None
    is_away = False

    def open(self):
        if self.is_away:
            raise ConnectionRefusedError("nobody is there")

    def send_messages(self, messages):
        if self.trouble is not None:
            raise self.trouble
        return super().send_messages(messages)


class Away(EmailBackend):
    """A server that is not there."""

    def open(self):
        raise ConnectionRefusedError("nobody is there")


@pytest.fixture
def ada(northwind, people):
    one = waiting(northwind, people["Omar"], respond_by=MONDAY + timedelta(hours=6), because="demo:10 gone:-5")
    one.lead.company = Company.objects.create(workspace=northwind, key="domain:tea.example", name="Tea & Co")
    one.lead.email = "ada@tea.example"
    one.lead.save()
    return one


@pytest.fixture
def trouble(settings, monkeypatch):
    settings.EMAIL_BACKEND = BACKEND
    return lambda error: monkeypatch.setattr(Troubled, "trouble", error)


def states():
    return sorted(Notice.objects.values_list("mail_state", flat=True))


def test_a_mail_says_who_why_until_when_and_where_in_plain_text(ada, settings):
    settings.ALLOWED_HOSTS, settings.IS_HTTPS = ["leads.northwind.example", "localhost"], True
    tell(ada)
    due()
    assert send_mails(MONDAY) == 1

    (sent,) = mail.outbox
    assert sent.to == ["omar@northwind.example"]
    assert sent.subject == "Ada, Tea & Co: Waits for you"
    assert "Why: They asked\n" in sent.body and "gone" not in sent.body
    assert "Answer by: Monday, 2 March at 16:00" in sent.body
    assert f"https://leads.northwind.example/queue/{ada.pk}/" in sent.body
    assert sent.extra_headers["List-Unsubscribe"] == "<https://leads.northwind.example/notices/preferences/>"
    assert "ada@tea.example" not in sent.message().as_string()
    assert states() == ["sent"]
    assert send_mails(MONDAY) == 0 and len(mail.outbox) == 1


def test_what_is_due_for_a_person_leaves_as_one_mail(northwind, people, ada):
    tell(ada)
    tell(waiting(northwind, people["Omar"], "Bo"))
    tell(waiting(northwind, people["Bea"], "Cy"))
    due()
    assert send_mails(MONDAY) == 2
    assert {one.to[0].split("@")[0]: one.subject for one in mail.outbox} == {
        "omar": "2 notices from Northwind",
        "bea": "Cy: Waits for you",
    }


def test_nothing_leaves_before_it_is_due(ada):
    tell(ada)
    due(at=MONDAY + timedelta(minutes=1))
    assert send_mails(MONDAY) == 0
    assert mail.outbox == [] and states() == ["due"]


def test_what_was_read_or_is_over_is_not_mailed(northwind, people, ada):
    tell(ada)
    taken = waiting(northwind, people["Omar"], "Bo")
    tell(taken)
    taken.state = "claimed"
    taken.save()
    due()
    Notice.objects.filter(handoff=ada).update(seen_at=MONDAY)
    assert send_mails(MONDAY) == 1
    assert mail.outbox == [] and states() == ["skipped", "skipped"]


def test_who_left_meanwhile_gets_no_mail(people, ada):
    tell(ada)
    due()
    people["Omar"].memberships.all().delete()
    send_mails(MONDAY)
    assert mail.outbox == [] and states() == ["skipped"]


def test_a_name_with_a_line_break_breaks_no_header(ada):
    ada.lead.name = "Ada\nBcc: eve@evil.example"
    ada.lead.save()
    tell(ada)
    due()
    send_mails(MONDAY)
    (sent,) = mail.outbox
    assert sent.message()["Bcc"] is None and sent.recipients() == ["omar@northwind.example"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"omar@northwind.example": (550, b"unknown")}), "failed"),
        (smtplib.SMTPRecipientsRefused({"omar@northwind.example": (451, b"later")}), "due"),
        (smtplib.SMTPDataError(554, b"no"), "failed"),
        (smtplib.SMTPServerDisconnected("gone"), "uncertain"),
        (TimeoutError(), "uncertain"),
    ],
)
def test_what_a_server_refused_failed_and_what_it_may_have_taken_is_uncertain(ada, trouble, error, state):
    tell(ada)
    due()
    trouble(error)
    send_mails(MONDAY)
    assert states() == [state]

    trouble(None)
    send_mails(MONDAY)
    assert mail.outbox == [] and states() == [state]
    assert send_mails(MONDAY + timedelta(minutes=16)) == (state == "due")


def test_a_server_that_asks_to_try_later_is_not_asked_for_ever(ada, trouble):
    tell(ada)
    due()
    trouble(smtplib.SMTPDataError(451, b"later"))
    for hour in range(9):
        send_mails(MONDAY + timedelta(hours=hour))
    notice = Notice.objects.get()
    assert (notice.mail_state, notice.mail_tries) == ("failed", 5)


def test_while_the_server_is_away_everything_waits(ada, trouble, monkeypatch):
    tell(ada)
    due()
    trouble(None)
    monkeypatch.setattr(Troubled, "is_away", True)
    with pytest.raises(ConnectionRefusedError):
        send_notices(MONDAY)
    assert states() == ["due"] and Notice.objects.get().mail_tries == 0

    monkeypatch.setattr(Troubled, "is_away", False)
    send_notices(MONDAY)
    assert len(mail.outbox) == 1 and states() == ["sent"]


def test_what_was_claimed_and_never_reported_becomes_uncertain_and_stays_so(ada):
    tell(ada)
    due()
    assert claim(MONDAY)
    assert claim(MONDAY) == []
    assert doubt_mails(MONDAY + LEASE) == 0
    assert doubt_mails(MONDAY + LEASE + timedelta(seconds=1)) == 1
    assert send_mails(MONDAY + timedelta(days=9)) == 0
    assert mail.outbox == [] and states() == ["uncertain"]


def test_a_mail_about_who_is_erased_does_not_leave_and_an_export_has_what_was_told(ada):
    tell(ada)
    due()
    (row,) = find_notices(get_subject(ada.lead))
    assert row["kind"] == "yours" and "lease" not in row

    erase_person(ada.lead, by=None)
    send_mails(MONDAY)
    assert mail.outbox == [] and Notice.objects.count() == 0


def test_times_are_those_of_its_reader(northwind, people, ada):
    Preference.objects.create(workspace=northwind, user=people["Omar"], timezone="America/New_York")
    tell(ada)
    due()
    send_mails(MONDAY)
    assert "Answer by: Monday, 2 March at 10:00" in mail.outbox[0].body
