"""The database answers which leads hold a condition as the engine's reference does, whatever the condition and the world are."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.pages.conditions.drawn import NOW, World, conditions, store, stored_rows, who_holds, worlds

from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Lead
from leadline.web.pages.conditions.expressions import AmongIds, Holds, HoldsItself
from leadline.web.pages.conditions.leads import leads_where, select_leads
from leadline.web.pages.conditions.reading import Filter, read_filter


@pytest.mark.parity
@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(world=worlds, texts=st.lists(conditions, min_size=4, max_size=8))
def test_the_database_says_what_the_reference_says(world: World, texts: list[str]) -> None:
    with transaction.atomic():
        cache.clear()
        stored = store(world)
        for text in texts:
            check(stored, text)
        transaction.set_rollback(True)


def check(stored, text):
    wanted = read_filter(stored.workspace, stored.version, text)
    if not isinstance(wanted, Filter):
        assert leads_where(stored.workspace, stored.version, text, at=NOW) == wanted
        return
    expected = who_holds(stored, wanted)
    found = leads_where(stored.workspace, stored.version, text, at=NOW)
    assert not isinstance(found, tuple), found
    asked = select_leads(stored.workspace, stored.version, wanted, at=NOW)
    ways = [found, Q(Holds("id", asked.sql)), Q(AmongIds("id", sorted(expected)))]  # few leads, many, and very many
    for way in ways:
        ids = set(Lead.objects.filter(way, workspace=stored.workspace).values_list("pk", flat=True))
        assert ids == expected, (text, stored_rows(stored))
    if not asked.counts_events:
        itself = Assessment.objects.filter(
            HoldsItself("pk", asked.condition), lead__merged_into=None, version=stored.version
        )
        assert set(itself.values_list("lead_id", flat=True)) == expected, text


def said(who, field, value, source, days):
    return {
        "who": who,
        "is_company": False,
        "field": field,
        "value": value,
        "ago": timedelta(days=days),
        "source": source,
    }


def viewed(who, days):
    return {
        "who": who,
        "name": "viewed",
        "ago": timedelta(days=days),
        "is_bot": False,
        "kind": "track",
        "properties": {},
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("seniority = 'vp'", {0}),  # the stronger source wins over the later one
        ("seniority = 'intern'", {1}),
        ("count('viewed', '7d') >= 1", {0}),  # of an age under seven days
        ("count('viewed', '7d') = 0", {1, 2}),
        ("active_days('viewed', '8d') = 1", {0, 1}),
        ("days_since('viewed') >= 7", {1, 2}),
        ("spells('mql') >= 1", {2}),  # entered by two looks, and cooled since
        ("spells('mql') = 0", {0, 1}),
    ],
)
def test_sources_are_ranked_and_windows_end_where_they_end(text, places):
    cache.clear()
    facts = [said(0, "seniority", "vp", "person", 9), said(0, "seniority", "intern", "crm", 1)]
    facts += [said(1, "seniority", "Intern ", "form", 3)]
    stored = store(World("Europe/Berlin", False, facts, [viewed(0, 6), viewed(1, 7), viewed(2, 60), viewed(2, 60)], []))

    check(stored, text)
    assert who_holds(stored, read_filter(stored.workspace, stored.version, text)) == {
        stored.leads[at].pk for at in places
    }
