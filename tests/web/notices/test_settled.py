"""A notice of what waited for somebody settles by itself, and says what became of it; undone, it waits again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.notices.world import tell, waiting

from leadline.web.accounts.models import Membership
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.handoff.clocks import run_clocks
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Kind, Notice
from leadline.web.notices.queries import count_unread, is_still_so, notices_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(northwind, people):
    one = waiting(northwind, people["Omar"])
    tell(one)
    return one


def unread(northwind, person):
    member = Membership.objects.get(workspace=northwind, user=person)
    count = count_unread(member)
    assert count == sum(is_still_so(one) for one in notices_of(member).select_related("handoff"))  # both say the same
    return count


def text_of(client):
    return " ".join(client.get("/notices/").content.decode().split())


def test_what_one_took_is_settled_and_is_not_when_that_is_undone(northwind, people, ada, as_omar):
    omar = people["Omar"]
    assert unread(northwind, omar) == 1
    actions.claim(ada.pk, by=omar)
    page = text_of(as_omar)
    assert unread(northwind, omar) == 0 and "Since then: you work on them." in page and "Mark as read" not in page
    assert 'aria-label="Notices"' in page

    actions.undo(ada.pk, by=omar)
    page = text_of(as_omar)
    assert unread(northwind, omar) == 1 and "Since then" not in page and "Mark as read" in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("accepted", "accepted by Bea"),
        ("bad_data", "bad data by Bea"),
        ("cooled", "they cooled"),
        ("withdrawn", "they no longer qualify"),
        ("merged", "they were merged with another lead"),
        ("claimed", "Bea works on them"),
    ],
)
def test_it_says_what_became_of_it(northwind, people, ada, as_omar, state, said):
    bea = people["Bea"]
    by = bea if state in ("accepted", "bad_data") else None
    HandOff.objects.filter(pk=ada.pk).update(state=state, owner=bea, decided_by=by)

    assert f"Since then: {said}." in text_of(as_omar)
    assert unread(northwind, people["Omar"]) == 0


def test_what_waits_for_another_now_is_settled_for_who_had_it(northwind, people, ada, as_omar):
    actions.assign(ada.pk, to=people["Bea"], by=people["Max"], is_manager=True, tell=handoffs_changed)

    assert "Since then: now they wait for Bea." in text_of(as_omar)
    assert unread(northwind, people["Bea"]) == 1
    assert unread(northwind, people["Omar"]) == 1  # that it was given away


def test_that_it_is_late_concerns_who_has_it(northwind, people, ada):
    HandOff.objects.filter(pk=ada.pk).update(respond_by=timezone.now() - timedelta(hours=1))
    run_clocks(tell=handoffs_changed)
    assert set(Notice.objects.values_list("kind", flat=True)) == {Kind.YOURS, Kind.LATE, Kind.ESCALATED}
    assert (unread(northwind, people["Omar"]), unread(northwind, people["Max"])) == (2, 1)
    HandOff.objects.filter(pk=ada.pk).update(owner=people["Bea"])

    assert (unread(northwind, people["Omar"]), unread(northwind, people["Max"])) == (0, 1)


def test_what_waited_for_the_team_is_settled_once_somebody_has_it(northwind, people):
    one = waiting(northwind, None, "Bo")
    HandOff.objects.filter(pk=one.pk).update(team=people["inbound"])
    tell(HandOff.objects.get(pk=one.pk))
    assert (unread(northwind, people["Omar"]), unread(northwind, people["Bea"])) == (1, 1)
    HandOff.objects.filter(pk=one.pk).update(owner=people["Bea"])

    assert (unread(northwind, people["Omar"]), unread(northwind, people["Bea"])) == (0, 0)


def test_what_happened_once_is_never_settled(northwind, people, ada):
    actions.decide(ada.pk, "rejected", by=people["Omar"], reason="timing", tell=handoffs_changed)

    assert unread(northwind, people["Mara"]) == 1
