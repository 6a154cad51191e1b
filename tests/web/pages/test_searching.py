"""The search: what it finds, for whom, and that it asks little of the database."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.rows import make_lead, qualify
from tests.web.pages.world import make_live, starter_toml

from leadline.web.leads.models import Company, Identity, Lead
from leadline.web.pages.models import SavedView


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def found(client, text=""):
    return client.get("/search/", {"q": text}).context["found"]


def titles(client, text=""):
    return [one.title for one in found(client, text).places]


def names(client, text):
    return [row.lead.name for row in found(client, text).leads]


def test_no_more_than_a_few_leads_are_shown_and_among_alike_who_was_seen_last_first(as_maria, people):
    known = Lead.objects.filter(is_known=True, name__icontains="e").exclude(name__istartswith="e")
    within = [one.lead for one in found(as_maria, "e").leads if one.lead in set(known.exclude(name__icontains=" e"))]

    assert known.count() > 7
    assert len(found(as_maria, "e").leads) == 7
    assert [one.last_seen_at for one in within] == sorted((one.last_seen_at for one in within), reverse=True)


@pytest.fixture
def called(northwind, playbook):
    """Make leads of whom the first was seen last and scores highest, so that only the name can put others before."""

    def make(*called, **more):
        for at, name in enumerate(called):
            lead = make_lead(northwind, name, **more)
            Lead.objects.filter(pk=lead.pk).update(last_seen_at=timezone.now() - timedelta(days=at))
            qualify(lead, playbook, rank=100 - at)

    return make


@pytest.fixture
def playbook(northwind):
    return make_live(northwind, starter_toml())


def test_who_is_called_just_so_comes_first_then_who_begins_so_then_with_a_word_then_within(as_maria, called):
    called("Eleanoor Verm", "Ada Noorman", "Noora Verm", "Noor", "Noorderlicht Bo", "Ben Noor")

    assert names(as_maria, "noor") == [
        "Noor",
        "Noora Verm",
        "Noorderlicht Bo",
        "Ada Noorman",
        "Ben Noor",
        "Eleanoor Verm",
    ]
    assert names(as_maria, "  NOOR ") == names(as_maria, "noor")


@pytest.mark.parametrize("text", ["Noor Vermeer", "noor vermeer", "noor verm", "vermeer noor", "verm noor", "noor.v"])
def test_a_person_is_found_by_name_among_very_many_who_score_higher(as_maria, called, text):
    called(*(f"Noormahal Overmeer {at}" for at in range(12)), email="noormahal.v.overmeer@acme.example")
    called("Noor Vermeer", email="noor.vermeer@tideline.example")

    assert names(as_maria, text)[0] == "Noor Vermeer"
    assert len(names(as_maria, text)) in (1, 7)


def test_an_address_or_an_id_leads_to_its_lead(as_maria, northwind, called):
    called(*(f"Bo {at}" for at in range(9)), email="bo@acme.example.org")
    called("Someone", email="bo@acme.example")
    called("Another")
    another = Lead.objects.get(name="Another")
    Identity.objects.create(
        workspace=northwind, lead=another, first_lead=another, kind="user", value="bo@acme.example", source="crm",
        first_seen_at=timezone.now(),
    )  # fmt: skip

    assert sorted(names(as_maria, "BO@acme.example")[:2]) == ["Another", "Someone"]
    assert "Another" not in names(as_maria, "bo@acme.exampl"), "ten begin so"


def test_whose_company_is_called_so_comes_last(as_maria, northwind, called):
    tideline = Company.objects.create(workspace=northwind, key="domain:tideline.example", name="Tideline")
    called("Old", "Cem Detideline")
    called("Ada", "Bo", company=tideline)

    assert names(as_maria, "tideline") == ["Cem Detideline", "Ada", "Bo"]


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
