"""Who works hand-offs and when, by the API: calendars, teams in the order of the turns, seats, absences; and answers to questions."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from tests.web.api.test_handoffs import problem_of
from tests.web.conftest import member
from tests.web.handoff.conftest import ines, live, nadia
from tests.web.pages.rows import make_lead, qualify

from leadline.web.handoff.models import Absence, DayOff, Seat, Team, TeamSeat, WorkCalendar
from leadline.web.leads.models import Fact, Lead

__all__ = ["ines", "live", "nadia"]  # fixtures
pytestmark = pytest.mark.django_db
BERLIN = {
    "name": "Berlin",
    "timezone": "Europe/Berlin",
    "hours": [[["09:00", "12:30"], ["13:30", "17:00"]]] * 5 + [[], []],
    "country": "DE",
    "region": "BE",
    "days_off": [{"day": "2026-12-24", "name": "Christmas Eve"}],
    "worked": [{"day": "2026-10-03", "name": "Trade fair"}],
    "is_default": True,
}


def places_of(answer):
    return [one["pointer"] for one in answer.json()["errors"]]


# -- calendars ------------------------------------------------------------------------------------------------------------


def test_a_calendar_comes_back_as_it_was_given(caller, northwind):
    answer = caller.post("/calendars", BERLIN)
    said = answer.json()

    assert answer.status_code == 201
    assert said == {"id": WorkCalendar.objects.get().pk} | BERLIN
    assert caller.get("/calendars").json() == [said] and caller.get(f"/calendars/{said['id']}").json() == said
    assert set(DayOff.objects.values_list("day", "is_worked")) == {
        (date(2026, 12, 24), False),
        (date(2026, 10, 3), True),
    }


def test_what_is_left_out_of_a_new_calendar_is_as_on_the_page(caller, northwind):
    said = caller.post("/calendars", {"name": "Usual"}).json()

    assert (said["timezone"], said["country"], said["days_off"]) == ("Europe/Berlin", "", [])
    assert said["hours"] == [[["09:00", "17:00"]]] * 5 + [[], []]


def test_parts_of_a_calendar_are_changed_and_the_rest_stays(caller, northwind):
    path = f"/calendars/{caller.post('/calendars', BERLIN).json()['id']}"
    said = caller.ask("PATCH", path, {"region": "", "days_off": []}).json()

    assert said == caller.get(path).json()
    assert {name: said[name] for name in BERLIN} == BERLIN | {"region": "", "days_off": []}
    assert caller.ask("DELETE", path).status_code == 204
    assert caller.get(path).status_code == 404 and not WorkCalendar.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"timezone": "Europe/Berlln"}, "/timezone"),
        ({"country": "Germany"}, "/country"),
        ({"region": "Bavaria"}, "/region"),
        ({"hours": [[["09:00", "12:00"], ["11:00", "15:00"]], *[[]] * 6]}, "/hours/0"),
        ({"hours": [[], [["25:00", "26:00"]], *[[]] * 5]}, "/hours/1"),
        ({"hours": [[]] * 7}, "/hours/0"),
        ({"hours": [[]] * 6}, "/hours"),
        ({"days_off": [{"day": "2026-02-30"}]}, "/days_off"),
        ({"days_off": [{"day": "2026-12-24"}, {"day": "2026-12-24"}]}, "/days_off"),
        ({"worked": [{"day": "2026-12-24"}]}, "/worked"),
        ({"name": " "}, "/name"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_the_page_refuses_is_refused_here_with_its_place(caller, northwind, wrong, place):
    answer = caller.post("/calendars", BERLIN | wrong)

    assert problem_of(answer) == (422, "invalid")
    assert places_of(answer) == [place]
    assert not WorkCalendar.objects.exists()


def test_two_calendars_cannot_have_one_name(caller, northwind):
    caller.post("/calendars", BERLIN)
    other = caller.post("/calendars", BERLIN | {"name": "Hamburg"}).json()

    assert places_of(caller.post("/calendars", BERLIN)) == ["/name"]
    assert places_of(caller.ask("PATCH", f"/calendars/{other['id']}", {"name": "berlin"})) == ["/name"]
    assert [one["is_default"] for one in caller.get("/calendars").json()] == [True, False]


# -- teams ----------------------------------------------------------------------------------------------------------------


def emails_of(answer):
    return [one["email"].partition("@")[0] for one in answer.json()["people"]]


@pytest.fixture
def team(caller, omar, nadia, ines):
    """Return the path of a team of three."""
    made = caller.post(
        "/teams", {"slug": "inbound", "name": "Inbound", "people": [one.email for one in (omar, nadia, ines)]}
    )
    assert made.status_code == 201
    return f"/teams/{made.json()['id']}"


def test_a_team_is_made_with_its_people_in_the_order_of_the_turns(caller, team):
    assert emails_of(caller.get(team)) == ["omar", "nadia", "ines"]
    assert list(TeamSeat.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3]
    assert [one["slug"] for one in caller.get("/teams").json()] == ["inbound"]


@pytest.mark.parametrize("order", [["ines", "omar", "nadia"], ["nadia"], ["nadia", "maria", "omar"], []])
def test_people_come_go_and_change_places(caller, team, maria, order):
    answer = caller.ask("PATCH", team, {"people": [f"{name}@northwind.example" for name in order]})

    assert answer.status_code == 200 and emails_of(answer) == order
    assert answer.json()["name"] == "Inbound"
    assert Seat.objects.filter(user__email="omar@northwind.example").exists()  # out of the team, they keep their seat


def test_who_was_last_stays_last_when_others_move(caller, team, omar):
    Team.objects.update(last_seat=Seat.objects.get(user=omar))
    caller.ask("PATCH", team, {"people": ["nadia@northwind.example", omar.email]})

    assert Team.objects.get().last_seat.user == omar


def test_all_that_is_wrong_with_the_people_of_a_team_is_told(caller, team, northwind, charlie):
    member(northwind, "Vera", "viewer")
    people = ["omar@northwind.example", "vera@northwind.example", charlie.email, "OMAR@northwind.example"]
    answer = caller.ask("PATCH", team, {"people": people})

    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/people/1", "wrong-role"),
        ("/people/2", "unknown-person"),
        ("/people/3", "twice"),
    ]
    assert emails_of(caller.get(team)) == ["omar", "nadia", "ines"]


def test_a_team_has_hours_of_its_own_and_says_what_follows_when_an_answer_is_late(caller, team, northwind, elsewhere):
    calendar = WorkCalendar.objects.create(workspace=northwind, name="Lisbon", timezone="Europe/Lisbon")
    theirs = WorkCalendar.objects.create(workspace=elsewhere, name="Theirs", timezone="UTC")

    def late_of(said):
        return said["calendar"], said["gives_on"], said["raises_after"]

    def away_of(said):
        return said["gives_on_away"]

    assert late_of(caller.get(team).json()) == (None, False, None)
    late = {"calendar": calendar.pk, "gives_on": True, "raises_after": 8}
    lisbon = {"id": calendar.pk, "name": "Lisbon"}
    assert late_of(caller.ask("PATCH", team, late).json()) == (lisbon, True, 8)
    assert late_of(caller.ask("PATCH", team, {"name": "In"}).json()) == (lisbon, True, 8)
    assert late_of(caller.ask("PATCH", team, {"calendar": None, "raises_after": None}).json()) == (None, True, None)
    assert not away_of(caller.get(team).json())
    assert away_of(caller.ask("PATCH", team, {"gives_on_away": True}).json())
    assert away_of(caller.ask("PATCH", team, {"name": "In"}).json()) and away_of(caller.get("/teams").json()[0])
    assert not away_of(caller.ask("PATCH", team, {"gives_on_away": False}).json())
    assert away_of(caller.post("/teams", {"slug": "north", "name": "North", "gives_on_away": True}).json())
    made = caller.post("/teams", {"slug": "south", "name": "South"} | late).json()
    assert late_of(made) == (lisbon, True, 8)
    assert made in caller.get("/teams").json()

    for wrong in ({"calendar": theirs.pk}, {"raises_after": 0}, {"gives_on": None}, {"gives_on_away": None}):
        answer = caller.ask("PATCH", team, wrong)
        assert places_of(answer) == [f"/{name}" for name in wrong]
        assert caller.post("/teams", {"slug": "new", "name": "New"} | wrong).status_code == 422
    assert Team.objects.filter(slug="new").count() == 0


def test_a_team_has_an_id_of_its_own(caller, team):
    other = caller.post("/teams", {"slug": "enterprise", "name": "Enterprise"}).json()

    assert problem_of(caller.post("/teams", {"slug": "inbound", "name": "Again"})) == (409, "team-exists")
    assert problem_of(caller.ask("PATCH", f"/teams/{other['id']}", {"slug": "inbound"})) == (409, "team-exists")
    assert places_of(caller.post("/teams", {"slug": " ", "name": " "})) == ["/slug", "/name"]
    assert caller.ask("PATCH", team, {"name": "In"}).json()["slug"] == "inbound"
    assert caller.ask("DELETE", team).status_code == 204 and caller.get(team).status_code == 404


# -- people ---------------------------------------------------------------------------------------------------------------


def test_how_somebody_works_is_changed_part_by_part(caller, omar, northwind):
    person = caller.get("/people").json()[0]
    path = f"/people/{person['id']}"
    assert (person["name"], person["is_open"], person["capacity"], person["calendar"]) == ("Omar", False, None, None)
    calendar = WorkCalendar.objects.create(workspace=northwind, name="Berlin", timezone="Europe/Berlin")

    assert caller.ask("PATCH", path, {"capacity": 20}).json()["is_open"] is True  # who takes a seat works
    said = caller.ask("PATCH", path, {"is_open": False, "calendar": calendar.pk}).json()
    assert (said["is_open"], said["capacity"], said["calendar"]["name"]) == (False, 20, "Berlin")
    said = caller.ask("PATCH", path, {"capacity": None, "calendar": None}).json()
    assert (said["is_open"], said["capacity"], said["calendar"]) == (False, None, None)


def test_a_calendar_of_another_workspace_is_none(caller, omar, elsewhere):
    theirs = WorkCalendar.objects.create(workspace=elsewhere, name="Theirs", timezone="UTC")
    answer = caller.ask("PATCH", f"/people/{omar.memberships.get().pk}", {"calendar": theirs.pk})

    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/calendar", "unknown-calendar")]


def test_only_who_works_on_leads_is_listed(caller, omar, northwind):
    viewer = member(northwind, "Vera", "viewer")

    assert [one["name"] for one in caller.get("/people").json()] == ["Omar"]
    assert caller.get(f"/people/{viewer.memberships.get().pk}").status_code == 404


def test_somebody_is_away_and_comes_back(caller, omar):
    path = f"/people/{omar.memberships.get().pk}"
    today = timezone.now().date()
    later = today + timedelta(days=30)
    now = caller.post(
        f"{path}/absences", {"first": str(today - timedelta(days=1)), "last": str(today + timedelta(days=1))}
    )
    ahead = caller.post(f"{path}/absences", {"first": str(later), "last": str(later), "why": "Wedding"})
    said = caller.get(path).json()

    assert (now.status_code, ahead.status_code) == (201, 201)
    nothing_open = {"due": [], "others": []}
    assert [one | nothing_open for one in said["absences"]] == [now.json(), ahead.json()]
    assert said["away_until"] == now.json()["ends_at"]
    for one in (now, ahead):
        assert caller.ask("DELETE", f"{path}/absences/{one.json()['id']}").status_code == 204
    assert (caller.get(path).json()["away_until"], caller.get(path).json()["absences"]) == (None, [])
    assert Absence.objects.count() == 1  # that one had begun, and ended now


@pytest.mark.parametrize(
    ("first", "last", "places"),
    [
        ("2020-01-01", "2020-01-02", ["/last"]),
        ("2100-01-02", "2100-01-01", ["/last"]),
        ("2100-02-30", "2100-03-01", ["/first"]),
        ("soon", "2100-03-01", ["/first"]),
    ],
)
def test_days_that_make_no_absence_are_refused(caller, omar, first, last, places):
    answer = caller.post(f"/people/{omar.memberships.get().pk}/absences", {"first": first, "last": last})

    assert problem_of(answer) == (422, "invalid") and places_of(answer) == places
    assert not Absence.objects.exists()


def test_an_absence_is_ended_at_its_own_person_only(caller, omar, nadia):
    path = f"/people/{omar.memberships.get().pk}/absences"
    made = caller.post(path, {"first": "2100-01-01", "last": "2100-01-02"}).json()

    assert caller.ask("DELETE", f"/people/{nadia.memberships.get().pk}/absences/{made['id']}").status_code == 404
    assert Absence.objects.exists()


# -- answers --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lead(northwind, playbook):
    """Return a lead of the starter playbook, which asks for BANT, that was assessed."""
    made = make_lead(northwind, "Maya Mensah")
    qualify(made, playbook, answers={"budget": "no"})
    Lead.objects.update(due_at=None)
    return made


def test_an_answer_is_given_and_taken_back_in_the_name_of_a_member(caller, lead, omar):
    path = f"/leads/{lead.pk}/answers"

    def budget():
        return next(one for one in caller.get(path).json() if one["question"] == "budget")

    assert (budget()["answer"], budget()["said"]) == ("no", None)  # inferred
    given = {"by": "OMAR@northwind.example", "question": "budget", "answer": "yes", "evidence": "“We have 40k.”"}
    assert caller.post(path, given).json() == {"stored": 1, "unchanged": 0}

    said = budget()["said"]
    assert (said["value"], said["by"], said["evidence"], said["source"]) == (
        "yes",
        omar.email,
        "“We have 40k.”",
        "person",
    )
    assert Lead.objects.get(pk=lead.pk).due_at is not None
    caller.post(path, given | {"answer": None})
    assert budget()["said"] is None
    assert Fact.objects.filter(field="questions.budget").count() == 2  # what was said stays in the history


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        ({"question": "budgte"}, "/question", "unknown-question"),
        ({"by": "nobody@northwind.example"}, "/by", "unknown-person"),
        ({"answer": "maybe"}, "/answer", "literal_error"),
    ],
)
def test_answers_that_mean_nothing_are_refused(caller, lead, omar, wrong, place, code):
    given = {"by": omar.email, "question": "budget", "answer": "yes"} | wrong
    answer = caller.post(f"/leads/{lead.pk}/answers", given)

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(place, code)]
    assert not Fact.objects.filter(field="questions.budget").exists()


def test_nobody_of_another_workspace_is_listed(stranger, team):
    assert [stranger.get(path).json() for path in ("/teams", "/people", "/calendars")] == [[], [], []]
