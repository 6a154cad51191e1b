"""Who unsubscribes or reports a mail as spam says no to contact, once for each time, and a replay says nothing new."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.web.capture.mail.test_reports import ADA, POSTMARK_BOUNCE, post

from leadline.web.capture.mail.actions import add_hook
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.consent import consent_history, give_consent, withdraw_consent
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.models import Event, Fact, Lead
from leadline.web.leads.records import find_lead

MARCH = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def leaves(at):
    return {
        "RecordType": "SubscriptionChange", "MessageID": "m-1", "Recipient": ADA, "ChangedAt": at.isoformat(), "Origin": "Recipient",
        "SuppressSending": True, "SuppressionReason": "ManualSuppression",
    }  # fmt: skip


def complains(at):
    return {"RecordType": "SpamComplaint", "MessageID": "m-1", "Email": ADA, "ID": 7, "BouncedAt": at.isoformat()}


@pytest.fixture
def postmark(northwind):
    return add_hook(northwind, name="newsletter", provider="postmark")


@pytest.fixture
def report(postmark):
    def report(*reports):
        for one in reports:
            assert post(*postmark, one).status_code == 200
        take_deliveries()

    return report


def contact(northwind):
    return next(one for one in consent_history(find_lead(northwind, "email", ADA)) if one.purpose == "contact")


@pytest.mark.parametrize(("said", "name"), [(leaves, "mail_unsubscribed"), (complains, "mail_complained")])
def test_who_leaves_says_no_to_contact(report, northwind, said, name):
    report(said(MARCH))

    standing = contact(northwind)
    assert not standing.is_given
    assert (standing.last.known_at, standing.last.source) == (MARCH, "newsletter")
    assert Event.objects.get(name=name).message_id in standing.last.evidence
    assert "postmark" in standing.last.evidence


def test_a_bounce_says_nothing_of_consent(report):
    report(POSTMARK_BOUNCE)

    assert not Fact.objects.filter(field__startswith="consent.").exists()


def test_the_same_report_again_says_nothing_new(report, northwind):
    report(leaves(MARCH), leaves(MARCH))
    report(leaves(MARCH))

    assert len(contact(northwind).history) == 1


def test_who_agrees_again_and_leaves_again_is_not_contacted(report, northwind):
    report(leaves(MARCH))
    lead = find_lead(northwind, "email", ADA)
    give_consent(lead, "contact", basis="consent", how="A call", now=MARCH + timedelta(days=1))
    assert contact(northwind).is_given

    report(leaves(MARCH + timedelta(days=2)))

    assert not contact(northwind).is_given
    assert [one.is_given for one in contact(northwind).history] == [False, True, False]


def test_a_report_that_comes_late_does_not_undo_a_later_yes(report, northwind):
    report(complains(MARCH))
    lead = find_lead(northwind, "email", ADA)
    give_consent(lead, "contact", basis="consent", how="A call", now=MARCH + timedelta(days=5))
    withdraw_consent(lead, "scoring", now=MARCH)

    report(leaves(MARCH + timedelta(days=1)))

    assert contact(northwind).is_given
    assert len(contact(northwind).history) == 3


def test_of_who_was_erased_a_report_leaves_nothing(report, northwind):
    report(leaves(MARCH))
    erase_person(find_lead(northwind, "email", ADA), by=None)

    report(complains(MARCH))

    assert not Fact.objects.exists()
    assert not Lead.objects.exists()
