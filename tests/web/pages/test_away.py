"""The page of an absence: what falls due in it is given on with one press and back with another, by whom it concerns and who leads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.teams.world import TOML, handoff, lead, seat, team
from tests.web.pages.world import make_live

from leadline.web.accounts.actions import make_workspace
from leadline.web.handoff.models import Absence, HandOff

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def reps(northwind):
    make_live(northwind, TOML)
    return {name: seat(northwind, name) for name in ("Ana", "Bo")}


@pytest.fixture
def ada(northwind, reps, now):
    """A hand-off that waits for Ana and is due in three days."""
    of = team(northwind, "inbound", *reps.values())
    due = now + timedelta(days=3)
    return handoff(lead(northwind, "Ada"), reps["Ana"].user, team=of, opened_at=now, respond_by=due, warn_at=due)


@pytest.fixture
def absence(northwind, reps, now):
    days = timedelta(days=1)
    return Absence.objects.create(workspace=northwind, seat=reps["Ana"], begins_at=now + days, ends_at=now + 6 * days)


def text_of(answer):
    return answer.content.decode()


def owner(one):
    return HandOff.objects.get(pk=one.pk).owner.name


def test_who_notes_an_absence_is_led_to_what_falls_due_in_it(reps, ada, now):
    ana = signed_in(reps["Ana"].user)
    days = {"first": f"{now + timedelta(days=2):%Y-%m-%d}", "last": f"{now + timedelta(days=5):%Y-%m-%d}"}

    page = ana.post(reverse("my-away"), days, follow=True)

    assert page.redirect_chain[0][0] == reverse("away", args=[Absence.objects.get().pk])
    assert "Falls due in these days" in text_of(page) and f'value="{ada.pk}" checked' in text_of(page)
    assert "What is open" in text_of(ana.get(reverse("my-seat")))


def test_who_has_nothing_due_stays_where_they_are(reps, now):
    days = {"first": f"{now + timedelta(days=2):%Y-%m-%d}", "last": f"{now + timedelta(days=5):%Y-%m-%d}"}

    assert signed_in(reps["Ana"].user).post(reverse("my-away"), days).url == reverse("my-seat")


def test_one_press_gives_on_by_turns_and_another_brings_it_back(reps, ada, absence):
    ana, address = signed_in(reps["Ana"].user), reverse("away", args=[absence.pk])

    page = ana.post(address, {"pick": ada.pk, "to": "route"}, follow=True)
    assert owner(ada) == "Bo" and "Given: 1 to Bo." in text_of(page)

    undone = ana.post(address, {"undo": page.context["shared"].name}, follow=True)
    assert owner(ada) == "Ana" and "Undone: 1 hand-offs" in text_of(undone)


def test_one_may_choose_a_person_and_nothing_moves_without_a_tick(reps, ada, absence):
    ana, address = signed_in(reps["Ana"].user), reverse("away", args=[absence.pk])

    assert "Choose from 1" in text_of(ana.post(address, {"to": "route"}, follow=True))
    assert owner(ada) == "Ana"
    ana.post(address, {"pick": ada.pk, "to": reps["Bo"].user.pk})
    assert owner(ada) == "Bo"


def test_one_cannot_give_away_what_somebody_else_has(reps, ada, absence, northwind, now):
    bos = handoff(lead(northwind, "Of Bo"), reps["Bo"].user, state="claimed", opened_at=now)

    page = signed_in(reps["Ana"].user).post(
        reverse("away", args=[absence.pk]), {"pick": [ada.pk, bos.pk], "to": "route"}, follow=True
    )

    assert "Of Bo is not with Ana any more" in text_of(page)
    assert (owner(ada), owner(bos)) == ("Ana", "Bo")


def test_a_manager_gives_on_for_somebody_and_a_colleague_does_not(northwind, reps, ada, absence):
    address = reverse("away", args=[absence.pk])
    bo = signed_in(reps["Bo"].user)
    assert bo.get(address).status_code == 403
    assert bo.post(address, {"pick": ada.pk, "to": "route"}).status_code == 403
    assert owner(ada) == "Ana"

    ines = signed_in(member(northwind, "Ines", "manager"))
    assert "Ana is away" in text_of(ines.get(address))
    ines.post(address, {"pick": ada.pk, "to": "route"})
    assert owner(ada) == "Bo"


def test_an_absence_of_another_workspace_is_not_there(ada, absence):
    stranger = member(make_workspace("Elsewhere", "UTC"), "Olga", "admin")

    assert signed_in(stranger).get(reverse("away", args=[absence.pk])).status_code == 404


def test_managers_have_a_box_of_what_is_open_with_who_is_away(northwind, reps, ada, absence, now):
    ines, box = signed_in(member(northwind, "Ines", "manager")), reverse("queue") + "?box=away"
    assert "Nothing is open with anybody who is away" in text_of(ines.get(box))

    Absence.objects.update(begins_at=now - timedelta(hours=1))
    page = ines.get(box)

    assert [one.pk for one, *_ in page.context["rows"]] == [ada.pk]
    assert "With who is away" not in text_of(signed_in(reps["Bo"].user).get(reverse("queue")))
