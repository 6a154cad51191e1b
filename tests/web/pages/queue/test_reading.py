"""What a rep reads in the queue: by what it is sorted, when answers are due, who else has the same person, and who is free."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.handoff.conftest import TOML
from tests.web.pages.world import make_live

from leadline.web.handoff.actions import claim
from leadline.web.handoff.models import Absence, HandOff, Seat
from leadline.web.pages.templatetags.pages import due

QUEUE = reverse("queue")
BERLIN = ZoneInfo("Europe/Berlin")


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(hours=46, minutes=5), "in 46 h"),
        (timedelta(hours=23, minutes=5), "in 23 h"),
        (timedelta(hours=49), "in 2 d"),
        (-timedelta(hours=30), "30 h late"),
        (-timedelta(days=3), "3 d late"),
    ],
)
def test_answers_are_due_in_hours_up_to_two_days(ahead, said):
    assert due(timezone.now() + ahead) == said


def test_rows_say_the_day_and_the_order(as_omar, maya):
    HandOff.objects.update(respond_by=timezone.now() + timedelta(hours=30, minutes=5))
    page = text_of(as_omar.get(QUEUE))
    at = timezone.localtime(HandOff.objects.get().respond_by, BERLIN)

    assert "The most urgent first: who raised a hand" in page
    assert f'title="{at:%A}, {at.day} {at:%B, %H:%M}"' in page
    assert ">in 30 h</small>" in page


def test_one_person_twice_is_told_apart(as_omar, maya, nadia, northwind, live):
    other = HandOff.objects.create(
        workspace=northwind, lead=maya.lead, qualification="pql", began_at=maya.began_at, version_number=1,
        opened_at=maya.opened_at, owner=nadia,
    )  # fmt: skip
    page = text_of(as_omar.get(f"{QUEUE}?at={maya.pk}"))
    where = reverse("queue-item", args=[other.pk])
    assert f'Also waits for <a class="link" href="{where}">pql</a>, given to Nadia' in page
    assert "<b>Marketing qualified</b> · " not in page  # one qualification is handed over: its name would say nothing

    claim(other.pk, by=nadia)
    toml = TOML.replace('qualifications = ["mql"]', 'qualifications = ["mql", "pql"]').replace(
        "[questions.budget]",
        '[[qualifications]]\nid = "pql"\ntitle = "Product qualified"\nenter = "fit >= 50"\n[questions.budget]',
    )
    make_live(northwind, toml, number=2)
    page = text_of(as_omar.get(f"{QUEUE}?at={maya.pk}"))
    assert f'Nadia works it for <a class="link" href="{where}">Product qualified</a>' in page
    assert "<b>Marketing qualified</b> · " in page


def test_it_is_given_to_who_works_hand_offs_and_says_how_free_they_are(as_omar, as_maria, maya, omar, nadia, northwind):
    offered = lambda: re.findall(r'<option value="\d+">([^<]+)</option>', text_of(as_omar.get(QUEUE)))  # noqa: E731
    assert (
        "Maria, 0 open" in " ".join(offered()) or "Nadia, 0 open" in offered()
    )  # nobody works hand-offs yet: who works leads
    seat = Seat.objects.create(workspace=northwind, user=nadia)
    HandOff.objects.create(
        workspace=northwind, lead=maya.lead, qualification="pql", began_at=maya.began_at, version_number=1,
        opened_at=maya.opened_at, owner=nadia,
    )  # fmt: skip
    assert [one for one in offered() if "open" in one] == ["Nadia, 1 open"]
    now = timezone.now()
    Absence.objects.create(
        workspace=northwind, seat=seat, begins_at=now - timedelta(days=1), ends_at=now + timedelta(days=2)
    )
    (said,) = (one for one in offered() if "open" in one)
    assert said.startswith("Nadia, 1 open, away until ")


def test_claiming_says_for_whom_it_was_waiting(as_omar, maya, nadia):
    HandOff.objects.update(owner=nadia)
    page = text_of(as_omar.post(reverse("queue-act", args=[maya.pk, "claim"]), follow=True))

    assert "Maya Mensah is yours; it was waiting for Nadia." in page


def test_what_is_put_off_says_until_when(as_omar, maya):
    at = timezone.localtime(timezone.now() + timedelta(days=2), BERLIN).replace(second=0, microsecond=0)
    page = text_of(as_omar.post(reverse("queue-act", args=[maya.pk, "snooze"]), {"until": at.isoformat()}, follow=True))

    assert f"Maya Mensah comes back on {at.day} {at:%B %Y, %H:%M}." in page


def test_a_box_that_is_not_there_is_missing(as_omar, maya):
    assert as_omar.get(f"{QUEUE}?box=put-off").status_code == 404
    assert as_omar.get(f"{QUEUE}?box=off").status_code == 200
    assert as_omar.get(f"{QUEUE}?box=").status_code == 200
