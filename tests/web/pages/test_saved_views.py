"""Views of the list that somebody saved: who sees them, who changes them, and what they show."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member

from leadline.web.leads.erasure import erase_person
from leadline.web.leads.models import Identity, Lead
from leadline.web.pages.models import FirstView, SavedView


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def client_of(workspace, name, role):
    client = Client()
    client.force_login(member(workspace, name, role))
    return client


def save(client, name, query, **more):
    answer = client.post(reverse("saved-views"), {"name": name, "query": query, **more})
    assert answer.status_code == 302, answer.content
    return SavedView.objects.order_by("-pk").first()


def tabs(client):
    return [one.name for one in client.get("/leads/?view=0").context["views"]]


def test_a_view_keeps_filters_order_and_columns_and_its_tab_shows_them(as_maria, northwind, people):
    view = save(as_maria, "Hot", "grade=A1&sort=seen&cols=stage,score.fit&page=3&view=7")

    page = as_maria.get(f"/leads/?{view.query}&view={view.pk}")

    assert view.query == "grade=A1&sort=seen&cols=stage%2Cscore.fit"
    assert page.context["view"] == view
    assert not page.context["view_is_changed"]
    assert [one.id for one in page.context["listing"].columns] == ["stage", "score.fit"]
    assert page.context["filters"].grades == ("A1",)


def test_a_list_that_left_its_view_can_be_saved_to_it(as_maria, northwind, people):
    view = save(as_maria, "Hot", "grade=A1")
    changed = as_maria.get(f"/leads/?grade=B1&view={view.pk}")

    assert changed.context["view_is_changed"]
    assert "Save to “Hot”" in changed.content.decode()

    as_maria.post(reverse("saved-view", args=[view.pk]), {"query": f"grade=B1&view={view.pk}"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Hot", "grade=B1")


def test_own_views_are_ones_own_and_shared_ones_everybodys_to_see(as_maria, northwind, people):
    rep, viewer = client_of(northwind, "Omar", "rep"), client_of(northwind, "Vera", "viewer")
    mine = save(rep, "Mine", "grade=A1", is_shared="on")  # a rep does not share: the tick is not theirs
    save(as_maria, "Ours", "grade=B1", is_shared="on")

    assert tabs(rep) == ["Mine", "Ours"]
    assert tabs(viewer) == ["Ours"]
    assert tabs(as_maria) == ["Ours"]
    assert as_maria.post(reverse("delete-view", args=[mine.pk])).status_code == 404
    assert rep.post(reverse("delete-view", args=[mine.pk])).status_code == 302


def test_who_does_not_edit_changes_no_shared_view(as_maria, northwind, people):
    rep = client_of(northwind, "Omar", "rep")
    view = save(as_maria, "Ours", "grade=B1", is_shared="on")

    for name in ("saved-view", "move-view", "delete-view"):
        assert rep.post(reverse(name, args=[view.pk]), {"name": "x", "query": ""}).status_code == 403
    view.refresh_from_db()
    assert (view.name, view.query, view.deleted_at) == ("Ours", "grade=B1", None)


def test_a_deleted_view_can_be_put_back(as_maria, northwind, people):
    view = save(as_maria, "Hot", "grade=A1")

    page = as_maria.post(reverse("delete-view", args=[view.pk]), follow=True)
    assert tabs(as_maria) == []
    assert reverse("restore-view", args=[view.pk]) in page.content.decode()

    as_maria.post(reverse("restore-view", args=[view.pk]))
    assert tabs(as_maria) == ["Hot"]


def test_a_list_begins_with_the_view_that_somebody_chose(as_maria, northwind, people):
    view = save(as_maria, "Hot", "grade=A1")
    as_maria.post(reverse("first-view"), {"view": view.pk})

    assert as_maria.get("/leads/")["Location"] == f"/leads/?grade=A1&view={view.pk}"
    assert as_maria.get("/leads/?view=0").status_code == 200
    assert client_of(northwind, "Omar", "rep").get("/leads/").status_code == 200

    as_maria.post(reverse("first-view"), {})
    assert as_maria.get("/leads/").status_code == 200


def test_nobody_begins_with_a_view_that_is_not_shared_any_more(as_maria, northwind, people):
    omar = client_of(northwind, "Omar", "rep")
    view = save(as_maria, "Ours", "grade=A1", is_shared="on")
    omar.post(reverse("first-view"), {"view": view.pk})
    assert FirstView.objects.count() == 1

    as_maria.post(reverse("saved-view", args=[view.pk]), {"name": "Ours"})

    assert FirstView.objects.count() == 0
    assert omar.get("/leads/").status_code == 200


def test_a_view_of_ids_that_the_playbook_lost_says_so(as_maria, northwind, people):
    view = save(as_maria, "Old", "stage=gone&grade=Z9")

    page = as_maria.get(f"/leads/?{view.query}&view={view.pk}").content.decode()

    assert "asks for the stage “gone” and the grade “Z9”, which the live playbook does not have" in page


def test_views_move_among_those_that_are_shown(as_maria, northwind, people):
    for name in ("One", "Two", "Three"):
        save(as_maria, name, "")
    save(client_of(northwind, "Omar", "rep"), "Other", "")
    two = SavedView.objects.get(name="Two")

    as_maria.post(reverse("move-view", args=[two.pk]), {"to": "earlier"})
    assert tabs(as_maria) == ["Two", "One", "Three"]
    as_maria.post(reverse("move-view", args=[two.pk]), {"to": "earlier"})
    as_maria.post(reverse("move-view", args=[SavedView.objects.get(name="One").pk]), {"to": "later"})
    assert tabs(as_maria) == ["Two", "Three", "One"]


def test_a_view_without_a_name_is_refused_with_what_is_needed(as_maria, northwind):
    answer = as_maria.post(reverse("saved-views"), {"name": " ", "query": "grade=A1"})

    assert answer.status_code == 422
    assert "Give the view a name" in answer.content.decode()
    assert not SavedView.objects.exists()


def test_another_workspace_has_none_of_them(as_maria, as_charlie, northwind, people):
    view = save(as_maria, "Ours", "grade=A1", is_shared="on")

    assert as_charlie.get("/leads/?view=0").context["views"] == []
    assert as_charlie.post(reverse("first-view"), {"view": view.pk}).status_code == 404


def test_who_is_erased_is_not_searched_for_by_any_view(as_maria, northwind, maria):
    ada = Lead.objects.create(
        workspace=northwind, name="Ada Lovelace", email="ada@acme.example", first_seen_at=timezone.now()
    )
    Identity.objects.create(
        workspace=northwind, kind="email", value="ada@acme.example", lead=ada, first_lead=ada, source="x",
        first_seen_at=timezone.now(),
    )  # fmt: skip
    by_name = save(as_maria, "Ada", "q=Ada+Lovelace&grade=A1")
    by_address = save(as_maria, "Ada too", "q=ada%40acme.example")
    by_condition = save(as_maria, "Ada again", "grade=A1&where=email+%3D+%27Ada%40acme.example%27")
    other = save(as_maria, "Other", "q=acme")

    erase_person(ada, by=maria)

    assert [SavedView.objects.get(pk=one.pk).query for one in (by_name, by_address, by_condition, other)] == [
        "grade=A1",
        "",
        "grade=A1",
        "q=acme",
    ]
