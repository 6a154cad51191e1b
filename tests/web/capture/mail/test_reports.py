"""What mail providers report, in the shapes that they send, and who is let in with it."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Source, SourceKey
from leadline.web.capture.bots.apply import apply_bot_rules
from leadline.web.capture.mail.actions import add_hook, replace_key
from leadline.web.capture.mail.providers import PROVIDERS, make_reader
from leadline.web.capture.mail.reader import read_delivery
from leadline.web.capture.mail.sealing import seal, unseal
from leadline.web.capture.models import Delivery, MailHook, RefusedEvent, WaitingClick
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.models import Event

SIGNING_KEY = "mailgun-signing-key"
ADA = "ada@acme.example"
POSTMARK_OPEN = {
    "RecordType": "Open", "MessageID": "m-1", "Recipient": "Ada@acme.example", "Tag": "spring", "ReceivedAt": "2026-03-02T08:00:00Z",
    "UserAgent": "Mozilla/5.0", "Metadata": {"campaign": "launch"}, "FirstOpen": True,
}  # fmt: skip
POSTMARK_CLICK = {
    **POSTMARK_OPEN,
    "RecordType": "Click",
    "OriginalLink": "https://www.northwind.example/pricing",
    "UserAgent": "Firefox",
}
POSTMARK_BOUNCE = {
    "RecordType": "Bounce", "MessageID": "m-1", "Email": ADA, "ID": 42, "Type": "HardBounce", "BouncedAt": "2026-03-02T08:00:00Z",
    "Description": "gone",
}  # fmt: skip
SENDGRID = [
    {
        "event": "delivered",
        "email": ADA,
        "timestamp": 1772438400,
        "sg_event_id": "e1",
        "smtp-id": "<m1>",
        "category": ["news"],
    },
    {
        "event": "open",
        "email": ADA,
        "timestamp": 1772438401,
        "sg_event_id": "e2",
        "smtp-id": "<m1>",
        "sg_machine_open": True,
    },
    {
        "event": "click",
        "email": ADA,
        "timestamp": 1772438500,
        "sg_event_id": "e3",
        "smtp-id": "<m1>",
        "url": "https://x.example/a",
    },
    {"event": "spamreport", "email": ADA, "timestamp": 1772438600, "sg_event_id": "e4", "smtp-id": "<m1>"},
    {"event": "unsubscribe", "email": ADA, "timestamp": 1772438700, "sg_event_id": "e5", "smtp-id": "<m1>"},
    {"event": "deferred", "email": ADA, "timestamp": 1772438700, "sg_event_id": "e6", "smtp-id": "<m1>"},
]
POSTMARK_REPLY = {
    "FromFull": {"Email": "Ada@acme.example", "Name": "Ada"}, "From": "Ada@acme.example", "To": "sales@northwind.example",
    "ToFull": [{"Email": "sales@northwind.example", "Name": ""}], "Subject": "Re: Prices", "MessageID": "in-1",
    "Date": "Mon, 2 Mar 2026 08:30:00 +0000", "TextBody": "Call me, please", "HtmlBody": "", "StrippedTextReply": "",
    "Headers": [{"Name": "Message-ID", "Value": "<r1@acme.example>"}, {"Name": "In-Reply-To", "Value": "<m-1>"}], "Attachments": [],
}  # fmt: skip


@pytest.fixture
def postmark(northwind):
    return add_hook(northwind, name="newsletter", provider="postmark")


def basic(key, user="leadline"):
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()


def post(hook, key, report, *, inbound=False, client=None, **headers):
    address = f"/mail/{hook.source_id}/{hook.provider}/" + ("inbound/" if inbound else "")
    authorization = {} if key is None else {"Authorization": basic(key)}
    body = report if isinstance(report, str) else json.dumps(report)
    return (client or Client()).post(address, body, content_type="application/json", headers=authorization | headers)


def read_all():
    return [message for delivery in Delivery.objects.order_by("pk") for message in read_delivery(delivery)]


def test_an_open_a_click_and_a_bounce_become_events_of_whose_address_it_was(postmark):
    for report in (POSTMARK_OPEN, POSTMARK_CLICK, POSTMARK_BOUNCE):
        assert post(*postmark, report).status_code == 200

    opened, clicked, bounced = read_all()
    assert [one.name for one in (opened, clicked, bounced)] == ["mail_opened", "mail_clicked", "mail_bounced"]
    assert {one.email for one in (opened, clicked, bounced)} == {ADA}
    assert {one.anonymous_id for one in (opened, clicked, bounced)} == {""}
    assert opened.occurred_at.isoformat() == "2026-03-02T08:00:00+00:00"
    assert clicked.properties["link"] == "https://www.northwind.example/pricing"
    assert bounced.properties["reason"] == "bounced"


def test_a_click_says_from_which_campaign_somebody_came_and_an_open_does_not(postmark):
    post(*postmark, POSTMARK_OPEN)
    post(*postmark, POSTMARK_CLICK)

    opened, clicked = read_all()

    assert opened.touch == {}
    assert clicked.touch == {
        "source": "newsletter", "medium": "email", "campaign": "launch", "page": "https://www.northwind.example/pricing",
    }  # fmt: skip
    assert opened.properties["campaign"] == "launch"


def test_one_report_with_many_events_is_read_whole_and_what_says_nothing_of_a_person_is_left_out(northwind):
    hook = add_hook(northwind, name="sendgrid", provider="sendgrid")
    assert post(*hook, SENDGRID).status_code == 200

    found = read_all()

    assert [one.name for one in found] == [
        "mail_delivered",
        "mail_opened",
        "mail_clicked",
        "mail_complained",
        "mail_unsubscribed",
    ]
    assert found[1].properties["is_machine"] is True
    assert "is_machine" not in found[2].properties
    assert Delivery.objects.get().event_count == 5


def test_a_reply_is_an_event_of_whom_it_came_from_and_its_words_are_not_kept(postmark):
    assert post(*postmark, POSTMARK_REPLY, inbound=True).status_code == 200

    (reply,) = read_all()
    assert (reply.name, reply.email, reply.properties["subject"]) == ("mail_replied", ADA, "Re: Prices")
    assert b"Call me" not in bytes(Delivery.objects.get().body)


def test_an_automatic_reply_is_marked_as_a_machine_s(postmark):
    headers = [*POSTMARK_REPLY["Headers"], {"Name": "Auto-Submitted", "Value": "auto-replied"}]
    post(*postmark, {**POSTMARK_REPLY, "Headers": headers}, inbound=True)

    assert read_all()[0].properties["is_machine"] is True


def test_a_report_that_is_sent_twice_counts_once(postmark):
    for _ in range(2):
        post(*postmark, POSTMARK_CLICK)
    take_deliveries()

    assert Event.objects.count() == 1
    assert WaitingClick.objects.count() == 1


def test_an_open_by_apple_and_a_machine_s_click_end_up_marked(postmark):
    post(*postmark, POSTMARK_OPEN)
    for link in "abcde":
        post(*postmark, {**POSTMARK_CLICK, "OriginalLink": f"https://northwind.example/{link}"})
    take_deliveries()
    apply_bot_rules(now=timezone.now() + timedelta(minutes=1))

    assert Event.objects.get(name="mail_opened").bot_rule == "mail-privacy"
    assert set(Event.objects.filter(name="mail_clicked").values_list("bot_rule", flat=True)) == {"link-scanner"}


# -- who is let in -------------------------------------------------------------------------------------------------


def nothing_is_stored():
    return not (Delivery.objects.exists() or RefusedEvent.objects.exists() or WaitingClick.objects.exists())


@pytest.mark.parametrize("key", [None, "", "wrong", "ll_mail_000000000000_wrong"])
def test_without_the_right_key_nobody_is_let_in(postmark, key):
    hook, _ = postmark

    response = post(hook, key, POSTMARK_OPEN)

    assert response.status_code == 401
    assert "Basic" in response["WWW-Authenticate"]
    assert nothing_is_stored()


def test_keys_of_other_sources_and_of_other_kinds_let_nobody_in(
    postmark, northwind, elsewhere, browser_key, server_key
):
    hook, _ = postmark
    _, of_another = add_hook(northwind, name="other", provider="postmark")
    _, of_elsewhere = add_hook(elsewhere, name="newsletter", provider="postmark")
    of_its_source = make_key(hook.source, SourceKey.Kind.BROWSER)

    for key in (of_another, of_elsewhere, browser_key, server_key, of_its_source):
        assert post(hook, key, POSTMARK_OPEN).status_code == 401
    assert nothing_is_stored()


def test_a_new_key_ends_the_old_one(postmark):
    hook, old = postmark
    new = replace_key(hook)

    assert post(hook, old, POSTMARK_OPEN).status_code == 401
    assert post(hook, new, POSTMARK_OPEN).status_code == 200


def mailgun_report(key=SIGNING_KEY):
    signature = hmac.new(key.encode(), b"1772438400token", hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": "1772438400", "token": "token", "signature": signature},
        "event-data": {
            "event": "clicked", "id": "x", "timestamp": 1772438400.5, "recipient": ADA, "url": "https://northwind.example/",
            "tags": ["spring"], "user-variables": {}, "message": {"headers": {"message-id": "m1@northwind.example"}},
            "client-info": {"user-agent": "Firefox", "bot": ""},
        },
    }  # fmt: skip


def test_who_signs_has_to_sign_rightly_too(northwind):
    hook = add_hook(northwind, name="mailgun", provider="mailgun", signing_key=SIGNING_KEY)

    assert post(*hook, mailgun_report("another-key")).status_code == 400
    assert post(*hook, {"event-data": mailgun_report()["event-data"]}).status_code == 400
    assert nothing_is_stored()

    assert post(*hook, mailgun_report()).status_code == 200
    assert read_all()[0].name == "mail_clicked"


def test_a_source_that_has_to_check_signatures_and_cannot_lets_nobody_in(northwind, settings):
    hook = add_hook(northwind, name="mailgun", provider="mailgun", signing_key=SIGNING_KEY)
    MailHook.objects.update(signing_key="")

    assert post(*hook, mailgun_report()).status_code == 401
    assert nothing_is_stored()


def test_a_report_that_is_none_is_kept_and_not_asked_for_again(postmark):
    for report in ("{", '{"RecordType": 7}', "[]", '"x"'):
        assert post(*postmark, report).status_code == 200

    assert set(RefusedEvent.objects.values_list("reason", flat=True)) <= {"unreadable-mail-report"}
    assert RefusedEvent.objects.count() >= 3
    assert not Delivery.objects.exists()


def test_an_address_that_is_nobody_s_is_not_there(postmark, northwind):
    hook, key = postmark

    for address in (f"/mail/{hook.source_id}/mailgun/", f"/mail/{hook.source_id}/nobody/", "/mail/999999/postmark/"):
        assert (
            Client()
            .post(address, "{}", content_type="application/json", headers={"Authorization": basic(key)})
            .status_code
            == 404
        )


def test_a_provider_that_asks_whether_somebody_is_there_is_answered(postmark):
    hook, _ = postmark

    assert Client().head(f"/mail/{hook.source_id}/postmark/").status_code == 200


def test_of_a_key_there_is_an_hmac_and_of_a_signing_key_what_only_we_can_read(northwind, settings):
    _, key = add_hook(northwind, name="mailgun", provider="mailgun", signing_key=SIGNING_KEY)

    stored = str(list(SourceKey.objects.values())) + str(list(MailHook.objects.values()))
    assert key not in stored
    assert SIGNING_KEY not in stored
    sealed = MailHook.objects.get().signing_key
    assert unseal(sealed) == SIGNING_KEY
    settings.SECRET_KEY = "another"
    assert unseal(sealed) is None
    assert (seal(""), unseal("")) == ("", "")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda one: one.id)
def test_every_provider_has_the_readers_that_are_named(provider):
    key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
    signing_key = key if provider.id == "sendgrid" else "key" if provider.signs_with else ""

    assert hasattr(make_reader(provider, is_inbound=False, basic_auth="a:b", signing_key=signing_key), "parse_events")
    if provider.inbound:
        assert hasattr(
            make_reader(provider, is_inbound=True, basic_auth="a:b", signing_key=signing_key), "parse_events"
        )


# -- an open is never evidence by itself ---------------------------------------------------------------------------


def test_opens_alone_qualify_nobody_by_the_starter_playbook(northwind):
    from importlib.resources import files

    from tests.web.assessments.conftest import settle

    from leadline.web.assessments.models import Assessment, Spell
    from leadline.web.leads.intake import take_messages
    from leadline.web.leads.messages import Message
    from leadline.web.playbooks.actions import publish

    now = timezone.now()
    starter = files("leadline.starter").joinpath("playbook.toml").read_text(encoding="utf-8")
    publish(northwind, toml=starter, by=None, now=now)
    source = Source.objects.create(workspace=northwind, name="newsletter", kind=Source.Kind.MAIL)
    opens = [
        Message(
            message_id=f"o{number}", kind="mail", name="mail_opened", occurred_at=now - timedelta(hours=number),
            received_at=now, email=ADA, is_verified=True,
        )
        for number in range(200)
    ]  # fmt: skip
    facts = Message(
        message_id="who", kind="identify", name="identify", occurred_at=now, received_at=now, email=ADA, is_verified=True,
        traits={"title": "Chief Executive Officer", "country": "DE", "company": "Acme"},
    )  # fmt: skip
    with transaction.atomic():
        take_messages(source, [*opens, facts], now=now)
    settle(now)

    assert Event.objects.filter(name="mail_opened", is_bot=False).count() == 200
    assert 0 < Assessment.objects.get().scores["engagement"] <= 50_000
    assert not Spell.objects.exists()
