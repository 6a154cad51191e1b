"""A small playbook, and how to let it go live where nobody has to be assessed."""

import pytest

from leadline.web.playbooks.actions import go_live, publish

TOML = """
[playbook]
name = "northwind"

[scores.fit]
title = "Fit: who they are"

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
"""
CASES = """
[[case]]
name = "A visitor from Germany"
as_of = 2026-03-01
lead = { country = "DE" }
expect = { scores = { fit = 30 } }
"""


@pytest.fixture
def live(northwind, maria, now):
    version = publish(northwind, toml=TOML, note="the first", by=maria, now=now)
    go_live(version, now=now)
    version.refresh_from_db()
    return version
