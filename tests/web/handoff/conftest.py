"""Northwind hands over: a playbook with a hand-off, people who qualified, and reps who work."""

import pytest
from tests.web.conftest import member
from tests.web.pages.world import make_live

TOML = """
[playbook]
name = "northwind"
timezone = "Europe/Berlin"

[scores.fit]
title = "Fit"

[[criteria]]
id = "country"
score = "fit"
why = "In a country where we have people"
when = "country = 'DE'"
points = 30

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "fit >= 30"
hand_raise = ["demo_requested"]
hand_raise_stay = "14d"

[questions.budget]
ask = "Is there money for this?"

[outcomes.rejected]
ends = true
[[outcomes.rejected.reasons]]
id = "no-interest"
[outcomes.recycled]
ends = true
quiet = "30d"
[[outcomes.recycled.reasons]]
id = "timing"
title = "Not now"

[[stages]]
id = "lead"
[[stages]]
id = "mql"
while = "mql"
[[stages]]
id = "accepted"
since = "accepted"
until = ["rejected", "recycled"]

[handoff]
qualifications = ["mql"]
respond_within = "4h"
"""


@pytest.fixture
def live(northwind):
    return make_live(northwind, TOML)


@pytest.fixture
def nadia(northwind):
    """Another rep."""
    return member(northwind, "Nadia", "rep")


@pytest.fixture
def ines(northwind):
    """The manager."""
    return member(northwind, "Ines", "manager")
