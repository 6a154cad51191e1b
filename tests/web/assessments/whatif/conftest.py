"""A playbook with two levels, an exclusion, stages and a hand-off; people of every kind; and drafts of another text."""

from datetime import timedelta
from random import Random

import pytest
from tests.web.assessments.conftest import PLAYBOOK, Person

from leadline.web.assessments.whatif import run
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.queries import compile_toml

LIVE = (
    PLAYBOOK
    + """
[[qualifications]]
id = "sql"
title = "Ready for sales"
enter = "fit >= 50 and heat >= 60"
stay = "fit >= 50 and heat >= 40"

[[exclusions]]
id = "student"
title = "A student"
when = "student = true"

[[stages]]
id = "lead"

[[stages]]
id = "mql"
while = "mql"

[[stages]]
id = "sql"
while = "sql"

[handoff]
qualifications = ["sql"]
"""
)


@pytest.fixture
def version(northwind, now):
    compiled = compile_toml(LIVE)
    return Version.objects.create(
        workspace=northwind, number=1, name="northwind", toml=LIVE, plan_hash=compiled.plan_hash, state="live",
        published_at=now, live_at=now,
    )  # fmt: skip


def write_people(workspace, source, now, count=30, seed=3):
    """Write people who are and do what the playbook reads, in every mixture."""
    rng, found = Random(seed), []
    for at in range(count):
        person = Person(workspace, source, f"Person {at}", now)
        if rng.random() < 0.6:
            person.has("country", rng.choice(["DE", "AT"]))
        if rng.random() < 0.6:
            person.has("seniority", rng.choice(["vp", "staff"]))
        if rng.random() < 0.15:
            person.has("student", True)
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            person.does("page_viewed", ago=timedelta(days=rng.randrange(30)))
        if rng.random() < 0.3:
            person.does("demo_requested", ago=timedelta(days=rng.randrange(40)))
        found.append(person.lead)
    return found


@pytest.fixture
def people(northwind, website, now):
    return write_people(northwind, website, now)


def make_draft(workspace, toml, now, **more):
    return Draft.objects.create(workspace=workspace, name="next", toml=toml, updated_at=now, **more)


@pytest.fixture
def in_parts(monkeypatch):
    """Seven leads are looked at together."""
    monkeypatch.setattr(run, "PART", 7)


def run_to_the_end(now, *, most=200):
    """Let the worker look at everybody."""
    while run.run_whatifs(now=now):
        most -= 1
        assert most, "it never comes to an end"
