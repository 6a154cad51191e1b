"""Drafts in the pages: beginning one, saving it as typed, checking without saving, two people at once, and publishing with a note."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.web.conftest import member
from tests.web.pages.rows import happened, make_lead
from tests.web.playbooks.conftest import CASES, TOML

from leadline.web.assessments.whatif.run import run_whatifs
from leadline.web.leads.models import Fact
from leadline.web.playbooks.actions import go_live, publish
from leadline.web.playbooks.drafts import begin_draft, put_away, save_draft
from leadline.web.playbooks.models import Draft, Version

DRAFTS = reverse("drafts")
OTHER = TOML.replace("points = 30", "points = 40")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def live(northwind, maria, now):
    version = publish(northwind, toml=TOML, note="the first", by=maria, now=now)
    go_live(version, now=now)
    version.refresh_from_db()
    return version


@pytest.fixture
def draft(northwind, live, maria):
    return begin_draft(northwind, name="Autumn", version=live, by=maria)


def at(name, draft):
    return reverse(name, args=[draft.pk])


def typed(**changes):
    return {"revision": 1, "name": "Autumn", "toml": TOML, "cases": "", **changes}


def text_of(answer):
    return answer.content.decode()


# -- beginning ------------------------------------------------------------------------------------------------------


def test_a_draft_begins_with_what_is_live(as_maria, live):
    assert "Version 1, which is live" in text_of(as_maria.get(DRAFTS))
    answer = as_maria.post(DRAFTS, {"name": "  Less for  webinars ", "start": "live"})

    draft = Draft.objects.get()
    assert answer.url == at("draft", draft)
    assert (draft.name, draft.toml, draft.based_on) == ("Less for webinars", TOML, live)


@pytest.mark.parametrize(("start", "begins"), [("example", "# "), ("nothing", ""), ("1", TOML)])
def test_a_draft_begins_with_an_older_version_an_example_or_nothing(as_maria, live, northwind, maria, start, begins):
    go_live(publish(northwind, toml=OTHER, by=maria))
    as_maria.post(DRAFTS, {"name": "New", "start": start})

    draft = Draft.objects.get()
    assert draft.toml[:2] == begins[:2]
    assert (draft.toml == "") == (start == "nothing")


@pytest.mark.parametrize("given", [{"name": " ", "start": "nothing"}, {"name": "New", "start": "77"}, {}])
def test_a_draft_without_a_name_or_a_beginning_is_refused(as_maria, given):
    assert as_maria.post(DRAFTS, given).status_code == 422
    assert not Draft.objects.exists()


def test_the_page_of_the_playbook_leads_to_drafts(as_maria, as_omar, draft):
    for client in (as_maria, as_omar):
        assert at("draft", draft) in text_of(client.get(reverse("playbook")))


def test_everybody_reads_drafts_and_only_editors_write(as_omar, draft):
    page = text_of(as_omar.get(at("draft", draft)))

    assert "country = &#x27;DE&#x27;" in page
    assert "<textarea" not in page
    assert at("draft-publish", draft) not in page
    assert as_omar.post(at("draft", draft), typed(toml=OTHER)).status_code == 403
    assert as_omar.post(DRAFTS, {"name": "Mine", "start": "nothing"}).status_code == 403
    assert Draft.objects.get().toml == TOML


# -- saving -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_as_it_was_typed_right_or_wrong(as_maria, draft):
    answer = as_maria.post(at("draft", draft), typed(toml="[playbook\r\nname ="), follow=True)

    assert Draft.objects.get().toml == "[playbook\nname ="
    assert "cannot be published yet" in text_of(answer)
    assert 'data-line="1"' in text_of(answer)


def test_what_cannot_be_kept_is_refused_and_nothing_typed_is_lost(as_maria, draft):
    answer = as_maria.post(at("draft", draft), typed(name="", toml=OTHER))
    assert answer.status_code == 422
    assert "points = 40" in text_of(answer)
    assert Draft.objects.get().toml == TOML

    assert "at most 262,144" in text_of(as_maria.post(at("draft", draft), typed(toml="#" * 262_145)))
    assert as_maria.post(at("draft", draft), typed(toml="\x00")).status_code == 422


def test_checking_says_what_is_wrong_and_saves_nothing(as_maria, draft):
    found = as_maria.post(at("draft-check", draft), typed(toml=TOML.replace("points", "point")), headers=HTMX)

    assert found.status_code == 200
    assert "Line " in text_of(found)
    assert "<html" not in text_of(found)
    assert Draft.objects.get().revision == 1


def test_checking_without_javascript_shows_the_page_with_what_was_typed(as_maria, draft):
    page = text_of(as_maria.post(at("draft-check", draft), typed(toml=OTHER)))

    assert "is not saved yet" in page
    assert "points = 40" in page
    assert "It can be published" in page
    assert "40 points instead of 30" in page
    assert Draft.objects.get().toml == TOML


def test_a_case_that_fails_is_shown_beside_what_was_found(as_maria, draft):
    page = text_of(as_maria.post(at("draft-check", draft), typed(cases=CASES, toml=OTHER), headers=HTMX))

    assert "1 of 1 case fails" in page
    assert "<td>30</td><td>40</td>" in page
    assert "write what was found into the case" in page
    assert 'href="#id_cases"' in page


def test_where_the_texts_are_on_another_page_what_is_wrong_leads_there(as_maria, draft, maria):
    save_draft(draft, revision=1, by=maria, toml=OTHER, cases=CASES)
    there = f'href="{at("draft", draft)}?line='
    in_form = {"is_form": "1", "revision": 2, "cases": CASES}

    for answer in (
        as_maria.get(at("draft-publish", draft)),
        as_maria.get(at("draft-form", draft)),
        as_maria.post(at("draft-check", draft), in_form, headers=HTMX),
    ):
        page = text_of(answer)
        assert "1 of 1 case fails" in page
        assert there in page
        assert 'href="#id_cases"' not in page
    assert there not in text_of(as_maria.get(at("draft", draft)))


def test_the_same_as_what_is_live_is_said(as_maria, draft):
    assert "the same as version 1" in text_of(as_maria.get(at("draft", draft)))
    assert "nothing to publish" in text_of(as_maria.get(at("draft-publish", draft)))


def test_who_had_an_older_text_learns_who_was_first_and_keeps_both(as_maria, draft, omar):
    save_draft(draft, revision=1, by=omar, toml=OTHER)
    answer = as_maria.post(at("draft", draft), typed(toml=TOML.replace("points = 30", "points = 50")))

    page = text_of(answer)
    assert answer.status_code == 409
    assert "Omar" in page
    assert "− points = 40" in page
    assert "+ points = 50" in page
    assert Draft.objects.get().toml == OTHER

    assert '<input type="hidden" name="revision" value="2"' in page
    as_maria.post(at("draft", draft), typed(revision=2, toml=TOML.replace("points = 30", "points = 50")))
    assert "points = 50" in Draft.objects.get().toml


def test_who_writes_what_was_deleted_keeps_the_text(as_maria, draft, monkeypatch):
    from leadline.web.pages.drafts import asking

    found = asking.find_draft(draft.workspace, draft.pk)
    put_away(draft)
    monkeypatch.setattr(asking, "find_draft", lambda *_arguments, **_names: found)
    answer = as_maria.post(at("draft", draft), typed(toml=OTHER))

    assert answer.status_code == 409
    assert "points = 40" in text_of(answer)


def test_a_draft_that_was_published_shows_as_what(as_maria, draft, northwind, live):
    Draft.objects.filter(pk=draft.pk).update(published_as=live)

    assert "published as" in text_of(as_maria.get(at("draft", draft)))
    answer = as_maria.post(at("draft", draft), typed(toml=OTHER))
    assert answer.status_code == 409
    assert as_maria.get(at("draft-publish", draft)).url == reverse("playbook-version", args=[1])


# -- publishing -------------------------------------------------------------------------------------------------------


def test_a_draft_is_published_with_a_note(as_maria, draft, maria):
    save_draft(draft, revision=1, by=maria, toml=OTHER)
    assert 'name="note"' in text_of(as_maria.get(at("draft-publish", draft)))
    refused = as_maria.post(at("draft-publish", draft), {"revision": 2, "note": " "})
    assert refused.status_code == 422
    assert Version.objects.count() == 1

    answer = as_maria.post(at("draft-publish", draft), {"revision": 2, "note": "More for Germany"}, follow=True)
    assert "Version 2 is published" in text_of(answer)
    assert (Version.objects.get(number=2).toml, Version.objects.get(number=2).note) == (OTHER, "More for Germany")


def test_what_changed_after_the_page_was_opened_is_not_published(as_maria, draft, omar):
    save_draft(draft, revision=1, by=omar, toml=OTHER)
    answer = as_maria.post(at("draft-publish", draft), {"revision": 1, "note": "More for Germany"})

    assert answer.status_code == 409
    assert "so nothing was published" in text_of(answer)
    assert "More for Germany" in text_of(answer)
    assert Version.objects.count() == 1


@pytest.mark.parametrize("texts", [{"toml": "x"}, {"toml": OTHER, "cases": CASES}])
def test_what_is_wrong_cannot_be_published(as_maria, draft, maria, texts):
    save_draft(draft, revision=1, by=maria, **texts)
    answer = as_maria.post(at("draft-publish", draft), {"revision": 2, "note": "Try"})

    assert answer.status_code == 422
    assert "cannot be published yet" in text_of(answer)
    assert Version.objects.count() == 1


def test_a_version_that_went_live_past_the_draft_is_told(as_maria, draft, northwind, maria):
    assert "went live since" not in text_of(as_maria.get(at("draft-publish", draft)))
    save_draft(draft, revision=1, by=maria, toml=TOML.replace("points = 30", "points = 50"))
    go_live(publish(northwind, toml=OTHER, by=maria))

    assert "went live since" in text_of(as_maria.get(at("draft-publish", draft)))


def test_a_name_that_looks_like_a_slip_of_the_pen_is_asked_about(as_maria, draft, northwind, maria):
    lead = make_lead(northwind, "Maya Mensah")
    Fact.objects.create(
        workspace=northwind,
        lead=lead,
        first_lead=lead,
        field="country",
        value="DE",
        known_at="2026-01-01T00:00Z",
        recorded_at="2026-01-01T00:00Z",
        source="x",
    )
    save_draft(draft, revision=1, by=maria, toml=TOML.replace("country = ", "contry = "))

    assert "Did you mean &#x27;country&#x27;" in text_of(as_maria.get(at("draft-publish", draft)))


def test_a_slip_of_the_pen_is_told_beside_the_text_as_it_is_typed(as_maria, draft, northwind, website, maria):
    cache.clear()
    happened(make_lead(northwind, "Ada"), "page_viewed", ago=timedelta(days=1), properties={"path": "/pricing"})
    slip = TOML.replace("country = 'DE'", "count('page_viewed', '30d', starts_with(pth, '/')) >= 1")
    said = "The property &#x27;pth&#x27; of &#x27;page_viewed&#x27; was never seen here. Did you mean &#x27;path&#x27;?"
    line = next(at for at, text in enumerate(slip.splitlines(), start=1) if "pth" in text)

    checked = text_of(as_maria.post(at("draft-check", draft), typed(toml=slip), headers=HTMX))
    assert said in checked
    assert "Perhaps not meant" in checked
    assert f'data-line="{line}"' in checked
    assert "It can be published" in checked
    assert said not in text_of(as_maria.post(at("draft-check", draft), typed(), headers=HTMX))

    save_draft(draft, revision=1, by=maria, toml=slip)
    for name in ("draft", "draft-form", "draft-publish"):
        assert text_of(as_maria.get(at(name, draft))).count(said) == 1


# -- putting away, and other workspaces -------------------------------------------------------------------------------


def test_a_deleted_draft_can_be_put_back(as_maria, draft):
    answer = as_maria.post(at("draft-delete", draft), follow=True)
    assert "was deleted" in text_of(answer)
    assert as_maria.get(at("draft", draft)).status_code == 404

    assert as_maria.post(at("draft-restore", draft)).url == at("draft", draft)
    assert as_maria.get(at("draft", draft)).status_code == 200


def test_the_text_is_downloaded_as_it_was_saved(as_omar, draft):
    answer = as_omar.get(at("draft-toml", draft))

    assert answer.content.decode() == TOML
    assert f"playbook-draft-{draft.pk}.toml" in answer["Content-Disposition"]


@pytest.mark.parametrize("role", ["manager", "viewer", "rep"])
def test_who_may_not_write_is_shown_no_way_to(northwind, draft, role):
    client = Client()
    client.force_login(member(northwind, "Noor", role))
    page = text_of(client.get(DRAFTS))

    assert "Begin a draft" not in page
    assert at("draft-delete", draft) not in page


# -- what would change ------------------------------------------------------------------------------------------------


def test_what_would_change_stands_beside_the_text_the_form_and_the_publishing(as_maria, draft, maria):
    save_draft(draft, revision=1, by=maria, toml=OTHER)
    for name in ("draft", "draft-form", "draft-publish"):
        assert "See what would change" in text_of(as_maria.get(at(name, draft)))

    as_maria.post(at("draft-whatif", draft))
    run_whatifs()
    for name in ("draft", "draft-form", "draft-publish"):
        assert "There are no known leads" in text_of(as_maria.get(at(name, draft)))
    save_draft(Draft.objects.get(), revision=2, by=maria, toml=TOML.replace("points = 30", "points = 50"))
    assert "of an earlier text" in text_of(as_maria.get(at("draft", draft)))
