"""What people add on the page of a lead: notes, which nothing reads but people, beside answers (questions/)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.world import assess_everybody

from leadline.web.leads.merging import merge_leads, unmerge
from leadline.web.leads.models import Fact, Lead, Note
from leadline.web.leads.notes import add_note, notes_of

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def ada(northwind):
    return Lead.objects.create(workspace=northwind, name="Ada", is_known=True, first_seen_at=NOW - timedelta(days=9))


# -- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_with_who_wrote_it_and_changes_no_score(as_omar, omar, ada):
    before = ada.log_version

    page = as_omar.post(f"/leads/{ada.pk}/notes/", {"text": "Prefers the phone.\n<b>Tuesdays</b>"}, follow=True)

    (note,) = notes_of(ada)
    assert (note.text, note.by) == ("Prefers the phone.\n<b>Tuesdays</b>", omar.email)
    assert "&lt;b&gt;Tuesdays" in page.content.decode()
    ada.refresh_from_db()
    assert (ada.log_version, ada.due_at) == (before, None)


def test_an_empty_note_is_refused_and_the_page_says_so(as_omar, ada):
    answered = as_omar.post(f"/leads/{ada.pk}/notes/", {"text": "  "})

    assert answered.status_code == 422
    assert "Write something first" in answered.content.decode()
    assert not Note.objects.exists()


def test_a_note_is_taken_away_by_its_writer_or_an_administrator_only(as_omar, as_maria, client, northwind, omar, ada):
    client.force_login(member(northwind, "Tom", "marketer"))
    first, second = (add_note(ada, text, by=omar.email) for text in ("one", "two"))

    refused = client.post(f"/leads/{ada.pk}/notes/{first.pk}/remove/", follow=True)
    assert "Only who wrote a note" in refused.content.decode()
    assert len(notes_of(ada)) == 2
    assert as_omar.post(f"/leads/{ada.pk}/notes/{first.pk}/remove/").status_code == 302
    assert as_maria.post(f"/leads/{ada.pk}/notes/{second.pk}/remove/").status_code == 302
    assert not Note.objects.exists()


def test_notes_follow_a_merge_and_come_back_when_it_is_undone(northwind, ada):
    twin = Lead.objects.create(workspace=northwind, name="Ada L.", is_known=True, first_seen_at=NOW)
    add_note(twin, "of the twin", by="x")
    merge = merge_leads(twin, ada, because="by hand")

    assert [one.text for one in notes_of(ada)] == ["of the twin"]
    unmerge(merge)
    assert notes_of(ada) == []
    assert [one.text for one in notes_of(twin)] == ["of the twin"]


# -- both ---------------------------------------------------------------------------------------------------------------


def test_a_viewer_sees_answers_and_notes_but_no_forms(client, northwind, ada, playbook):
    add_note(ada, "Likes tea", by="omar@northwind.example")
    Lead.objects.filter(pk=ada.pk).update(due_at=NOW)
    assess_everybody()
    client.force_login(member(northwind, "Vera", "viewer"))

    text = client.get(f"/leads/{ada.pk}/").content.decode()

    assert "Likes tea" in text
    assert "/notes/" not in text
    assert "/answers/" not in text


@pytest.mark.browser
def test_notes_and_answers_by_hand_without_javascript(visit, omar, ada, playbook):
    Lead.objects.filter(pk=ada.pk).update(due_at=NOW)
    assess_everybody()
    add_note(ada, "Likes tea", by=omar.email)
    seen = visit(omar, javascript=False)
    seen.go(f"/leads/{ada.pk}/")
    seen.page.locator("#questions summary").first.click()
    seen.page.get_by_label("partly").first.check()
    seen.page.get_by_label("How you know").first.fill("mail")
    seen.page.get_by_role("button", name="Note it").first.click()

    assert "The answer was noted." in seen.page.locator("main").inner_text()
    assert Fact.objects.get(field__startswith="questions.").value == "partly"
    visit(omar).go(f"/leads/{ada.pk}/")


@pytest.mark.browser
def test_the_cards_in_every_look(visit, omar, ada, playbook):
    Lead.objects.filter(pk=ada.pk).update(due_at=NOW)
    assess_everybody()
    add_note(ada, "Likes tea " * 40, by=omar.email)
    seen = visit(omar)
    seen.go(f"/leads/{ada.pk}/")
    seen.page.locator("#questions summary").first.click()
    seen.check_accessibility()
    seen.shoot_every_look("lead_notes", full=True)
