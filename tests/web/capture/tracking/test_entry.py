"""The way in past Django's middleware says what the view says."""

import io
import json

import pytest
from django.db import OperationalError
from tests.web.capture.tracking.conftest import tracked

from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking import senders
from leadline.web.config.wsgi import application


class Trickle(io.BytesIO):
    """A body that comes in small pieces."""

    def read(self, most=-1):
        return super().read(min(most, 7))


def call(key, body, **environ):
    """Return status, headers and content of an answer."""
    said = []
    given = {"REQUEST_METHOD": "POST", "PATH_INFO": "/v1/track", "wsgi.input": body, **environ}
    content = b"".join(application(given, lambda status, headers: said.append((status, dict(headers)))))
    return *said[0], json.loads(content or b"null")


@pytest.fixture
def body(server_key):
    return json.dumps(tracked(writeKey=server_key)).encode()


@pytest.mark.parametrize("stream", [io.BytesIO, Trickle])
def test_a_body_is_read_to_its_end_however_it_comes(server_key, body, stream):
    with_length = call(server_key, stream(body), CONTENT_LENGTH=str(len(body)))
    without = call(server_key, stream(body), **{"wsgi.input_terminated": True})

    assert with_length[0] == without[0] == "200 OK"
    assert with_length[1]["Access-Control-Allow-Origin"] == "*"
    assert with_length[2] == {"success": True, "accepted": 1, "refused": 0}
    assert Delivery.objects.count() == 2


def test_no_more_is_read_than_was_announced(server_key, body):
    assert call(server_key, io.BytesIO(body + b"the next request"), CONTENT_LENGTH=str(len(body)))[0] == "200 OK"
    assert call(server_key, io.BytesIO(body))[0] == "400 Bad Request", "neither a length nor an end"


def test_trouble_of_the_store_is_told_as_such(server_key, body, monkeypatch):
    def broken(*_):
        raise OperationalError("the disk is full")

    monkeypatch.setattr(senders, "find_key", broken)
    monkeypatch.setattr("leadline.web.capture.tracking.entry.close_old_connections", lambda: None)

    status, headers, _ = call(server_key, io.BytesIO(body), CONTENT_LENGTH=str(len(body)))

    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")
