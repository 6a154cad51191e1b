"""What is sent under one Idempotency-Key is done once: one after the other, at the same time, and not at all when it is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from tests.web.api.conftest import Caller

from leadline.web.api.models import Receipt
from leadline.web.leads.models import Fact, Lead, Outcome

KEY = {"Idempotency-Key": "5f0c-1"}
ADA = {"email": "ada@acme.example", "facts": [{"field": "title", "value": "VP Sales"}]}
WON = {"outcome": "won", "at": "2026-03-01T09:00:00Z"}


@pytest.mark.django_db
def test_the_same_again_is_answered_the_same_and_done_once(caller):
    first, second = (caller.post("/leads", ADA, **KEY) for _ in range(2))

    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Lead.objects.count() == 1


@pytest.mark.django_db
def test_another_request_under_the_same_key_is_refused(caller):
    caller.post("/leads", ADA, **KEY)

    refused = caller.post("/leads", ADA | {"email": "bo@acme.example"}, **KEY)
    elsewhere = caller.post("/companies", {"domain": "acme.com"}, **KEY)

    assert refused.status_code == elsewhere.status_code == 409
    assert refused.json()["type"] == "urn:leadline:problem:idempotency-key-reused"
    assert Lead.objects.count() == 1


@pytest.mark.django_db
def test_what_was_refused_may_be_mended_and_sent_under_the_same_key(caller):
    assert caller.post("/leads", {"email": "no address"}, **KEY).status_code == 422
    assert not Receipt.objects.exists()

    assert caller.post("/leads", ADA, **KEY).status_code == 201


@pytest.mark.django_db
def test_keys_of_two_programs_are_two(caller, stranger, key_for):
    answers = [one.post("/leads", ADA, **KEY) for one in (caller, stranger, Caller(key_for()))]

    assert [one.status_code for one in answers] == [201, 201, 200]
    assert Lead.objects.count() == 2


@pytest.mark.django_db
def test_a_receipt_names_nobody_and_is_forgotten_after_a_day(caller):
    caller.post("/leads", ADA, **{"Idempotency-Key": "ada@acme.example"})
    kept = repr(list(Receipt.objects.values()))
    assert not [said for said in ("ada@", "acme", "VP") if said in kept]  # "ada" alone stands in many a hash

    Receipt.objects.update(created_at=timezone.now() - timedelta(days=2))
    caller.post("/leads", ADA, **KEY)
    assert Receipt.objects.count() == 1


@pytest.mark.django_db
def test_a_receipt_holds_for_a_day(caller):
    for hours, replayed in ((23, "true"), (25, None)):
        Receipt.objects.all().delete()
        caller.post("/leads", ADA, **KEY)
        Receipt.objects.update(created_at=timezone.now() - timedelta(hours=hours))
        assert caller.post("/leads", ADA, **KEY).headers.get("Idempotent-Replayed") == replayed


@pytest.mark.django_db
def test_what_was_removed_once_is_answered_the_same_and_no_change_of_it_is(caller):
    path = f"/calendars/{caller.post('/calendars', {'name': 'Berlin'}).json()['id']}"
    first, second = (caller.ask("DELETE", path, **KEY) for _ in range(2))
    assert [(one.status_code, one.content) for one in (first, second)] == [(204, b"")] * 2
    assert second.headers["Idempotent-Replayed"] == "true"

    other = f"/calendars/{caller.post('/calendars', {'name': 'Bonn'}).json()['id']}"
    caller.ask("PATCH", other, {}, **{"Idempotency-Key": "2"})
    refused = caller.ask("DELETE", other, {}, **{"Idempotency-Key": "2"})
    assert refused.json()["type"] == "urn:leadline:problem:idempotency-key-reused"
    assert caller.get(other).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["", "x" * 256, "a\tb"])
def test_a_key_that_cannot_be_one_is_said(caller, bad):
    answer = caller.post("/leads", ADA, **{"Idempotency-Key": bad})

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:leadline:problem:bad-idempotency-key")


@pytest.mark.django_db(transaction=True)
def test_at_the_same_time_it_is_done_once_and_all_are_answered_the_same(caller, northwind):
    lead = Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=timezone.now())
    together = Barrier(4)

    def send(number):
        together.wait()
        try:
            return caller.post(f"/leads/{lead.pk}/facts", FACTS, **KEY), caller.post(
                f"/leads/{lead.pk}/outcomes", WON | {"outcome_id": "x"}, **{"Idempotency-Key": "other"}
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))

    assert {(facts.status_code, facts.content.replace(b" ", b"")) for facts, _ in answers} == {
        (200, b'{"stored":1,"unchanged":0}')
    }
    assert all(outcome.json() == {"stored": 1, "unchanged": 0, "id": "x"} for _, outcome in answers)
    assert Fact.objects.filter(field="title").count() == Outcome.objects.count() == 1
    assert Receipt.objects.count() == 2


FACTS = {"facts": [{"field": "title", "value": "VP Sales"}]}


@pytest.mark.django_db
@pytest.mark.parametrize("mark", ["", "two words", "é", "x" * 256, "tab\there"])
def test_a_key_is_what_the_description_says_and_nothing_else(caller, mark):
    refused = caller.post("/leads", ADA, **{"Idempotency-Key": mark})

    assert refused.status_code == 400
    assert refused.json()["type"] == "urn:leadline:problem:bad-idempotency-key"
    assert not Lead.objects.exists()
    assert caller.post("/leads", ADA, **{"Idempotency-Key": "!~" + "x" * 253}).status_code == 201
