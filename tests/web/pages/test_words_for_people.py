"""Pages speak to people: members by their names, no dot before the first word, days as they are in the workspace's zone."""

from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.pages.rows import make_lead, qualify

from leadline.web.assessments.models import Assessment, Spell
from leadline.web.capture.imports.samples import _text_of
from leadline.web.leads.models import Fact, Outcome
from leadline.web.leads.notes import add_note
from leadline.web.notices.said import Words
from leadline.web.pages.playbook_words import words_of
from leadline.web.shell.templatetags.shell import said_by


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def ada(northwind, playbook, omar):
    """A lead of whom Omar said things, and somebody who has left."""
    lead, now = make_lead(northwind, "Ada", email="ada@obi.example"), timezone.now()
    Fact.objects.create(
        workspace=northwind, lead=lead, first_lead=lead, field="country", value="DE", known_at=now, recorded_at=now,
        source="person", by="OMAR@northwind.example",
    )  # fmt: skip
    Outcome.objects.create(
        workspace=northwind, lead=lead, first_lead=lead, outcome="rejected", at=now, recorded_at=now, source="leadline",
        by="omar@northwind.example",
    )  # fmt: skip
    add_note(lead, "Likes tea", by="omar@northwind.example")
    add_note(lead, "Likes coffee", by="gone@northwind.example")
    return lead


def test_who_said_something_is_called_by_name_and_who_has_left_by_address(as_maria, ada):
    page = as_maria.get(f"/leads/{ada.pk}/").content.decode()

    assert "omar@northwind.example" not in page and "OMAR@" not in page and "person, " not in page
    assert page.count("Omar") == 3
    assert "gone@northwind.example" in page


def test_a_source_that_is_no_person_is_said_beside_who_was_named(ada):
    word = Outcome(source="crm", by="omar@northwind.example")
    names = {"omar@northwind.example": "Omar"}

    assert said_by(word, names) == "crm, Omar"
    assert said_by(Outcome(source="crm", by=""), names) == "crm"
    assert said_by(Outcome(source="leadline", by="omar@northwind.example"), names) == "Omar"


def test_a_day_in_an_import_is_the_day_of_its_zone():
    berlin = ZoneInfo("Europe/Berlin")
    day = timezone.datetime(2026, 11, 1, tzinfo=berlin)

    assert _text_of(day.astimezone(ZoneInfo("UTC")), berlin) == "1 November 2026"
    assert _text_of(day.replace(hour=9, minute=5), berlin) == "1 November 2026, 09:05"


def test_a_reason_without_a_title_is_said_in_words(northwind, playbook):
    assert Words(northwind.pk)._reason("rejected", "no-such-reason") == "no such reason"


def test_the_next_step_names_its_qualification_by_its_title(as_maria, northwind, playbook):
    lead = make_lead(northwind, "Bo")
    qualify(lead, playbook)
    Assessment.objects.filter(lead=lead).update(next_step="mql: one demo_requested today")

    page = as_maria.get("/leads/?cols=next").content.decode()

    assert "Marketing qualified: one demo_requested today" in page
    assert words_of(playbook).next_step("gone: two visits") == "gone: two visits"


@pytest.mark.parametrize("day_of_sql", [None, 20_790, 20_780])
def test_a_stage_is_not_said_to_cool_where_another_qualification_does(as_maria, northwind, playbook, day_of_sql):
    lead = make_lead(northwind, "Bo")
    spell = qualify(lead, playbook, level="mql", stage="sql", cools_day=20_780)
    Spell.objects.filter(pk=spell.pk).update(cools_day=20_780)
    Spell.objects.create(
        workspace=northwind, version=playbook, lead=lead, qualification="sql", number=1, began_at=spell.began_at, began_by="enter",
        noticed_at=spell.began_at, cools_day=day_of_sql,
    )  # fmt: skip
    Assessment.objects.filter(lead=lead).update(qualifications=["mql", "sql"])

    page = as_maria.get("/leads/").content.decode()

    expected = "cools" if day_of_sql == 20_780 else "Marketing qualified cools"
    assert f">{expected} 23 Nov" in page
