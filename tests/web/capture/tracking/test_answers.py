"""What the tracking API answers, and what is in the store by then."""

import gzip
import json

import pytest
from django.db import OperationalError
from django.test import Client
from tests.web.capture.tracking.conftest import Tracker, tracked

from leadline.web.accounts.keys import find_key, make_key, revoke_key
from leadline.web.accounts.models import SourceKey
from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking import senders

LONG = ["batch", "import", "identify", "track", "page", "screen", "group", "alias"]
SHORT = ["b", "i", "t", "p", "s", "g", "a"]


def waiting():
    return list(Delivery.objects.order_by("pk"))


def events_of(delivery):
    return json.loads(bytes(delivery.body))


def reasons():
    return [refused.reason for refused in RefusedEvent.objects.order_by("pk")]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("name", LONG + SHORT)
def test_every_call_is_taken_with_and_without_a_slash(server, name, slash):
    call = tracked(previousId="x", groupId="acme")
    call.pop("type")
    body = {"batch": [tracked()]} if name in ("batch", "import", "b") else call

    answer = server.send(f"/v1/{name}{slash}", body)

    assert (answer.status_code, answer.json()) == (200, {"success": True, "accepted": 1, "refused": 0})
    assert Delivery.objects.count() == 1


def test_what_is_taken_waits_with_its_source_and_what_the_request_said(server, backend):
    server.batch(tracked(), sentAt="2026-03-02T09:00:00Z", context={"ip": "0.0.0.0"})

    (delivery,) = waiting()
    assert (delivery.source, delivery.workspace, delivery.protocol) == (backend, backend.workspace, "tracking")
    assert (delivery.event_count, delivery.is_verified) == (1, True)
    assert events_of(delivery) == [tracked()]
    assert delivery.context["sent_at"] == "2026-03-02T09:00:00Z"
    assert delivery.context["context"] == {"ip": "0.0.0.0"}


def test_a_browsers_key_vouches_for_nothing(browser):
    browser.batch(tracked())

    assert [delivery.is_verified for delivery in waiting()] == [False]


def test_the_key_may_stand_in_the_body_and_is_not_kept(server):
    answer = server.send("/v1/track", tracked(writeKey=server.key), basic=False)

    assert answer.status_code == 200
    assert server.key.encode() not in bytes(waiting()[0].body)


def test_json_is_read_whatever_the_content_type_says(server):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream"):
        assert server.send("/v1/track", tracked(), content_type=content_type).status_code == 200

    assert Delivery.objects.count() == 3


@pytest.mark.parametrize("encoding", [{}, {"Content-Encoding": "gzip"}])
def test_gzip_is_known_by_what_it_is(server, encoding):
    packed = gzip.compress(json.dumps({"batch": [tracked()]}).encode())

    answer = server.send("/v1/batch", packed, content_type="application/x-www-form-urlencoded", **encoding)

    assert answer.json() == {"success": True, "accepted": 1, "refused": 0}


def test_a_gzip_bomb_is_not_unpacked(server):
    bomb = gzip.compress(b'{"batch":[' + b" " * 50_000_000 + b"]}")

    answer = server.send("/v1/batch", bomb)

    assert (answer.status_code, answer.json()["reason"]) == (400, "request-too-large")
    assert reasons() == ["request-too-large"]


def test_gzip_that_was_cut_off_is_refused(server):
    whole = gzip.compress(json.dumps({"batch": [tracked()]}).encode())

    assert server.send("/v1/batch", whole[:-9]).json()["reason"] == "unreadable-gzip"
    assert server.send("/v1/batch", whole + whole).json()["reason"] == "unreadable-gzip"
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"batch": [{"type": "track"', "unreadable-json"),
        (b"", "unreadable-json"),
        (b"[]", "unreadable-json"),
        (b'{"batch": {}}', "no-batch"),
        (b'{"events": []}', "no-batch"),
        (b'{"batch": []} {}', "unreadable-json"),
        (b"\x00\xff", "unreadable-json"),
        (b"[" * 100_000, "unreadable-json"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_shown_to_the_operator(server, body, reason):
    answer = server.send("/v1/batch", body)

    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    (row,) = RefusedEvent.objects.all()
    assert (row.reason, bytes(row.body), row.source.name) == (reason, body, "backend")


def test_a_body_that_cannot_be_read_says_whose_it_is_by_the_key_in_it(server):
    body = b'{"writeKey": "' + server.key.encode() + b'", "batch": [{]'

    assert server.send("/v1/batch", body, basic=False).status_code == 400
    (row,) = RefusedEvent.objects.all()
    assert row.source.name == "backend"
    assert server.key.encode() not in bytes(row.body)


def test_a_body_of_nobody_that_cannot_be_read_leaves_nothing_behind(server):
    assert server.send("/v1/batch", b"{", basic=False).status_code == 400
    assert reasons() == []


def test_too_much_at_once_is_refused_as_a_whole(server, settings):
    settings.TRACKING = settings.TRACKING | {"batch_events": 3}

    assert server.batch(*[tracked()] * 3).status_code == 200
    assert server.batch(*[tracked()] * 4).json()["reason"] == "too-many-events"
    assert server.batch(tracked(properties={"text": "x" * 600_000})).json()["reason"] == "request-too-large"


def test_a_long_batch_waits_in_parts_and_commits_as_one(server):
    answer = server.batch(*[tracked(messageId=f"m{number}") for number in range(250)])

    assert answer.json()["accepted"] == 250
    assert [delivery.event_count for delivery in waiting()] == [100, 100, 50]
    assert [one["messageId"] for part in waiting() for one in events_of(part)] == [
        f"m{number}" for number in range(250)
    ]


def test_an_empty_batch_is_no_mistake(server):
    assert server.batch().json() == {"success": True, "accepted": 0, "refused": 0}
    assert waiting() == []


# -- keys ------------------------------------------------------------------------------------------------------


def test_an_unknown_key_is_told_so_and_nothing_is_kept(server):
    for key in ("", "abc", "ll_server_abcdefabcdef_nothing", server.key[:-1]):
        assert Tracker(key).batch(tracked()).status_code == 401
    assert (waiting(), reasons()) == ([], [])


def test_a_key_for_mail_does_not_track(website):
    assert Tracker(make_key(website, SourceKey.Kind.MAIL)).batch(tracked()).status_code == 401


def test_a_revoked_key_is_refused_within_seconds(server, monkeypatch):
    assert server.batch(tracked()).status_code == 200
    revoke_key(find_key(server.key))
    later = senders.time.monotonic() + senders.BELIEVED_S + 0.1

    monkeypatch.setattr(senders.time, "monotonic", lambda: later)

    assert server.batch(tracked()).status_code == 401


def test_a_key_is_not_asked_for_each_time(server, django_assert_num_queries):
    server.batch(tracked())

    with django_assert_num_queries(3):  # the savepoint of the transaction, its insert, its end
        server.batch(tracked())


# -- trouble ---------------------------------------------------------------------------------------------------


def test_trouble_of_the_store_is_no_fault_of_the_key(server, monkeypatch):
    def broken(*_):
        raise OperationalError("the database is locked")

    monkeypatch.setattr(senders, "find_key", broken)

    answer = server.batch(tracked())

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_disk_that_is_full_takes_nothing(server, monkeypatch):
    def full(*_, **__):
        raise OperationalError("database or disk is full")

    server.batch(tracked())
    monkeypatch.setattr(RefusedEvent.objects, "bulk_create", full)

    answer = server.batch(tracked(messageId="second"), {"type": "track"})

    assert answer.status_code == 503
    assert len(waiting()) == 1


def test_when_too_much_waits_clients_are_told_to_wait(server, settings):
    settings.TRACKING = settings.TRACKING | {"waiting_deliveries": 1}
    server.batch(tracked())
    from leadline.web.capture.tracking import backlog

    backlog.forget()
    answer = server.batch(tracked())

    assert (answer.status_code, answer["Retry-After"]) == (429, "10")
    assert len(waiting()) == 1


# -- browsers --------------------------------------------------------------------------------------------------


def test_a_page_anywhere_may_send(browser):
    answer = browser.client.options(
        "/v1/t",
        headers={
            "Origin": "https://www.northwind.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-client",
        },
    )

    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Headers"] == "authorization,content-type,x-client"
    assert browser.batch(tracked())["Access-Control-Allow-Origin"] == "*"
    assert Tracker("wrong").batch(tracked())["Access-Control-Allow-Origin"] == "*"


def test_only_these_addresses_are_open_to_pages(browser):
    for path in ("/", "/v1/", "/v1/other", "/v1/track/x", "/v1/tracks", "/v2/track"):
        answer = Client().options(path, headers={"Origin": "https://elsewhere.example"})

        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_preflight_says_nothing_but_names_of_headers(browser):
    answer = browser.client.options("/v1/t", headers={"Access-Control-Request-Headers": "a<script>, b"})

    assert answer["Access-Control-Allow-Headers"] == "Authorization, Content-Type"


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_other_methods_are_told_what_to_use(browser, method):
    answer = getattr(browser.client, method)("/v1/track")

    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_mistyped_address_is_answered_as_clients_read_it(server, method):
    answer = getattr(Client(), method)("/v1/trak")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json()["reason"] == "unknown-address" and "'track'" in answer.json()["message"]
    assert waiting() == []


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/track/more", "/v1/projects/x/settings", "/v1/" + "t" * 5000, "/v1/track%0A"]
)
def test_what_lies_beside_the_calls_is_none_of_them(server, path):
    assert server.send(path, tracked()).status_code == 404
    assert waiting() == []
