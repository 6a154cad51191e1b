"""What channels are told: over the safe sender, at most once, as text that calls nobody."""

import json
from datetime import timedelta

import pytest
from tests.web.notices.world import MONDAY, tell, waiting
from tests.web.outgoing.conftest import receiver

from leadline.web.leads.erasure import erase_person
from leadline.web.notices.models import Channel, Post
from leadline.web.notices.posts import LEASE, claim, doubt_posts, send_posts
from leadline.web.notices.said import Words
from leadline.web.outgoing.posting import Posted

__all__ = ["receiver"]  # a fixture
pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(northwind, people, receiver):
    return Channel.objects.create(
        workspace=northwind, program="slack", name="#inbound", url=receiver.url, topics=["yours", "moved"]
    )


@pytest.fixture
def post(northwind, people, channel):
    tell(waiting(northwind, people["Omar"], "<!channel> *Ada*", is_hand_raise=False))
    Post.objects.update(due_at=MONDAY)
    return Post.objects.get()


def state():
    return Post.objects.get().state


def test_slack_is_told_once_in_text_that_calls_nobody(post, receiver):
    assert send_posts(MONDAY) == 1
    assert send_posts(MONDAY + timedelta(days=1)) == 0
    ((_, headers, body),) = receiver.came
    text = json.loads(body)["text"]
    assert headers["Content-Type"] == "application/json"
    assert "&lt;!channel&gt;" in text and "<!channel>" not in text
    assert "Waits for Omar" in text and "you" not in text and f"/queue/{post.handoff_id}/|Open the hand-off>" in text
    assert state() == "sent"


def test_teams_gets_a_card(post, channel, receiver):
    Channel.objects.update(program="teams")
    send_posts(MONDAY)
    (card,) = json.loads(receiver.came[0][2])["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["body"][0]["text"] == "<!channel> \\*Ada\\*"
    assert card["content"]["actions"][0]["url"].endswith(f"/queue/{post.handoff_id}/")


def test_a_channel_is_told_what_was_chosen_for_it_and_nothing_between_two_people(northwind, people, channel):
    one = waiting(northwind, people["Omar"], "Bo")
    tell(one, "breached")
    tell(one, "claimed", by=people["Bea"], before={"owner_id": people["Omar"].pk})
    assert Post.objects.count() == 0
    tell(one)
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "sent"), (404, "failed"), (302, "failed"), (429, "due"), (500, "due")]
)
def test_what_was_refused_is_tried_again_where_that_helps(post, receiver, status, expected):
    receiver.status = status
    send_posts(MONDAY)
    assert state() == expected
    receiver.status = 200
    send_posts(MONDAY + timedelta(seconds=59))
    assert len(receiver.came) == 1
    send_posts(MONDAY + timedelta(minutes=2))
    assert len(receiver.came) == (2 if expected == "due" else 1)


def test_a_channel_that_asks_to_wait_is_left_alone_until_then(post, receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    send_posts(MONDAY)
    receiver.status = 200
    assert send_posts(MONDAY + timedelta(minutes=9)) == 0
    assert send_posts(MONDAY + timedelta(minutes=10)) == 1 and state() == "sent"


def test_an_erasure_while_a_post_is_under_way_leaves_nothing(post, people):
    def erased_meanwhile(*_):
        erase_person(post.handoff.lead, by=people["Maria"])
        return Posted(None, "There was no answer.", "", 1)

    assert send_posts(MONDAY, send=erased_meanwhile) == 1
    assert not Post.objects.exists()


def test_what_may_have_arrived_is_uncertain_and_not_sent_again(post):
    def hangs(*_):
        return Posted(None, "There was no answer within 6 s.", "", 6000)

    send_posts(MONDAY, send=hangs)
    assert state() == "uncertain"
    assert send_posts(MONDAY + timedelta(days=1)) == 0


def test_where_nobody_listens_nothing_arrived_so_that_it_is_tried_again_for_a_while(post, receiver):
    Channel.objects.update(url="http://127.0.0.1:9/")
    for hour in range(9):
        send_posts(MONDAY + timedelta(hours=hour))
    post.refresh_from_db()
    assert (post.state, post.tries) == ("failed", 6)


def test_a_worker_that_is_killed_leaves_doubt(post, receiver):
    assert claim(MONDAY) and claim(MONDAY) is None
    assert doubt_posts(MONDAY + LEASE) == 0
    assert doubt_posts(MONDAY + LEASE + timedelta(seconds=1)) == 1
    assert send_posts(MONDAY + timedelta(days=1)) == 0
    assert state() == "uncertain" and receiver.came == []


def test_an_address_that_is_private_by_now_is_not_sent_to(post, receiver, settings):
    settings.WEBHOOKS_TO_THIS_MACHINE = False
    send_posts(MONDAY)
    assert state() == "failed" and receiver.came == []


def test_what_is_over_is_not_posted(post, receiver):
    post.handoff.state = "claimed"
    post.handoff.save()
    send_posts(MONDAY)
    assert state() == "skipped" and receiver.came == []


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("escalated", {}, "Late, so that it came to the managers; Omar has it"),
        ("cooled", {"said": {"while": "claimed"}}, "Cooled while Omar works on them"),
        ("decided", {"said": {"decision": "recycled", "reason": "no_budget"}}, "Max recycled them for “no budget”"),
        ("decided", {"said": {"decision": "rejected", "reason": "timing"}}, "Max rejected them for “Not now”"),
    ],
)
def test_a_channel_reads_whom_it_is_about_not_you(northwind, people, channel, kind, more, said):
    Channel.objects.update(topics=["escalated", "cooled", "sent_back"])
    by = people["Max"] if kind == "decided" else None
    tell(waiting(northwind, people["Omar"], "Bo"), kind, by=by, **more)
    one = Post.objects.select_related("handoff__lead__company", "handoff__owner", "handoff__team", "by").get()
    assert Words(northwind.pk).say(one).what == said
