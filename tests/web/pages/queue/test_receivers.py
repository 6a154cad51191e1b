"""Who gives a hand-off away is told what speaks against somebody, and may do it all the same."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.handoff.conftest import TOML
from tests.web.pages.queue.conftest import hand_over
from tests.web.pages.world import make_live

from leadline.web.handoff.actions import decide
from leadline.web.handoff.models import Absence, HandOff, Seat
from leadline.web.pages.queue.receivers import receivers

BERLIN = ZoneInfo("Europe/Berlin")
GIVE = reverse("queue-give")
NEW_OWNER = TOML.replace('id = "timing"\ntitle = "Not now"\n', 'id = "timing"\ntitle = "Not now"\nowner = "new"\n')


@pytest.fixture
def live(northwind):
    return make_live(northwind, NEW_OWNER)


@pytest.fixture
def seats(northwind, omar, nadia):
    return {one: Seat.objects.create(workspace=northwind, user=one) for one in (omar, nadia)}


@pytest.fixture
def as_ines(client, ines):
    client.force_login(ines)
    return client


def offered(client, handoff, which="assign"):
    """The choice for one, or for many, as it stands on the page."""
    page = client.get(reverse("queue") + f"?box=all&at={handoff.pk}").content.decode()
    form = re.search(rf"<form[^>]*{GIVE if which == 'many' else which}.*?</form>", page, re.DOTALL)[0]
    return re.findall(r'<option value="\d+">([^<]+)</option>', form)


def had_by(handoff, owner):
    """Let a lead be recycled by somebody for a reason that asks for a new owner, and wait anew."""
    HandOff.objects.filter(pk=handoff.pk).update(owner=owner, opened_at=timezone.now() - timedelta(days=9))
    decide(handoff.pk, "recycled", reason="timing", by=owner)
    return HandOff.objects.create(
        workspace=handoff.workspace, lead=handoff.lead, qualification="mql", number=2, version_number=1,
        began_at=timezone.now(), opened_at=timezone.now(),
    )  # fmt: skip


def absent(seat, begins, days=2):
    Absence.objects.create(workspace=seat.workspace, seat=seat, begins_at=begins, ends_at=begins + timedelta(days=days))


def test_who_will_be_away_within_days_is_said_to_be_so_by_the_day(as_ines, live, seats, omar, nadia):
    maya = hand_over(live, "Maya Mensah")
    day = (timezone.localtime(None, BERLIN) + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    absent(seats[omar], day)
    absent(seats[omar], day + timedelta(days=3))
    absent(seats[nadia], timezone.now() + timedelta(days=30))
    for which in ("assign", "many"):
        assert offered(as_ines, maya, which) == ["Nadia, 0 open", f"Omar, 0 open, away from {day:%A}"]

    Absence.objects.all().delete()
    hour = (timezone.localtime(None, BERLIN) + timedelta(days=1)).replace(hour=14, minute=30)
    absent(seats[omar], hour)
    assert offered(as_ines, maya)[1] == f"Omar, 0 open, away from {hour:%A}, 14:30"


def test_who_had_the_lead_before_a_reason_that_asks_for_a_new_owner_is_named(as_ines, live, seats, omar):
    again = had_by(hand_over(live, "Maya Mensah"), omar)
    hand_over(live, "Noor Vermeer")
    assert offered(as_ines, again) == ["Nadia, 0 open", "Omar, 0 open, had this lead, who is to get a new owner"]
    assert offered(as_ines, again, "many")[1] == "Omar, 0 open, had 1 of this page, who is to get a new owner"
    other = HandOff.objects.get(lead__name="Noor Vermeer")
    assert offered(as_ines, other)[1] == "Omar, 0 open", "of another lead nothing speaks against it"


def test_whoever_got_it_after_that_decision_may_have_it_again(as_ines, live, seats, omar, nadia):
    again = had_by(hand_over(live, "Maya Mensah"), omar)
    HandOff.objects.filter(pk=again.pk).update(owner=nadia)
    assert receivers(again.workspace, timezone.now(), handoffs=[again], version=live)[0][1] == "Nadia, 1 open"


def test_it_is_given_all_the_same_and_of_many_it_says_which(as_ines, live, seats, omar, nadia):
    again, other = had_by(hand_over(live, "Maya Mensah"), omar), hand_over(live, "Noor Vermeer")
    as_ines.post(reverse("queue-act", args=[again.pk, "assign"]), {"to": omar.pk})
    again.refresh_from_db()
    assert again.owner == omar

    HandOff.objects.filter(pk=again.pk).update(owner=None)
    both = {"pick": [again.pk, other.pk], "to": omar.pk}
    page = as_ines.post(GIVE, both, follow=True).content.decode()
    assert "Omar had Maya Mensah, who is to get a new owner. Undo it if that is not meant." in page
    assert set(HandOff.objects.filter(state="waiting").values_list("owner", flat=True)) == {omar.pk}
    page = as_ines.post(GIVE, both | {"to": nadia.pk}, follow=True).content.decode()
    assert "to get a new owner. Undo it" not in page


def test_the_page_of_an_absence_and_of_teams_say_it_too(as_ines, live, seats, omar, nadia):
    again = had_by(hand_over(live, "Maya Mensah"), omar)
    HandOff.objects.filter(pk=again.pk).update(owner=nadia)
    absent(seats[nadia], timezone.now() - timedelta(hours=1))
    absent(seats[omar], timezone.now() + timedelta(days=1))
    page = as_ines.get(reverse("away", args=[Absence.objects.get(seat=seats[nadia]).pk])).content.decode()
    assert ", had this lead, who is to get a new owner" in page and "Omar, 0 open, away from " in page
    assert "away from " in as_ines.get(reverse("teams")).content.decode()
