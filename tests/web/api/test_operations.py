"""The operations do what the pages do: the same filters, facts that become leads, merges, erasures, moments gone by, playbooks."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.api.conftest import Caller
from tests.web.pages.world import assess_everybody

from leadline.engine.arithmetic import POINT
from leadline.web.api.keys import make_api_key
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.capture.models import RefusedEvent
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.models import Event, Fact, Lead, Merge
from leadline.web.pages.models import Export, SavedView
from leadline.web.playbooks.models import Version

pytestmark = pytest.mark.django_db


def test_a_list_has_the_leads_that_the_page_has(caller, as_maria, people):
    known = {one.pk for one in people if one.is_known}
    for query in ("", "stage=mql", "grade=A1&grade=B4", "first=60", "qualification=mql", "q=sales", "who=all"):
        found = {one["id"] for one in caller.all(f"/leads?{query}&limit=7")}
        shown = as_maria.get(f"/leads/?{query}&page=1").context
        assert shown is None or len(found) == shown["listing"].count, query
    assert {one["id"] for one in caller.all("/leads?limit=7")} == known


def test_a_condition_finds_whom_it_finds_on_the_page_and_says_what_is_wrong_with_it(caller, as_maria, people):
    found = {one["id"] for one in caller.all("/leads?where=fit+>%3D+50&limit=5")}
    shown = as_maria.get("/leads/?where=fit+>%3D+50").context["listing"]
    assert len(found) == shown.count > 0
    assert all(caller.get(f"/leads/{one}").json()["assessment"]["scores"]["fit"] >= 50 for one in found)

    wrong = caller.get("/leads?where=fitt+>%3D+50")
    assert wrong.status_code == 422 and "fit" in wrong.json()["errors"][0]["detail"]
    assert wrong.json()["errors"][0]["parameter"] == "where"


def test_a_view_that_is_shared_shows_the_same_leads_and_nobodys_own_is_shown(caller, maria, northwind, people):
    about = {"workspace": northwind, "owner": maria, "query": "where=fit+%3E%3D+50"}
    shared = SavedView.objects.create(name="Fit", is_shared=True, **about)
    own = SavedView.objects.create(name="Mine", **about)

    assert caller.get("/views").json() == [{"id": shared.pk, "name": "Fit", "query": "where=fit+%3E%3D+50"}]
    assert caller.all(f"/views/{shared.pk}/leads?limit=3") == caller.all("/leads?where=fit+>%3D+50")
    assert caller.get(f"/views/{own.pk}/leads").status_code == 404


def test_points_are_decimal_numbers_to_the_last_place(caller, people, northwind):
    stored = {one.lead_id: one for one in Assessment.objects.filter(workspace=northwind)}

    for lead in caller.all("/leads?limit=50"):
        said, one = lead["assessment"], stored[lead["id"]]
        assert {name: round(points * POINT) for name, points in said["scores"].items()} == one.scores
        assert {name: round(points * POINT) for name, points in said["contributions"].items()} == one.contributions
        assert said["as_of"].endswith("Z") and said["is_current"]


def test_updated_since_lists_who_was_assessed_anew_or_waits(caller, people):
    since = (timezone.now() + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert caller.all(f"/leads?updated_since={since}") == []

    lead = people[3].pk
    caller.post(f"/leads/{lead}/facts", {"facts": [{"field": "title", "value": "CEO"}]})

    waiting = caller.all(f"/leads?updated_since={since}")
    assert [(one["id"], one["assessment"]["is_current"]) for one in waiting] == [(lead, False)]
    assess_everybody(timezone.now() + timedelta(minutes=1))
    assert [one["id"] for one in caller.all(f"/leads?updated_since={since}")] == [lead]


def test_who_is_written_is_found_again_by_any_of_their_names(caller, northwind):
    made = caller.post(
        "/leads", {"email": "Ada@Acme.example", "user_id": "u1", "facts": [{"field": "title", "value": "VP"}]}
    )
    again = caller.post(
        "/leads", {"user_id": "u1", "crm_id": "hubspot:9", "facts": [{"field": "title", "value": "VP"}]}
    )

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["id"] == again.json()["id"] and again.json() == again.json() | {"stored": 0, "unchanged": 1}
    shown = caller.get(f"/leads/{made.json()['id']}").json()
    assert shown["email"] == "ada@acme.example" and shown["title"] == "VP" and shown["assessment"] is None
    assert {(one["kind"], one["value"]) for one in shown["identities"]} == {
        ("email", "ada@acme.example"), ("user", "u1"), ("crm", "hubspot:9"),
    }  # fmt: skip
    fact = Fact.objects.get(field="title")
    assert (fact.source, fact.by) == ("api", "API key a program")


def test_facts_show_which_holds_and_why(caller, key_for, people, playbook):
    lead = people[3].pk
    strong = Caller(key_for("leads:write", "leads:read", source="crm"))
    weak = Caller(key_for("leads:write", "leads:read", source="scraper"))
    strong.post(f"/leads/{lead}/facts", {"facts": [{"field": "team", "value": 12, "evidence": "a call"}]})
    weak.post(f"/leads/{lead}/facts", {"facts": [{"field": "team", "value": 500}]})

    found = next(one for one in caller.get(f"/leads/{lead}/facts").json() if one["field"] == "team")

    assert (found["value"], found["fact"]["source"], found["fact"]["evidence"]) == (12, "crm", "a call")
    assert "stronger source" in found["because"] and found["others"][0]["fact"]["value"] == 500


def test_all_that_is_wrong_is_said_with_its_place_and_nothing_is_written(caller, people):
    later = (timezone.now() + timedelta(days=1)).isoformat()
    before = Fact.objects.count()
    bad = {
        "facts": [
            {"field": "title", "value": "VP", "known_at": later},
            {"field": "consent.contact", "value": "yes"},
            {"field": "team", "value": 3},
        ]
    }

    answer = caller.post(f"/leads/{people[0].pk}/facts", bad)
    badly_shaped = caller.post(f"/leads/{people[0].pk}/facts", {"facts": [{"field": "Team"}, {"value": {}}], "x": 1})

    assert answer.status_code == badly_shaped.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/facts/0/known_at", "/facts/1/field"}
    assert {one["pointer"] for one in badly_shaped.json()["errors"]} == {
        "/facts/0/field", "/facts/0/value", "/facts/1/field", "/facts/1/value", "/x",
    }  # fmt: skip
    assert Fact.objects.count() == before


def test_a_slip_of_the_pen_in_an_address_is_said_beside_what_else_is_wrong(caller):
    said = caller.get("/leads?limt=3&limit=0&who=nobody").json()

    assert {one["parameter"] for one in said["errors"]} == {"limt", "limit", "who"}


def test_every_refusal_is_a_problem(caller, people, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000
    from django.test import Client

    key = {"headers": {"Authorization": f"Bearer {caller.key}"}}
    client = Client()
    answers = {
        400: client.post("/api/v1/leads", data="{", content_type="application/json", **key),
        401: client.get("/api/v1/leads"),
        404: caller.get("/nothing/here"),
        405: caller.ask("PUT", "/leads", {}),
        413: caller.post("/leads", {"email": "a" * 6_000}),
        415: client.post("/api/v1/leads", data="a=b", content_type="application/x-www-form-urlencoded", **key),
        422: caller.get("/leads?limt=3"),
    }

    for status, answer in answers.items():
        said = answer.json()
        assert answer.status_code == said["status"] == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert said["type"].startswith("urn:leadline:problem:") and said["detail"]
    assert set(answers[405].headers["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}
    assert "Did you mean 'limit'?" in answers[422].json()["errors"][0]["detail"]


def test_a_page_that_somebody_visits_can_do_nothing_in_their_name(as_maria, northwind, now):
    lead = Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=now)

    assert as_maria.get("/api/v1/leads").status_code == 401
    assert as_maria.delete(f"/api/v1/leads/{lead.pk}").status_code == 401
    assert Lead.objects.filter(pk=lead.pk).exists()


def test_a_merge_moves_the_log_and_the_other_id_says_where_it_went(caller, people):
    lead, into = people[0].pk, people[1].pk

    assert caller.post(f"/leads/{lead}/merge", {"into": into}).json()["id"] == into

    assert caller.get(f"/leads/{lead}").json()["merged_into"] == into
    refused = caller.post(f"/leads/{lead}/facts", {"facts": [{"field": "title", "value": "x"}]})
    assert refused.status_code == 409 and str(into) in refused.json()["detail"]
    assert caller.post(f"/leads/{lead}/merge", {"into": into}).status_code == 409
    assert Merge.objects.get().by == "API key a program"


def test_who_is_erased_is_gone_and_is_not_written_again(caller, people):
    lead = next(one for one in people if one.email)

    assert caller.ask("DELETE", f"/leads/{lead.pk}").json()["removed"]["leads"] == 1

    assert caller.get(f"/leads/{lead.pk}").status_code == 404
    refused = caller.post("/leads", {"email": lead.email})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:leadline:problem:erased")
    assert not Lead.objects.filter(email=lead.email).exists()


def test_events_go_the_way_of_the_tracking_api_and_the_unusable_are_named_and_kept(caller, northwind):
    calls = [
        {"type": "track", "userId": "u1", "event": "Demo Requested", "messageId": "m1"},
        {"type": "track", "event": "Nobody"},
        {"type": "identify", "userId": "u1", "traits": {"email": "ada@acme.example"}},
    ]

    answer = caller.post("/events", {"events": calls})
    caller.post("/events", {"events": calls[:1]})

    assert answer.status_code == 202
    assert [(one["index"], one["reason"]) for one in answer.json()["refused"]] == [(1, "nobody")]
    assert RefusedEvent.objects.get().reason == "nobody"
    while take_deliveries():
        pass
    assert Event.objects.filter(name="demo_requested").count() == 1
    assert caller.all("/events")[0]["source"] == "api"
    assert Lead.objects.get(merged_into=None).email == "ada@acme.example"


def test_an_assessment_of_another_moment_is_what_was_stored_then(caller, people, northwind):
    was = {one.lead_id: one for one in Assessment.objects.filter(workspace=northwind)}
    lead = next(pk for pk, one in was.items() if one.qualifications)
    caller.post(f"/leads/{lead}/outcomes", {"outcome": "rejected", "at": timezone.now().isoformat()})
    assess_everybody(timezone.now() + timedelta(days=3))

    then = caller.get(
        f"/leads/{lead}/assessment?explain=true&as_of=" + was[lead].as_of.isoformat().replace("+00:00", "Z")
    )

    said = then.json()
    assert {name: round(points * POINT) for name, points in said["scores"].items()} == was[lead].scores
    assert (said["grade"], said["qualifications"]) == (was[lead].grade, was[lead].qualifications)
    assert not said["is_current"]
    for score in said["explanation"]["scores"]:
        assert round(sum(line["points"] for line in score["lines"]) * POINT) == round(score["points"] * POINT)
    before = caller.get(f"/leads/{lead}/assessment?as_of=1999-01-01T00:00:00Z")
    assert (before.status_code, before.json()["type"]) == (404, "urn:leadline:problem:not-known-then")


def test_spells_are_those_stored_with_what_was_true_when_they_began(caller, people, northwind):
    spells = caller.all("/spells?limit=3")

    assert len(spells) == Spell.objects.filter(workspace=northwind).count() > 3
    assert len({one["id"] for one in spells}) == len(spells)
    one = next(one for one in spells if one["ended_at"] is None)
    assert one["scores"] and one["cools_on"]
    assert {found["id"] for found in caller.all("/spells?is_open=true")} == {
        one["id"] for one in spells if one["ended_at"] is None
    }


def test_a_playbook_is_checked_compared_and_published_like_on_the_page(caller, people, playbook):
    draft = (
        playbook.toml.replace("heat", "heat")
        + '\n[[criteria]]\nid = "more"\nscore = "fit"\nwhy = "All"\nwhen = "true"\npoints = 7\n'
    )
    assert caller.post("/playbooks/check", {"toml": draft}).json()["is_usable"]
    wrong = caller.post("/playbooks/check", {"toml": playbook.toml.replace("points = 20", "points = 'x'")}).json()
    assert not wrong["is_usable"] and len(wrong["problems"]) > 1 and all(one["line"] for one in wrong["problems"])

    compared = caller.post("/playbooks/compare", {"after": draft}).json()
    assert compared["leads"] == sum(one.is_known for one in people) and compared["is_everybody"]
    assert sum(one["before"] for one in compared["grades"].values()) == compared["leads"]
    assert [one["text"] for one in compared["lines"] if one["kind"] == "added"][-1] == "points = 7"

    assert caller.post("/playbooks", {"toml": "x"}).json()["errors"][0]["pointer"] == "/toml"
    assert caller.post("/playbooks", {"toml": playbook.toml}).status_code == 409
    assert caller.post("/playbooks", {"toml": draft, "note": "more"}).status_code == 201
    assert Version.objects.get(number=2).note == "more"
    assert [one["number"] for one in caller.all("/playbooks?limit=1")] == [1, 2]


def test_a_check_warns_of_what_is_most_likely_not_meant_as_the_page_of_a_draft_does(caller, people, playbook):
    assert caller.post("/playbooks/check", {"toml": playbook.toml}).json()["warnings"] == []
    slip = playbook.toml.replace("starts_with(path, '/pricing')", "starts_with(pth, '/pricing')")
    said = caller.post("/playbooks/check", {"toml": slip}).json()

    (warning,) = said["warnings"]
    assert (said["is_usable"], said["problems"]) == (True, [])
    assert (warning["code"], warning["severity"]) == ("unknown-property", "warning")
    assert "'pth' of 'page_viewed' was never seen here. Did you mean 'path'?" in warning["message"]
    assert "starts_with(pth" in slip.splitlines()[warning["line"] - 1]


def test_a_check_warns_of_what_a_playbook_alone_shows(caller, playbook):
    (warning,) = caller.post(
        "/playbooks/check", {"toml": playbook.toml.replace('why = "Asked for a demonstration"\n', "")}
    ).json()["warnings"]

    assert (warning["code"], warning["severity"]) == ("missing-key", "warning")


def test_publishing_answers_the_warnings_that_a_check_tells(caller, stranger, people, playbook):
    slip = playbook.toml.replace("starts_with(path, '/pricing')", "starts_with(pth, '/pricing')")
    slip = slip.replace('why = "Asked for a demonstration"\n', "")
    checked = caller.post("/playbooks/check", {"toml": slip}).json()["warnings"]
    assert {one["code"] for one in checked} == {"missing-key", "unknown-property"}

    answers = [caller.post("/playbooks", {"toml": slip}, **{"Idempotency-Key": "1"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert [one.json()["warnings"] for one in answers] == [checked] * 2
    assert answers[0].json()["number"] == 2 and Version.objects.filter(workspace=playbook.workspace).count() == 2
    fine = caller.post("/playbooks", {"toml": playbook.toml.replace("points = 20", "points = 21")}).json()
    assert (fine["number"], fine["warnings"]) == (3, [])
    theirs = stranger.post("/playbooks", {"toml": slip}).json()
    assert [one["code"] for one in theirs["warnings"]] == ["missing-key"]  # nothing was seen there


def test_names_seen_in_another_workspace_are_no_warning(stranger, people, playbook):
    slip = playbook.toml.replace("starts_with(path, '/pricing')", "starts_with(pth, '/pricing')")

    assert stranger.post("/playbooks/check", {"toml": slip}).json()["warnings"] == []


def test_a_lead_is_not_sent_again_that_did_not_change(caller, people):
    path = f"/leads/{people[0].pk}"
    tag = caller.get(path).headers["ETag"]

    assert caller.get(path, **{"If-None-Match": tag}).status_code == 304
    caller.post(path + "/facts", {"facts": [{"field": "title", "value": "CTO"}]})
    assert caller.get(path, **{"If-None-Match": tag}).status_code == 200


def test_tables_come_out_whole_and_a_spreadsheet_runs_nothing_of_them(caller, people, northwind):
    caller.post(f"/leads/{people[0].pk}/facts", {"facts": [{"field": "note", "value": "=cmd()"}]})

    rows = [json.loads(line) for line in b"".join(caller.get("/export/leads").streaming_content).splitlines()]
    table = b"".join(caller.get("/export/facts?format=csv").streaming_content).decode()

    assert {one["id"] for one in rows} == {one.pk for one in people}
    taken = Export.objects.get()
    assert (taken.by, taken.count, taken.format) == ("API key a program", len(people), "json")
    assert all(one["assessment"]["scores"] for one in rows)
    facts = list(csv.DictReader(io.StringIO(table)))
    assert len(facts) == Fact.objects.filter(workspace=northwind).exclude(field__startswith="_").count()
    assert next(one for one in facts if one["field"] == "note")["value"] == "'=cmd()"


def test_a_key_of_another_workspace_compares_with_its_own_leads_only(northwind, elsewhere, people, playbook):
    _, text = make_api_key(elsewhere, name="x", scopes=["playbooks:read"])

    said = Caller(text).post("/playbooks/compare", {"before": playbook.toml, "after": playbook.toml}).json()

    assert said["leads"] == 0
