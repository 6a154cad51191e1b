"""Which names a filter knows, and what a filter cannot be."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.pages.world import assess_everybody, touch

from leadline.web.accounts.models import Source
from leadline.web.leads.models import Event, Fact, Lead
from leadline.web.pages.conditions import counting, names
from leadline.web.pages.conditions.leads import leads_where


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def found(workspace, version, text):
    asked = leads_where(workspace, version, text, at=timezone.now())
    assert not isinstance(asked, tuple), asked
    return set(Lead.objects.filter(asked).values_list("pk", flat=True))


def test_a_field_of_long_ago_is_known_though_only_the_latest_are_offered(northwind, playbook, people, monkeypatch):
    lead, now = people[0], timezone.now()
    Fact.objects.create(
        workspace=northwind,
        lead=lead,
        first_lead=lead,
        field="shoe_size",
        value="44",
        known_at=now,
        recorded_at=now,
        source="crm",
    )
    touch(lead)
    assess_everybody()
    monkeypatch.setattr(names, "_LATEST", 0)

    assert found(northwind, playbook, "shoe_size >= 43") == {lead.pk}
    assert found(northwind, playbook, "shoe_size = '44'") == {lead.pk}
    assert found(northwind, playbook, "shoe_size > 44") == set()


def test_what_must_be_read_event_by_event_is_refused_where_there_is_too_much(northwind, playbook, people, monkeypatch):
    text = "count('page_viewed', '90d', starts_with(path, '/')) >= 1"
    assert found(northwind, playbook, text)
    monkeypatch.setattr(counting, "MOST", 3)

    (problem,) = leads_where(northwind, playbook, text, at=timezone.now())

    assert "cannot be used as a filter" in problem.message
    assert "shorter time" in problem.message
    assert found(northwind, playbook, "count('page_viewed', '90d') >= 1")


def test_an_event_that_just_came_counts_and_one_of_a_bot_does_not(northwind, playbook, people):
    website = Source.objects.filter(workspace=northwind).first()
    lead, at = people[0], timezone.now() - timedelta(minutes=1)
    about = {
        "workspace": northwind,
        "source": website,
        "lead": lead,
        "first_lead": lead,
        "kind": "track",
        "properties": {},
    }
    for number, is_bot in enumerate((False, True)):
        Event.objects.create(
            **about, message_id=f"just-{number}", name=f"waved_{number}", occurred_at=at, received_at=at, is_bot=is_bot
        )

    assert found(northwind, playbook, "count('waved_0', '1d') = 1") == {lead.pk}
    assert found(northwind, playbook, "count('waved_1', '1d') >= 1") == set()
