"""Whom to call first has one answer: the morning of a rep is the head of their queue; everybody else reads whose each lead is."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.conftest import nadia
from tests.web.pages.queue.conftest import hand_over, live

from leadline.web.handoff.actions import claim, log_call, release
from leadline.web.handoff.models import HandOff

__all__ = ["live", "nadia"]  # fixtures


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def waiting(live, omar, nadia):
    """Waiting hand-offs by name: the names tell the order in which they are to be called."""
    now = timezone.now()
    said = {
        "3 Next": {"respond_by": now + timedelta(hours=1), "owner": omar},
        "4 Good": {"respond_by": now + timedelta(hours=3), "rank": 90, "owner": omar},
        "1 Hand": {"respond_by": now + timedelta(hours=9), "is_hand_raise": True, "because": "demo_requested"},
        "5 Poor": {"respond_by": now + timedelta(hours=3), "rank": 1, "owner": omar},
        "2 Late": {"respond_by": now - timedelta(hours=30), "owner": omar},
        "Of Nadia": {"respond_by": now - timedelta(hours=90), "owner": nadia},
        "Later": {"respond_by": now, "owner": omar, "snoozed_until": now + timedelta(days=1)},
    }
    return {name: hand_over(live, name, **one) for name, one in said.items()}


def shown(client):
    """Return the names of "Call first", and the page."""
    answer = client.get("/today/")
    return [one.handoff.lead.name for one in answer.context["queued"].rows], answer.content.decode()


def in_queue(client):
    """Return the names of the first box of the queue."""
    return [one.lead.name for one, _, _ in client.get("/queue/").context["rows"]]


def test_a_rep_calls_first_who_is_at_the_head_of_their_queue(as_omar, waiting):
    names, page = shown(as_omar)

    assert names == in_queue(as_omar) == ["1 Hand", "2 Late", "3 Next", "4 Good", "5 Poor"]
    assert f'href="/queue/?box=for-me&amp;at={waiting["2 Late"].pk}"' in page
    assert "30 h late" in page and "Demo requested" in page


@pytest.mark.parametrize("window", [64, 1])
def test_who_was_called_today_leaves_the_list_and_who_was_called_yesterday_stays(
    as_omar, waiting, omar, window, monkeypatch
):
    monkeypatch.setattr("leadline.web.pages.today.queued._WINDOW", window)
    for name in ("2 Late", "3 Next"):
        claim(waiting[name].pk, by=omar)
        log_call(waiting[name].pk, by=omar, result="voicemail", text="")
        release(waiting[name].pk, by=omar)
    waiting["3 Next"].steps.filter(kind="called").update(at=timezone.now() - timedelta(days=1))

    assert shown(as_omar)[0] == ["1 Hand", "3 Next", "4 Good", "5 Poor"]


def test_for_a_manager_each_lead_says_whose_it_is_and_what_is_being_worked_comes_last(client, northwind, waiting, omar):
    claim(waiting["2 Late"].pk, by=omar)
    client.force_login(member(northwind, "Ines", "manager"))

    names, page = shown(client)

    assert names == ["1 Hand", "Of Nadia", "3 Next", "4 Good", "5 Poor", "2 Late"]
    assert "Waits for Nadia" in page and "Waits for anybody" in page and "Omar works it" in page
    assert f'href="/leads/{waiting["3 Next"].lead_id}/"' in page


def test_a_lead_with_two_hand_offs_stands_there_once_and_says_who_works_the_other(as_omar, waiting, nadia):
    one = waiting["3 Next"]
    HandOff.objects.create(
        workspace=one.workspace, lead=one.lead, qualification="pql", began_at=one.began_at, version_number=1,
        opened_at=one.opened_at, state="claimed", owner=nadia,
    )  # fmt: skip

    names, page = shown(as_omar)

    assert names.count("3 Next") == 1
    assert "<b>Nadia</b> works another hand-off of theirs" in page


def test_what_is_ones_own_is_said_to_oneself_as_such(as_omar, client, northwind, waiting, omar):
    one = waiting["3 Next"]
    other = HandOff.objects.create(
        workspace=one.workspace, lead=one.lead, qualification="pql", began_at=one.began_at, version_number=1,
        opened_at=one.opened_at, state="claimed", owner=omar,
    )  # fmt: skip
    said = "<b>You</b> work another hand-off of theirs"
    assert said in shown(as_omar)[1]
    assert "You work it for" in as_omar.get(f"/queue/?at={one.pk}").content.decode()
    assert "given to you" in as_omar.get(f"/queue/?at={other.pk}").content.decode()

    ines = member(northwind, "Ines", "manager")
    HandOff.objects.filter(pk=waiting["4 Good"].pk).update(owner=ines)
    client.force_login(ines)
    page = shown(client)[1]
    assert said not in page and "<b>Omar</b> works another hand-off of theirs" in page and "Waits for you" in page


def test_where_nothing_was_handed_over_yet_the_best_that_are_qualified_are_shown(as_omar, live):
    context = as_omar.get("/today/").context

    assert "queued" not in context and context["first"] == []


def test_the_page_stays_cheap(as_omar, waiting, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        as_omar.get("/today/")
