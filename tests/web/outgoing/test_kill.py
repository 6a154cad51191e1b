"""A webhook arrives at least once, always under one id, wherever the worker is killed: before and after each commit.

What is looked at has to see a sender that is wrong: so three wrong ones are killed as well, and each is caught.
"""

import pytest
from tests.web.outgoing.killing import run_and_die

from leadline.web.outgoing import sending
from leadline.web.outgoing.models import Delivery, Message
from leadline.web.outgoing.webhooks import tell

pytestmark = pytest.mark.django_db(transaction=True)

SENDS = """
from leadline.web.outgoing import sending
match where:
    case "claiming":
        sending.secrets.token_hex = die
    case "claimed":
        sending.Sender._start = die
    case "answered":
        sending.record = die
    case "inside the answer's commit":
        sending._note_health = dying(sending._note_health)
    case "recorded":
        sending.record = dying(sending.record)
sender = sending.Sender()
sender.go_round(now)
sender.finish(now)
"""
NOTES_BEFORE_IT_SENDS = """
from leadline.web.outgoing import sending
start, record = sending.Sender._start, sending.record
def note_and_start(self, delivery, now):
    record(delivery, sending.Posted(200, "", "", 1), now=now)
    die_at("noted")
    start(self, delivery, now)
sending.Sender._start = note_and_start
"""


def kill_and_go_on(northwind, now, tmp_path, where, breaks=""):
    """Let a worker be killed at a point, and another come after it once the lease has run out; return the message."""
    message = tell(northwind.pk, "lead.qualified", {"lead_id": 7}, now)
    Delivery.objects.update(next_at=now)
    run_and_die(SENDS, now=now, where=where, data=tmp_path, breaks=breaks)
    sender = sending.Sender()
    for _ in range(2):
        sender.go_round(now + sending.LEASE * 2)
        sender.finish(now + sending.LEASE * 2)
    sender.pool.shutdown()
    return message


def ids(receiver):
    return [headers["webhook-id"] for _, headers, _ in receiver.came]


@pytest.mark.parametrize(
    ("where", "arrivals"),
    [("claiming", 1), ("claimed", 1), ("answered", 2), ("inside the answer's commit", 2), ("recorded", 1)],
)
def test_a_killed_worker_loses_no_message_and_gives_none_two_ids(
    northwind, endpoint, receiver, now, tmp_path, where, arrivals
):
    message = kill_and_go_on(northwind, now, tmp_path, where)

    assert ids(receiver) == [message.uid] * arrivals
    assert Message.objects.count() == 1
    assert Delivery.objects.get().state == "sent"


# -- senders that are wrong -------------------------------------------------------------------------------------------


def test_a_sender_that_notes_before_it_sends_is_seen_to_lose_a_message(northwind, endpoint, receiver, now, tmp_path):
    kill_and_go_on(northwind, now, tmp_path, "noted", NOTES_BEFORE_IT_SENDS)

    assert ids(receiver) == [] and Delivery.objects.get().state == "sent"


def test_a_sender_that_makes_ids_anew_is_seen_to_give_two(northwind, endpoint, receiver, now, tmp_path, monkeypatch):
    right = sending.headers_for
    monkeypatch.setattr(sending, "headers_for", lambda one, *, uid, **more: right(one, uid=f"{uid}-again", **more))
    kill_and_go_on(northwind, now, tmp_path, "answered")

    assert len(set(ids(receiver))) == 2


def test_a_sender_that_leaves_what_others_took_is_seen_to_lose_a_message(
    northwind, endpoint, receiver, now, tmp_path, monkeypatch
):
    right = sending.claim
    monkeypatch.setattr(sending, "claim", lambda most, **_: right(most, now=now))  # to it no lease ever runs out
    kill_and_go_on(northwind, now, tmp_path, "claimed")

    assert ids(receiver) == [] and Delivery.objects.get().state == "sending"
