"""The list with a condition, and the page on which one is built."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.pages.world import make_live, starter_toml

from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Lead
from leadline.web.pages.conditions.leads import leads_where


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def page_of(client, address, **query):
    return client.get(f"{address}?{urlencode(query, doseq=True)}" if query else address)


def listed(answer):
    return {row.lead.pk for row in answer.context["listing"].rows}


def test_the_list_shows_who_holds_the_condition_and_says_it_in_words(as_maria, people):
    wanted = {one.lead_id for one in Assessment.objects.filter(lead__is_known=True) if one.scores["fit"] >= 800_000}

    answer = page_of(as_maria, "/leads/", where="fit >= 80")

    assert 0 < len(wanted) < 25
    assert listed(answer) == wanted
    assert [one.text for one in answer.context["chips"]] == ["The score fit is at least 80"]
    assert answer.context["chips"][0].query == ""


def test_the_condition_is_kept_when_one_turns_over_sorts_and_opens(as_maria, people):
    answer = page_of(as_maria, "/leads/", where="fit >= 0", sort="name")

    links = answer.content.decode()
    assert "where=fit+%3E%3D+0" in links
    assert 'name="where" value="fit &gt;= 0" form="filters"' in links
    assert answer.context["listing"].has_next
    first = next(iter(answer.context["listing"].rows)).lead
    beside = as_maria.get(f"/leads/{first.pk}/?where=fit+%3E%3D+0&sort=name").content.decode()
    assert "where=fit" in beside


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fti >= 60", "At character 1: there is no field 'fti'. Did you mean 'fit'?"),
        (
            "fit >= 60 and cuontry = 'DE' and stage = 'mqk'",
            "At character 15: there is no field 'cuontry'. Did you mean 'country'?",
        ),
        ("stage = 'mqk'", "At character 1: stage is never 'mqk'. Did you mean 'mql'?"),
        ("count('demo_requestd', '30d') >= 1", "there is no event 'demo_requestd'. Did you mean 'demo_requested'?"),
        ("fit >=", "ends too early"),
        ("fit >= 'a'", "&#x27;a&#x27; is a text"),
        ("mql", "is a qualification"),
        ("'", "At character 1"),
        ("now()", "At character 1: there is no function now()"),
        ("fit >= 60 and country = now ( )", "At character 25: there is no function now()"),
        ("nowhere = 1 or days_since() > 3", "At character 16: days_since() takes one part"),
        ("fit >= 60 or 1 = 2", "At character 14: compares 1 with 2"),
        ("(" * 500, "nested more than"),
        ("x" * 5000, "at most 2000"),
        ("fit = 1" + " and fit = 1" * 150, ""),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nobody_is_shown(as_maria, people, text, said):
    answer = page_of(as_maria, "/leads/", where=text)

    assert answer.status_code == 200
    assert not answer.context["listing"].rows
    page = answer.content.decode()
    assert said in page or said in page.replace("&#x27;", "'")
    assert page_of(as_maria, "/leads/where/", where=text, do="show").status_code == (422 if said else 302)


def test_all_that_is_wrong_is_said_at_once(as_maria, people):
    problems = page_of(as_maria, "/leads/", where="cuontry = 'DE' and stage = 'mqk' and count('nothing') > 1").context[
        "where_problems"
    ]

    assert [one.code for one in problems] == ["unknown-field", "bad-value", "unknown-event"]


def test_another_workspace_holds_nothing_and_knows_no_names_of_ours(as_charlie, elsewhere, people):
    version = make_live(elsewhere, starter_toml())

    found = leads_where(elsewhere, version, "fit >= -1000", at=timezone.now())

    assert not isinstance(found, tuple)
    assert not Lead.objects.filter(found).exists()
    assert leads_where(elsewhere, version, "budget_amount_of_ours = 1", at=timezone.now())[0].code == "unknown-field"


def test_rows_become_a_condition_without_javascript(as_maria, people):
    begun = page_of(as_maria, "/leads/where/", back="sort=name")
    assert begun.status_code == 200
    more = page_of(
        as_maria, "/leads/where/", back="sort=name", joint="and", what=["fit"], how=["at-least"], value=["60"], do="add"
    )
    assert len(more.context["rows"]) == 2

    shown = page_of(
        as_maria,
        "/leads/where/",
        back="sort=name",
        joint="or",
        what=["fit", "country"],
        how=["at-least", "is"],
        value=["60", "DE"],
        do="show",
    )

    assert shown.status_code == 302
    asked = parse_qs(urlsplit(shown.url).query)
    assert asked == {"where": ["fit >= 60 or country = 'DE'"], "sort": ["name"]}
    again = page_of(as_maria, "/leads/where/", **{name: value[0] for name, value in asked.items()})
    assert [(one.row.what, one.row.how, one.row.value) for one in again.context["rows"]] == [
        ("fit", "at-least", "60"),
        ("country", "is", "DE"),
    ]
    assert again.context["joint"] == "or"


def test_a_row_is_removed_and_the_others_stay(as_maria, people):
    asked = {"what": ["fit", "country"], "how": ["at-least", "is"], "value": ["60", "DE"]}

    answer = page_of(as_maria, "/leads/where/", back="", do="remove-0", **asked)

    assert [one.row.what for one in answer.context["rows"]] == ["country"]
    assert answer.context["text"] == "country = 'DE'"


def test_what_rows_cannot_say_is_edited_as_text(as_maria, people):
    answer = page_of(as_maria, "/leads/where/", where="fit >= 60 and (country = 'DE' or country is null)")

    assert "more than rows can" in answer.content.decode()
    assert not answer.context["problems"]


def test_the_builder_offers_what_the_workspace_knows(as_maria, people):
    page = page_of(as_maria, "/leads/where/", what=["country"], how=["is"], value=[""]).content.decode()

    for one in (
        'value="event:demo_requested"',
        'value="company.employees"',
        'value="fit.grade"',
        'value="qualified"',
        "<datalist",
    ):
        assert one in page


def test_few_queries_are_enough(as_maria, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        page_of(as_maria, "/leads/", where="fit >= 10 and count('page_viewed', '30d') >= 1 and country = 'DE'")
    with django_assert_max_num_queries(30):
        page_of(as_maria, "/leads/where/", where="fit >= 10")


def test_without_a_playbook_nobody_holds_anything(as_maria, northwind):
    assert page_of(as_maria, "/leads/", where="fit >= 10").status_code == 200
    assert page_of(as_maria, "/leads/where/").status_code == 302
