"""Views by the API: saved, changed and deleted for everybody in the workspace, with every mistake told; and what a condition lacks."""

import pytest
from django.urls import reverse
from tests.web.api.conftest import Caller

from leadline.web.pages.leads_list.filters import read_filters
from leadline.web.pages.models import FirstView, SavedView

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "5f0c-1"}
HOT = {"name": "Hot", "query": "who=all&where=fit >= 50&sort=seen&cols=stage,score.fit"}


def test_a_view_is_saved_for_everybody_and_shows_the_same_on_the_page(caller, as_maria, as_omar, people):
    answer = caller.post("/views", HOT)

    view = SavedView.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["name"]) == (201, view.pk, "Hot")
    assert answer.json()["query"] == "where=fit+%3E%3D+50&who=all&sort=seen&cols=stage%2Cscore.fit"
    assert caller.get("/views").json() == [answer.json()] and caller.get(f"/views/{view.pk}").json() == answer.json()
    for person in (as_maria, as_omar):
        assert [one.name for one in person.get("/leads/?view=0").context["views"]] == ["Hot"]
    assert "saved by a program" in as_maria.get(reverse("saved-views")).content.decode()
    shown = as_maria.get(f"/leads/?{view.query}").context["listing"].count
    assert len(caller.all(f"/views/{view.pk}/leads?limit=3")) == shown > 0


def test_an_address_is_taken_as_it_is_copied(caller, people):
    answer = caller.post("/views", {"name": " Hot \n ones", "query": "?grade=A1&page=3&view=7"})

    assert (answer.json()["name"], answer.json()["query"]) == ("Hot ones", "grade=A1")


def test_sent_twice_under_one_key_it_is_saved_once(caller, people):
    first, second = (caller.post("/views", HOT, **KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() and second.headers["Idempotent-Replayed"] == "true"
    assert SavedView.objects.count() == 1


def test_a_deletion_that_is_sent_again_under_its_key_is_answered_the_same(caller, people):
    path = f"/views/{caller.post('/views', HOT).json()['id']}"

    answers = [caller.ask("DELETE", path, **KEY) for _ in range(2)]

    assert [(one.status_code, one.content) for one in answers] == [(204, b"")] * 2
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_what_is_given_is_changed_and_the_rest_stays(caller, people):
    view = caller.post("/views", HOT).json()

    renamed = caller.ask("PATCH", f"/views/{view['id']}", {"name": "Warm"})
    narrowed = caller.ask("PATCH", f"/views/{view['id']}", {"query": "grade=A1"})

    assert (renamed.status_code, renamed.json()) == (200, view | {"name": "Warm"})
    assert narrowed.json() == view | {"name": "Warm", "query": "grade=A1"}
    assert caller.get("/views").json() == [narrowed.json()]


def test_a_view_that_is_deleted_is_gone_and_can_be_put_back_on_the_page(caller, as_maria, maria, northwind, people):
    view = caller.post("/views", HOT).json()["id"]
    FirstView.objects.create(workspace=northwind, user=maria, view_id=view)

    answer = caller.ask("DELETE", f"/views/{view}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert caller.get("/views").json() == []
    for method in ("GET", "PATCH", "DELETE"):
        assert caller.ask(method, f"/views/{view}", {"name": "x"} if method == "PATCH" else None).status_code == 404
    assert caller.get(f"/views/{view}/leads").status_code == 404
    assert as_maria.get("/leads/").context["view"] is None
    assert as_maria.post(reverse("restore-view", args=[view])).status_code == 302
    assert caller.get(f"/views/{view}").status_code == 200


def test_nobodys_own_view_is_seen_or_touched(caller, maria, northwind, people):
    own = SavedView.objects.create(workspace=northwind, owner=maria, name="Mine", query="grade=A1")

    for method, body in (("GET", None), ("PATCH", {"name": "Ours"}), ("DELETE", None)):
        assert caller.ask(method, f"/views/{own.pk}", body).status_code == 404
    own.refresh_from_db()
    assert (own.name, own.deleted_at) == ("Mine", None)


def test_who_lets_a_programs_view_be_shared_no_more_has_it_for_themselves(caller, as_maria, as_omar, maria, people):
    view = caller.post("/views", HOT).json()["id"]

    as_maria.post(reverse("saved-view", args=[view]), {"name": "Hot"})

    kept = SavedView.objects.get()
    assert (kept.owner, kept.is_shared) == (maria, False)
    assert as_maria.get("/leads/?view=0").context["views"] and not as_omar.get("/leads/?view=0").context["views"]


# -- who was first ------------------------------------------------------------------------------------------------


def test_what_was_not_changed_is_not_sent_again(caller, people):
    path = f"/views/{caller.post('/views', HOT).json()['id']}"
    tag = caller.get(path).headers["ETag"]

    assert caller.get(path, **{"If-None-Match": tag}).status_code == 304
    caller.ask("PATCH", path, {"name": "Warm"})
    assert caller.get(path, **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("method", "body", "done"), [("PATCH", {"name": "Ours"}, 200), ("DELETE", None, 204)])
def test_who_read_it_before_somebody_else_changed_it_is_told(caller, people, method, body, done):
    path = f"/views/{caller.post('/views', HOT).json()['id']}"
    tag = caller.get(path).headers["ETag"]
    caller.ask("PATCH", path, {"name": "Warm"})

    refused = caller.ask(method, path, body, **{"If-Match": tag})

    assert (refused.status_code, refused.json()["type"]) == (412, "urn:leadline:problem:changed-meanwhile")
    assert caller.get(path).json()["name"] == "Warm"
    assert caller.ask(method, path, body, **{"If-Match": caller.get(path).headers["ETag"]}).status_code == done


# -- what is wrong ------------------------------------------------------------------------------------------------


def faults_of(answer):
    assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
    return [(one.get("pointer"), one["code"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"name": "  "}, [("/name", "blank")]),
        ({}, [("/name", "missing")]),
        ({"name": "x" * 61}, [("/name", "string_too_long")]),
        ({"name": "Hot", "stage": "mql"}, [("/stage", "extra_forbidden")]),
        ({"name": "Hot", "query": "stages=mql"}, [("/query", "unknown-parameter")]),
        ({"name": "Hot", "query": "first=many&sort=age&who=me&cols=!"}, [("/query", "bad-value")] * 4),
        ({"name": "Hot", "query": "where=fitt > 3"}, [("/query", "unknown-field")]),
        ({"name": " ", "query": "x=1&where=(("}, [("/name", "blank"), ("/query", "unknown-parameter"), ("/query", "condition-syntax")]),
        ({"name": "Hot", "query": "q=" + "é" * 2000}, []),
    ],
)  # fmt: skip
def test_all_that_is_wrong_with_a_view_is_told_and_nothing_is_saved(caller, people, body, faults):
    answer = caller.post("/views", body)

    if faults:
        assert sorted(faults_of(answer)) == sorted(faults)
        assert not SavedView.objects.exists()
    else:
        assert answer.status_code == 201


def test_a_query_that_grows_too_long_as_an_address_is_refused(caller, people):
    many = "&".join(f"source={number:02}{'é' * 90}" for number in range(30))

    assert faults_of(caller.post("/views", {"name": "Long", "query": many})) == [("/query", "too-large")]


def test_a_view_that_the_live_playbook_cannot_read_any_more_says_so(caller, northwind, people):
    view = SavedView.objects.create(workspace=northwind, name="Old", query="where=gone+%3E+3", is_shared=True)

    answer = caller.get(f"/views/{view.pk}/leads")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:leadline:problem:view-unusable")
    assert answer.json()["errors"][0]["code"] == "unknown-field"


def test_to_save_views_needs_its_own_scope(key_for, people):
    for method, path in (("POST", "/views"), ("PATCH", "/views/1"), ("DELETE", "/views/1")):
        refused = Caller(key_for("leads:read", "leads:write")).ask(method, path, HOT)
        assert (refused.status_code, "views:write" in refused.json()["detail"]) == (403, True)


def test_the_names_that_a_view_may_ask_for_are_those_that_the_page_reads():
    from django.http import QueryDict

    from leadline.web.api.resources.views import NAMES

    said = {
        "q": "x", "who": "all", "stage": "x", "qualification": "x", "grade": "x", "source": "x", "company": "1",
        "first": "1", "second": "1", "where": "x", "sort": "seen", "cols": "stage",
    }  # fmt: skip
    assert sorted(NAMES) == sorted(said)
    for name, value in said.items():
        assert read_filters(QueryDict(f"{name}={value}")) != read_filters(QueryDict("")), name


# -- a condition that cannot be read ------------------------------------------------------------------------------


def test_all_that_is_wrong_with_a_condition_is_told_with_where_it_stands(caller, people):
    answer = caller.get("/leads?where=fitt > 3 AND contry = 'DE' AND stage = 'nowhere'")

    assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
    found = [(one["parameter"], one["code"], one["position"]) for one in answer.json()["errors"]]
    assert found == [("where", "unknown-field", 1), ("where", "unknown-field", 14), ("where", "bad-value", 32)]
    assert all(one["detail"].startswith("At character") for one in answer.json()["errors"])


@pytest.mark.parametrize("where", ["fit >", "fit >= 'x", "((", "fit ≥ 3", "AND"])
def test_what_is_no_condition_says_at_which_character_it_ends(caller, people, where):
    answer = caller.get(f"/leads?where={where}")

    (fault,) = answer.json()["errors"]
    assert answer.status_code == 422 and fault["parameter"] == "where"
    assert 1 <= fault["position"] <= len(where) + 1, fault


def test_without_a_live_playbook_a_condition_means_nothing(caller, northwind):
    answer = caller.get("/leads?where=fit > 3")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:leadline:problem:no-playbook")
    assert caller.get("/leads").status_code == 200
