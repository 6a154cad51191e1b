"""Companies: which are listed, in which order, and what the page of one says about its people."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.web.pages.rows import happened, make_lead, qualify

from leadline.web.leads.models import Company, Fact, Lead
from leadline.web.pages.companies.listing import MOST_PAGES, PAGE, SORTS, read_wanted
from leadline.web.pages.companies.queries import NO_FUNCTION, people_of, roles_of
from leadline.web.pages.playbook_words import words_of

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def make_company(workspace, name, **more):
    return Company.objects.create(workspace=workspace, key=f"domain:{name.lower()}.example", name=name, **more)


def names(client, query=""):
    return [row.company.name for row in client.get(f"/companies/{query}").context["listing"].rows]


# -- the list ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(northwind, playbook):
    """Three companies: Alder has the best lead, Birch the most people, Cedar was seen last."""
    alder, birch, cedar = (make_company(northwind, name) for name in ("Alder", "Birch", "Cedar"))
    for company, ranks, seen in ((alder, (90,), 3), (birch, (10, 20, 30), 2), (cedar, (5, 50), 1)):
        for rank in ranks:
            lead = make_lead(northwind, f"{company.name} {rank}", company=company)
            Lead.objects.filter(pk=lead.pk).update(last_seen_at=NOW - timedelta(days=seen))
            qualify(lead, playbook, rank=rank)
    return alder, birch, cedar


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["Alder", "Cedar", "Birch"]),
        ("people", ["Birch", "Cedar", "Alder"]),
        ("seen", ["Cedar", "Birch", "Alder"]),
        ("name", ["Alder", "Birch", "Cedar"]),
    ],
)
def test_companies_stand_in_the_order_that_is_asked_for(as_maria, three, sort, expected):
    assert names(as_maria, f"?sort={sort}") == expected


def test_a_row_says_who_its_best_lead_is_and_how_many_people_it_has(as_maria, three):
    row = next(one for one in as_maria.get("/companies/").context["listing"].rows if one.company.name == "Birch")

    assert (row.people, row.best.name) == (3, "Birch 30")
    assert [(stage.id, count) for stage, count in row.stages] == [("mql", 3)]


@pytest.mark.parametrize("sort", SORTS)
def test_companies_of_visitors_and_merged_leads_alone_are_not_listed(as_maria, northwind, playbook, sort):
    known = make_lead(northwind, "Ada")
    Lead.objects.create(workspace=northwind, company=make_company(northwind, "Visited"), first_seen_at=NOW)
    qualify(make_lead(northwind, "Twin", company=make_company(northwind, "Gone"), merged_into=known), playbook)
    make_company(northwind, "Empty")

    assert names(as_maria, f"?sort={sort}") == []


@pytest.mark.parametrize("sort", SORTS)
def test_search_and_industry_narrow_the_list(as_maria, three, sort):
    alder, birch, _ = three
    Company.objects.filter(pk=birch.pk).update(industry="timber", domain="wood.example")
    Company.objects.filter(pk=alder.pk).update(industry="timber")

    assert names(as_maria, f"?sort={sort}&q=WOOD") == ["Birch"]
    assert set(names(as_maria, f"?sort={sort}&industry=timber")) == {"Alder", "Birch"}
    assert names(as_maria, f"?sort={sort}&industry=timber&q=ced") == []


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_company_once(as_maria, northwind, playbook, sort, monkeypatch):
    monkeypatch.setattr("leadline.web.pages.companies.listing._STEP", 7)
    made = set()
    for number in range(PAGE * 2 + 3):
        company = make_company(northwind, f"C{number:02}")
        made.add(company.name)
        for at in range(number % 3 + 1):
            qualify(make_lead(northwind, f"{number}-{at}", company=company), playbook, rank=number % 5)

    pages = [names(as_maria, f"?sort={sort}&page={page}") for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [PAGE, PAGE, 3]
    assert {name for page in pages for name in page} == made


def test_without_a_playbook_the_companies_are_there_all_the_same(as_maria, northwind):
    make_lead(northwind, "Ada", company=make_company(northwind, "Alder"))

    assert names(as_maria) == ["Alder"]


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=12), st.text(max_size=12))
def test_whatever_an_address_says_means_something(q, industry, sort, page):
    query = QueryDict(mutable=True)
    query.update({"q": q, "industry": industry, "sort": sort, "page": page})

    wanted = read_wanted(query)

    assert wanted.sort in SORTS
    assert 1 <= wanted.page <= MOST_PAGES
    assert read_wanted(QueryDict(wanted.query)).q == wanted.q


# -- the page of one --------------------------------------------------------------------------------------------------


def say(lead, field, value):
    Fact.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, field=field, value=value, known_at=NOW, recorded_at=NOW, source="form"
    )  # fmt: skip


def test_people_have_the_roles_that_their_titles_say(northwind, playbook):
    company = make_company(northwind, "Alder")
    ada, ben = make_lead(northwind, "Ada", company=company), make_lead(northwind, "Ben", company=company)
    make_lead(northwind, "Cleo", company=company)
    say(ada, "title", "VP Marketing")
    say(ben, "title", "Head of Marketing")
    say(ben, "function", "sales")
    qualify(ben, playbook, rank=9)

    people = people_of(company, playbook, words_of(playbook), ())

    assert [one.lead.name for one in people] == ["Ben", "Ada", "Cleo"]
    assert (people[1].seniority, people[1].function) == ("VP", "Marketing")
    assert [(one.title, len(one.people)) for one in roles_of(people)] == [
        ("Marketing", 1),
        ("Sales", 1),
        (NO_FUNCTION, 1),
    ]


def test_the_joint_timeline_has_what_everybody_did_and_names_them(as_maria, northwind, playbook):
    company = make_company(northwind, "Alder")
    ada, ben = make_lead(northwind, "Ada", company=company), make_lead(northwind, "Ben", company=company)
    happened(ada, "demo_requested", ago=timedelta(hours=1))
    happened(ben, "page_viewed", ago=timedelta(hours=2), kind="page")
    happened(make_lead(northwind, "Cleo"), "page_viewed", ago=timedelta(hours=3), kind="page")

    answer = as_maria.get(f"/companies/{company.pk}/")
    only_pages = as_maria.get(
        f"/companies/{company.pk}/?kind=page", headers={"HX-Request": "true", "HX-Target": "timeline"}
    )

    assert [one.event.lead.name for one in answer.context["timeline"].entries] == ["Ada", "Ben"]
    assert [one.event.lead.name for one in only_pages.context["timeline"].entries] == ["Ben"]
    assert "<html" not in only_pages.content.decode()


def test_the_page_says_which_value_of_a_fact_holds(as_maria, northwind, playbook):
    company = make_company(northwind, "Alder")
    for source, value in (("enrichment", "120"), ("person", "95")):
        Fact.objects.create(
            workspace=northwind, company=company, field="employees", value=value, known_at=NOW, recorded_at=NOW, source=source
        )  # fmt: skip

    (known,) = as_maria.get(f"/companies/{company.pk}/").context["known"]

    assert (known.field, known.value) == ("employees", "95")


def test_few_queries_are_enough(as_maria, people, django_assert_max_num_queries):
    company = Company.objects.filter(leads__isnull=False).first()
    for path in ("/companies/", f"/companies/{company.pk}/"):
        with django_assert_max_num_queries(30):
            answer = as_maria.get(path)
        assert len(answer.content) < 60_000


def test_another_workspaces_company_is_like_a_missing_one(as_charlie, people):
    company = Company.objects.first()

    assert as_charlie.get(f"/companies/{company.pk}/").status_code == 404
    assert as_charlie.get("/companies/").context["listing"].rows == []


@pytest.mark.browser
def test_companies_in_every_look(visit, maria, people):
    seen = visit(maria)
    seen.go("/companies/")
    seen.check_accessibility()
    seen.shoot_every_look("companies", full=True)
    seen.page.keyboard.press("j")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/companies/*/")
    seen.check_accessibility()
    seen.shoot_every_look("company", full=True)


@pytest.mark.browser
def test_the_list_works_without_javascript(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.go("/companies/")
    seen.page.get_by_label("Sort").select_option("name")
    seen.page.get_by_role("button", name="Show").click()

    assert "sort=name" in seen.path
    rows = seen.page.locator("tbody tr b").all_inner_texts()
    assert rows == sorted(rows)
