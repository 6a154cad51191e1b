"""The pages of teams: who takes turns, who is free, who is away; what the playbook says; where a lead would go."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.teams.world import TOML, handoff, lead, seat, team
from tests.web.pages.world import make_live

from leadline.web.accounts.models import Membership
from leadline.web.handoff.models import Absence, Seat, Team, TeamSeat, WorkCalendar
from leadline.web.handoff.routing import try_route
from leadline.web.leads.models import Company

pytestmark = pytest.mark.django_db
TODAY = partial(timezone.localdate, timezone=ZoneInfo("Europe/Berlin"))


def client_of(workspace, name, role):
    client = Client()
    client.force_login(member(workspace, name, role))
    return client


def membership_of(one):
    return Membership.objects.get(user=one.user)


def names(found):
    return [str(one.seat) for one in found.places.order_by("position")]


@pytest.fixture
def as_ines(northwind):
    return client_of(northwind, "Ines", "manager")


@pytest.fixture
def sales(northwind):
    return team(northwind, "inbound", *(seat(northwind, name) for name in ("Ana", "Bo", "Cy")))


def words(answer):
    return " ".join(answer.content.decode().split())


# -- teams -----------------------------------------------------------------------------------------------------------


def test_teams_that_the_playbook_names_and_that_are_missing_are_made_with_one_button(as_ines, northwind, sales):
    make_live(northwind, TOML)
    page = as_ines.get("/settings/teams/")
    assert page.context["missing"] == [("enterprise", "inbound"), ("regional", "inbound")]
    assert "they go to inbound instead" in words(page)
    assert [one.is_named for one in page.context["teams"]] == [True]

    as_ines.post(reverse("team-new"), {"slug": "regional", "name": "Regional"})
    assert as_ines.get("/settings/teams/").context["missing"] == [("enterprise", "inbound")]
    Team.objects.filter(slug="inbound").delete()
    assert as_ines.get("/settings/teams/").context["missing"] == [("enterprise", None), ("inbound", None)]
    assert Team.objects.get(slug="regional").workspace == northwind


def test_the_page_says_what_the_playbook_says(as_omar, northwind):
    assert "No playbook is live yet." in words(as_omar.get("/settings/teams/"))
    make_live(northwind, TOML.partition("[handoff]")[0])
    assert "it has no <code>[handoff]</code>" in words(as_omar.get("/settings/teams/"))
    make_live(northwind, TOML, number=2)

    lines = as_omar.get("/settings/teams/").context["routes"].lines
    assert lines[0].startswith("Hand-off: “mql” go to sales")
    assert [line.split(" when")[0] for line in lines[1:]] == ["To enterprise", "To regional", "Otherwise to inbound."]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"slug": "inbound", "name": "Other"}, "There is a team “inbound” already."),
        ({"slug": " ", "name": "Other"}, "Write the id by which the playbook names the team"),
        ({"slug": "x" * 61, "name": "Other"}, "at most 60"),
        ({"slug": "x", "name": ""}, "Give the team a name"),
    ],
)
def test_a_team_that_cannot_be_made_or_changed_so_says_why(as_ines, northwind, sales, said, wrong):
    other = team(northwind, "other")

    for path in (reverse("team-new"), reverse("team", args=[other.pk])):
        answer = as_ines.post(path, said)
        assert answer.status_code == 422
        assert wrong in words(answer)
    assert sorted(Team.objects.values_list("slug", "name")) == [("inbound", "Inbound"), ("other", "Other")]


def test_a_team_of_another_workspace_may_have_the_same_id(as_ines, elsewhere, northwind):
    team(elsewhere, "inbound")

    assert as_ines.post(reverse("team-new"), {"slug": " in  bound", "name": "Inbound"}).status_code == 302
    assert Team.objects.get(workspace=northwind).slug == "in bound"
    mine = Team.objects.get(workspace=northwind)
    as_ines.post(reverse("team", args=[mine.pk]), {"slug": "inbound", "name": "First  line"})
    assert Team.objects.values_list("slug", "name").get(pk=mine.pk) == ("inbound", "First line")


def test_deleting_asks_first_and_leaves_handoffs_and_seats(as_ines, northwind, sales):
    make_live(northwind, TOML)
    waiting = handoff(lead(northwind), team=sales)
    handoff(lead(northwind), team=sales, state="rejected")

    asked = as_ines.get(reverse("delete-team", args=[sales.pk]))
    assert "1 open hand-off stays, in no team" in words(asked)
    assert "The live playbook names it" in words(asked)
    as_ines.post(reverse("delete-team", args=[sales.pk]))

    waiting.refresh_from_db()
    assert (waiting.team, Seat.objects.count()) == (None, 3)


# -- turns -----------------------------------------------------------------------------------------------------------


def test_somebody_is_added_behind_the_others_moved_and_taken_out(as_ines, northwind, sales):
    dee = Membership.objects.get(user=member(northwind, "Dee", "rep"))
    as_ines.post(reverse("team-add", args=[sales.pk]), {"member": dee.pk})
    assert names(sales) == ["Ana", "Bo", "Cy", "Dee"]

    place = {str(one.seat): one.seat_id for one in sales.places.all()}
    as_ines.post(reverse("team-move", args=[sales.pk]), {"seat": place["Dee"], "to": "earlier"})
    as_ines.post(reverse("team-move", args=[sales.pk]), {"seat": place["Ana"], "to": "later"})
    as_ines.post(reverse("team-move", args=[sales.pk]), {"seat": place["Bo"], "to": "earlier"})
    assert names(sales) == ["Bo", "Ana", "Dee", "Cy"]
    as_ines.post(reverse("team-remove", args=[sales.pk]), {"seat": place["Ana"]})
    assert names(sales) == ["Bo", "Dee", "Cy"]


def test_only_members_who_work_leads_and_are_not_in_it_can_be_added(as_ines, northwind, elsewhere, sales):
    eve, zoe = member(northwind, "Eve", "viewer"), member(elsewhere, "Zoe", "rep")
    ana = sales.places.first().seat

    some = [Membership.objects.get(user=user).pk for user in (eve, zoe, ana.user)]
    for pk in (*some, "", "9" * 30, "²", "\x00"):
        answer = as_ines.post(reverse("team-add", args=[sales.pk]), {"member": pk})
        assert answer.status_code == 422
    assert names(sales) == ["Ana", "Bo", "Cy"]
    assert not Seat.objects.filter(user__in=[eve, zoe]).exists()


@pytest.mark.parametrize(("last", "gone", "then"), [("Bo", "Bo", "Cy"), ("Ana", "Ana", "Bo"), ("Bo", "Cy", "Ana")])
def test_turns_go_on_where_they_were_when_somebody_leaves(as_ines, northwind, sales, last, gone, then):
    version = make_live(northwind, TOML)
    of = {str(one.seat): one.seat for one in sales.places.all()}
    Team.objects.update(last_seat=of[last])

    as_ines.post(reverse("team-remove", args=[sales.pk]), {"seat": of[gone].pk})
    found = try_route(version, lead(northwind), now=timezone.now())
    assert found.owner_id == of[then].user_id
    page = as_ines.get("/settings/teams/")
    assert [str(one.seat) for one in page.context["teams"][0].places if one.is_next] == [then]


def test_a_team_that_its_last_one_leaves_begins_anew(as_ines, northwind):
    alone = seat(northwind, "Ana")
    sales = team(northwind, "inbound", alone)
    Team.objects.update(last_seat=alone)

    as_ines.post(reverse("team-remove", args=[sales.pk]), {"seat": alone.pk})
    sales.refresh_from_db()
    assert (sales.last_seat, sales.places.count()) == (None, 0)


def test_the_next_one_on_the_page_is_the_one_who_gets_it(as_ines, northwind, sales):
    version = make_live(northwind, TOML)
    ana, bo, cy = (one.seat for one in sales.places.order_by("position"))
    now = timezone.now()
    Absence.objects.create(workspace=northwind, seat=ana, begins_at=now, ends_at=now + timedelta(days=1))
    Seat.objects.filter(pk=bo.pk).update(capacity=1)
    handoff(lead(northwind), bo.user)

    places = as_ines.get("/settings/teams/").context["teams"][0].places
    assert [one.is_next for one in places] == [False, False, True]
    assert try_route(version, lead(northwind), now=timezone.now()).owner_id == cy.user_id


# -- how somebody works ------------------------------------------------------------------------------------------------


def test_a_manager_says_how_much_somebody_works_and_when(as_ines, northwind, elsewhere):
    dee = Membership.objects.get(user=member(northwind, "Dee", "rep"))
    late = WorkCalendar.objects.create(workspace=northwind, name="Late", timezone="UTC")
    theirs = WorkCalendar.objects.create(workspace=elsewhere, name="Theirs", timezone="UTC")
    path = reverse("team-person", args=[dee.pk])

    assert as_ines.post(path, {"capacity": "-1", "is_open": "on"}).status_code == 422
    assert as_ines.post(path, {"calendar": theirs.pk}).status_code == 422
    assert not Seat.objects.exists()
    as_ines.post(path, {"capacity": "7", "calendar": late.pk})
    assert Seat.objects.values_list("user", "capacity", "calendar", "is_open").get() == (dee.user_id, 7, late.pk, False)
    as_ines.post(path, {"capacity": "", "is_open": "on"})
    assert Seat.objects.values_list("capacity", "calendar", "is_open").get() == (None, None, True)


def test_an_absence_lasts_whole_days_of_the_workspace(as_ines, northwind):
    dee = membership_of(seat(northwind, "Dee"))
    year = TODAY().year + 1
    as_ines.post(
        reverse("team-person-away", args=[dee.pk]), {"first": f"{year}-06-01", "last": f"{year}-06-03", "why": "Leave"}
    )

    found = Absence.objects.get()
    assert found.begins_at == datetime(year, 5, 31, 22, tzinfo=UTC)
    assert found.ends_at == datetime(year, 6, 3, 22, tzinfo=UTC)
    assert "from 1 June" in words(as_ines.get(reverse("team-person", args=[dee.pk])))


@pytest.mark.parametrize(
    ("first", "last", "is_refused"),
    [
        ("06-03", "06-09", True),
        ("05-01", "06-01", True),
        ("06-02", "06-02", True),
        ("05-01", "05-31", False),
        ("06-04", "06-09", False),
    ],
)
def test_an_absence_in_days_that_are_noted_already_is_refused(as_ines, northwind, first, last, is_refused):
    dee, year = membership_of(seat(northwind, "Dee")), TODAY().year + 1
    path = reverse("team-person-away", args=[dee.pk])
    as_ines.post(path, {"first": f"{year}-06-01", "last": f"{year}-06-03"})

    answer = as_ines.post(path, {"first": f"{year}-{first}", "last": f"{year}-{last}"})

    assert (answer.status_code, Absence.objects.count()) == ((422, 1) if is_refused else (302, 2))
    if is_refused:
        assert f"noted already: from 1 June {year}, back on 4 June {year}." in words(answer)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("2999-01-01", "2999-01-02", "a year that anybody works in"),
        ("2026-01-01", "2026-01-02", "over already"),
        ("2100-02-02", "2100-02-01", "comes before the first"),
        ("soon", "2100-02-01", "Write a day as 2026-03-05."),
        ("", "", "Say the first day."),
    ],
)
def test_an_absence_that_cannot_be_is_refused(as_ines, northwind, first, last, wrong):
    dee = membership_of(seat(northwind, "Dee"))
    for client, path in ((as_ines, reverse("team-person-away", args=[dee.pk])), (as_ines, reverse("my-away"))):
        answer = client.post(path, {"first": first, "last": last})
        assert answer.status_code == 422
        assert wrong in words(answer)
    assert not Absence.objects.exists()


def test_an_absence_that_has_begun_ends_now_and_one_that_lies_ahead_is_gone(as_ines, northwind):
    dee, now = seat(northwind, "Dee"), timezone.now()
    hour = timedelta(hours=1)
    begun = Absence.objects.create(workspace=northwind, seat=dee, begins_at=now - hour, ends_at=now + hour)
    ahead = Absence.objects.create(workspace=northwind, seat=dee, begins_at=now + hour, ends_at=now + 2 * hour)
    path = reverse("team-person-back", args=[membership_of(dee).pk])

    for one in (begun, ahead):
        as_ines.post(path, {"absence": one.pk})
    begun.refresh_from_db()
    assert now <= begun.ends_at <= timezone.now()
    assert not Absence.objects.filter(pk=ahead.pk).exists()


def test_a_rep_says_when_they_are_away_and_nobody_elses(as_omar, omar, northwind):
    other, now = seat(northwind, "Dee"), timezone.now()
    theirs = Absence.objects.create(workspace=northwind, seat=other, begins_at=now, ends_at=now + timedelta(days=1))

    as_omar.post(reverse("my-away"), {"first": TODAY(), "last": TODAY()})
    as_omar.post(reverse("my-seat"), {})
    mine = Seat.objects.get(user=omar)
    assert (mine.is_open, mine.absences.count()) == (False, 1)
    assert as_omar.get("/settings/teams/").context["people"][-1].away_until is not None

    assert as_omar.post(reverse("my-back"), {"absence": theirs.pk}).status_code == 404
    assert as_omar.post(reverse("my-back"), {"absence": "²"}).status_code == 400
    as_omar.post(reverse("my-back"), {"absence": mine.absences.get().pk})
    as_omar.post(reverse("my-seat"), {"is_open": "on"})
    mine.refresh_from_db()
    assert mine.is_open
    assert as_omar.get("/settings/teams/").context["people"][-1].away_until is None
    theirs.refresh_from_db()
    assert theirs.ends_at == now + timedelta(days=1)


def test_why_somebody_is_away_is_for_them_and_who_leads(as_omar, as_ines, northwind):
    dee, now = seat(northwind, "Dee"), timezone.now()
    Absence.objects.create(workspace=northwind, seat=dee, begins_at=now, ends_at=now + timedelta(days=1), why="Surgery")

    assert "away until" in words(as_omar.get("/settings/teams/"))
    assert "Surgery" not in words(as_omar.get("/settings/teams/"))
    assert "Surgery" in words(as_ines.get(reverse("team-person", args=[membership_of(dee).pk])))


def test_who_changes_nothing_sees_no_button_that_would(as_omar, northwind, sales):
    make_live(northwind, TOML)
    page = words(as_omar.get("/settings/teams/"))

    assert reverse("team-new") not in page
    assert reverse("team", args=[sales.pk]) not in page
    assert "An administrator or a manager can make it." in page


# -- trying ------------------------------------------------------------------------------------------------------------


def test_trying_says_where_a_lead_would_go_and_why_nobody_else_and_moves_nothing(as_omar, northwind, sales):
    make_live(northwind, TOML)
    ada = lead(northwind, "Ada Obi", email="ada@obi.example")
    ana = sales.places.get(position=1).seat
    Seat.objects.filter(pk=ana.pk).update(is_open=False)

    for text in ("ada@obi.example", "ADA@OBI.EXAMPLE", "da ob", str(ada.pk)):
        page = words(as_omar.get("/settings/teams/", {"lead": text}))
        assert "To Bo: the turns begin here." in page
        assert "To inbound, since no route holds." in page
        assert "takes no new hand-offs now" in page
        assert "comes later in the turns" in page
    sales.refresh_from_db()
    assert sales.last_seat is None


def test_trying_asks_which_one_where_several_are_meant_and_finds_nobody_elsewhere(as_omar, northwind, elsewhere):
    make_live(northwind, TOML)
    company = Company.objects.create(workspace=northwind, key="domain:obi.example", name="Obi & Co")
    first = lead(northwind, "Ada Obi", company=company)
    lead(northwind, "Ada <b>Lu")
    theirs = lead(elsewhere, "Bea")
    lead(northwind, "Bea gone", merged_into=first)

    page = words(as_omar.get("/settings/teams/", {"lead": "ada"}))
    assert f"?lead={first.pk}#tried" in page
    assert "Ada &lt;b&gt;Lu" in page
    for text in ("bea", str(theirs.pk), "9" * 30, "%", "\\", "a\x00b", "²"):
        answer = as_omar.get("/settings/teams/", {"lead": text})
        assert "No known lead has" in words(answer), text


def test_trying_without_a_playbook_says_so(as_omar, northwind):
    lead(northwind, "Ada")
    assert "nothing says where it goes" in words(as_omar.get("/settings/teams/", {"lead": "Ada"}))


# -- size -------------------------------------------------------------------------------------------------------------


def test_the_pages_stay_small_with_many_teams_and_people(as_ines, northwind):
    make_live(northwind, TOML)
    seats = [seat(northwind, f"Person{number}", capacity=5) for number in range(60)]
    for number in range(12):
        team(northwind, f"team-{number}", *seats[number * 5 : number * 5 + 5])
    ada = lead(northwind, "Ada")
    first = Team.objects.order_by("pk").first()

    for path in (f"/settings/teams/?lead={ada.pk}", reverse("team", args=[first.pk]), "/settings/me/"):
        with CaptureQueriesContext(connection) as queries:
            answer = as_ines.get(path)
        assert len(queries) <= 30, path
        assert len(answer.content) < 60_000, path
    assert TeamSeat.objects.count() == 60
