"""Refused events: shown with their reason, mended and sent again, put aside; and never anybody else's."""

import base64
import gzip
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from leadline.web.capture.models import Delivery, RefusedEvent, RefusedMeter
from leadline.web.capture.refused.actions import AlreadyEndedError, dismiss, replay, replay_all
from leadline.web.capture.tracking import backlog, senders
from leadline.web.capture.tracking.inbox import refuse
from leadline.web.capture.tracking.reading import UnusableError
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.models import Event

NAN = '{"type":"track","event":"Demo Requested","userId":"ada","messageId":"m1","properties":{"seats":NaN}}'
MENDED = NAN.replace("NaN", "3")


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    senders.forget()
    backlog.forget()


def refused_nan(source, now, *, body=NAN, reason="not-a-number", **more):
    return refuse(
        source.workspace,
        source,
        "tracking",
        reason,
        "NaN stands there.",
        body.encode(),
        is_verified=True,
        now=now,
        **more,
    )


@pytest.fixture
def nan(backend, now):
    return refused_nan(backend, now)


def state(refused):
    refused.refresh_from_db()
    return refused.state


# -- sending again ---------------------------------------------------------------------------------------------


def test_a_mended_event_comes_to_the_log_as_of_when_it_came(nan, now):
    assert replay(nan, MENDED, now=now + timedelta(days=2)) == 1

    take_deliveries(now=now + timedelta(days=2))
    event = Event.objects.get()
    assert (event.name, event.properties["seats"]) == ("demo_requested", 3)
    assert (event.occurred_at, event.received_at) == (now, now)
    assert state(nan) == "replayed"


def test_what_the_request_said_of_it_still_holds(backend, now):
    body = '{"event":"Left","userId":"ada","timestamp":"2031-01-01T00:00:00Z","properties":{"a":NaN}}'
    context = {"type": "track", "sent_at": "2031-01-01T00:05:00Z", "user_agent": "Firefox", "context": {}}
    refused = refused_nan(backend, now, body=body, context=context)

    replay(refused, body.replace("NaN", "1"), now=now)

    take_deliveries(now=now)
    event = Event.objects.get()
    assert (event.name, event.occurred_at) == ("left", now - timedelta(minutes=5))
    assert event.properties["user_agent"] == "Firefox"


def test_what_cannot_be_used_still_stays_as_it_is(nan, now):
    with pytest.raises(UnusableError, match="JSON has no NaN"):
        replay(nan, now=now)

    assert (state(nan), Delivery.objects.count()) == ("open", 0)


def test_the_second_to_send_it_again_learns_that_somebody_was_quicker(nan, now):
    replay(nan, MENDED, now=now)

    with pytest.raises(AlreadyEndedError, match="Somebody else was quicker"):
        replay(nan, MENDED, now=now)
    with pytest.raises(AlreadyEndedError):
        dismiss(nan, now=now)
    assert Delivery.objects.count() == 1


def test_a_whole_request_is_sent_again_and_its_bad_events_are_refused_one_by_one(backend, now):
    cut_off = '{"sentAt":"2026-03-02T09:00:00Z","batch":[{"type":"page","userId":"ada","messageId":"p"},{"type":"page"}'
    refused = refused_nan(
        backend, now, body=cut_off, reason="unreadable-json", context={"type": "", "is_request": True}
    )
    with pytest.raises(UnusableError):
        replay(refused, now=now)

    assert replay(refused, cut_off + "]}", now=now) == 1

    assert Delivery.objects.get().context["sent_at"] == "2026-03-02T09:00:00Z"
    assert sorted(RefusedEvent.objects.values_list("reason", "state")) == [
        ("nobody", "open"),
        ("unreadable-json", "replayed"),
    ]


def test_what_a_form_or_a_mail_provider_sent_is_handed_to_its_reader(backend, now):
    refused = refuse(backend.workspace, backend, "form", "cannot-be-stored", "", b"{}", is_verified=True, now=now)

    replay(refused, now=now)

    delivery = Delivery.objects.get()
    assert (delivery.protocol, bytes(delivery.body), delivery.is_verified, delivery.received_at) == (
        "form",
        b"{}",
        True,
        now,
    )


def test_what_a_source_sent_that_is_gone_can_only_be_dismissed(northwind, now):
    refused = refuse(northwind, None, "tracking", "nobody", "", MENDED.encode(), is_verified=True, now=now)

    with pytest.raises(UnusableError, match="only be dismissed"):
        replay(refused, now=now)
    dismiss(refused, now=now)


def test_all_of_a_reason_are_sent_again_and_those_still_unusable_stay(backend, northwind, now, settings):
    big = json.dumps({"type": "page", "userId": "ada", "messageId": "big", "properties": {"t": "x" * 90}})
    bigger = json.dumps({"type": "page", "userId": "ada", "messageId": "bigger", "properties": {"t": "x" * 900}})
    for body in (big, bigger):
        refused_nan(backend, now, body=body, reason="event-too-large")
    other = refused_nan(backend, now)
    settings.TRACKING = settings.TRACKING | {"event_bytes": 300}

    result = replay_all(northwind, "event-too-large", now=now)

    assert (result.sent, result.still_refused, result.left) == (1, 1, 0)
    assert (state(other), Delivery.objects.count()) == ("open", 1)


# -- in = stored + refused -------------------------------------------------------------------------------------


def test_what_comes_in_is_stored_or_refused_to_the_last_event(server_key, as_maria, northwind, now):
    good = [json.dumps({"type": "page", "userId": "ada", "messageId": f"g{one}"}) for one in range(7)]
    bad = [NAN, '{"type":"page"}', "[]"]
    body = '{"writeKey":"%s","batch":[%s]}' % (server_key, ",".join(good + bad))  # noqa: UP031 - braces of JSON

    answer = as_maria.post("/v1/batch", body.encode(), content_type="text/plain").json()

    while take_deliveries():
        pass
    assert (answer["accepted"], answer["refused"]) == (7, 3)
    assert Event.objects.count() + RefusedEvent.objects.filter(state="open").count() == 10
    replay(RefusedEvent.objects.get(reason="not-a-number"), MENDED)
    while take_deliveries():
        pass
    assert Event.objects.count() + RefusedEvent.objects.filter(state="open").count() == 10


# -- what cannot be mended -------------------------------------------------------------------------------------

BROKEN = gzip.compress(b'{"batch":[]}')[:-3] + b"\xff\x00<script>"


@pytest.fixture
def broken(server_key, backend, as_maria):
    answer = as_maria.post(
        f"/v1/batch?writeKey={server_key}", BROKEN, content_type="text/plain", headers=basic(server_key)
    )
    assert answer.status_code == 400
    return RefusedEvent.objects.get()


def basic(key):
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def test_what_cannot_be_unpacked_says_why_and_is_downloaded_to_the_byte(as_maria, broken):
    text = page(as_maria, f"/refused/{broken.pk}/")
    answer = as_maria.get(f"/refused/{broken.pk}/body")

    assert "the compression is broken: it cannot be unpacked" in text
    assert "<textarea" not in text and "Send again" not in text and "Dismiss" in text
    assert f'href="/refused/{broken.pk}/body"' in text
    assert answer.content == BROKEN
    assert answer["Content-Disposition"] == f'attachment; filename="refused-{broken.pk}.gz"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")


def test_what_cannot_be_unpacked_is_not_sent_again_and_can_be_dismissed_and_put_back(as_maria, broken):
    with pytest.raises(UnusableError, match="no text here that could be mended"):
        replay(broken)
    answer = as_maria.post(f"/refused/{broken.pk}/", {"body": MENDED})
    assert (answer.status_code, state(broken), Delivery.objects.count()) == (422, "open", 0)
    assert "no text here that could be mended" in answer.content.decode()
    assert "Replay all" not in page(as_maria)

    as_maria.post(f"/refused/{broken.pk}/dismiss/")

    assert state(broken) == "dismissed"
    assert "Put back" in page(as_maria, f"/refused/{broken.pk}/")


def test_a_packed_request_that_is_too_large_says_so(as_maria, backend, now):
    packed = gzip.compress(b"x" * 100)
    refused = refuse(backend.workspace, backend, "tracking", "request-too-large", "", packed, is_verified=True, now=now)

    assert "larger than may be unpacked" in page(as_maria, f"/refused/{refused.pk}/")


def test_what_was_sent_as_text_is_downloaded_as_it_came_too(as_maria, nan):
    assert as_maria.get(f"/refused/{nan.pk}/body").content == NAN.encode()


# -- more than is kept -----------------------------------------------------------------------------------------


def test_the_page_says_how_much_was_not_kept_of_which_source_since_when_and_until_when(as_maria, website, backend):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for source, hours_ago, not_kept in [(website, 5, 4_000), (website, 2, 210), (backend, 1, 0), (backend, 800, 9)]:
        begins = hour - timedelta(hours=hours_ago)
        RefusedMeter.objects.create(workspace=source.workspace, source=source, hour=begins, kept=1, not_kept=not_kept)

    text = page(as_maria)

    assert "4,210 of <b>website</b>" in text and "1,000 refused events are kept in an hour" in text
    assert "<b>backend</b>" not in text
    berlin = ZoneInfo("Europe/Berlin")
    for moment in (hour - timedelta(hours=5), hour - timedelta(hours=1)):
        assert f"{moment.astimezone(berlin):%-d %B %Y, %H:%M}</time>" in text


def test_with_all_of_it_kept_and_elsewhere_nothing_is_said_of_it(as_maria, as_charlie, website):
    assert "Not all of it was kept" not in page(as_maria)
    RefusedMeter.objects.create(workspace=website.workspace, source=website, hour=timezone.now(), not_kept=1)

    assert "Not all of it was kept" in page(as_maria)
    assert "Not all of it was kept" not in page(as_charlie)


# -- the pages -------------------------------------------------------------------------------------------------


def page(client, path="/refused/", **query):
    return client.get(path, query).content.decode()


def test_the_page_says_why_and_how_to_mend_it(as_maria, nan):
    text = page(as_maria)

    assert "NaN or Infinity stands for a number" in text
    assert "Write null, or the number that was meant." in text
    assert "backend" in text


def test_advice_stands_once(as_maria, backend, nan, now):
    detail = "A text contains the character NUL (\\u0000). Write null, or the number that was meant."
    twice = refuse(backend.workspace, backend, "tracking", "not-a-number", detail, b"{}", is_verified=True, now=now)

    for refused in (nan, twice):
        text = page(as_maria, f"/refused/{refused.pk}/")
        assert text.count("Write null, or the number that was meant.") == 1


def test_an_empty_page_says_what_will_show_there(as_maria):
    assert "Nothing was refused" in page(as_maria)


def test_the_list_is_narrowed_by_reason_source_and_day(as_maria, backend, website, nan, now):
    refused_nan(website, now - timedelta(days=3), body='{"old":1}', reason="nobody")

    def shown(**query):
        text = page(as_maria, **query)
        return ["Demo Requested" in text, "{&quot;old&quot;:1}" in text]

    assert shown() == [True, True]
    assert shown(reason="nobody") == [False, True]
    assert shown(source=backend.pk) == [True, False]
    assert shown(first="2026-03-01") == [True, False]
    assert shown(last="2026-02-27") == [False, True]
    assert shown(state="dismissed") == [False, False]
    assert shown(first="no day", source="x", page="y") == [True, True]


def test_a_day_is_a_day_of_the_workspace(as_maria, backend, now):
    refused_nan(backend, now.replace(hour=23, minute=30))  # half past midnight of the next day in Berlin

    assert "Demo Requested" in page(as_maria, first="2026-03-03")
    assert "Demo Requested" not in page(as_maria, last="2026-03-02")


def test_what_was_sent_is_shown_as_text_whatever_it_is(as_maria, backend, now):
    refused = refused_nan(backend, now, body="</textarea><script>alert(1)</script>\0")
    RefusedEvent.objects.filter(pk=refused.pk).update(body=b"</textarea><script>alert(1)</script>\0\xff")

    for text in (page(as_maria), page(as_maria, f"/refused/{refused.pk}/")):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u0000\\xff" in text


def test_an_event_is_mended_on_its_page(as_maria, nan):
    answer = as_maria.post(f"/refused/{nan.pk}/", {"body": MENDED}, follow=True)

    assert "Sent again: 1 event." in answer.content.decode()
    assert state(nan) == "replayed"


def test_what_was_typed_is_not_lost_when_it_cannot_be_used(as_maria, nan):
    answer = as_maria.post(f"/refused/{nan.pk}/", {"body": MENDED.replace("userId", "user")})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "It says neither userId nor anonymousId" in text
    assert "&quot;user&quot;:&quot;ada&quot;" in text
    assert state(nan) == "open"


def test_an_event_is_put_aside_and_put_back(as_maria, nan):
    as_maria.post(f"/refused/{nan.pk}/dismiss/")
    assert state(nan) == "dismissed"
    assert "Put back" in page(as_maria, f"/refused/{nan.pk}/")

    as_maria.post(f"/refused/{nan.pk}/reopen/")

    assert state(nan) == "open"


def test_all_of_a_reason_are_put_aside(as_maria, backend, nan, now):
    other = refused_nan(backend, now, reason="nobody")

    answer = as_maria.post("/refused/dismiss/", {"reason": "not-a-number"}, follow=True)

    assert "1 dismissed" in answer.content.decode()
    assert (state(nan), state(other)) == ("dismissed", "open")


def test_all_of_a_reason_are_sent_again_from_the_page(as_maria, nan):
    answer = as_maria.post("/refused/replay/", {"reason": "not-a-number"}, follow=True)

    assert "0 sent again. 1 cannot be used still, and wait as before." in answer.content.decode()


WAYS = [
    ("get", ""),
    ("get", "body"),
    ("post", ""),
    ("post", "dismiss/"),
    ("post", "reopen/"),
]


@pytest.mark.parametrize(("method", "end"), WAYS)
def test_what_another_workspace_was_sent_is_not_there(as_charlie, nan, method, end):
    answer = getattr(as_charlie, method)(f"/refused/{nan.pk}/{end}", {"body": MENDED})

    assert answer.status_code == 404
    assert (state(nan), Delivery.objects.count()) == ("open", 0)


def test_another_workspaces_reasons_are_not_touched(as_charlie, nan):
    assert "NaN" not in page(as_charlie)
    as_charlie.post("/refused/dismiss/", {"reason": "not-a-number"})
    as_charlie.post("/refused/replay/", {"reason": "not-a-number"})

    assert state(nan) == "open"


@pytest.mark.parametrize(("method", "end"), [*WAYS, ("get", "../"), ("post", "../dismiss/"), ("post", "../replay/")])
def test_it_is_for_those_who_care_for_data(as_omar, client, nan, method, end):
    path = f"/refused/{nan.pk}/{end}".replace(f"{nan.pk}/../", "")

    assert getattr(as_omar, method)(path).status_code == 403
    assert getattr(client, method)(path).status_code == 302
