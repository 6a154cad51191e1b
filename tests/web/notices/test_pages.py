"""The pages of notices: one's own only, unread first; how one is told; channels and mails in doubt for administrators."""

import json

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.notices.world import MONDAY, due, tell, waiting

from leadline.web.accounts.models import Membership
from leadline.web.notices.mails import send_mails
from leadline.web.notices.models import Channel, Notice, Post, Preference
from leadline.web.notices.trying import try_channel
from leadline.web.notices.wishes import TOPICS
from leadline.web.outgoing.posting import Posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(northwind, people):
    one = waiting(northwind, people["Omar"])
    tell(one)
    return one


def page(client, path="/notices/"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def chosen(**changes):
    said = {f"mail-{topic}": "digest" for topic in TOPICS} | {f"app-{topic}": "on" for topic in TOPICS}
    return said | {"digest_hour": "8", "timezone": "", "quiet_from": "", "quiet_until": ""} | changes


def test_notices_are_their_readers_alone(ada, as_omar, as_maria, as_charlie):
    assert "Waits for you" in page(as_omar)
    for other in (as_maria, as_charlie):
        assert "Waits for you" not in page(other)
        answer = other.post(reverse("notices-read"), {"notice": Notice.objects.get().pk})
        assert answer.status_code == 404
        other.post(reverse("notices-read"))
    assert Notice.objects.get().seen_at is None


def test_what_is_not_read_stands_first_and_in_the_menu(northwind, people, ada, as_omar):
    tell(waiting(northwind, people["Omar"], "Bo"))
    Notice.objects.filter(handoff__lead__name="Bo").update(seen_at=MONDAY)
    said = page(as_omar)
    assert said.index("<b>Ada</b>") < said.index("<b>Bo</b>")
    assert 'aria-label="Notices, 1 not read"' in page(as_omar, "/leads/")

    as_omar.post(reverse("notices-read"))
    assert 'aria-label="Notices"' in page(as_omar, "/leads/")


def test_to_open_one_marks_it_as_read_and_leads_to_the_queue(northwind, people, ada, as_omar):
    tell(waiting(northwind, people["Omar"], "Bo"))
    notice = Notice.objects.get(handoff=ada)
    answer = as_omar.post(reverse("notices-read"), {"notice": notice.pk, "opens": "1"})
    assert answer["Location"] == f"/queue/{ada.pk}/"
    assert list(Notice.objects.filter(seen_at=None).values_list("handoff__lead__name", flat=True)) == ["Bo"]


def test_many_notices_have_pages_and_few_queries(northwind, people, as_omar, django_assert_max_num_queries):
    one = waiting(northwind, people["Omar"])
    for _ in range(35):
        tell(one)
    with django_assert_max_num_queries(15):
        said = page(as_omar)
    assert said.count("Waits for you") == 30 and len(said) < 60_000
    assert page(as_omar, "/notices/?page=2").count("Waits for you") == 5
    assert page(as_omar, "/notices/?page=99999999999")


def test_a_name_is_shown_as_it_is_now_and_never_as_markup(ada, as_omar):
    ada.lead.name = "<b>Eve</b>"
    ada.lead.save()
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page(as_omar)


def test_what_differs_from_the_usual_is_kept(northwind, people, as_omar):
    said = chosen(**{"mail-late": "none", "mail-hand_raise": "once", "quiet_from": "20:00", "quiet_until": "07:30"})
    del said["app-cooled"]
    assert as_omar.post("/notices/preferences/", said).status_code == 302

    kept = Preference.objects.get()
    assert kept.ways == {"late": {"in_app": True, "mail": "none"}, "cooled": {"in_app": False, "mail": "digest"}}
    assert [f"{one:%H:%M}" for one in kept.quiet_hours] == ["20:00", "07:30"]
    assert 'value="20:00"' in page(as_omar, "/notices/preferences/")


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "20:00"},
        {"quiet_until": "07:00"},
        {"quiet_from": "07:00", "quiet_until": "07:00"},
        {"quiet_from": "25:00", "quiet_until": "07:00"},
        {"timezone": "Europe/Nowhere"},
        {"digest_hour": "24"},
        {"mail-late": "pigeon"},
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(people, as_omar, wrong):
    answer = as_omar.post("/notices/preferences/", chosen(**wrong))
    assert answer.status_code == 422 and "err" in answer.content.decode()
    assert Preference.objects.count() == 0


# -- for administrators -----------------------------------------------------------------------------------------------


def test_a_mail_in_doubt_is_shown_and_sent_again_once_somebody_says_so(ada, as_maria):
    due()
    Notice.objects.update(mail_state="uncertain", mail_error="The worker ended.", mail_at=MONDAY)
    notice = Notice.objects.get()
    said = page(as_maria, "/settings/notices/")
    assert "may have been sent" in said and "The worker ended." in said

    for _ in range(2):
        as_maria.post(reverse("notice-again"), {"notice": notice.pk})
    send_mails()
    send_mails()
    assert len(mail.outbox) == 1
    assert "may have been sent" not in page(as_maria, "/settings/notices/")


def test_what_is_not_in_doubt_is_not_sent_again(ada, as_maria):
    Notice.objects.update(mail_state="sent")
    as_maria.post(reverse("notice-again"), {"notice": Notice.objects.get().pk})
    assert Notice.objects.get().mail_state == "sent"


def test_what_belongs_to_another_workspace_is_out_of_reach(northwind, ada, as_charlie):
    Notice.objects.update(mail_state="uncertain")
    channel = Channel.objects.create(workspace=northwind, program="slack", name="#x", url="https://a.example/")
    as_charlie.post(reverse("notice-again"), {"notice": Notice.objects.get().pk})
    assert as_charlie.post(reverse("notice-channel-remove"), {"channel": channel.pk}).status_code == 404
    assert Notice.objects.get().mail_state == "uncertain" and Channel.objects.count() == 1


def test_a_channel_is_told_from_then_on_and_its_address_is_not_shown(northwind, people, as_maria):
    said = {"program": "slack", "name": "#inbound", "url": "https://93.184.216.34/T/secret", "topics": ["yours"]}
    assert as_maria.post("/settings/notices/", said).status_code == 302
    shown = page(as_maria, "/settings/notices/")
    assert "#inbound" in shown and "secret" not in shown

    tell(waiting(northwind, people["Omar"]))
    assert Post.objects.count() == 1
    as_maria.post(reverse("notice-channel-remove"), {"channel": Channel.objects.get().pk})
    assert Channel.objects.count() == Post.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (200, "", "took the message"),
        (404, "It answered 404.", "was not told: It answered 404."),
        (None, "No.", "was not told: No."),
    ],
)
def test_a_manager_sends_a_test_and_learns_how_it_went(northwind, people, monkeypatch, status, error, said):
    channel = Channel.objects.create(
        workspace=northwind, program="slack", name="#x", url="https://a.example/", topics=[]
    )
    sent = []
    post = lambda url, body, headers: sent.append((url, json.loads(body))) or Posted(status, error, "", 1)  # noqa: E731
    monkeypatch.setattr(try_channel, "__kwdefaults__", {"send": post})
    client = Client()
    client.force_login(member(northwind, "Kim", "manager"))

    answer = client.post(reverse("notice-channel-try"), {"channel": channel.pk}, follow=True)

    assert said in answer.content.decode() and "told nothing yet" in answer.content.decode()
    assert "May not have arrived" not in answer.content.decode()
    assert sent == [
        (
            "https://a.example/",
            {"text": "Kim tries whether Leadline can tell this channel. It can.", "unfurl_links": False},
        )
    ]


def test_a_channel_says_what_failed_last_until_something_was_sent(northwind, people, as_maria):
    Channel.objects.create(
        workspace=northwind, program="slack", name="#x", url="https://93.184.216.34/", topics=["yours"]
    )
    tell(waiting(northwind, people["Omar"]))
    Post.objects.update(state="failed", error="It answered 404.", tried_at=timezone.now())
    assert "It answered 404." in page(as_maria, "/settings/notices/") and "told nothing yet" in page(
        as_maria, "/settings/notices/"
    )
    Post.objects.update(state="sent", error="")
    assert "last told now" in page(as_maria, "/settings/notices/")


@pytest.mark.parametrize(
    "url", ["https://localhost/x", "https://Sales.LocalHost./x", "https://127.0.0.1/x", "https://[::1]/x"]
)
def test_this_machine_is_refused_at_once_with_the_setting_that_allows_it(people, as_maria, url):
    said = {"program": "slack", "name": "#x", "url": url, "topics": ["late"]}
    answer = as_maria.post("/settings/notices/", said)
    assert answer.status_code == 422
    assert (
        "is this machine itself" in answer.content.decode()
        and "LEADLINE_WEBHOOKS_TO_THIS_MACHINE=1" in answer.content.decode()
    )


@pytest.mark.parametrize("url", ["http://hooks.example/", "https://127.0.0.1/", "https://10.0.0.1/", "nonsense", ""])
def test_no_channel_has_an_address_that_webhooks_may_not_go_to(people, as_maria, url):
    said = {"program": "teams", "name": "Sales", "url": url, "topics": ["late"]}
    assert as_maria.post("/settings/notices/", said).status_code == 422
    assert Channel.objects.count() == 0


SECRET = "https://hooks.example/services/very-secret"


@pytest.fixture
def inbound(northwind):
    return Channel.objects.create(workspace=northwind, program="slack", name="#x", url=SECRET, topics=["yours"])


def test_a_channel_gets_another_name_and_other_topics_and_keeps_its_address(people, as_maria, inbound):
    shown = page(as_maria, f"/settings/notices/{inbound.pk}/")
    assert "hooks.example" in shown and "very-secret" not in shown

    answer = as_maria.post(
        f"/settings/notices/{inbound.pk}/", {"name": " #y ", "url": "", "topics": ["warned", "late"]}
    )

    inbound.refresh_from_db()
    assert answer.status_code == 302
    assert (inbound.name, inbound.topics, inbound.url) == ("#y", ["late", "warned"], SECRET)


def test_a_channel_gets_another_address_to_which_goes_what_waits(northwind, people, as_maria, inbound):
    tell(waiting(northwind, people["Omar"]))
    new = "https://93.184.216.34/also-secret"

    answer = as_maria.post(
        f"/settings/notices/{inbound.pk}/", {"name": "#x", "url": new, "topics": ["yours"]}, follow=True
    )

    assert "also-secret" not in answer.content.decode() and Post.objects.get().channel.url == new


@pytest.mark.parametrize(
    "wrong", [{"url": "https://127.0.0.1/"}, {"name": ""}, {"topics": []}, {"topics": ["nothing"]}]
)
def test_a_channel_is_not_changed_to_what_could_not_be_told(people, as_maria, inbound, wrong):
    said = {"name": "#y", "url": "", "topics": ["late"]} | wrong

    assert as_maria.post(f"/settings/notices/{inbound.pk}/", said).status_code == 422
    inbound.refresh_from_db()
    assert (inbound.name, inbound.url) == ("#x", SECRET)


def test_nobody_sees_or_changes_a_channel_of_another_workspace(people, as_maria, elsewhere):
    theirs = Channel.objects.create(workspace=elsewhere, program="slack", name="#x", url=SECRET, topics=["yours"])
    address = f"/settings/notices/{theirs.pk}/"

    assert as_maria.get(address).status_code == 404
    assert as_maria.post(address, {"name": "#y", "url": "", "topics": ["late"]}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.name == "#x"


def test_a_form_that_names_nothing_is_a_bad_request(people, as_maria):
    for name in ("notice-again", "notice-channel-remove"):
        assert as_maria.post(reverse(name)).status_code == 400


def test_an_administrator_of_nothing_else_sees_the_bell_of_their_own_workspace(northwind, people, ada, elsewhere):
    omar = people["Omar"]
    Membership.objects.create(workspace=elsewhere, user=omar, role="rep")
    client = Client()
    client.force_login(omar)
    client.post(reverse("choose-workspace", args=[elsewhere.pk]))
    assert 'aria-label="Notices"' in page(client, "/notices/") and "Waits for you" not in page(client)
