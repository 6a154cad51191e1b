"""Fixtures of proposals, and of who looks at them."""

import pytest
from django.test import Client
from tests.web.playbooks.proposals.conftest import draft, live, people, proposal

__all__ = ["draft", "live", "people", "proposal"]  # fixtures


@pytest.fixture
def as_(people):
    """Return a client for somebody by name."""

    def sign_in(name):
        client = Client()
        client.force_login(people[name])
        return client

    return sign_in
