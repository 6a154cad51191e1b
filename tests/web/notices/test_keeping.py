"""What was told is deleted after its days, a part at a time; what waits is not, however old it is."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from tests.web.notices.test_posts import channel, post
from tests.web.notices.world import tell, waiting
from tests.web.outgoing.conftest import endpoint, receiver

from leadline.web.notices import keeping
from leadline.web.notices.models import Leaving, Notice, Post
from leadline.web.operations.health import State, check_health
from leadline.web.operations.worker import JOBS
from leadline.web.outgoing import keeping as kept_webhooks
from leadline.web.outgoing import webhooks
from leadline.web.outgoing.models import Delivery, Message

__all__ = ["channel", "endpoint", "post", "receiver"]  # fixtures
pytestmark = pytest.mark.django_db
DAYS = timedelta(days=90)


def told(endpoint, now, *, old, state="sent"):
    message = webhooks.tell(endpoint.workspace_id, "lead.qualified", {"lead_id": 7}, now)
    Message.objects.filter(pk=message.pk).update(made_at=now - old)
    Delivery.objects.filter(message=message).update(state=state)
    return message


def finding(now):
    [found] = [one for one in check_health(now=now) if one.check == "told"]
    return found


def test_the_worker_does_it():
    assert {"leadline.web.notices.keeping.forget_notices", "leadline.web.outgoing.keeping.forget_messages"} <= set(JOBS)


@pytest.mark.parametrize("state", Delivery.State.values)
def test_messages_go_with_their_deliveries_when_all_have_ended(endpoint, now, state):
    old, young = told(endpoint, now, old=DAYS + timedelta(seconds=1), state=state), told(endpoint, now, old=DAYS)
    other = endpoint.__class__.objects.get()
    other.pk = None
    other.save()
    Delivery.objects.create(workspace=other.workspace, message=old, endpoint=other, state="sent", next_at=now)

    is_over = state not in ("due", "sending")
    assert kept_webhooks.forget_messages(now) == is_over
    assert set(Message.objects.all()) == ({young} if is_over else {old, young})
    assert Delivery.objects.count() == (1 if is_over else 3)


def test_they_go_a_part_at_a_time_the_oldest_first_and_health_says_how_far(endpoint, now, monkeypatch):
    monkeypatch.setattr(kept_webhooks, "A_PART", 2)
    for days in (3, 2, 1, 0):
        told(endpoint, now, old=DAYS + timedelta(days=days, hours=1))
    assert finding(now).state is State.WARN and "93 d old" in finding(now).says

    assert kept_webhooks.forget_messages(now) == 2
    assert "91 d old" in finding(now).says
    assert kept_webhooks.forget_messages(now) == 2
    assert kept_webhooks.forget_messages(now) == 0
    assert finding(now).state is State.OK and "kept for 90 d, and nothing for longer" in finding(now).says


def test_the_days_are_a_setting(endpoint, now, settings):
    settings.TOLD_DAYS = 5
    told(endpoint, now, old=timedelta(days=6))
    assert kept_webhooks.forget_messages(now) == 1


@pytest.mark.parametrize("state", Leaving.values)
def test_notices_and_posts_go_when_nothing_of_them_waits(northwind, people, post, state):
    tell(waiting(northwind, people["Bea"], "Young"), at=timezone.now())
    ids = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    now = timezone.now()
    Notice.objects.filter(handoff=post.handoff).update(mail_state=state, at=now - DAYS - timedelta(seconds=1))
    Post.objects.filter(pk=post.pk).update(state=state, at=now - DAYS - timedelta(seconds=1))
    before = Notice.objects.count()

    is_over = state not in ("due", "sending")
    assert keeping.forget_notices(now) == (2 if is_over else 0)
    assert Notice.objects.count() == before - is_over
    assert Post.objects.filter(pk__in=ids).count() == len(ids) - is_over


def test_notices_go_a_part_at_a_time(northwind, people, monkeypatch):
    monkeypatch.setattr(keeping, "A_PART", 2)
    for number in range(3):
        tell(waiting(northwind, people["Omar"], f"Lead {number}"))
    Notice.objects.update(at=F("at") - DAYS - timedelta(days=1), mail_state="sent")
    now = timezone.now()
    assert [keeping.forget_notices(now) for _ in range(3)] == [2, 1, 0]
