"""A small playbook, and people who do things: what the stories about assessments are made of."""

from datetime import timedelta

import pytest
from django.db import transaction

from leadline.web.assessments import jobs
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Event, Fact, Lead, Outcome
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.queries import find_live

PLAYBOOK = """
[playbook]
name = "northwind"
timezone = "Europe/Berlin"
grade = ["fit", "heat"]

[sources]
rank = ["person", "crm"]

[scores.fit]
min = 0
max = 100
grades = { A = 50, B = 0 }

[scores.heat]
min = 0
max = 100
grades = { 1 = 40, 2 = 0 }

[[criteria]]
id = "country"
score = "fit"
why = "In a country where we have people"
when = "country = 'DE'"
points = 30

[[criteria]]
id = "decides"
score = "fit"
why = "Can decide"
when = "seniority in ('c_level', 'vp')"
points = 25

[[criteria]]
id = "visits"
score = "heat"
why = "Visits us"
event = "page_viewed"
points = 20
decay = { half_life = "7d" }
within = "60d"

[[criteria]]
id = "demo"
score = "heat"
why = "Asked for a demonstration"
event = "demo_requested"
points = 50
decay = { half_life = "14d" }
within = "90d"

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "heat >= 40"
stay = "heat >= 30"
cooldown = "14d"
"""


def settle(now, *, most=200):
    """Do what waits until nothing does."""
    while jobs.prepare_versions(now=now) or jobs.assess_due(now=now) or jobs.begin_days(now=now):
        most -= 1
        assert most, "the jobs never come to an end"


@pytest.fixture
def live(northwind, now):
    publish(northwind, toml=PLAYBOOK, by=None, now=now)
    settle(now)
    return find_live(northwind)


class Person:
    """A lead whose log a story writes."""

    @transaction.atomic
    def __init__(self, workspace, source, name, now):
        self.source, self.now, self.count = source, now, 0
        begin = now - timedelta(days=30)
        self.lead = Lead.objects.create(workspace=workspace, name=name, is_known=True, first_seen_at=begin)
        self.has("name", name, ago=timedelta(days=30))

    @transaction.atomic
    def does(self, name, *, ago=timedelta(0), **more):
        self.count += 1
        at = self.now - ago
        event = Event.objects.create(
            workspace=self.lead.workspace,
            source=self.source,
            message_id=f"{self.lead.pk}-{self.count}",
            lead=self.lead,
            first_lead=self.lead,
            kind="track",
            name=name,
            occurred_at=at,
            received_at=at,
            **more,
        )
        make_due([self.lead.pk], now=self.now)
        return event

    @transaction.atomic
    def has(self, field, value, *, ago=timedelta(days=10), source="crm"):
        at = self.now - ago
        fact = Fact.objects.create(
            workspace=self.lead.workspace,
            lead=self.lead,
            first_lead=self.lead,
            field=field,
            value=value,
            known_at=at,
            recorded_at=at,
            source=source,
        )
        make_due([self.lead.pk], now=self.now)
        return fact

    @transaction.atomic
    def is_reported(self, outcome, *, ago=timedelta(0), **more):
        at = self.now - ago
        row = Outcome.objects.create(
            workspace=self.lead.workspace,
            lead=self.lead,
            first_lead=self.lead,
            outcome=outcome,
            at=at,
            recorded_at=at,
            outcome_id=f"{self.lead.pk}-{outcome}-{at}",
            source="crm",
            **more,
        )
        make_due([self.lead.pk], now=self.now)
        return row


@pytest.fixture
def ada(northwind, website, now):
    return Person(northwind, website, "Ada", now)


@pytest.fixture
def bela(northwind, website, now):
    return Person(northwind, website, "Bela", now)
