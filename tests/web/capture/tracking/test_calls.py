"""One bad event does not cost the others of its batch, and says why it is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.capture.tracking.conftest import tracked

from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.capture.tracking.calls import read_call
from leadline.web.capture.tracking.reading import MOST_DEPTH, UnusableError, read_envelope

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD = json.dumps(tracked()).encode()


def call(**more):
    return read_call(json.dumps(tracked(**more)).encode(), {}, NOW)


def nested(depth):
    """Return a call whose deepest list is so many levels deep: itself, its properties, then lists."""
    return (
        b'{"type":"track","event":"x","userId":"u","properties":{"p":' + b"[" * (depth - 2) + b"]" * (depth - 2) + b"}}"
    )


BAD = [
    (b'{"type":"track","event":"x","userId":"u","properties":{"n":NaN}}', "not-a-number"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"n":-Infinity}}', "not-a-number"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"n":1e400}}', "number-out-of-range"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"n":-1e400}}', "number-out-of-range"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"n":' + b"9" * 400 + b"}}", "number-out-of-range"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"n":' + b"9" * 5000 + b"}}", "number-out-of-range"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"t":"a\\u0000b"}}', "nul-character"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"a\\u0000b":1}}', "nul-character"),
    (b'{"type":"track","event":"x","userId":"u\x00"}', "nul-character"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"t":"\\ud83d"}}', "broken-text"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"\\ude00":1}}', "broken-text"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"t":"\xff"}}', "broken-text"),
    (nested(MOST_DEPTH + 1), "too-deep"),
    (b'{"type":"track","event":"x","userId":"u","properties":' + b'{"a":' * 5000 + b"1" + b"}" * 5001, "too-deep"),
    (b'{"type":"track","event":"x","userId":"u","properties":{"t":"' + b"x" * 33_000 + b'"}}', "event-too-large"),
    (b'{"type":"track","event":"x","userId":"u",}', "unreadable-json"),
    (b'{"type":"track" "event"}', "unreadable-json"),
    (b"tru", "unreadable-json"),
    (b"null", "not-an-object"),
    (b'"track"', "not-an-object"),
    (b"[1]", "not-an-object"),
    (b'{"event":"x","userId":"u"}', "unknown-type"),
    (b'{"type":["track"],"event":"x","userId":"u"}', "unknown-type"),
    (b'{"type":"delete","userId":"u"}', "unknown-type"),
    (b'{"type":"track","event":"x"}', "nobody"),
    (b'{"type":"track","event":"x","userId":"  ","anonymousId":null}', "nobody"),
    (b'{"type":"identify","traits":{"email":3.5}}', "nobody"),
    (b'{"type":"track","userId":"u"}', "no-event-name"),
    (b'{"type":"track","event":"?!","userId":"u"}', "no-event-name"),
    (b'{"type":"track","event":"' + b"x" * 256 + b'","userId":"u"}', "event-name-too-long"),
    (b'{"type":"alias","userId":"u"}', "no-previous-id"),
    (b'{"type":"group","userId":"u"}', "no-group-id"),
    (b'{"type":"page","userId":"u","timestamp":"2015-2-02T00:30:08.276Z"}', "unreadable-date"),
    (b'{"type":"page","userId":"u","timestamp":"yesterday"}', "unreadable-date"),
    (b'{"type":"page","userId":"u","timestamp":1772442000}', "unreadable-date"),
    (b'{"type":"page","userId":"u","timestamp":"+294277-01-01T00:00:00Z"}', "unreadable-date"),
    (b'{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z"}', "date-out-of-range"),
    (b'{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00+14:00"}', "date-out-of-range"),
    (
        b'{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z","sentAt":"9999-12-31T00:00:00Z"}',
        "date-out-of-range",
    ),
    (b'{"type":"page","userId":"u","timestamp":"1999-12-31T23:59:59Z"}', "date-out-of-range"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=lambda one: one if isinstance(one, str) else "")
def test_a_bad_event_is_refused_by_itself_and_the_rest_is_taken(server, bad, reason):
    answer = server.send("/v1/batch", b'{"batch": [' + GOOD + b", " + bad + b" , " + GOOD + b"]}")

    assert answer.json() == {"success": True, "accepted": 2, "refused": 1}
    (row,) = RefusedEvent.objects.all()
    assert (row.reason, bytes(row.body)) == (reason, bad)
    assert row.detail
    assert json.loads(bytes(Delivery.objects.get().body)) == [tracked(), tracked()]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=lambda one: one if isinstance(one, str) else "")
def test_a_single_call_that_is_bad_is_refused_without_an_error(server, bad, reason):
    answer = server.send("/v1/batch", b'{"batch":[' + bad + b"]}")

    assert answer.json() == {"success": True, "accepted": 0, "refused": 1}
    assert Delivery.objects.count() == 0


def test_nesting_of_100_000_levels_costs_only_itself(server, settings):
    settings.TRACKING = settings.TRACKING | {"event_bytes": 500_000}
    deep = b'{"type":"track","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    assert server.send("/v1/batch", b'{"batch":[' + GOOD + b"," + deep + b"]}").json()["accepted"] == 1
    assert server.send("/v1/track", deep).json() == {"success": True, "accepted": 0, "refused": 1}
    assert [row.reason for row in RefusedEvent.objects.all()] == ["too-deep", "too-deep"]


def test_32_levels_are_not_too_deep():
    assert read_call(nested(MOST_DEPTH), {}, NOW).type == "track"


def test_a_backslash_before_u0000_is_no_nul_character():
    assert call(properties={"path": "C:\\u0000"}).type == "track"


# -- ids -------------------------------------------------------------------------------------------------------


def test_an_id_over_255_characters_is_hashed_and_stays_the_same():
    long = "x" * 10_000

    assert len(call(messageId=long).message_id) == 64
    assert call(messageId=long).message_id == call(messageId=long, event="Other").message_id
    assert call(messageId=long).message_id != call(messageId=long + "x").message_id
    assert call(messageId="x" * 255).message_id == "x" * 255


def test_without_an_id_the_same_content_is_the_same_event():
    first = call(messageId=None, timestamp="2026-03-01T09:00:00Z", sentAt="2026-03-01T09:00:01Z")
    again = call(messageId="", timestamp="2026-03-01T09:00:00Z", sentAt="2026-03-01T09:05:00Z")
    later = call(messageId=None, timestamp="2026-03-01T09:00:01Z", sentAt="2026-03-01T09:00:01Z")

    assert first.message_id.startswith("content-")
    assert first.message_id != later.message_id
    assert call(messageId=None).message_id == call(messageId=None, sentAt="2026-03-01T09:00:00Z").message_id
    assert again.message_id == first.message_id


def test_ids_that_are_numbers_are_texts():
    assert call(messageId=17).message_id == "17"
    assert call(userId=17, anonymousId=None).body["userId"] == 17


# -- when ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sent_at", "occurred"),
    [
        ({}, None, NOW),
        ({"timestamp": ""}, None, NOW),
        ({"timestamp": "2026-03-01T09:00:00Z"}, None, NOW - timedelta(days=1)),
        ({"originalTimestamp": "2026-03-01T09:00:00Z"}, None, NOW - timedelta(days=1)),
        (
            {"timestamp": "2026-03-01T09:00:00", "originalTimestamp": "2026-02-01T09:00:00"},
            None,
            NOW - timedelta(days=1),
        ),
        ({"timestamp": "2026-03-01T10:00:00.000+01:00"}, None, NOW - timedelta(days=1)),
        ({"timestamp": "2026-03-01"}, None, datetime(2026, 3, 1, tzinfo=UTC)),
        # a clock that is years off is off by as much when it sends
        ({"timestamp": "2031-01-01T00:00:00Z"}, "2031-01-01T00:01:00Z", NOW - timedelta(minutes=1)),
        ({"timestamp": "0001-01-01T00:00:00Z"}, "0001-01-01T00:01:00Z", NOW - timedelta(minutes=1)),
        (
            {"timestamp": "2031-01-01T00:00:00Z", "sentAt": "2031-01-01T00:02:00Z"},
            "2026-01-01T00:00:00Z",
            NOW - timedelta(minutes=2),
        ),
        # never in the future
        ({"timestamp": "2031-01-01T00:00:00Z"}, None, NOW),
        ({"timestamp": "9999-12-31T23:59:59Z"}, None, NOW),
        ({"timestamp": "2026-03-01T09:00:00Z"}, "2026-02-28T09:00:00Z", NOW),
        # a sentAt that cannot be read says nothing
        ({"timestamp": "2026-03-01T09:00:00Z"}, "2026-2-02", NOW - timedelta(days=1)),
    ],
)
def test_an_event_occurred_as_long_before_it_was_received_as_it_waited(said, sent_at, occurred):
    found = read_call(json.dumps(tracked(**said)).encode(), {"sent_at": sent_at}, NOW).occurred_at

    assert (found, found.tzinfo) == (occurred, UTC)


# -- whatever comes --------------------------------------------------------------------------------------------

_TEXTS = st.text(st.characters(codec=None), max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**320), 10**320) | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)
_NAMES = ["type", "event", "userId", "anonymousId", "previousId", "groupId", "timestamp", "sentAt", "messageId"]
_KEYS = st.sampled_from([*_NAMES, "traits", "context", "properties"])
_WORDS = st.sampled_from(
    ["track", "page", "identify", "alias", "group", "u", "2026-03-01T09:00:00Z", "0001-01-01T00:00:00Z", ""]
)
_EVENTS = st.dictionaries(_KEYS, _WORDS | _VALUES, max_size=10) | _VALUES


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(events=st.lists(_EVENTS, max_size=6), more=st.dictionaries(st.sampled_from(["sentAt", "context", "x"]), _VALUES))
def test_whatever_a_batch_holds_each_event_is_either_taken_or_refused(server, events, more):
    waited = sum(Delivery.objects.values_list("event_count", flat=True))
    refused = RefusedEvent.objects.count()

    answer = server.send("/v1/batch", json.dumps({**more, "batch": events}).encode("utf-8", "surrogatepass"))

    assert answer.status_code == 200
    said = answer.json()
    assert said["accepted"] + said["refused"] == len(events)
    assert sum(Delivery.objects.values_list("event_count", flat=True)) - waited == said["accepted"]
    assert RefusedEvent.objects.count() - refused == said["refused"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=60) | st.text('{}[]",:\\batch 1eu', max_size=40).map(lambda text: text.encode()))
def test_whatever_bytes_come_nothing_breaks(server, body):
    for path in ("/v1/batch", "/v1/track"):
        assert server.send(path, body).status_code in (200, 400)


@given(events=st.lists(_EVENTS, max_size=6))
def test_the_careful_way_cuts_as_the_quick_way_does(events):
    texts = [json.dumps(event).encode() for event in events]
    body = b'{"sentAt": "2026-03-02", "batch": [' + b", ".join(texts) + b"]}"

    from leadline.web.capture.tracking.reading import _cut_envelope

    assert _cut_envelope(body, is_batch=True).events == texts
    assert read_envelope(body, is_batch=True).events == texts


def test_what_is_unusable_says_so_in_words():
    with pytest.raises(UnusableError, match="neither userId nor anonymousId") as refused:
        read_call(b'{"type":"page"}', {}, NOW)

    assert refused.value.reason == "nobody"
