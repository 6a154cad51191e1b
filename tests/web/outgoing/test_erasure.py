"""An erasure while webhooks wait and are under way: nothing of the person comes back, and no id is given to two bodies."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from tests.web.outgoing.test_sending import go, sender
from tests.web.pages.rows import make_lead

from leadline.web.leads.erasure import erase_person
from leadline.web.outgoing import actions, sending
from leadline.web.outgoing.models import Delivery, Endpoint, Message
from leadline.web.outgoing.sending import Posted
from leadline.web.outgoing.webhooks import tell

__all__ = ["sender"]  # a fixture
NAME = "Ada Lovelace"


@pytest.fixture
def ada(northwind):
    return make_lead(northwind, NAME)


def told(lead, now, kind="lead.qualified", **more):
    message = tell(lead.workspace_id, kind, {"lead_id": lead.pk, "why": [f"{NAME} asked"], **more}, now)
    Delivery.objects.filter(message=message).update(next_at=now)
    return message


def everything():
    """All that is held of messages and deliveries, as one text."""
    return repr([*Message.objects.values(), *Delivery.objects.values(), *Endpoint.objects.values()])


@pytest.mark.django_db
def test_what_waits_is_not_sent_any_more_and_the_erasure_is_told(ada, maria, endpoint, receiver, sender, now):
    uid = told(ada, now).uid
    pk = ada.pk
    erase_person(ada, by=maria, now=now)
    Delivery.objects.update(next_at=now)
    for _ in range(3):
        go(sender, now)

    [(_, headers, body)] = receiver.came
    assert headers["webhook-id"] != uid
    assert f'"data":{{"lead_id":{pk}}},"timestamp"' in body.decode() and NAME not in body.decode()
    assert Delivery.objects.get(message__uid=uid).state == "erased"
    assert Delivery.objects.get(message__type="lead.erased").last_answer == ""
    assert NAME not in everything()


@pytest.mark.django_db
def test_what_was_sent_is_not_sent_again_with_another_body(ada, maria, endpoint, receiver, sender, now, client):
    told(ada, now)
    told(ada, now)
    go(sender, now)
    receiver.status = 500
    go(sender, now)
    Delivery.objects.filter(state="due").update(state="failed")
    erase_person(ada, by=maria, now=now)
    one = Delivery.objects.get(state="sent")

    assert not actions.send_again(one, now=now)
    assert actions.send_failed_again(endpoint, since=now - timedelta(days=400), now=now) == 0
    client.force_login(maria)
    page = client.get(reverse("webhook-delivery", args=[one.pk])).content.decode()
    assert "What is left of it" in page and "Send it again" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("status", [200, 500])
def test_what_is_answered_after_an_erasure_brings_nothing_back(ada, maria, endpoint, now, status):
    told(ada, now)
    [taken] = sending.claim(8, now=now)
    erase_person(ada, by=maria, now=now)

    assert not sending.record(taken, Posted(status, f"{NAME} is not wanted", f"thank you for {NAME}", 1), now=now)
    assert Delivery.objects.get(message__type="lead.qualified").state == "erased"
    assert NAME not in everything()


@pytest.mark.django_db(transaction=True)
def test_attempts_under_way_race_with_erasures(northwind, maria, endpoint, receiver, now):
    """The answer holds the name and comes just when the person is erased: before, in the middle, or after."""
    for pause in (0, 0.002, 0.005, 0.01, 0.02, 0.04):
        ada = make_lead(northwind, NAME)
        told(ada, now)
        [taken] = sending.claim(8, now=now)
        begin = threading.Barrier(2)

        def answer(taken=taken, pause=pause, begin=begin):
            begin.wait()
            time.sleep(pause)
            try:
                sending.record(taken, Posted(200, "", f"thank you for {NAME}", 1), now=now)
            finally:
                connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        begin.wait()
        erase_person(ada, by=maria, now=now)
        thread.join()
        Delivery.objects.filter(state="due").update(state="sent")
        assert NAME not in everything(), f"after {pause} s"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer: nobody writes meanwhile")
def test_what_others_write_while_a_person_is_erased_is_emptied_too(northwind, maria, endpoint, now):
    ada = make_lead(northwind, NAME)
    is_told, done = threading.Event(), []

    def qualify():
        try:
            with transaction.atomic():
                type(ada).objects.filter(pk=ada.pk).update(log_version=2)  # as who stores an assessment does
                told(ada, now)
                is_told.set()
                time.sleep(0.5)
            done.append(True)
        finally:
            connection.close()

    thread = threading.Thread(target=qualify)
    thread.start()
    is_told.wait(10)
    erase_person(ada, by=maria, now=now)
    thread.join()
    assert done == [True]
    assert Message.objects.filter(type="lead.qualified").count() == 1
    assert NAME not in everything()
    assert Delivery.objects.get(message__type="lead.qualified").state == "erased"
