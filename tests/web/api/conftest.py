"""Keys of Northwind and of another workspace, and callers that use them as programs do."""

import json
from dataclasses import dataclass

import pytest
from django.test import Client
from tests.web.pages.world import assess_everybody, fill, make_live, starter_toml

from leadline.web.api.keys import SCOPES, make_api_key


@dataclass
class Caller:
    """Asks the API with a key."""

    key: str

    def ask(self, method, path, body=None, **headers):
        client = Client(raise_request_exception=True)
        sent = {"headers": {"Authorization": f"Bearer {self.key}"} | headers}
        if body is not None:
            sent |= {"data": json.dumps(body), "content_type": "application/json"}
        return client.generic(method.upper(), f"/api/v1{path}", **sent)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body, **headers):
        return self.ask("POST", path, body, **headers)

    def all(self, path):
        """Return the items of all pages."""
        items, cursor = [], ""
        while cursor is not None:
            mark = "&" if "?" in path else "?"
            page = self.get(f"{path}{mark}cursor={cursor}" if cursor else path).json()
            items += page["items"]
            cursor = page["next"]
        return items


@pytest.fixture
def key_for(northwind):
    """Make a key for some scopes."""

    def make(*scopes, workspace=northwind, source="api"):
        _, text = make_api_key(workspace, name="a program", scopes=scopes or SCOPES, source=source)
        return text

    return make


@pytest.fixture
def caller(key_for):
    return Caller(key_for())


@pytest.fixture
def stranger(key_for, elsewhere):
    return Caller(key_for(workspace=elsewhere))


@pytest.fixture
def playbook(northwind):
    return make_live(northwind, starter_toml())


@pytest.fixture
def people(northwind, playbook):
    """Forty invented people, assessed."""
    found = fill(northwind, leads=40)
    assess_everybody()
    return found
