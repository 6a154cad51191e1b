"""Webhooks reach a server on loopback: signed, at least once, always under one id."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from leadline.web.outgoing import sending
from leadline.web.outgoing.actions import switch
from leadline.web.outgoing.models import Delivery, Endpoint, Message
from leadline.web.outgoing.posting import post
from leadline.web.outgoing.retries import SCHEDULE, after_attempt, asked_pause
from leadline.web.outgoing.signing import headers_for, make_salt, secret_of
from leadline.web.outgoing.webhooks import tell


@pytest.fixture
def sender(db):
    one = sending.Sender()
    yield one
    one.pool.shutdown()


def go(sender, now):
    sender.go_round(now)
    sender.finish(now)


def told(northwind, now, kind="lead.qualified", **more):
    message = tell(northwind.pk, kind, {"lead_id": 7, **more}, now)
    Delivery.objects.update(next_at=now)
    return message


def test_a_message_comes_signed_as_the_standard_says(northwind, endpoint, receiver, sender, now):
    message = told(northwind, now, grade="A")

    go(sender, now)

    [(path, headers, body)] = receiver.came
    assert path == "/hooks?a=1"
    assert json.loads(body) == {
        "type": "lead.qualified", "timestamp": now.isoformat(), "data": {"lead_id": 7, "grade": "A"},
    }  # fmt: skip
    assert headers["webhook-id"] == message.uid
    key = base64.b64decode(secret_of(endpoint.salt).removeprefix("whsec_"))
    signed = f"{message.uid}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("sent", 1, 200)
    assert len(delivery.last_answer) == 2048
    assert Endpoint.objects.get().last_ok_at == now


def test_both_secrets_sign_while_one_is_being_replaced(endpoint, now):
    endpoint.old_salt, endpoint.old_until = make_salt(), now + timedelta(hours=24)

    during = headers_for(endpoint, uid="msg_1", at=now, body=b"{}")["webhook-signature"].split()
    after = headers_for(endpoint, uid="msg_1", at=now + timedelta(hours=25), body=b"{}")["webhook-signature"].split()

    assert len(during) == 2
    assert len(after) == 1


def test_what_failed_is_tried_again_later_under_the_same_id(northwind, endpoint, receiver, sender, now):
    told(northwind, now)
    receiver.status = 500

    go(sender, now)
    go(sender, now + timedelta(seconds=4))
    receiver.status = 200
    go(sender, now + timedelta(seconds=6))

    ids = [headers["webhook-id"] for _, headers, _ in receiver.came]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert Delivery.objects.get().state == "sent"
    assert Endpoint.objects.get().failing_since is None


def test_a_redirect_is_not_followed(northwind, endpoint, receiver, sender, now):
    told(northwind, now)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}

    go(sender, now)

    assert len(receiver.came) == 1
    assert "redirect" in Delivery.objects.get().last_error


def test_an_endpoint_that_is_gone_is_switched_off(northwind, endpoint, receiver, sender, now):
    told(northwind, now)
    receiver.status = 410

    go(sender, now)

    endpoint.refresh_from_db()
    assert not endpoint.is_on
    assert "410" in endpoint.off_why
    assert Delivery.objects.get().state == "gone"
    assert tell(northwind.pk, "lead.qualified", {"lead_id": 7}, now) is None


def test_an_endpoint_that_fails_for_days_is_switched_off(northwind, endpoint, receiver, sender, now):
    told(northwind, now)
    receiver.status = 503
    at = now
    for _ in range(len(SCHEDULE) + 1):
        go(sender, at)
        at = max(at, Delivery.objects.get().next_at)

    endpoint.refresh_from_db()
    assert not endpoint.is_on
    assert "for 3 days" in endpoint.off_why


def test_a_slow_endpoint_holds_up_neither_the_worker_nor_another(northwind, endpoint, receiver, sender, now):
    receiver.wait = threading.Event()
    told(northwind, now)
    told(northwind, now)

    sender.go_round(now)
    sender.go_round(now)

    assert len(sender.under_way) == 1, "one at a time to one endpoint, and the round came back"
    receiver.wait.set()
    sender.finish(now)
    go(sender, now)
    assert {one.state for one in Delivery.objects.all()} == {"sent"}


def test_who_answers_byte_by_byte_is_cut_off(settings):
    import socket
    import time

    settings.WEBHOOKS_TO_THIS_MACHINE = True
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        connection, _ = listening.accept()
        with connection:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()

    posted = post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {}, total_s=0.5)

    stop.set()
    listening.close()
    assert posted.status is None
    assert time.monotonic() - began < 3


def test_what_is_undone_is_not_told(northwind, endpoint, now):
    with transaction.atomic():
        tell(northwind.pk, "lead.qualified", {"lead_id": 7}, now)
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_only_what_an_endpoint_wants_is_told(northwind, elsewhere, endpoint, now):
    Endpoint.objects.update(types=["lead.merged"])

    assert tell(northwind.pk, "lead.qualified", {"lead_id": 7}, now) is None
    assert tell(elsewhere.pk, "lead.merged", {"lead_id": 7}, now) is None
    assert tell(northwind.pk, "lead.merged", {"lead_id": 7, "merged_lead_id": 8}, now).other_lead_id == 8
    with pytest.raises(KeyError):
        tell(northwind.pk, "lead.unheard_of", {}, now)


# -- workers that are killed, and those that are slow -------------------------------------------------------------


def test_a_worker_killed_after_it_took_a_message_loses_nothing(northwind, endpoint, receiver, sender, now):
    told(northwind, now)
    assert len(sending.claim(8, now=now)) == 1  # … and here it dies

    go(sender, now + timedelta(seconds=60))
    assert receiver.came == [], "its lease still runs"
    go(sender, now + sending.LEASE + timedelta(seconds=1))

    assert len(receiver.came) == 1
    assert Delivery.objects.get().state == "sent"


def test_what_a_worker_finds_whose_lease_ran_out_does_not_count(northwind, endpoint, now):
    told(northwind, now)
    [late] = sending.claim(8, now=now)
    [taken] = sending.claim(8, now=now + sending.LEASE + timedelta(seconds=1))

    assert not sending.record(late, sending.Posted(500, "late", "", 1), now=now)
    assert sending.record(taken, sending.Posted(200, "", "", 1), now=now)
    assert Delivery.objects.get().state == "sent"


# -- the retries, whatever happens --------------------------------------------------------------------------------


@given(
    statuses=st.lists(st.one_of(st.none(), st.integers(100, 599)), min_size=10, max_size=10), uid=st.text(max_size=40)
)
def test_retries_come_to_an_end_and_never_go_back_in_time(statuses, uid):
    from datetime import UTC, datetime

    at = datetime(2026, 3, 2, tzinfo=UTC)
    for attempts, status in enumerate(statuses, start=1):
        then = after_attempt(status=status, attempts=attempts, uid=uid, now=at)
        assert then == after_attempt(status=status, attempts=attempts, uid=uid, now=at)
        assert (then.state == "sent") == (status is not None and 200 <= status < 300)
        assert (then.state == "gone") == (status == 410)
        if then.state != "due":
            break
        pause = then.next_at - at
        assert SCHEDULE[attempts - 1] <= pause <= SCHEDULE[attempts - 1] * 1.1
        at = then.next_at
    assert then.state != "due", "ten attempts, then it is over"


# -- who asks to be left alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "rests"),
    [
        ("7200", timedelta(hours=2)),
        ("Mon, 02 Mar 2026 12:00:00 GMT", timedelta(hours=3)),
        ("Mon, 02 Mar 2026 12:00:00 -0000", timedelta(hours=3)),
        (str(10**30), timedelta(hours=24)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=24)),
    ],
)
def test_who_asks_to_wait_is_sent_nothing_until_then(northwind, endpoint, receiver, sender, now, status, asked, rests):
    told(northwind, now)
    receiver.status, receiver.headers = status, {"Retry-After": asked}
    go(sender, now)
    receiver.status = 200
    told(northwind, now)
    go(sender, now + rests - timedelta(seconds=1))
    assert len(receiver.came) == 1, "neither it nor another"
    Delivery.objects.update(next_at=now)

    go(sender, now + rests)
    go(sender, now + rests)
    assert len(receiver.came) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_pause_is_never_shorter_than_what_was_asked_nor_than_the_schedule(now):
    def pause(asked, attempts):
        then = after_attempt(status=429, attempts=attempts, uid="msg_1", now=now, retry_after=asked)
        return then.next_at - now

    assert pause("60", 1) == timedelta(seconds=60)
    assert pause("60", 2) >= SCHEDULE[1]


@pytest.mark.parametrize(
    "asked", ["", "0", "-5", "soon", "٣", "Mon, 99 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT"]
)
def test_what_asks_for_nothing_of_use_changes_nothing(now, asked):
    with_it = after_attempt(status=503, attempts=1, uid="msg_1", now=now, retry_after=asked)
    assert with_it == after_attempt(status=503, attempts=1, uid="msg_1", now=now)
    assert with_it == after_attempt(status=500, attempts=1, uid="msg_1", now=now, retry_after="3600")


@given(st.text())
def test_whatever_it_asks_is_read(asked):
    from datetime import UTC, datetime

    found = asked_pause(asked, now=datetime(2026, 3, 2, tzinfo=UTC))
    assert found is None or timedelta(0) < found <= timedelta(hours=24)


def test_who_is_switched_on_again_is_not_left_alone(northwind, endpoint, receiver, sender, now):
    told(northwind, now)
    receiver.status, receiver.headers = 429, {"Retry-After": "7200"}
    go(sender, now)
    assert Endpoint.objects.get().rests_until == now + timedelta(hours=2)
    switch(endpoint, is_on=True)
    assert Endpoint.objects.get().rests_until is None
