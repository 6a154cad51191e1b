"""Deliveries become events: each once, in their order, and none in the way of the others."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError

from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking import take_apart
from leadline.web.capture.tracking.inbox import put_delivery
from leadline.web.capture.tracking.take_apart import LEASE, MOST_ATTEMPTS, take_deliveries
from leadline.web.leads.models import Company, Event, Identity, Lead


def deliver(source, *names, protocol="tracking", now, is_verified=True):
    """Put a delivery of events, each with its own id."""
    calls = [{"type": "track", "event": name, "userId": "ada", "messageId": f"m-{name}"} for name in names]
    return put_delivery(
        source, protocol, json.dumps(calls).encode(), event_count=len(names), is_verified=is_verified, now=now
    )


def stored():
    return sorted(Event.objects.values_list("name", flat=True))


@pytest.fixture
def spoiled(monkeypatch):
    """Make writing fail for events of some names, each time with what is given."""
    faults = {}
    write = take_apart.take_messages

    def write_or_fail(source, messages, **more):
        for message in messages:
            if message.name in faults:
                raise faults[message.name]
        return write(source, messages, **more)

    monkeypatch.setattr(take_apart, "take_messages", write_or_fail)
    return faults


def take_until_the_end(now):
    """Work as a worker does, waiting as long as need be."""
    for hours in range(MOST_ATTEMPTS + 1):
        take_deliveries(now=now + timedelta(hours=hours))


def test_what_waits_becomes_events_of_a_lead(backend, now):
    deliver(backend, "a", "b", now=now)
    deliver(backend, "c", now=now)

    assert take_deliveries(now=now) == 3
    assert stored() == ["a", "b", "c"]
    assert Delivery.objects.count() == 0
    assert Identity.objects.get().value == "ada"
    assert take_deliveries(now=now) == 0


@pytest.mark.parametrize("is_verified", [True, False])
def test_the_company_that_an_identify_names_by_id_is_believed_of_a_server_only(backend, now, is_verified):
    company = {"id": "acme-1", "name": "Acme", "industry": "Trade", "employee_count": 300}
    call = {
        "type": "identify",
        "userId": "ada",
        "messageId": "m",
        "traits": {"email": "a@b.example", "company": company},
    }
    put_delivery(backend, "tracking", json.dumps([call]).encode(), event_count=1, is_verified=is_verified, now=now)

    take_deliveries(now=now)

    found = [(one.key, one.name, one.industry, one.employees) for one in Company.objects.filter(key="group:acme-1")]
    assert found == [("group:acme-1", "Acme", "Trade", 300)] * is_verified
    assert (Lead.objects.get().company is not None) == is_verified


def test_a_delivery_that_comes_three_times_has_one_effect(backend, now):
    for _ in range(3):
        deliver(backend, "a", "b", now=now)

    take_until_the_end(now)

    assert stored() == ["a", "b"]
    assert (Delivery.objects.count(), RefusedEvent.objects.count()) == (0, 0)


def test_two_sources_may_use_one_message_id(backend, website, now):
    deliver(backend, "a", now=now)
    deliver(website, "a", now=now)

    take_deliveries(now=now)

    assert stored() == ["a", "a"]


def test_what_another_worker_has_is_left_to_it_until_its_lease_ends(backend, now):
    deliver(backend, "a", now=now)
    take_apart._claim(now)

    assert take_deliveries(now=now) == 0
    assert stored() == []
    assert take_deliveries(now=now + LEASE) == 1
    assert stored() == ["a"]


def test_a_worker_whose_lease_ended_writes_nothing(backend, now):
    deliver(backend, "a", now=now)
    lost = take_apart._claim(now)
    held = take_apart._claim(now + LEASE)

    assert take_apart._take_group(lost, now) == 0
    assert stored() == []
    assert take_apart._take_group(held, now) == 1
    assert stored() == ["a"]


def test_a_delivery_that_fails_does_not_block_the_others(backend, now, spoiled):
    spoiled["bad"] = ValueError("a defect")
    deliver(backend, "a", now=now)
    deliver(backend, "bad", now=now)
    deliver(backend, "b", now=now)

    take_deliveries(now=now)

    assert stored() == ["a", "b"]
    assert Delivery.objects.get().attempts == 1


def test_a_delivery_that_failed_is_tried_again(backend, now, spoiled):
    spoiled["bad"] = ValueError("a defect")
    deliver(backend, "bad", now=now)
    take_deliveries(now=now)
    assert take_deliveries(now=now) == 0, "it waits a little first"

    spoiled.clear()

    assert take_deliveries(now=now + timedelta(minutes=1)) == 1
    assert stored() == ["bad"]


def test_in_the_end_only_the_event_that_fails_is_kept_apart(backend, now, spoiled):
    spoiled["bad"] = ValueError("a defect")
    deliver(backend, "a", "bad", "b", now=now)

    take_until_the_end(now)

    assert stored() == ["a", "b"]
    assert Delivery.objects.count() == 0
    (row,) = RefusedEvent.objects.all()
    assert (row.reason, row.source, row.is_verified, row.received_at) == ("cannot-be-stored", backend, True, now)
    assert json.loads(bytes(row.body))["messageId"] == "m-bad"


def test_a_delivery_that_no_reader_understands_is_kept_whole(backend, now):
    put_delivery(backend, "tracking", b"{", event_count=1, is_verified=False, now=now)
    put_delivery(backend, "no such protocol"[:12], b"x", event_count=1, is_verified=False, now=now)
    deliver(backend, "a", now=now)

    take_until_the_end(now)

    assert stored() == ["a"]
    assert Delivery.objects.count() == 0
    assert [(row.reason, bytes(row.body)) for row in RefusedEvent.objects.order_by("pk")] == [
        ("unreadable-delivery", b"{"),
        ("unreadable-delivery", b"x"),
    ]


def test_trouble_of_the_store_is_no_fault_of_a_delivery(backend, now, spoiled):
    spoiled["a"] = OperationalError("the database is locked")
    deliver(backend, "a", now=now)

    for _ in range(MOST_ATTEMPTS + 2):
        with pytest.raises(OperationalError):
            take_deliveries(now=now)

    spoiled.clear()
    assert take_deliveries(now=now) == 1
    assert (stored(), RefusedEvent.objects.count()) == (["a"], 0)


def test_a_transaction_holds_no_more_events_than_it_may(backend, now):
    for number in range(4):
        deliver(backend, *[f"{number}_{one}" for one in range(40)], now=now)

    groups = [[one.event_count for one in group] for group in take_apart._groups(take_apart._claim(now))]

    assert groups == [[40, 40], [40, 40]]


def test_an_event_that_can_no_longer_be_used_is_refused_and_the_rest_is_stored(backend, now, settings):
    deliver(backend, "a", "b" * 200, now=now)
    settings.TRACKING = settings.TRACKING | {"event_bytes": 100}

    take_deliveries(now=now)

    assert stored() == ["a"]
    assert [row.reason for row in RefusedEvent.objects.all()] == ["event-too-large"]
