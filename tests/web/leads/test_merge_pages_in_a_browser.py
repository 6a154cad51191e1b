"""The pages on duplicates, merges, consent, export, erasure and titles, as people see them."""

from datetime import timedelta

import pytest
from tests.web.leads.test_merge_pages import person

from leadline.web.leads.consent import give_consent, withdraw_consent
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Lead, Suggestion
from leadline.web.leads.title_rules import add_title_rule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(northwind, now):
    return person(northwind, "ada@acme.example", now, name="Ada Lovelace", title="Growth Hacker", phone="030 1234567")


@pytest.fixture
def pairs(northwind, ada, now):
    others = [
        person(
            northwind, f"a.lovelace{number}@gmail.com", now + timedelta(days=number), name="A. Lovelace", title="CEO"
        )
        for number in (1, 2)
    ]
    for number, other in enumerate(others):
        Suggestion.objects.create(
            workspace=northwind,
            lead=ada,
            other=other,
            because="same surname and company, first name alike, other title",
            probability=0.97 - number / 10,
        )
    return others


def test_a_marketer_goes_through_duplicates(visit, maria, ada, pairs):
    seen = visit(maria)
    seen.go("/leads/duplicates/")
    seen.check_accessibility()
    seen.shoot_every_look("duplicates")

    seen.page.get_by_role("button", name="Two people are Ada Lovelace and A. Lovelace").last.click()
    seen.page.get_by_text("stay two").wait_for()
    seen.page.get_by_role("link", name="Compare Ada Lovelace").first.click()
    seen.check_accessibility()
    seen.shoot_every_look("compare", full=True)
    seen.page.get_by_role("button", name="Merge", exact=True).click()
    seen.page.get_by_text("was merged into").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("merged")
    assert Lead.objects.filter(merged_into=ada).count() == 1

    seen.page.get_by_role("button", name="Undo").click()
    seen.page.get_by_text("stands for itself again").wait_for()
    assert not Lead.objects.exclude(merged_into=None).exists()
    seen.check_accessibility()
    seen.shoot_every_look("merges")


def test_all_of_it_works_without_javascript(visit, maria, ada, pairs):
    seen = visit(maria, javascript=False)
    seen.go("/leads/duplicates/")
    seen.page.get_by_role("button", name="Two people are Ada Lovelace and A. Lovelace").last.click()
    assert "It is not suggested again" in seen.page.content()

    seen.page.get_by_role("link", name="Compare Ada Lovelace").first.click()
    seen.page.get_by_role("radio", name="A. Lovelace").check()
    seen.page.get_by_role("button", name="Show this merge").click()
    seen.page.get_by_role("button", name="Merge", exact=True).click()
    seen.page.get_by_role("button", name="Undo").click()

    assert "stands for itself again" in seen.page.content()


def test_what_is_suggested_shows_when_there_is_nothing(visit, maria):
    seen = visit(maria)
    seen.go("/leads/duplicates/")
    seen.check_accessibility()


def test_consent_is_read_and_entered(visit, omar, ada, now):
    give_consent(ada, "contact", basis="consent", how="Card at the fair", text="We may write to you.", now=now)
    withdraw_consent(ada, "contact", how="Mail", by=omar, now=now + timedelta(days=3))
    seen = visit(omar)
    seen.go(f"/leads/{ada.pk}/consent/")
    seen.check_accessibility()
    seen.shoot_every_look("consent", full=True)

    seen.page.get_by_label("For what").select_option("scoring")
    seen.page.get_by_label("How do we know?").fill("Asked on the phone")
    seen.page.get_by_role("button", name="Add", exact=True).click()
    seen.page.get_by_text("Choose the lawful basis").wait_for()
    seen.check_accessibility()
    seen.page.get_by_label("Lawful basis").select_option("consent")
    seen.page.get_by_role("button", name="Add", exact=True).click()

    seen.page.get_by_text("Noted: we may score them.").wait_for()


def test_what_is_held_is_shown_and_downloaded(visit, maria, ada, pairs):
    merge_leads(pairs[0], ada, because="by hand")
    seen = visit(maria)
    seen.go(f"/leads/{ada.pk}/export/")
    seen.check_accessibility()
    seen.shoot_every_look("export")

    with seen.page.expect_download() as download:
        seen.page.get_by_role("link", name="Download as JSON").click()

    assert download.value.suggested_filename == f"person-{ada.pk}.json"


def test_erasing_asks_first(visit, maria, ada, pairs):
    seen = visit(maria)
    seen.go(f"/leads/{ada.pk}/erase/")
    seen.check_accessibility()
    seen.shoot_every_look("erase", full=True)

    seen.page.get_by_label("I understand").check()
    seen.page.get_by_role("button", name="Erase them").click()
    seen.page.get_by_text("They were erased").wait_for()

    assert not Lead.objects.filter(pk=ada.pk).exists()


def test_a_rule_on_titles_shows_what_it_changes_while_it_is_typed(visit, maria, northwind, ada):
    add_title_rule(northwind, pattern="wizard", seniority="specialist")
    seen = visit(maria)
    seen.go("/leads/titles/")
    seen.page.get_by_label("Words in the title").fill("growth hacker")
    seen.page.get_by_label("Seniority").select_option("manager")
    seen.page.get_by_text("1 of 1 lead").wait_for()
    seen.check_accessibility()
    seen.page.get_by_label("Words in the title").fill("growth hacker")
    seen.shoot("titles_typed")

    seen.page.get_by_role("button", name="Add").click()

    seen.page.get_by_text("are read by your rule from now on").wait_for()
    seen.shoot_every_look("titles")
