"""Teams as people set them up: readable in every look, by keyboard, and without JavaScript."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.browser import expect
from tests.web.conftest import member
from tests.web.handoff.teams.world import TOML, handoff, lead, seat, team
from tests.web.pages.world import make_live

from leadline.web.accounts.models import Membership
from leadline.web.handoff.models import Absence, Seat, Team
from leadline.web.leads.models import Company

pytestmark = pytest.mark.browser


@pytest.fixture
def inbound(northwind):
    make_live(northwind, TOML)
    now = timezone.now()
    ana, bo, cy = seat(northwind, "Ana Okafor"), seat(northwind, "Bo Lindqvist", capacity=1), seat(northwind, "Cy")
    seat(northwind, "Dana", is_open=False)
    Absence.objects.create(
        workspace=northwind, seat=cy, begins_at=now, ends_at=now + timedelta(days=3), why="Parental leave"
    )
    company = Company.objects.create(workspace=northwind, key="domain:obi.example", name="Obi & Company")
    lead(northwind, "Ada Obi", email="ada@obi.example", company=company)
    lead(northwind, "Ada Mensah")
    handoff(lead(northwind, "Bea"), bo.user)
    return team(northwind, "inbound", ana, bo, cy)


def test_the_pages_are_readable_in_every_look(visit, maria, northwind, inbound):
    seen = visit(maria)
    cy = Membership.objects.get(user__name="Cy")
    soon = timezone.now() + timedelta(days=1)
    handoff(lead(northwind, "Dora Falk"), cy.user, team=inbound, respond_by=soon, warn_at=soon)
    handoff(lead(northwind, "Emil"), cy.user, team=inbound, state="claimed", claimed_at=timezone.now())
    paths = {
        "away": reverse("away", args=[Absence.objects.get().pk]),
        "teams": "/settings/teams/?lead=ada@obi.example",
        "teams_which": "/settings/teams/?lead=ada",
        "team": reverse("team", args=[inbound.pk]),
        "team_delete": reverse("delete-team", args=[inbound.pk]),
        "team_person": reverse("team-person", args=[cy.pk]),
        "team_me": "/settings/me/",
    }
    for name, path in paths.items():
        seen.check_accessibility(path)
        seen.go(path)
        seen.shoot_every_look(name, full=True)


def test_no_team_yet_is_readable_in_every_look(visit, omar):
    seen = visit(omar)
    seen.check_accessibility("/settings/teams/")
    seen.shoot_every_look("teams_none", full=True)


def test_trying_answers_in_place_and_stands_in_the_address(visit, omar, inbound):
    seen = visit(omar)
    seen.go("/settings/teams/")
    seen.page.get_by_label("Name or e-mail address of the lead").fill("ada")
    seen.page.keyboard.press("Enter")
    seen.page.get_by_role("link", name="Ada Obi").click()

    seen.page.get_by_text("To Ana Okafor: the turns begin here.").wait_for()
    assert "lead=" in seen.path
    seen.page.get_by_label("Name or e-mail address of the lead").fill("ada@obi.example")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**lead=ada%40obi.example")
    expect(seen.page.get_by_role("heading", name="Ada Obi, Obi & Company")).to_be_visible()


def test_a_team_is_set_up_without_javascript(visit, maria, northwind, inbound):
    member(northwind, "Eli", "rep")
    seen = visit(maria, javascript=False)
    seen.go("/settings/teams/")
    seen.page.get_by_role("button", name="Make the team enterprise").click()
    seen.page.get_by_label("Who").select_option("Eli")
    seen.page.get_by_role("button", name="Add", exact=True).click()
    seen.page.get_by_label("Who").select_option("Dana")
    seen.page.get_by_role("button", name="Add", exact=True).click()
    seen.page.get_by_role("button", name="Move Dana up").click()
    enterprise = Team.objects.get(slug="enterprise")
    assert [str(one.seat) for one in enterprise.places.order_by("position")] == ["Dana", "Eli"]

    seen.page.get_by_role("link", name="Eli", exact=True).click()
    seen.page.get_by_label("Works at once").fill("4")
    seen.page.get_by_role("button", name="Save").click()
    day = timezone.localdate() + timedelta(days=2)
    seen.page.get_by_label("First day away").fill(day.isoformat())
    seen.page.get_by_label("Last day away").fill((day - timedelta(days=1)).isoformat())
    seen.page.get_by_role("button", name="Note it").click()
    expect(seen.page.get_by_text("The last day comes before the first.")).to_be_visible()
    seen.page.get_by_label("Last day away").fill(day.isoformat())
    seen.page.get_by_role("button", name="Note it").click()
    seen.page.get_by_text("Nothing new comes to Eli in these days.").wait_for()
    seat_of_eli = Seat.objects.get(user__name="Eli")
    assert (seat_of_eli.capacity, seat_of_eli.absences.count()) == (4, 1)

    seen.go("/settings/teams/?lead=ada@obi.example")
    expect(seen.page.get_by_text("To inbound, since no route holds.")).to_be_visible()


def test_a_rep_says_that_they_are_back(visit, omar, northwind):
    now = timezone.now()
    mine = Seat.objects.create(workspace=northwind, user=omar)
    Absence.objects.create(
        workspace=northwind, seat=mine, begins_at=now - timedelta(days=1), ends_at=now + timedelta(1)
    )
    seen = visit(omar)
    seen.go("/settings/teams/")
    seen.page.get_by_role("link", name="When I am away").click()
    seen.page.get_by_role("button", name="I am back").click()

    expect(seen.page.get_by_text("No absence is noted.")).to_be_visible()
    seen.page.get_by_label("New hand-offs come to me").uncheck()
    seen.page.get_by_role("button", name="Save").click()
    expect(seen.page.get_by_text("No new hand-offs come to you.")).to_be_visible()
    assert not Seat.objects.get(user=omar).is_open
