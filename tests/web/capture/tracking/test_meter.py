"""Of a source and hour so much that was refused is kept, and the rest is counted: refused = kept + not kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.web.capture.tracking.conftest import tracked

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.models import Delivery, RefusedEvent, RefusedMeter
from leadline.web.capture.refused.actions import replay
from leadline.web.capture.tracking import views
from leadline.web.capture.tracking.inbox import put_delivery, refuse
from leadline.web.capture.tracking.meter import REMEMBERED, keep_refused
from leadline.web.capture.tracking.take_apart import take_deliveries

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def _three_an_hour(settings):
    settings.TRACKING = settings.TRACKING | {"refused_an_hour": 3}


def row(source, minute=0, body=b"{}"):
    return RefusedEvent(
        workspace_id=source.workspace_id,
        source_id=source.pk,
        protocol="tracking",
        reason="nobody",
        body=body,
        received_at=BEGIN + timedelta(minutes=minute),
    )


def kept_bodies():
    return [bytes(one.body) for one in RefusedEvent.objects.order_by("pk")]


def meters():
    return list(RefusedMeter.objects.order_by("source", "hour").values_list("source__name", "kept", "not_kept"))


@pytest.mark.usefixtures("_three_an_hour")
def test_the_first_of_an_hour_are_kept_and_the_rest_is_counted(website):
    keep_refused([row(website, body=b"%d" % number) for number in range(2)])
    keep_refused([row(website, 59, body=b"%d" % number) for number in range(2, 7)])

    assert kept_bodies() == [b"0", b"1", b"2"]
    assert meters() == [("website", 3, 4)]


@pytest.mark.usefixtures("_three_an_hour")
def test_each_source_and_each_hour_has_room_of_its_own(website, backend):
    keep_refused([row(source, minute) for minute in (10, 70) for source in (website, backend) for _ in range(4)])

    assert RefusedEvent.objects.count() == 12
    assert meters() == [("website", 3, 1), ("website", 3, 1), ("backend", 3, 1), ("backend", 3, 1)]


@pytest.mark.usefixtures("_three_an_hour")
def test_what_is_refused_is_answered_as_ever_and_good_events_are_taken(server, website):
    answer = server.batch(tracked(), *({"type": "page"} for _ in range(5)), tracked("Left"))

    assert answer.json() == {"success": True, "accepted": 2, "refused": 5}
    assert Delivery.objects.get().event_count == 2
    assert meters() == [("backend", 3, 2)]


@pytest.mark.usefixtures("_three_an_hour")
def test_whole_requests_and_answers_of_other_protocols_are_limited_too(server, backend, monkeypatch):
    monkeypatch.setattr(views, "timezone", SimpleNamespace(now=lambda: BEGIN))
    for _ in range(5):
        assert server.send("/v1/batch", b'{"batch": [').status_code == 400
    refuse(backend.workspace, backend, "mail", "unreadable-mail-report", "", b"?", is_verified=True, now=BEGIN)

    assert [one.reason for one in RefusedEvent.objects.all()] == ["unreadable-json"] * 3
    assert meters() == [("backend", 3, 3)]


def test_with_nothing_refused_no_meter_is_read_or_written(server, django_assert_num_queries):
    with django_assert_num_queries(0):
        keep_refused([])
    server.batch(tracked())

    assert meters() == []


def test_when_the_rows_cannot_be_written_nothing_is_counted(server, monkeypatch):
    def full(*_, **__):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(RefusedEvent.objects, "bulk_create", full)

    assert server.batch({"type": "page"}).status_code == 503
    assert meters() == []


def test_meters_of_long_ago_are_forgotten_when_an_hour_of_the_source_begins(website, backend):
    old = BEGIN - REMEMBERED - timedelta(hours=1)
    for source in (website, backend):
        RefusedMeter.objects.create(workspace=source.workspace, source=source, hour=old, not_kept=7)

    keep_refused([row(website)])

    assert meters() == [("website", 1, 0), ("backend", 0, 7)]


# -- what is never left out ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_three_an_hour")
def test_what_was_acknowledged_and_fails_later_is_kept_to_the_last(backend, settings):
    keep_refused([row(backend) for _ in range(5)])
    body = b"[%s]" % b",".join(b'{"type":"page","userId":"ada","messageId":"%d"}' % one for one in range(6))
    put_delivery(backend, "tracking", body, event_count=6, is_verified=True, now=BEGIN)
    settings.TRACKING = settings.TRACKING | {"event_bytes": 10}  # lowered since

    take_deliveries(now=BEGIN)

    assert RefusedEvent.objects.filter(reason="event-too-large").count() == 6


@pytest.mark.usefixtures("_three_an_hour")
def test_what_a_person_sends_again_and_is_refused_again_is_kept_to_the_last(backend):
    context = {"type": "", "is_request": True}
    cut_off = b'{"batch":[' + b",".join([b'{"type":"page"}'] * 5)
    refused = refuse(
        backend.workspace, backend, "tracking", "unreadable-json", "", cut_off,
        is_verified=True, context=context, now=BEGIN,
    )  # fmt: skip
    keep_refused([row(backend) for _ in range(5)])

    replay(refused, cut_off.decode() + "]}", now=BEGIN)

    assert RefusedEvent.objects.filter(reason="nobody", context__type="").count() == 5


def test_one_that_says_of_no_source_is_kept(northwind, settings):
    settings.TRACKING = settings.TRACKING | {"refused_an_hour": 0}
    refuse(northwind, None, "tracking", "nobody", "", b"{}", is_verified=True)

    assert RefusedEvent.objects.count() == 1


# -- as properties ---------------------------------------------------------------------------------------------


class TestEverything(TestCase):
    """Whatever is refused, in whatever pieces: nothing vanishes, and no hour of a source has more than the limit."""

    @given(
        limit=st.integers(0, 6),
        parts=st.lists(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 150)), max_size=8), max_size=6),
    )
    def test_refused_is_kept_and_not_kept(self, limit, parts):
        workspace = Workspace.objects.create(name="W", slug=f"w{Workspace.objects.count()}")
        sources = [Source.objects.create(workspace=workspace, name=name, kind="server") for name in ("a", "b")]
        with self.settings(TRACKING=django_settings.TRACKING | {"refused_an_hour": limit}):
            for part in parts:
                keep_refused([row(sources[which], minute) for which, minute in part])

        said = [(sources[which].pk, minute // 60) for part in parts for which, minute in part]
        rows = RefusedEvent.objects.filter(workspace=workspace).values_list("source", "received_at")
        there = [(source, int((at - BEGIN).total_seconds()) // 3600) for source, at in rows]
        for meter in RefusedMeter.objects.filter(workspace=workspace):
            key = (meter.source_id, int((meter.hour - BEGIN).total_seconds()) // 3600)
            assert meter.kept == there.count(key) == min(limit, said.count(key))
            assert meter.kept + meter.not_kept == said.count(key)
        assert set(there) <= set(said)
        assert RefusedMeter.objects.filter(workspace=workspace).count() == len(set(said))


@pytest.mark.django_db(transaction=True)
def test_several_at_once_share_the_room_of_an_hour(website, settings):
    settings.TRACKING = settings.TRACKING | {"refused_an_hour": 50}
    people, times = 4, 10
    ready = Barrier(people)

    def send(_number):
        ready.wait(20)
        for _ in range(times):
            keep_refused([row(website) for _ in range(3)])
        connection.close()

    with ThreadPoolExecutor(people) as pool:
        list(pool.map(send, range(people)))

    assert RefusedEvent.objects.count() == 50
    assert meters() == [("website", 50, people * times * 3 - 50)]
