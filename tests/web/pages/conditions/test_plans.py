"""Conditions and lists are written so that databases read little: what is dear comes last, and ids are read off an index."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from leadline.web.pages.conditions.leads import select_leads
from leadline.web.pages.conditions.reading import Filter, read_filter
from leadline.web.pages.leads_list.filters import read_filters
from leadline.web.pages.leads_list.wanted import Wanted


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("country = 'DE' and fit >= 60 and count('page_viewed', '30d') >= 2", ["e0.n", "a.scores", "a.held"]),
        ("count('page_viewed') >= 2 and budget = 'yes' and fit >= 1", ["a.answers", "a.scores", "a.held"]),
        ("country = 'DE' or fit >= 60", ["a.held", "a.scores"]),  # of *or* every part may have to be read
    ],
)
def test_what_is_dear_to_read_is_asked_last(northwind, playbook, text, order):
    wanted = read_filter(northwind, playbook, text)
    assert isinstance(wanted, Filter)

    found = select_leads(northwind, playbook, wanted, at=timezone.now()).condition.text

    assert sorted(order, key=found.index) == order


@pytest.mark.parametrize("query", ["", "stage=mql", "sort=cools"])
def test_the_ids_of_a_list_are_read_off_an_index(northwind, playbook, query):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL says so only of tables with many rows")
    wanted = Wanted(northwind, playbook, read_filters(QueryDict(query)))

    plans = [wanted.ordered().values_list(wanted.key)[:26].explain(), wanted.rows().values(wanted.key)[:99].explain()]

    for plan in plans:
        (of_assessments,) = [line for line in plan.splitlines() if " assessments_assessment " in line]
        assert "COVERING INDEX" in of_assessments, plan
