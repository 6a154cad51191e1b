"""The database answers which leads hold a condition as the engine's reference does, whatever the condition and the world are."""

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
