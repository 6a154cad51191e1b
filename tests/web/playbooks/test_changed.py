"""What changed since another version: in words that link to what they speak of, and line by line below."""

import gzip
import re

import pytest
from django.urls import reverse
from tests.web.playbooks.conftest import TOML

from leadline.engine.playbook.changes import playbook_changes
from leadline.starter import PLAYBOOK
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.changed import say_changes
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import compile_toml

STARTER = PLAYBOOK.read_text(encoding="utf-8")
PRICES = """
[scores.engagement]
title = "Engagement"

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
points = 10
decay = { half_life = "14d" }
"""
BROKEN = TOML.replace("points = 30", "point = 30")


def page_of(client, number, **query):
    answer = client.get(reverse("playbook-version", args=[number]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_all_changes_are_there_in_the_order_of_the_page():
    after = STARTER.replace("points = 40", "points = 30").replace('timezone = "Europe/Berlin"', 'timezone = "UTC"')
    after = after.replace("fit >= 50", "fit >= 60").replace("[lists]", '[lists]\nmore = ["a"]')

    found = say_changes(STARTER, after)

    wanted = playbook_changes(compile_toml(STARTER).bound, compile_toml(after).bound)
    assert found.count == len(wanted) > 3
    assert [one.change for part in found.parts for one in part.changes if part.title != "Lists"] == [
        one for one in wanted if one.part != "lists"
    ]
    assert (found.parts[-1].title, found.parts[-1].anchor) == ("Lists", "part-words"), "what it rests on comes last"
    assert found.problem == ""


def test_texts_that_differ_in_comments_only_say_so_and_show_the_lines():
    found = say_changes(TOML, f"# for the spring\n{TOML}")

    assert (found.count, [one.text for one in found.lines if one.kind == "added"]) == (0, ["# for the spring"])
    assert say_changes(TOML, TOML).lines == ()


@pytest.mark.parametrize(
    ("before", "after", "which"), [(BROKEN, TOML, "older"), (TOML, BROKEN, "newer"), ("[", "]", "older")]
)
def test_a_text_that_cannot_be_read_is_told_and_the_lines_are_there(before, after, which):
    found = say_changes(before, after)

    assert found.problem.startswith(f"The {which} text cannot be read (line ")
    assert found.lines
    assert found.parts == ()


def test_the_page_says_what_changed_in_words_before_the_lines(as_omar, live, northwind, maria):
    publish(northwind, toml=TOML.replace("points = 30", "points = 40").replace("fit >= 30", "fit >= 35"), by=maria)

    text = page_of(as_omar, 2)

    assert "What changed since version 1" in text
    assert "40 points instead of 30." in text
    assert "enters when the score fit is at least 35 instead of 30." in text
    assert text.index("40 points instead of 30.") < text.index("<ins>+ points = 40</ins>")
    assert (
        "<del>− Before: In a country where we have people: 30 points when the lead&#x27;s country is DE.</del>" in text
    )
    assert '<details class="more as-text"><summary>The text, line by line</summary>' in text


def test_what_came_and_what_is_gone_has_a_sign_and_a_word(as_omar, live, northwind, maria):
    publish(northwind, toml=TOML + PRICES, by=maria)
    publish(northwind, toml=TOML.replace("points = 30", "points = 31"), by=maria)

    new, gone = page_of(as_omar, 2), page_of(as_omar, 3)

    assert ">+ New</span>" in new
    assert 'href="#criterion-prices">Looked at prices</a>: 10 points for each' in new
    assert ">− Gone</span>" in gone
    assert "criterion-prices" not in gone, "it does not stand on this page"
    assert "<b>Looked at prices</b>: 10 points for each" in gone


def test_every_link_leads_to_a_place_on_the_page(as_omar, live, northwind, maria):
    publish(northwind, toml=STARTER, by=maria)
    after = (
        STARTER.replace("points = 40", "points = 30")
        .replace("fit >= 50", "fit >= 60")
        .replace("[lists]", '[lists]\nmore = ["a"]')
    )
    publish(northwind, toml=after, by=maria)

    for text in (page_of(as_omar, 2), page_of(as_omar, 3)):
        ids = re.findall(r' id="([^"]+)"', text)
        links = re.findall(r'href="#([^"]+)"', text[text.index("What changed") :])
        assert len(links) > 3
        assert set(links) <= set(ids)
        assert len(ids) == len(set(ids))


def test_a_version_that_cannot_be_read_any_more_has_a_page_all_the_same(as_omar, live, northwind, maria):
    publish(northwind, toml=TOML.replace("points = 30", "points = 40"), by=maria)
    Version.objects.filter(number=1).update(toml=BROKEN)

    since, itself = page_of(as_omar, 2), page_of(as_omar, 1, against=2)

    assert re.search(r"The older text cannot be read \(line \d+\): ", since)
    assert "<ins>+ points = 40</ins>" in since
    assert re.search(r"The newer text cannot be read \(line \d+\): ", itself)


def test_what_is_written_in_a_playbook_is_shown_as_text(as_omar, live, northwind, maria):
    publish(northwind, toml=TOML.replace("In a country where we have people", "<script>alert(1)</script>"), by=maria)

    text = page_of(as_omar, 2)

    assert "called “&lt;script&gt;alert(1)&lt;/script&gt;”" in text
    assert "<script>alert" not in text


def test_the_page_of_a_wholly_other_playbook_stays_small(
    as_omar, live, northwind, maria, django_assert_max_num_queries
):
    publish(northwind, toml=STARTER, by=maria)

    with django_assert_max_num_queries(15):
        text = page_of(as_omar, 2)

    assert len(text) < 66_000
    assert len(gzip.compress(text.encode())) < 16_000, "what a browser is sent"
    assert re.search(r"\d+ more lines: download both texts", text)


@pytest.mark.browser
def test_the_changes_are_fit_for_everybody_in_every_look(visit, omar, live, northwind, maria):
    publish(northwind, toml=STARTER, by=maria)
    after = STARTER.replace("points = 40", "points = 30").replace("fit >= 50", "fit >= 60").replace('"14d"', '"21d"')
    publish(northwind, toml=after, by=maria)
    seen = visit(omar)

    for number in (2, 3):
        seen.check_accessibility(reverse("playbook-version", args=[number]))
    seen.page.get_by_text("Before and now").first.click()
    seen.page.get_by_text("The text, line by line").click()
    seen.check_accessibility()
    seen.page.get_by_role("link", name="Asked for a demonstration").click()
    assert seen.path.endswith("#criterion-demo-request")
