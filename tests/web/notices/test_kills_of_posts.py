"""A worker is killed at each step of a message to a channel: it arrives at most once, and where that is not known, it is said."""

from datetime import timedelta

import pytest
from tests.web.notices.test_posts import channel, post
from tests.web.notices.world import MONDAY
from tests.web.outgoing.conftest import receiver
from tests.web.outgoing.killing import run_and_die

from leadline.web.notices import sending
from leadline.web.notices.models import Leaving, Post

__all__ = ["channel", "post", "receiver"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

SENDS = """
from leadline.web.notices import posts
send = posts.send_in_time
def send_and_pass(*about):
    posted = send(*about)
    die_at("arrived")
    return posted
match where:
    case "claiming":
        posts.secrets.token_hex = die
    case "claimed":
        posts._send = die
    case "recorded":
        posts._record = dying(posts._record)
posts.send_posts(now, send=send_and_pass)
"""
SENDS_BEFORE_IT_CLAIMS = """
from leadline.web.notices import posts
posts.claim = lambda now: posts.Post.objects.filter(state="due").first()
"""


def kill_and_go_on(tmp_path, where, breaks=""):
    """Let a worker be killed at a point, and others go on, before and after its lease is over."""
    run_and_die(SENDS, now=MONDAY, where=where, data=tmp_path, breaks=breaks)
    for minutes in (1, 2, 3, 4, 60):
        sending.send_notices(MONDAY + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("where", "arrivals", "state"),
    [
        ("claiming", 1, "sent"),  # nothing was committed
        ("claimed", 0, "uncertain"),  # it did not leave, and nobody can know that
        ("arrived", 1, "uncertain"),  # it did, and that was not written down
        ("recorded", 1, "sent"),
    ],
)
def test_a_worker_that_is_killed_posts_nothing_twice_and_shows_doubt(post, receiver, tmp_path, where, arrivals, state):
    kill_and_go_on(tmp_path, where)
    assert len(receiver.came) == arrivals
    assert Post.objects.get().state == state


def test_a_sender_that_sends_before_it_claims_is_seen_to_post_twice(post, receiver, tmp_path):
    kill_and_go_on(tmp_path, "arrived", SENDS_BEFORE_IT_CLAIMS)
    assert len(receiver.came) == 2


def test_a_worker_that_takes_doubt_for_failure_is_seen_to_post_twice(post, receiver, tmp_path, monkeypatch):
    def send_once_more(now):
        return Post.objects.filter(state=Leaving.SENDING, leased_until__lt=now).update(state=Leaving.DUE)

    monkeypatch.setattr(sending, "doubt_posts", send_once_more)
    kill_and_go_on(tmp_path, "arrived")
    assert len(receiver.came) == 2
