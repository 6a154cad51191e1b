"""Absences by the API: whoever notes one is told what is open in it, as the page tells it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.api.conftest import Caller
from tests.web.api.test_handoffs import open_for, problem_of
from tests.web.handoff.conftest import live, nadia

from leadline.web.handoff.models import Absence, HandOff, Team

__all__ = ["live", "nadia"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(northwind, live, omar, nadia):
    """Omar has four hand-offs: one that falls due in a week, one after it, one before it, and one that he claimed."""
    for handoff in open_for(northwind, live, "Ada", "Bo", "Cem", "Di"):
        HandOff.objects.filter(pk=handoff.pk).update(owner=omar, respond_by=in_days(7))
    due, after, before, claimed = HandOff.objects.order_by("pk")
    HandOff.objects.filter(pk=after.pk).update(respond_by=in_days(12))
    HandOff.objects.filter(pk=before.pk).update(respond_by=in_days(2))
    HandOff.objects.filter(pk=claimed.pk).update(state="claimed", respond_by=None)
    return due, after, before, claimed


def in_days(number):
    return timezone.now() + timedelta(days=number)


def day(number):
    return str(timezone.localdate(in_days(number)))


def path_of(user):
    return f"/people/{user.memberships.get().pk}/absences"


def note(caller, user, first=6, last=9):
    return caller.post(path_of(user), {"first": day(first), "last": day(last), "why": "Wedding"})


def ids(said):
    return [one["id"] for one in said]


def test_who_notes_an_absence_is_told_what_falls_due_in_it_and_what_else_is_open(caller, desk, omar):
    due, after, before, claimed = desk
    answer = note(caller, omar)
    said = answer.json()

    assert answer.status_code == 201 and said["why"] == "Wedding"
    assert ids(said["due"]) == [due.pk]
    assert set(ids(said["others"])) == {after.pk, before.pk, claimed.pk}
    due.refresh_from_db()
    assert said["due"][0] == {
        "id": due.pk,
        "lead": due.lead_id,
        "qualification": "mql",
        "state": "waiting",
        "team": None,
        "respond_by": due.respond_by.isoformat().replace("+00:00", "Z"),
        "goes_on": False,
    }
    assert caller.get(f"{path_of(omar)}/{said['id']}").json() == said
    assert HandOff.objects.filter(owner=omar).count() == 4  # nothing moved


def test_once_it_has_begun_what_is_late_counts_among_it(caller, desk, omar):
    HandOff.objects.filter(pk=desk[2].pk).update(respond_by=in_days(-1))
    said = note(caller, omar, first=0, last=9).json()

    assert ids(said["due"]) == [desk[2].pk, desk[0].pk]


def test_it_says_what_the_team_gives_on(caller, desk, omar, northwind):
    team = Team.objects.create(workspace=northwind, slug="inbound", name="Inbound", gives_on_away=True)
    HandOff.objects.update(team=team)

    def goes_on(path):
        said = caller.get(path).json()
        return [one["goes_on"] for one in said["due"]], [one["goes_on"] for one in said["others"]]

    made = note(caller, omar).json()
    path = f"{path_of(omar)}/{made['id']}"
    assert made["due"][0]["team"] == "inbound"
    assert goes_on(path) == ([True], [False] * 3)
    Team.objects.update(gives_on_away=False)
    assert goes_on(path) == ([False], [False] * 3)
    Team.objects.update(gives_on_away=True)
    Absence.objects.update(followed_at=timezone.now())  # what comes later stays
    assert goes_on(path) == ([False], [False] * 3)


def test_what_is_open_with_others_is_none_of_it(caller, desk, nadia):
    said = note(caller, nadia).json()

    assert (said["due"], said["others"]) == ([], [])


@pytest.mark.parametrize(("first", "last", "is_refused"), [(4, 5, False), (10, 11, False), (5, 6, True), (9, 10, True)])
def test_days_that_are_noted_already_are_refused_in_the_workspaces_zone(caller, omar, first, last, is_refused):
    note(caller, omar)
    answer = note(caller, omar, first, last)

    assert problem_of(answer) == (422, "invalid") if is_refused else answer.status_code == 201
    if is_refused:
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/first"]


def test_a_key_that_reads_no_hand_offs_is_told_no_names(key_for, desk, omar):
    answer = note(Caller(key_for("teams:write")), omar)

    assert answer.status_code == 201 and "Ada" not in answer.content.decode()


def test_an_absence_is_of_its_own_person(caller, stranger, omar, nadia):
    made = note(caller, omar).json()["id"]

    assert caller.get(f"{path_of(nadia)}/{made}").status_code == 404
    assert stranger.get(f"{path_of(omar)}/{made}").status_code == 404
    assert caller.get(f"{path_of(omar)}/{made + 1}").status_code == 404
