"""Pages by cursor: nothing is shown twice and nothing that was there is left out, whatever is added meanwhile."""

from itertools import count

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.web.leads.models import Company, Lead

NUMBERS = count()


def add(workspace, number):
    return [Company.objects.create(workspace=workspace, key=f"name:{next(NUMBERS)}").pk for _ in range(number)]


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    there=st.integers(0, 12),
    limit=st.integers(1, 5),
    added=st.lists(st.integers(0, 3), max_size=8),
    removed=st.lists(st.integers(0, 11), max_size=3),
)
def test_turning_pages_meets_everybody_who_was_there_once(caller, northwind, elsewhere, there, limit, added, removed):
    Company.objects.all().delete()
    before = add(northwind, there)
    add(elsewhere, 2)
    met, cursor, growth = [], "", iter(added)
    gone = {before[place] for place in removed if place < len(before)}
    while cursor is not None:
        page = caller.get(f"/companies?limit={limit}" + (f"&cursor={cursor}" if cursor else "")).json()
        assert len(page["items"]) <= limit
        met += [one["id"] for one in page["items"]]
        cursor = page["next"]
        add(northwind, next(growth, 0))
        Company.objects.filter(pk__in=gone).delete()

    assert len(met) == len(set(met))
    assert set(before) - gone <= set(met)
    assert not set(met) & set(Company.objects.filter(workspace=elsewhere).values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_cursor_holds_for_its_list_alone(caller, stranger, northwind, elsewhere):
    add(northwind, 3)
    add(elsewhere, 3)
    cursor = caller.get("/companies?limit=1").json()["next"]

    others = [
        caller.get(f"/companies?q=acme&cursor={cursor}"),
        caller.get(f"/leads?cursor={cursor}"),
        stranger.get(f"/companies?cursor={cursor}"),
        caller.get("/companies?cursor=bm90IG9uZQ"),
    ]

    assert [one.status_code for one in others] == [422] * 4
    assert {one.json()["errors"][0]["parameter"] for one in others} == {"cursor"}
    assert caller.get(f"/companies?limit=2&cursor={cursor}").status_code == 200


@pytest.mark.django_db
def test_a_page_costs_the_same_however_far_down(caller, northwind, django_assert_max_num_queries):
    now = timezone.now()
    Lead.objects.bulk_create(
        Lead(workspace=northwind, name=f"N{number}", is_known=True, first_seen_at=now) for number in range(60)
    )
    with django_assert_max_num_queries(8):
        first = caller.get("/leads?limit=50").json()
    with django_assert_max_num_queries(8):
        assert len(caller.get(f"/leads?limit=50&cursor={first['next']}").json()["items"]) == 10
