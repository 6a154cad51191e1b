"""A manager gives several late hand-offs at once: to somebody, or by turns; all or none, and all back."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.queue.conftest import hand_over

from leadline.web.handoff.actions import claim
from leadline.web.handoff.models import HandOff, Seat, Step, Team, TeamSeat

QUEUE, GIVE = reverse("queue"), reverse("queue-give")


def text_of(answer):
    return answer.content.decode()


@pytest.fixture
def late(live, northwind, omar, nadia):
    """Three late hand-offs of Omar's, in a team of him and Nadia."""
    team = Team.objects.create(workspace=northwind, slug="inbound", name="Inbound")
    for position, person in enumerate((omar, nadia), start=1):
        seat = Seat.objects.create(workspace=northwind, user=person)
        TeamSeat.objects.create(workspace=northwind, team=team, seat=seat, position=position)
    now = timezone.now()
    names = ("Maya Mensah", "Noor Vermeer", "Ivo Abel")
    return [hand_over(live, one, owner=omar, team=team, respond_by=now, breached_at=now) for one in names]


def owners():
    return [one.owner.name for one in HandOff.objects.order_by("pk")]


@pytest.fixture
def as_ines(client, ines):
    client.force_login(ines)
    return client


def test_several_go_to_one_and_all_come_back(as_ines, late, nadia):
    claim(late[2].pk, by=late[2].owner)
    page = text_of(as_ines.get(QUEUE))
    assert page.count('name="pick"') == 3
    assert "Nadia, 0 open" in page
    answer = as_ines.post(GIVE, {"pick": [one.pk for one in late], "to": nadia.pk, "box": "late"}, follow=True)

    assert owners() == ["Nadia"] * 3
    assert "Given: 3 to Nadia." in text_of(answer)
    name = re.search(r'name="undo" value="([^"]+)"', text_of(answer))[1]
    said = text_of(as_ines.post(GIVE, {"undo": name, "box": "late"}, follow=True))
    assert "Undone: 3 hand-offs are with whom they were before." in said
    assert owners() == ["Omar"] * 3
    assert [one.state for one in HandOff.objects.order_by("pk")] == ["waiting", "waiting", "claimed"]
    assert "nothing of yours to undo" in text_of(as_ines.post(GIVE, {"undo": name}, follow=True))


def test_turns_decide_without_whoever_has_it(as_ines, late):
    as_ines.post(GIVE, {"pick": [late[0].pk, late[1].pk], "to": "route"})

    assert owners() == ["Nadia", "Nadia", "Omar"]
    assert HandOff.objects.get(pk=late[0].pk).route


def test_all_or_none_are_given(as_ines, late, nadia):
    HandOff.objects.filter(pk=late[2].pk).update(state="recycled", decided_at=timezone.now())
    page = text_of(as_ines.post(GIVE, {"pick": [one.pk for one in late], "to": nadia.pk}, follow=True))
    assert "Ivo Abel was already recycled" in page
    Seat.objects.filter(user=nadia).update(is_open=False)
    page = text_of(as_ines.post(GIVE, {"pick": [late[0].pk], "to": "route"}, follow=True))
    assert "Nobody else is free for Maya Mensah" in page

    assert owners() == ["Omar"] * 3
    assert not Step.objects.filter(kind="assigned").exists()


def test_all_or_none_come_back(as_ines, late, nadia):
    answer = as_ines.post(GIVE, {"pick": [late[0].pk, late[1].pk], "to": nadia.pk}, follow=True)
    name = re.search(r'name="undo" value="([^"]+)"', text_of(answer))[1]
    claim(late[1].pk, by=nadia)
    page = text_of(as_ines.post(GIVE, {"undo": name}, follow=True))

    assert "nothing of yours to undo at Noor Vermeer" in page
    assert owners() == ["Nadia", "Nadia", "Omar"]


@pytest.mark.parametrize("said", [{}, {"pick": "1"}, {"to": "route"}, {"pick": "x", "to": "route"}, {"undo": "x"}])
def test_what_is_no_choice_changes_nothing(as_ines, late, said):
    as_ines.post(GIVE, said)

    assert owners() == ["Omar"] * 3


def test_only_managers_give_several(as_omar, late, nadia, elsewhere, client):
    assert 'name="pick"' not in text_of(as_omar.get(QUEUE))
    assert as_omar.post(GIVE, {"pick": late[0].pk, "to": nadia.pk}).status_code == 403
    boss = member(elsewhere, "Mia", "manager")
    client.force_login(boss)
    client.post(GIVE, {"pick": late[0].pk, "to": boss.pk})

    assert owners() == ["Omar"] * 3
