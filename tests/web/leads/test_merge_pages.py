"""The pages on duplicates and merges: what is suggested, two leads side by side, merging, and taking it back."""

from datetime import timedelta

import pytest
from django.db import transaction

from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Lead, Merge, Suggestion
from leadline.web.leads.records import NewFact, find_or_make_lead, record_facts
from leadline.web.playbooks.actions import publish


def person(workspace, email, now, **facts):
    with transaction.atomic():
        lead, _ = find_or_make_lead(
            workspace, identities=[("email", email)], source="crm", is_verified=True, at=now, now=now
        )
        record_facts(
            workspace,
            [
                NewFact(field=name, value=value, known_at=now, source="crm", lead_id=lead.pk)
                for name, value in {"email": email, **facts}.items()
            ],
            now=now,
        )
    return Lead.objects.get(pk=lead.pk)


@pytest.fixture
def ada(northwind, now):
    return person(northwind, "ada@acme.example", now, name="Ada Lovelace", title="CTO", phone="030 1234567")


@pytest.fixture
def lovelace(northwind, now):
    return person(northwind, "a.lovelace@gmail.com", now + timedelta(days=1), name="A. Lovelace", title="CEO")


@pytest.fixture
def pair(northwind, ada, lovelace):
    return Suggestion.objects.create(
        workspace=northwind, lead=ada, other=lovelace, because="same surname, first name alike", probability=0.97
    )


def shown(client, path):
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# -- the list -------------------------------------------------------------------------------------------------


def test_the_list_shows_who_may_be_one_person_and_why(as_maria, pair):
    page = shown(as_maria, "/leads/duplicates/")

    assert "Ada Lovelace" in page
    assert "A. Lovelace" in page
    assert "same surname, first name alike" in page
    assert "0.97" in page


def test_the_likeliest_comes_first_and_rules_stand_with_the_rest(as_maria, northwind, pair, ada, now):
    other = person(northwind, "ada@other.example", now, name="Ada Byron")
    Suggestion.objects.create(
        workspace=northwind, lead=ada, other=other, because="an alias that contradicts", probability=None
    )
    likelier = person(northwind, "al@other.example", now, name="Ada Lovelace")
    Suggestion.objects.create(workspace=northwind, lead=ada, other=likelier, because="the same", probability=0.99)

    page = shown(as_maria, "/leads/duplicates/")

    assert page.index("0.99") < page.index("0.97")
    assert "an alias that contradicts" in page
    assert "by rule" in page


def test_an_empty_list_says_what_to_do(as_maria):
    assert "No duplicates wait" in shown(as_maria, "/leads/duplicates/")


def test_without_the_extra_the_page_says_how_to_install_it_and_still_shows_what_rules_suggest(
    as_maria, pair, monkeypatch
):
    monkeypatch.setattr("leadline.web.leads.duplicate_views.can_compare", lambda: False)

    page = shown(as_maria, "/leads/duplicates/")
    answer = as_maria.post("/leads/duplicates/look/", follow=True).content.decode()

    assert all("[duplicates]&#x27;" in one for one in (page, answer))
    assert "Ada Lovelace" in page
    assert "Nothing was changed" in answer


def test_what_was_dismissed_shows_no_more_and_can_be_suggested_again(as_maria, pair):
    as_maria.post(f"/leads/duplicates/{pair.pk}/dismiss/")
    pair.refresh_from_db()
    assert pair.state == "dismissed"
    assert "No duplicates wait" in shown(as_maria, "/leads/duplicates/")

    as_maria.post(f"/leads/duplicates/{pair.pk}/reopen/")

    assert "A. Lovelace" in shown(as_maria, "/leads/duplicates/")


def test_dismissing_in_place_answers_with_the_row(as_maria, pair):
    answer = as_maria.post(f"/leads/duplicates/{pair.pk}/dismiss/", headers={"HX-Request": "true"}).content.decode()

    assert answer.lstrip().startswith("<tr>")
    assert "stay two" in answer


# -- side by side ---------------------------------------------------------------------------------------------


def test_two_leads_stand_side_by_side_with_what_a_merge_would_do(as_maria, northwind, maria, pair, ada, lovelace, now):
    page = shown(as_maria, f"/leads/duplicates/{ada.pk}/and/{lovelace.pk}/")

    assert "CTO" in page
    assert "CEO" in page
    assert "030 1234567" in page
    assert f"({lovelace.pk}) goes into" in page  # the one that was seen first stays
    assert "is the latest that crm said" in page  # why the later title would hold


def test_who_stays_can_be_chosen(as_maria, ada, lovelace):
    page = shown(as_maria, f"/leads/duplicates/{ada.pk}/and/{lovelace.pk}/?into={lovelace.pk}")

    assert f"({ada.pk}) goes into" in page


def test_the_live_playbook_says_whose_word_would_hold(as_maria, northwind, maria, ada, now):
    other = person(northwind, "ada@other.example", now, name="Ada Lovelace")
    with transaction.atomic():
        said = NewFact(
            field="title", value="Owner", known_at=now - timedelta(days=9), source="person", lead_id=other.pk
        )
        record_facts(northwind, [said], now=now)
    address = f"/leads/duplicates/{ada.pk}/and/{other.pk}/"
    assert "as strong, and later" in shown(as_maria, address)

    publish(northwind, toml='[playbook]\nname = "p"\n[sources]\nrank = ["person"]\n', by=maria, now=now)
    from leadline.web.assessments import jobs

    while jobs.prepare_versions(now=now) or jobs.assess_due(now=now):
        pass

    assert "stronger source" in shown(as_maria, address)


# -- merging --------------------------------------------------------------------------------------------------


def test_a_merge_keeps_whom_one_chose_and_offers_to_take_it_back(as_maria, maria, pair, ada, lovelace):
    answer = as_maria.post(
        f"/leads/duplicates/{ada.pk}/and/{lovelace.pk}/merge/", {"into": str(lovelace.pk)}, follow=True
    )
    page = answer.content.decode()

    ada.refresh_from_db()
    merge = Merge.objects.get()
    pair.refresh_from_db()
    assert ada.merged_into_id == lovelace.pk
    assert (merge.by, merge.because, pair.state) == (maria.email, "by hand", "merged")
    assert answer.redirect_chain[0][0] == f"/leads/duplicates/?merged={merge.pk}"
    assert f"/leads/merges/{merge.pk}/undo/" in page


def test_undo_takes_the_merge_apart(as_maria, maria, ada, lovelace):
    merge = merge_leads(lovelace, ada, because="by hand")

    page = as_maria.post(f"/leads/merges/{merge.pk}/undo/", follow=True).content.decode()

    lovelace.refresh_from_db()
    merge.refresh_from_db()
    assert lovelace.merged_into_id is None
    assert merge.undone_by == maria.email
    assert "stands for itself again" in page
    assert "taken apart" in page


def test_who_undoes_second_is_told_that_it_was_undone(as_maria, ada, lovelace):
    merge = merge_leads(lovelace, ada, because="by hand")
    as_maria.post(f"/leads/merges/{merge.pk}/undo/")

    page = as_maria.post(f"/leads/merges/{merge.pk}/undo/", follow=True).content.decode()

    assert "undone already" in page


def test_any_two_leads_can_be_found_and_merged_by_hand(as_maria, ada, lovelace):
    page = shown(as_maria, f"/leads/{ada.pk}/merge/?q=lovelace")
    assert f"/leads/duplicates/{ada.pk}/and/{lovelace.pk}/" in page

    answer = as_maria.post(f"/leads/duplicates/{ada.pk}/and/{lovelace.pk}/merge/", {"into": str(ada.pk)})

    assert answer["Location"].startswith(f"/leads/{ada.pk}/merges/?merged=")


def test_looking_for_nobody_says_so(as_maria, ada):
    assert "Nobody is found by" in shown(as_maria, f"/leads/{ada.pk}/merge/?q=zebra")


def test_two_that_are_one_already_are_not_compared(as_maria, ada, lovelace):
    merge_leads(lovelace, ada, because="by hand")

    assert as_maria.get(f"/leads/duplicates/{ada.pk}/and/{lovelace.pk}/").status_code == 404


# -- who may --------------------------------------------------------------------------------------------------


def pages_of(pair, merge):
    return [
        ("get", f"/leads/duplicates/{pair.lead_id}/and/{pair.other_id}/"),
        ("post", f"/leads/duplicates/{pair.lead_id}/and/{pair.other_id}/merge/"),
        ("post", f"/leads/duplicates/{pair.pk}/dismiss/"),
        ("post", f"/leads/duplicates/{pair.pk}/reopen/"),
        ("post", f"/leads/merges/{merge.pk}/undo/"),
        ("get", f"/leads/{pair.lead_id}/merge/"),
        ("get", f"/leads/{pair.lead_id}/merges/"),
    ]


@pytest.fixture
def merge(northwind, now):
    leads = [person(northwind, f"bela{number}@acme.example", now, name="Bela") for number in range(2)]
    return merge_leads(*leads, because="by hand", now=now)


def test_another_workspace_sees_and_changes_nothing(as_charlie, pair, merge):
    assert "Lovelace" not in shown(as_charlie, "/leads/duplicates/")
    for method, path in pages_of(pair, merge):
        assert getattr(as_charlie, method)(path).status_code == 404, path

    pair.refresh_from_db()
    merge.refresh_from_db()
    assert (pair.state, merge.undone_at) == ("open", None)


def test_a_rep_sees_merges_and_changes_none(as_omar, pair, merge):
    for method, path in pages_of(pair, merge)[:-1]:
        assert getattr(as_omar, method)(path).status_code == 403, path
    assert "Take apart" not in shown(as_omar, f"/leads/{merge.into_id}/merges/")
