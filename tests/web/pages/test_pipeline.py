"""The pipeline: who stands in which stage, how many moved, and the two ways to look at it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.pages.rows import make_lead, move, qualify

from leadline.web.leads.models import Lead
from leadline.web.pages.pipeline.queries import CARDS, Only, find_columns, find_rows
from leadline.web.pages.playbook_words import words_of


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def columns(version, only=None):
    return {one.stage.id: one for one in find_columns(version, words_of(version), only or Only())}


def rows(version, only=None):
    return {one.stage.id: one for one in find_rows(version, words_of(version), only or Only(), timezone.now())}


def test_every_stage_has_a_column_in_the_order_of_the_playbook(playbook):
    assert list(columns(playbook)) == ["lead", "mql", "pql", "accepted", "sql", "opportunity", "customer"]


def test_the_best_of_a_stage_are_on_the_board_and_all_are_counted(northwind, playbook):
    for number in range(CARDS + 3):
        qualify(make_lead(northwind, f"Lead {number}"), playbook, rank=number)

    found = columns(playbook)["mql"]

    assert found.count == CARDS + 3
    assert [one.lead.name for one in found.cards] == [f"Lead {CARDS + 2 - at}" for at in range(CARDS)]


def test_visitors_and_merged_leads_stand_nowhere(northwind, playbook):
    ada = make_lead(northwind, "Ada")
    qualify(ada, playbook)
    qualify(make_lead(northwind, "Twin", merged_into=ada), playbook)
    qualify(Lead.objects.create(workspace=northwind, first_seen_at=timezone.now()), playbook)

    assert columns(playbook)["mql"].count == rows(playbook)["mql"].count == 1


def test_a_source_narrows_both_views_and_what_they_lead_to(northwind, playbook):
    ada = make_lead(northwind, "Ada", first_source="list", said_source="webinar")
    ben = make_lead(northwind, "Ben", first_source="webinar", said_source="list")
    for lead in (ada, ben):
        qualify(lead, playbook)
        move(lead, playbook, "lead", "mql", ago=timedelta(days=1))
    only = Only(source="webinar")

    column, row = columns(playbook, only)["mql"], rows(playbook, only)["mql"]

    assert [one.lead.name for one in column.cards] == ["Ada"]
    assert (column.count, row.count, row.came_week) == (1, 1, 1)
    assert column.query == row.query == "stage=mql&source=webinar"


def test_moves_are_counted_where_they_came_to_and_where_they_left(northwind, playbook):
    ada = make_lead(northwind, "Ada")
    qualify(ada, playbook)
    move(ada, playbook, "lead", "mql", ago=timedelta(days=40))
    move(ada, playbook, "mql", "lead", ago=timedelta(days=20), is_forward=False)
    move(ada, playbook, "lead", "mql", ago=timedelta(days=10))
    move(ada, playbook, "mql", "pql", ago=timedelta(days=3))

    found = rows(playbook)

    mql, lead = found["mql"], found["lead"]
    assert (mql.came_week, mql.came_month, mql.on_month, mql.back_month) == (0, 1, 1, 1)
    assert (lead.came_month, lead.on_month, lead.back_month) == (1, 1, 0)
    assert found["pql"].came_week == 1


def test_a_card_says_since_when(northwind, playbook):
    ada = make_lead(northwind, "Ada")
    qualify(ada, playbook)
    move(ada, playbook, "", "lead", ago=timedelta(days=9))
    came = move(ada, playbook, "lead", "mql", ago=timedelta(days=2))

    assert columns(playbook)["mql"].cards[0].since == came.at


def test_the_counts_are_those_of_the_list_of_leads(as_maria, people, playbook):
    for column in as_maria.get("/pipeline/").context["columns"]:
        listing = as_maria.get(f"/leads/?{column.query}").context["listing"]
        assert listing.count == column.count


def test_a_workspace_without_playbook_or_people_is_told_so(as_maria, northwind):
    text = as_maria.get("/pipeline/").content.decode()

    assert "No playbook is live" in text
    assert "Nobody is here yet" in text


@pytest.mark.parametrize("query", ["", "?view=list", "?source=webinar%00x&view=%00"])
def test_few_queries_are_enough(as_maria, people, django_assert_max_num_queries, query):
    with django_assert_max_num_queries(30):
        answer = as_maria.get(f"/pipeline/{query}")
    assert answer.status_code == 200
    assert len(answer.content) < 60_000


def test_nobody_sees_another_workspace(as_charlie, people):
    assert "columns" not in as_charlie.get("/pipeline/").context


@pytest.mark.browser
@pytest.mark.parametrize("query", ["", "?view=list"])
def test_the_pipeline_in_every_look(visit, maria, people, query):
    seen = visit(maria)
    seen.go(f"/pipeline/{query}")
    seen.check_accessibility()
    seen.shoot_every_look(f"pipeline{query[1:]}", full=True)


@pytest.mark.browser
def test_a_card_leads_to_its_lead_with_the_others_of_the_stage_around_it(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.go("/pipeline/")
    seen.page.get_by_role("link", name="List", exact=True).click()
    seen.page.get_by_role("link", name="Board", exact=True).click()
    seen.page.locator(".column").nth(0).get_by_role("link").first.click()

    assert "stage=lead" in seen.path
    assert " of " in seen.page.locator(".top").inner_text()
