"""The list of leads: who is in it, in which order, and what an address says about it."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.web.conftest import member
from tests.web.pages.world import make_live, starter_toml

from leadline.web.accounts.models import Membership
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Company, Fact, Identity, Lead
from leadline.web.pages.leads_list.filters import SORTS, Filters, read_filters
from leadline.web.pages.leads_list.queries import PAGE, find_neighbours, list_leads
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.playbook_words import words_of
from leadline.web.playbooks.models import Version

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def make_lead(workspace, name, **more):
    return Lead.objects.create(workspace=workspace, name=name, is_known=True, first_seen_at=NOW, **more)


def assess(lead, version, **more):
    return Assessment.objects.create(
        workspace=lead.workspace, version=version, lead=lead, as_of=NOW, log_version=1, plan_hash="", **more
    )


def names(client, query=""):
    listing = client.get(f"/leads/{query}").context["listing"]
    return [row.lead.name for row in listing.rows]


def wanted(workspace, version, query=""):
    return Wanted(workspace, version, read_filters(QueryDict(query)))


# -- who is in it ---------------------------------------------------------------------------------------------------


def test_the_best_come_first(as_maria, northwind, playbook):
    for name, rank in (("Ada", 10), ("Ben", 30), ("Cleo", 20)):
        assess(make_lead(northwind, name), playbook, rank=rank)

    assert names(as_maria) == ["Ben", "Cleo", "Ada"]


def test_visitors_are_hidden_until_asked_for(as_maria, northwind, playbook):
    assess(make_lead(northwind, "Ada"), playbook)
    Lead.objects.create(workspace=northwind, first_seen_at=NOW, last_seen_at=NOW)

    assert names(as_maria) == ["Ada"]
    assert names(as_maria, "?who=visitors&sort=seen") == [""]
    assert len(names(as_maria, "?who=all&sort=seen")) == 2


def test_who_was_merged_into_another_is_not_listed(as_maria, northwind, playbook):
    ada = make_lead(northwind, "Ada")
    twin = make_lead(northwind, "Ada L.", merged_into=ada)
    assess(ada, playbook)
    assess(twin, playbook)

    assert names(as_maria) == ["Ada"]
    assert names(as_maria, "?sort=newest") == ["Ada"]


def test_nobody_sees_another_workspace(as_charlie, northwind, playbook):
    assess(make_lead(northwind, "Ada Lovelace"), playbook)

    page = as_charlie.get("/leads/?sort=newest").content.decode()

    assert "Lovelace" not in page
    assert "Nobody is here yet" in page


def test_only_the_live_version_is_shown(as_maria, northwind, playbook):
    ada = make_lead(northwind, "Ada")
    assess(ada, playbook, grade="D4", rank=1)
    second = make_live(northwind, starter_toml(), number=2)
    assess(ada, second, grade="A1", rank=2)
    third = Version.objects.create(
        workspace=northwind,
        number=3,
        name="starter",
        toml=starter_toml(),
        plan_hash="",
        state="preparing",
        published_at=NOW,
    )
    assess(ada, third, grade="C3", rank=3)

    answer = as_maria.get("/leads/")

    assert [row.assessment.grade for row in answer.context["listing"].rows] == ["A1"]
    assert "Version 3 of the playbook is being prepared" in answer.content.decode()
    assert "by version 2 until then" in answer.content.decode()
    assert "0 of 1 leads are done" in answer.content.decode()
    assert names(as_maria, "?grade=D4") == names(as_maria, "?grade=C3") == []


def test_without_a_playbook_leads_are_listed_without_scores(as_maria, northwind):
    make_lead(northwind, "Ada")
    make_lead(northwind, "Ben")

    answer = as_maria.get("/leads/")

    assert [row.lead.name for row in answer.context["listing"].rows] == ["Ben", "Ada"]
    assert "No playbook is live" in answer.content.decode()
    assert names(as_maria, "?stage=mql") == []


def test_who_waits_for_a_first_assessment_is_counted_and_can_be_found(as_maria, northwind, playbook):
    assess(make_lead(northwind, "Ada"), playbook)
    make_lead(northwind, "Ben", due_at=NOW)

    assert names(as_maria) == ["Ada"]
    assert "1 waits for a first assessment" in as_maria.get("/leads/").content.decode()
    assert "not assessed yet" in as_maria.get("/leads/?sort=newest").content.decode()


def test_an_empty_workspace_says_what_to_do_next(as_maria, as_omar, northwind):
    assert "Nobody is here yet" in as_maria.get("/leads/").content.decode()
    assert reverse("add-lead") in as_omar.get("/leads/").content.decode()


def test_when_nobody_matches_the_way_out_is_shown(as_maria, northwind, playbook):
    assess(make_lead(northwind, "Ada"), playbook)

    page = as_maria.get("/leads/?q=zebra").content.decode()

    assert "No lead matches" in page and "clear all filters" in page


# -- search and filters ---------------------------------------------------------------------------------------------


@pytest.fixture
def three(northwind, playbook):
    acme = Company.objects.create(
        workspace=northwind, key="domain:acme.example", name="Acme Works", domain="acme.example"
    )
    ada = make_lead(northwind, "Ada Byron", email="ada@acme.example", company=acme, first_source="webinar")
    ben = make_lead(northwind, "Ben O'Neil", email="ben@bolt.example", first_source="website")
    cleo = make_lead(northwind, "Cleo 100%_sure", email="cleo@acme.example", company=acme, first_source="website")
    Identity.objects.create(
        workspace=northwind, kind="crm", value="hubspot:77", lead=ben, first_lead=ben, source="crm", first_seen_at=NOW
    )
    assess(ada, playbook, rank=3, stage="mql", grade="A1", first_score=800_000, second_score=900_000, is_qualified=True)
    assess(ben, playbook, rank=2, stage="lead", grade="B2", first_score=600_000, second_score=100_000)
    assess(
        cleo, playbook, rank=1, stage="mql", grade="C1", first_score=300_000, second_score=500_000, is_qualified=True
    )
    Spell.objects.create(
        workspace=northwind,
        version=playbook,
        lead=ada,
        qualification="mql",
        number=1,
        began_at=NOW,
        began_by="enter",
        noticed_at=NOW,
    )
    Spell.objects.create(
        workspace=northwind,
        version=playbook,
        lead=cleo,
        qualification="mql",
        number=1,
        began_at=NOW - timedelta(days=9),
        began_by="enter",
        noticed_at=NOW,
        ended_at=NOW - timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=byron", ["Ada Byron"]),
        ("q=BYRON+ada", ["Ada Byron"]),
        ("q=acme", ["Ada Byron", "Cleo 100%_sure"]),
        ("q=works+cleo", ["Cleo 100%_sure"]),
        ("q=o'neil", ["Ben O'Neil"]),
        ("q=100%25_", ["Cleo 100%_sure"]),
        ("q=%25", ["Cleo 100%_sure"]),
        ("q=hubspot:77", ["Ben O'Neil"]),
        ("q=%00ada", ["Ada Byron"]),
        ("stage=mql", ["Ada Byron", "Cleo 100%_sure"]),
        ("stage=mql&stage=lead", ["Ada Byron", "Ben O'Neil", "Cleo 100%_sure"]),
        ("qualification=mql", ["Ada Byron"]),
        ("grade=A1&grade=B2", ["Ada Byron", "Ben O'Neil"]),
        ("source=website", ["Ben O'Neil", "Cleo 100%_sure"]),
        ("first=60", ["Ada Byron", "Ben O'Neil"]),
        ("first=25&second=50", ["Ada Byron", "Cleo 100%_sure"]),
        ("stage=mql&source=website&q=acme", ["Cleo 100%_sure"]),
        ("stage=nonsense", []),
        ("sort=name", ["Ada Byron", "Ben O'Neil", "Cleo 100%_sure"]),
        ("sort=newest", ["Cleo 100%_sure", "Ben O'Neil", "Ada Byron"]),
        ("first=x&page=-3&sort=nonsense&who=me&company=1e9", ["Ada Byron", "Ben O'Neil", "Cleo 100%_sure"]),
    ],
)
def test_filters_and_search_find_whom_they_say(as_maria, three, query, found):
    assert names(as_maria, f"?{query}") == found


def test_a_search_that_meets_very_many_is_answered_by_walking_down_the_order(as_maria, three, monkeypatch):
    monkeypatch.setattr("leadline.web.pages.leads_list.wanted.LISTED", 1)

    assert names(as_maria, "?q=acme") == ["Ada Byron", "Cleo 100%_sure"]
    assert names(as_maria, "?q=hubspot:77") == ["Ben O'Neil"]
    assert "1+ leads" in as_maria.get("/leads/?q=acme").content.decode()


def test_an_address_with_empty_choices_becomes_a_plain_one(as_maria, three):
    answer = as_maria.get("/leads/?q=&stage=mql&first=&sort=&who=")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/leads/?stage=mql"


def test_asked_in_place_the_list_comes_alone_and_says_its_address(as_maria, three):
    headers = {"HX-Request": "true", "HX-Target": "listing"}
    answer = as_maria.get("/leads/?q=ada&stage=&sort=", headers=headers)

    page = answer.content.decode()
    assert page.strip().startswith('<section id="listing"') and "Ada Byron" in page
    assert answer.headers["HX-Push-Url"] == "/leads/?q=ada"
    assert "HX-Request" in answer.headers["Vary"]


def test_a_page_has_so_many_and_the_next_goes_on(as_maria, northwind, playbook):
    for at in range(PAGE + 3):
        assess(make_lead(northwind, f"Lead {at:02}"), playbook, rank=-at)

    first, second = names(as_maria), names(as_maria, "?page=2")

    assert first + second == [f"Lead {at:02}" for at in range(PAGE + 3)]
    assert names(as_maria, "?page=3") == []
    page = as_maria.get("/leads/?page=2").content.decode()
    assert f"{PAGE + 1}–{PAGE + 3} of {PAGE + 3}" in page


def test_beyond_what_is_counted_a_list_says_so(as_maria, northwind, playbook, monkeypatch):
    for module in ("wanted", "queries", "facets"):
        monkeypatch.setattr(f"leadline.web.pages.leads_list.{module}.COUNTED", 30)
    for at in range(35):
        assess(make_lead(northwind, f"Lead {at:02}"), playbook, rank=-at)

    page = as_maria.get("/leads/").content.decode()

    assert "30+ leads" in page


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_choices = st.lists(_texts, max_size=3)


@given(
    q=_texts,
    stages=_choices,
    grades=_choices,
    sources=_choices,
    first=st.none() | st.integers(0, 10**9),
    sort=st.sampled_from(SORTS),
)
def test_filters_written_as_an_address_are_read_as_the_same(q, stages, grades, sources, first, sort):
    query = QueryDict(mutable=True)
    query["q"] = q
    query.setlist("stage", stages)
    query.setlist("grade", grades)
    query.setlist("source", sources)
    query["sort"] = sort.id
    if first is not None:
        query["first"] = str(first)
    found = read_filters(query)

    assert read_filters(QueryDict(found.query)) == found


@given(st.text(max_size=200))
def test_whatever_stands_in_an_address_is_read(text):
    found = read_filters(QueryDict(quote(text, safe="=&+%")))

    assert isinstance(found, Filters) and found.page >= 1


# -- who stands beside a lead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", [sort.id for sort in SORTS])
def test_going_from_lead_to_lead_is_going_down_the_list(northwind, playbook, sort):
    for at in range(12):
        seen = None if at % 4 == 0 else NOW - timedelta(hours=at // 3)
        lead = make_lead(northwind, f"Lead {at % 5}", last_seen_at=seen)
        assess(lead, playbook, rank=at // 4, cools_day=20_000 + at % 3)
        Spell.objects.create(
            workspace=northwind,
            version=playbook,
            lead=lead,
            qualification="mql",
            number=1,
            began_at=NOW,
            began_by="enter",
            noticed_at=NOW,
        )
    asked = wanted(northwind, playbook, f"sort={sort}")
    order = list(asked.ordered().values_list(asked.key, flat=True))

    walked = [find_neighbours(asked, Lead.objects.get(pk=pk)) for pk in order]

    assert len(order) == 12
    assert [one.place for one in walked] == list(range(1, 13))
    assert [one.after for one in walked] == [*order[1:], None]
    assert [one.before for one in walked] == [None, *order[:-1]]
    assert {one.count for one in walked} == {12}


def test_a_lead_that_is_not_in_the_list_stands_nowhere(northwind, playbook):
    ada, ben = make_lead(northwind, "Ada"), make_lead(northwind, "Ben")
    assess(ada, playbook, stage="mql")
    assess(ben, playbook, stage="lead")

    assert find_neighbours(wanted(northwind, playbook, "stage=mql"), ben) is None
    assert find_neighbours(wanted(northwind, playbook, "stage=mql"), ada).text == "1 of 1"


def test_the_list_of_an_invented_vendor_shows_what_is_stored(northwind, people):
    version = Version.objects.get()
    listing = list_leads(wanted(northwind, version), words_of(version))

    assert len(listing.rows) == PAGE and listing.count == len(people)
    ranks = [row.assessment.scores["fit"] + row.assessment.scores["engagement"] for row in listing.rows]
    assert ranks == sorted(ranks, reverse=True)
    assert all(row.grade and row.grade.css for row in listing.rows)


def test_a_list_asks_the_database_a_bounded_number_of_times(as_maria, people, django_assert_max_num_queries):
    cache.clear()
    with django_assert_max_num_queries(20):
        as_maria.get("/leads/?q=a&stage=lead")


# -- adding ---------------------------------------------------------------------------------------------------------


def test_a_lead_can_be_added_by_hand_with_what_is_known(as_omar, northwind, playbook):
    answer = as_omar.post(
        reverse("add-lead"),
        {
            "email": "Maya@Acme.example",
            "name": "Maya Mensah",
            "title": "Head of Sales",
            "company": "Acme",
            "evidence": "Met at a fair",
        },
    )

    lead = Lead.objects.get()
    assert answer.headers["Location"] == reverse("lead", args=[lead.pk])
    assert (lead.name, lead.title, lead.is_known) == ("Maya Mensah", "Head of Sales", True)
    assert lead.due_at is not None
    fact = Fact.objects.get(field="title")
    assert (fact.source, fact.by, fact.evidence) == ("person", "omar@northwind.example", "Met at a fair")


def test_who_is_known_already_is_found_and_not_made_twice(as_omar, northwind, playbook):
    for name in ("Maya", "Maya Mensah"):
        as_omar.post(reverse("add-lead"), {"email": "maya@acme.example", "name": name})

    assert Lead.objects.get().name == "Maya Mensah"


def test_a_lead_without_an_address_is_refused_with_what_is_needed(as_omar, northwind):
    answer = as_omar.post(reverse("add-lead"), {"name": "Maya <b>Mensah</b>", "email": "maya at acme"})

    assert answer.status_code == 422
    assert "Enter a valid email address" in answer.content.decode()
    assert "Maya &lt;b&gt;Mensah&lt;/b&gt;" in answer.content.decode()
    assert not Lead.objects.exists()


def test_who_only_looks_cannot_add(client, northwind):
    client.force_login(member(northwind, "Vera", Membership.Role.VIEWER))

    assert client.post(reverse("add-lead"), {"email": "maya@acme.example"}).status_code == 403
    assert reverse("add-lead") not in client.get("/leads/").content.decode()


def test_who_is_excluded_stands_below_everybody_else(as_maria, northwind, playbook, people):
    rows = [one for page in (1, 2, 3) for one in as_maria.get(f"/leads/?page={page}").context["listing"].rows]
    excluded = [bool(row.excluded) for row in rows]

    assert any(excluded)
    assert excluded == sorted(excluded)


@pytest.mark.parametrize("query", ["", "sort=seen", "where=fit >= -1000"])
def test_by_a_version_of_somebody_else_nobody_is_listed(northwind, elsewhere, playbook, query):
    assess(make_lead(northwind, "Ada"), playbook)

    assert not Wanted(elsewhere, playbook, read_filters(QueryDict(query))).rows().exists()
