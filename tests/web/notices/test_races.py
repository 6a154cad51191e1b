"""Eight at once on one lead, with all that follows: one hand-off, one owner, and everybody is told once, in the app, by mail, webhook.

LEADLINE_RACES=200 python -m pytest tests/web/notices/test_races.py  as many as one likes
"""

import os
from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from tests.web.handoff.races import WORKERS, all_at_once
from tests.web.notices.world import due
from tests.web.outgoing.conftest import endpoint, receiver
from tests.web.pages.rows import happened, make_lead
from tests.web.pages.world import touch

from leadline.web import flow
from leadline.web.handoff.actions import AlreadyTakenError, claim, decide
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import sweep
from leadline.web.notices import mails, tell
from leadline.web.notices.mails import send_mails
from leadline.web.notices.models import Channel, Notice, Post
from leadline.web.notices.posts import send_posts
from leadline.web.outgoing.models import Delivery, Message
from leadline.web.outgoing.sending import Sender
from leadline.web.playbooks.queries import find_live

__all__ = ["endpoint", "receiver"]  # fixtures
RACES = int(os.environ.get("LEADLINE_RACES", "3"))
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(northwind, people):
    return ready(northwind)


@pytest.fixture
def listening(northwind, people, endpoint, receiver, monkeypatch):
    """Everybody is told in every way: people by mail, a channel, and an endpoint."""
    for each in (tell, mails):
        monkeypatch.setattr(each, "can_send_mail", lambda: True)
    topics = ["team", "yours", "raised", "moved", "sent_back"]
    return Channel.objects.create(workspace=northwind, program="slack", name="#in", url=receiver.url, topics=topics)


def ready(workspace, name="Maya Mensah"):
    """Somebody who will qualify as soon as a worker comes along."""
    made = make_lead(workspace, name)
    happened(made, "demo_requested", ago=timedelta(hours=1))
    touch(made)
    return made


def at_once(acts):
    """Do all at once; nothing may fail except that somebody came too late."""
    found = all_at_once(acts)
    failed = [one for one in found if isinstance(one, Exception) and not isinstance(one, AlreadyTakenError)]
    assert not failed
    return found


def most_told(lead):
    """How often anybody was told any one thing of a lead, at most."""
    notices = Counter(Notice.objects.filter(lead=lead).values_list("user", "kind"))
    posts = Counter(Post.objects.filter(lead=lead).values_list("kind", flat=True))
    messages = Counter(Message.objects.filter(lead_id=lead.pk).values_list("type", flat=True))
    assert notices and posts and messages
    return max([*notices.values(), *posts.values(), *messages.values()])


def send_all():
    """Send what is due, in eight workers at once."""
    due(Notice.objects.filter(mail_state="due"), at=timezone.now())

    def work():
        send_mails()
        send_posts()
        sender = Sender()
        for _ in range(50):
            if not Delivery.objects.filter(state__in=("due", "sending")).exists():
                break
            sender.go_round()
            sender.finish()
        sender.pool.shutdown()

    at_once([work] * WORKERS)


def race(northwind, people, lead):
    """Eight workers find that a lead qualified, eight press to have it, eight decide; each time all that is told is sent by eight."""
    version = find_live(northwind.pk)
    at_once([flow.assess_due, lambda: sweep(version, tell=flow.handoffs_changed)] * (WORKERS // 2))
    handoff = HandOff.objects.get(lead=lead)
    assert most_told(lead) == 1
    send_all()

    reps, all_four = [people["Omar"], people["Bea"]], [people[name] for name in ("Omar", "Bea", "Max", "Maria")]
    at_once([lambda by=by: claim(handoff.pk, by=by, tell=flow.handoffs_changed) for by in reps * 4])
    assert HandOff.objects.get(lead=lead).owner in reps
    assert Step.objects.filter(handoff=handoff, kind="claimed").count() == 1
    assert most_told(lead) == 1

    ways = [("accepted", ""), ("rejected", "timing")] * (WORKERS // 2)
    at_once(
        [
            lambda by=by, way=way: decide(handoff.pk, way[0], by=by, reason=way[1], tell=flow.handoffs_changed)
            for by, way in zip(all_four * 2, ways, strict=True)
        ]
    )
    assert most_told(lead) == 1
    kinds = Counter(Message.objects.filter(lead_id=lead.pk).values_list("type", flat=True))
    assert (kinds["lead.claimed"], kinds["lead.accepted"] + kinds["lead.rejected"]) == (1, 1)
    send_all()


def test_eight_at_once_and_each_thing_is_told_once(northwind, people, listening, receiver):
    for number in range(RACES):
        mail.outbox.clear()
        lead = ready(northwind, f"Maya {number}")
        race(northwind, people, lead)

        came = Counter(headers.get("webhook-id") for _, headers, _ in receiver.came)
        posts = came.pop(None, 0)
        uids = Message.objects.values_list("uid", flat=True)
        assert came == Counter(dict.fromkeys(uids, 1)), f"race {number}"
        assert posts == Post.objects.filter(state="sent").count() > 0
        to = Counter((one.to[0], one.body) for one in mail.outbox)
        assert to and max(to.values()) == 1
        mailed = Notice.objects.filter(lead=lead).values_list("mail_state", "mail_tries")
        assert set(mailed) <= {("sent", 1), ("skipped", 1)} and ("sent", 1) in mailed
    assert HandOff.objects.count() == HandOff.objects.exclude(owner=None).count() == RACES
