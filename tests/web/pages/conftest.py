"""Northwind with people in it."""

import pytest
from tests.web.pages.world import assess_everybody, fill, make_live, starter_toml


@pytest.fixture
def playbook(northwind):
    """The starter's playbook, live."""
    return make_live(northwind, starter_toml())


@pytest.fixture
def people(northwind, playbook):
    """Sixty invented people, assessed."""
    found = fill(northwind)
    assess_everybody()
    return found
