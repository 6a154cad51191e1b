"""Hand-offs by the API: the queue, one with all that happened, and working it in the name of a member, as a CRM does."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.conftest import ines, live, nadia
from tests.web.pages.rows import make_lead, qualify
from tests.web.pages.world import make_live, starter_toml

from leadline.web.api.handoff_given import CallResult, DecisionName, StateAsked
from leadline.web.handoff.actions.deciding import REFUSALS
from leadline.web.handoff.actions.working import CALL_RESULTS
from leadline.web.handoff.models import HandOff, Step, Team
from leadline.web.handoff.opening import reconcile
from leadline.web.leads.models import Outcome

__all__ = ["ines", "live", "nadia"]  # fixtures
pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "1"}


def open_for(workspace, version, *names):
    """Open a hand-off for each of some new leads."""
    leads = [make_lead(workspace, name, email=f"{name.split()[0].lower()}@acme.example") for name in names]
    for lead in leads:
        qualify(lead, version, grade="A1", reasons="country:30.0000")
    with transaction.atomic():
        reconcile(version, [one.pk for one in leads])
    return list(HandOff.objects.order_by("pk"))


@pytest.fixture
def waiting(northwind, live):
    return open_for(northwind, live, "Maya Mensah")[0]


def path_of(handoff, deed=""):
    return f"/handoffs/{handoff.pk}" + (f"/{deed}" if deed else "")


def problem_of(answer):
    said = answer.json()
    return answer.status_code, said["type"].rpartition(":")[2]


# -- reading --------------------------------------------------------------------------------------------------------------


def test_one_is_shown_with_its_why_its_steps_and_its_route(caller, waiting):
    answer = caller.get(path_of(waiting))
    said = answer.json()

    assert answer.status_code == 200
    assert (said["lead"]["name"], said["qualification"], said["state"], said["grade"]) == (
        "Maya Mensah",
        "mql",
        "waiting",
        "A1",
    )
    assert said["why"] == "In a country where we have people"
    assert (said["reasons"], said["hand_raise"]) == ([{"criterion": "country", "points": 30.0}], "")
    assert [one["kind"] for one in said["steps"]] == ["opened"]
    assert "no team" in said["route"]["team"]
    assert said["respond_by"] and not said["is_late"]
    assert caller.get(path_of(waiting), **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_tag_is_another_after_each_thing_that_happened(caller, waiting, omar):
    before = caller.get(path_of(waiting)).headers["ETag"]
    caller.post(path_of(waiting, "claim"), {"by": omar.email})
    after = caller.get(path_of(waiting), **{"If-None-Match": before})

    assert after.status_code == 200 and after.headers["ETag"] != before


def test_a_hand_raise_is_told_as_such(caller, waiting):
    HandOff.objects.update(is_hand_raise=True, because="demo_requested")
    said = caller.get(path_of(waiting)).json()

    assert (said["hand_raise"], said["reasons"], said["why"]) == ("demo_requested", [], "Demo requested")


@pytest.fixture
def desk(northwind, live, omar):
    """Five hand-offs that differ in all that one filters by."""
    named = open_for(northwind, live, "Ann A", "Bo B", "Cem C", "Dee D", "Eva E")
    now = timezone.now()
    team = Team.objects.create(workspace=northwind, slug="inbound", name="Inbound")
    past, ahead = now - timedelta(hours=1), now + timedelta(hours=3)
    columns = [
        {"respond_by": ahead, "team": team},
        {"respond_by": past},
        {"respond_by": ahead + timedelta(hours=1), "is_hand_raise": True, "because": "demo_requested"},
        {"respond_by": past, "state": "claimed", "owner": omar, "breached_at": past},
        {"respond_by": past, "state": "rejected", "owner": omar, "decided_at": now, "breached_at": past},
    ]
    for handoff, one in zip(named, columns, strict=True):
        HandOff.objects.filter(pk=handoff.pk).update(**one)
    return {one.lead.name[0]: one for one in named}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "ABCDE"),
        ("state=open", "ABCD"),
        ("state=waiting", "ABC"),
        ("state=rejected", "E"),
        ("owner=OMAR@northwind.example", "DE"),
        ("owner=nobody", "ABC"),
        ("owner=somebody@else.example", ""),
        ("team=inbound", "A"),
        ("team=nobody", "BCDE"),
        ("qualification=mql", "ABCDE"),
        ("qualification=sql", ""),
        ("late=true", "BD"),
        ("late=false", "ACE"),
        ("late=true&owner=omar@northwind.example", "D"),
    ],
)
def test_the_list_shows_what_is_asked_for(caller, desk, asked, found):
    assert "".join(one["lead"]["name"][0] for one in caller.all(f"/handoffs?{asked}")) == found


def test_it_is_late_in_one_and_in_the_list_alike(caller, desk):
    late = {one["id"] for one in caller.all("/handoffs?late=true")}

    assert {one["id"] for one in caller.all("/handoffs") if one["is_late"]} == late
    assert {one.pk for one in desk.values() if caller.get(path_of(one)).json()["is_late"]} == late


def test_of_one_lead(caller, desk):
    assert [one["id"] for one in caller.all(f"/handoffs?lead={desk['C'].lead_id}")] == [desk["C"].pk]


def test_what_happened_since_a_moment_is_found_an_undoing_too(caller, desk, omar):
    since = timezone.now() + timedelta(minutes=1)
    asked = f"/handoffs?updated_since={since.isoformat().replace('+00:00', 'Z')}"
    assert caller.all(asked) == []

    Step.objects.filter(handoff=desk["B"]).update(at=since)
    Step.objects.filter(handoff=desk["C"]).update(undone_at=since)
    assert [one["id"] for one in caller.all(asked)] == [desk["B"].pk, desk["C"].pk]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_the_queues_order_holds_over_pages(caller, desk, limit):
    HandOff.objects.filter(pk=desk["B"].pk).update(snoozed_until=timezone.now() + timedelta(days=1))
    HandOff.objects.filter(pk=desk["A"].pk).update(respond_by=None, rank=5)
    HandOff.objects.filter(pk=desk["E"].pk).update(respond_by=None, rank=9)

    listed = caller.all(f"/handoffs?sort=urgency&limit={limit}")

    # Cem raised a hand; Dee's answer is due; of the two with no clock Eva is the better; Bo was put off
    assert "".join(one["lead"]["name"][0] for one in listed) == "CDEAB"


def test_who_cools_first_comes_first_of_those_that_are_due_alike(caller, desk):
    HandOff.objects.update(respond_by=None, is_hand_raise=False, rank=0)
    HandOff.objects.filter(pk=desk["D"].pk).update(cools_day=20_000)
    HandOff.objects.filter(pk=desk["B"].pk).update(cools_day=19_999)

    assert [one["lead"]["name"][0] for one in caller.all("/handoffs?sort=urgency")] == ["B", "D", "A", "C", "E"]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwgW11d", "WyIiLFsxLDJdXQ"])
def test_a_cursor_of_the_queue_that_is_none_is_refused(caller, desk, cursor):
    answer = caller.get(f"/handoffs?sort=urgency&cursor={cursor}")

    assert problem_of(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["code"] == "bad-cursor"


def test_a_cursor_with_parts_of_its_own_making_is_refused(caller, desk):
    import base64
    import json

    real = caller.get("/handoffs?sort=urgency&limit=1").json()["next"]
    of, parts = json.loads(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))
    for wrong in ([], parts[:-1], [2**70, *parts[1:]], [-1, *parts[1:]], [*parts[:3], 2**62, *parts[4:]]):
        made = base64.urlsafe_b64encode(json.dumps([of, wrong]).encode()).decode().rstrip("=")
        assert problem_of(caller.get(f"/handoffs?sort=urgency&limit=1&cursor={made}")) == (422, "invalid"), wrong


def test_a_page_of_the_queue_asks_the_database_few_times(caller, northwind, live, django_assert_max_num_queries):
    open_for(northwind, live, *(f"Lead{number} N" for number in range(30)))
    with django_assert_max_num_queries(8):
        assert len(caller.get("/handoffs?sort=urgency").json()["items"]) == 30


def test_what_can_be_decided_is_what_the_live_playbook_says(caller, live):
    found = {
        one["id"]: [reason["title"] for reason in one["reasons"]] for one in caller.get("/handoffs/decisions").json()
    }

    assert found["recycled"] == ["Not now"] and found["accepted"] == []
    assert "excluded" not in found


def test_where_hand_offs_go_is_what_the_live_playbook_says(caller, northwind):
    assert caller.get("/handoffs/routes").status_code == 404  # none is live
    make_live(northwind, starter_toml())
    Team.objects.create(workspace=northwind, slug="inbound", name="Inbound")

    assert caller.get("/handoffs/routes").json() == {
        "qualifications": ["mql", "pql"],
        "respond_within_hours": 4,
        "routes": [
            {"when": "company.employees >= 1000", "to": "enterprise", "team": None},
            {"when": "country in list('core_countries')", "to": "regional", "team": None},
            {"when": None, "to": "inbound", "team": {"slug": "inbound", "name": "Inbound"}},
        ],
    }


def test_a_playbook_that_hands_nothing_over_has_no_routes(caller, northwind):
    from tests.web.playbooks.conftest import TOML

    make_live(northwind, TOML)

    assert caller.get("/handoffs/routes").json() == {
        "qualifications": [],
        "respond_within_hours": None,
        "routes": [],
    }


def test_the_api_knows_every_state_decision_and_result():
    assert set(StateAsked.__args__) == {"open", *HandOff.State.values}
    assert set(DecisionName.__args__) == {"accepted", *REFUSALS}
    assert set(CallResult.__args__) == set(CALL_RESULTS)


# -- acting --------------------------------------------------------------------------------------------------------------


def test_a_rep_works_it_from_elsewhere(caller, waiting, omar, nadia, ines):
    def act(deed, **said):
        answer = caller.post(path_of(waiting, deed), {"by": omar.email} | said)
        assert answer.status_code == 200, answer.content
        return answer.json()

    assert act("claim")["owner"] == {"email": omar.email, "name": "Omar"}
    assert act("release", why="on holiday")["state"] == "waiting"
    assert act("assign", to=nadia.email)["owner"]["name"] == "Nadia"
    assert act("calls", result="no-answer", text="rang twice")["owner"]["name"] == "Omar"
    at = (timezone.now() + timedelta(days=1)).isoformat()
    assert act("calls", result="call-back", again=at)["snoozed_until"]
    assert act("undo")["snoozed_until"] is None
    assert act("meetings", at=at, minutes=45, place="Zoom")["steps"][-1]["said"]["minutes"] == 45
    assert act("snooze", until=at)["snoozed_until"]
    undone = act("undo")
    assert undone["snoozed_until"] is None
    assert undone["undone"].startswith("Undone: Maya Mensah, put off until ") and "Omar has it." in undone["undone"]
    done = act("decision", decision="recycled", reason="timing", text="in spring")

    assert (done["state"], done["reason"], done["decided_by"]["name"]) == ("recycled", "timing", "Omar")
    assert [one["kind"] for one in done["steps"]] == [
        "opened", "claimed", "released", "assigned", "called", "called", "met", "snoozed", "decided",
    ]  # fmt: skip
    assert [one["kind"] for one in done["steps"] if one["undone_at"]] == ["called", "snoozed"]
    outcome = Outcome.objects.get()
    assert (outcome.outcome, outcome.reason, outcome.by) == ("recycled", "timing", omar.email)


def test_who_is_too_late_learns_who_was_faster_and_what_holds_now(caller, waiting, omar, nadia):
    caller.post(path_of(waiting, "claim"), {"by": omar.email})
    answer = caller.post(path_of(waiting, "claim"), {"by": nadia.email})

    assert problem_of(answer) == (409, "already-taken")
    assert answer.json()["detail"] == "Maya Mensah was already taken by Omar."
    assert answer.json()["handoff"] == caller.get(path_of(waiting)).json()


def test_what_left_the_queue_is_told_as_changed(caller, waiting, omar):
    HandOff.objects.update(state="cooled")
    answer = caller.post(path_of(waiting, "claim"), {"by": omar.email})

    assert problem_of(answer) == (409, "changed")
    assert answer.json()["handoff"]["state"] == "cooled"


@pytest.mark.parametrize(
    ("deed", "said", "why"),
    [
        ("decision", {"decision": "recycled"}, "Say why: timing"),
        ("decision", {"decision": "recycled", "reason": "whim"}, "no reason for it"),
        ("decision", {"decision": "excluded"}, "cannot be decided"),
        ("release", {}, "You do not have"),
        ("undo", {}, "nothing of yours"),
        ("snooze", {"until": "2026-01-01T00:00:00Z"}, "Choose a moment"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_reason_and_changes_nothing(caller, waiting, omar, deed, said, why):
    answer = caller.post(path_of(waiting, deed), {"by": omar.email} | said)

    assert problem_of(answer) == (422, "not-possible")
    assert why in answer.json()["detail"]
    assert HandOff.objects.get().revision == waiting.revision


@pytest.mark.parametrize("deed", ["claim", "undo", "release"])
def test_a_key_acts_for_members_who_work_on_leads_only(caller, waiting, northwind, charlie, deed):
    member(northwind, "Vera", "viewer")
    gone = member(northwind, "Gus", "rep")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    cases = {"vera@northwind.example": "wrong-role", charlie.email: "unknown-person", gone.email: "unknown-person"}
    for email, code in cases.items():
        answer = caller.post(path_of(waiting, deed), {"by": email})
        assert problem_of(answer) == (422, "invalid")
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/by", code)], email
    assert caller.post(path_of(waiting, deed), {}).json()["errors"][0]["pointer"] == "/by"
    assert HandOff.objects.get().state == "waiting"


def test_it_is_given_to_members_only(caller, waiting, omar, charlie):
    answer = caller.post(path_of(waiting, "assign"), {"by": omar.email, "to": charlie.email})

    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/to", "unknown-person")]


def test_a_manager_may_what_a_rep_may_not(caller, waiting, omar, nadia, ines):
    caller.post(path_of(waiting, "claim"), {"by": omar.email})
    accept = {"decision": "accepted"}
    assert problem_of(caller.post(path_of(waiting, "decision"), {"by": nadia.email} | accept)) == (409, "already-taken")
    assert caller.post(path_of(waiting, "decision"), {"by": ines.email} | accept).json()["state"] == "accepted"


def test_what_another_works_is_given_away_by_managers_only(caller, waiting, omar, nadia, ines):
    caller.post(path_of(waiting, "claim"), {"by": omar.email})
    refused = caller.post(path_of(waiting, "assign"), {"by": nadia.email, "to": nadia.email})
    assert refused.status_code in (409, 422)
    assert HandOff.objects.get().owner == omar

    assert caller.post(path_of(waiting, "assign"), {"by": ines.email, "to": nadia.email}).status_code == 200
    assert HandOff.objects.get().owner == nadia


def test_what_was_said_in_a_call_is_kept(caller, waiting, omar):
    caller.post(path_of(waiting, "calls"), {"by": omar.email, "result": "reached", "text": "Wants a demonstration"})

    assert Step.objects.latest("pk").said["text"] == "Wants a demonstration"


def test_a_note_is_kept_with_the_lead_whoever_has_it(caller, waiting, omar, nadia):
    caller.post(path_of(waiting, "claim"), {"by": omar.email})
    said = caller.post(path_of(waiting, "notes"), {"by": nadia.email, "text": "Likes tea"}).json()
    note = waiting.lead.notes.get()

    assert (note.text, note.by, said["owner"]["email"]) == ("Likes tea", nadia.email, omar.email)
    assert (said["steps"][-1]["kind"], said["steps"][-1]["said"]) == ("noted", {"note": note.pk})
    blank = caller.post(path_of(waiting, "notes"), {"by": nadia.email, "text": " \n"})
    assert [one["pointer"] for one in blank.json()["errors"]] == ["/text"]
    assert waiting.lead.notes.count() == 1


def test_sent_twice_under_one_key_it_is_done_once(caller, waiting, omar):
    first, second = (
        caller.post(path_of(waiting, "calls"), {"by": omar.email, "result": "reached"}, **KEY) for _ in range(2)
    )

    assert first.json() == second.json() and second.headers["Idempotent-Replayed"] == "true"
    assert Step.objects.filter(kind="called").count() == 1


def test_what_follows_is_told_in_the_same_transaction(caller, waiting, omar, monkeypatch):
    from leadline.web.api.resources import handoffs

    def fail(changes):
        raise RuntimeError("nobody to tell")

    heard = []
    monkeypatch.setattr(handoffs, "handoffs_changed", heard.extend)
    caller.post(path_of(waiting, "claim"), {"by": omar.email})
    assert [(one.kind, one.by_id) for one in heard] == [("claimed", omar.pk)]

    monkeypatch.setattr(handoffs, "handoffs_changed", fail)
    with pytest.raises(RuntimeError):
        caller.post(path_of(waiting, "release"), {"by": omar.email})
    assert HandOff.objects.get().state == "claimed"


def test_another_workspace_sees_none(stranger, waiting):
    assert stranger.get("/handoffs").json()["items"] == []
    assert stranger.get("/handoffs?sort=urgency").json()["items"] == []
