"""A client that sends as tracking clients do."""

import base64
import json

import pytest
from django.test import Client

from leadline.web.capture.tracking import backlog, senders


class Tracker:
    """Sends to the tracking API with a key."""

    def __init__(self, key):
        self.key = key
        self.client = Client()

    def send(self, path, body, *, content_type="application/json", basic=True, **headers):
        """Post a body (bytes as they are, anything else as JSON) and return the answer."""
        if basic:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{self.key}:".encode()).decode()
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, data=content, content_type=content_type, headers=headers)

    def batch(self, *events, **more):
        """Post events as a batch."""
        return self.send("/v1/batch", {"batch": list(events), **more})


@pytest.fixture(autouse=True)
def _nothing_is_remembered(settings):
    settings.ROOT_URLCONF = "leadline.web.capture.tracking.urls"
    senders.forget()
    backlog.forget()


@pytest.fixture
def server(server_key):
    return Tracker(server_key)


@pytest.fixture
def browser(browser_key):
    return Tracker(browser_key)


def tracked(name="Demo Requested", **more):
    """Return a call as clients make it."""
    return {"type": "track", "event": name, "userId": "ada", "messageId": f"m-{name}", **more}
