"""The search: what it finds, for whom, and that it asks little of the database."""

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.conftest import member

from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Company, Lead
from leadline.web.pages.models import SavedView


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def found(client, text=""):
    return client.get("/search/", {"q": text}).context["found"]


def titles(client, text=""):
    return [one.title for one in found(client, text).places]


def test_leads_come_best_first_and_no_more_than_a_few(as_maria, people):
    letter = "a"
    expected = Assessment.objects.filter(lead__is_known=True, lead__name__icontains=letter).count()
    ranks = [row.assessment.rank for row in found(as_maria, letter).leads]

    assert expected > 7
    assert len(ranks) == 7
    assert ranks == sorted(ranks, reverse=True)


def test_who_was_not_assessed_yet_is_found_too(as_maria, northwind, people):
    Lead.objects.create(workspace=northwind, name="Zaphod New", is_known=True, first_seen_at=people[0].first_seen_at)

    assert [row.lead.name for row in found(as_maria, "zaphod").leads] == ["Zaphod New"]


def test_companies_pages_actions_and_views_are_found(as_maria, northwind, maria, people):
    SavedView.objects.create(workspace=northwind, owner=maria, name="Hot in Germany", query="grade=A1")
    company = Company.objects.exclude(name="").first()

    assert company in found(as_maria, company.name).companies
    assert titles(as_maria, "pipel") == ["Pipeline"]
    assert titles(as_maria, "germany") == ["Hot in Germany"]
    assert "Add a lead" in titles(as_maria, "add")


def test_nobody_is_shown_what_is_not_theirs(as_maria, as_charlie, northwind, people):
    rep = Client()
    rep.force_login(member(northwind, "Rita", "viewer"))

    assert "Add a lead" not in titles(rep, "")
    assert "Settings" not in titles(rep, "")
    assert found(as_charlie, people[0].name).is_empty
    assert found(as_maria, people[0].name).leads


def test_asked_in_place_the_results_come_alone(as_maria, people):
    answer = as_maria.get("/search/?q=a", headers={"hx-request": "true", "hx-target": "palette-results"})

    assert b"<html" not in answer.content
    assert b"data-hit" in answer.content


def test_nothing_found_says_so(as_maria, people):
    assert "Nothing is called “qqqq”" in as_maria.get("/search/?q=qqqq").content.decode()


def test_a_search_asks_the_database_a_bounded_number_of_times(as_maria, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        as_maria.get("/search/?q=a")
