"""Meetings by the API: booked, moved and cancelled in the name of a member, with the rules of the page and its file for calendars."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from tests.web.api.test_handoffs import live, nadia, open_for, path_of, problem_of

from leadline.web.handoff.actions import decide
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.models import Lead

__all__ = ["live", "nadia"]  # fixtures
pytestmark = pytest.mark.django_db
NOON = (timezone.now() + timedelta(days=30)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def waiting(northwind, live):
    return open_for(northwind, live, "Maya Mensah")[0]


@pytest.fixture
def act(caller, waiting, omar):
    """Do something with the hand-off in Omar's name, and return it as it is then."""

    def do(deed, **said):
        answer = caller.post(path_of(waiting, deed), {"by": omar.email} | said)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return do


@pytest.fixture
def booked(act):
    """The id of a meeting at noon."""
    return act("meetings", at=NOON.isoformat(), minutes=45, place="Room 1")["meetings"][-1]["id"]


def file_of(caller, handoff, meeting):
    """Return the lines of a meeting's file as a mapping of names to values."""
    answer = caller.get(path_of(handoff, f"meetings/{meeting}/file.ics"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    text = answer.content.decode().replace("\r\n ", "")
    return dict(re.split("[:;]", one, maxsplit=1) for one in text.split("\r\n") if one)


def test_a_meeting_stands_with_the_hand_off(caller, waiting, booked, omar):
    assert caller.get(path_of(waiting)).json()["meetings"] == [
        {
            "id": booked,
            "at": f"{NOON:%Y-%m-%dT%H:%M:%SZ}",
            "minutes": 45,
            "place": "Room 1",
            "by": {"email": omar.email, "name": omar.name},
            "is_cancelled": False,
            "sequence": 0,
        }
    ]


def test_it_is_moved_and_what_is_left_out_stays(act, booked):
    later = NOON + timedelta(hours=2)
    (moved,) = act(f"meetings/{booked}/move", at=later.isoformat())["meetings"]
    assert datetime.fromisoformat(moved["at"]) == later
    assert (moved["id"], moved["minutes"], moved["place"], moved["sequence"]) == (booked, 45, "Room 1", 1)

    (moved,) = act(f"meetings/{booked}/move", minutes=20, place="")["meetings"]
    assert datetime.fromisoformat(moved["at"]) == later
    assert (moved["minutes"], moved["place"], moved["sequence"]) == (20, "", 2)


def test_its_file_says_to_calendars_what_became_of_it(caller, waiting, act, booked):
    Lead.objects.filter(pk=waiting.lead_id).update(email="maya@acme.example")
    first = file_of(caller, waiting, booked)
    act(f"meetings/{booked}/move", at=(NOON + timedelta(days=1)).isoformat())
    moved = file_of(caller, waiting, booked)
    gone_now = act(f"meetings/{booked}/cancel")
    gone = file_of(caller, waiting, booked)
    act("undo")
    again = file_of(caller, waiting, booked)

    assert [one["is_cancelled"] for one in gone_now["meetings"]] == [True]
    files = (first, moved, gone, again)
    assert [one["SEQUENCE"] for one in files] == ["0", "1", "2", "3"]
    assert [one["METHOD"] for one in files] == ["REQUEST", "REQUEST", "CANCEL", "REQUEST"]
    assert len({one["UID"] for one in files}) == 1
    assert first["DTSTART"] == f"{NOON:%Y%m%dT%H%M%SZ}" != moved["DTSTART"]
    assert not any("URL" in one for one in files)  # the lead reads them


def test_it_is_moved_after_the_lead_was_accepted_and_by_nobody_else(caller, waiting, act, booked, omar, nadia):
    decide(waiting.pk, "accepted", by=omar)
    assert act(f"meetings/{booked}/move", place="Zoom")["state"] == "accepted"

    for deed in ("move", "cancel"):
        said = {"by": nadia.email} | ({"place": "Her room"} if deed == "move" else {})
        answer = caller.post(path_of(waiting, f"meetings/{booked}/{deed}"), said)
        assert problem_of(answer) == (409, "already-taken")
        assert answer.json()["handoff"]["meetings"][0]["place"] == "Zoom"


@pytest.mark.parametrize(
    ("deed", "said", "why"),
    [
        ("move", {"at": "2026-01-01T00:00:00Z"}, "That moment is over"),
        ("move", {}, "Say what is otherwise"),
        ("move", {"at": "2199-12-31T23:00:00Z", "minutes": 30}, ""),
    ],
)
def test_what_the_page_refuses_is_refused(caller, waiting, booked, omar, deed, said, why):
    answer = caller.post(path_of(waiting, f"meetings/{booked}/{deed}"), {"by": omar.email} | said)

    assert problem_of(answer) == (422, "not-possible") if why else answer.status_code == 200
    assert why in str(answer.json().get("detail", ""))
    assert Step.objects.filter(kind="met").count() == (1 if why else 2)


@pytest.mark.parametrize("said", [{"minutes": 0}, {"minutes": 1441}, {"at": "2030-01-01T00:00"}, {"where": "Zoom"}])
def test_what_cannot_be_read_is_refused_with_its_place(caller, waiting, booked, omar, said):
    answer = caller.post(path_of(waiting, f"meetings/{booked}/move"), {"by": omar.email} | said)

    assert problem_of(answer) == (422, "invalid")
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/{name}" for name in said]


def test_what_was_cancelled_is_neither_moved_nor_cancelled_again(caller, waiting, act, booked, omar):
    act(f"meetings/{booked}/cancel")

    for deed in ("move", "cancel"):
        said = {"by": omar.email} | ({"place": "Zoom"} if deed == "move" else {})
        answer = caller.post(path_of(waiting, f"meetings/{booked}/{deed}"), said)
        assert problem_of(answer) == (422, "not-possible")
        assert "no such meeting" in answer.json()["detail"]


def test_a_meeting_that_never_was_or_is_anothers_is_missing(caller, waiting, northwind, live, omar, booked):
    other = next(one for one in open_for(northwind, live, "Bo Berg") if one != waiting)
    called = HandOff.objects.get(pk=waiting.pk).steps.order_by("pk").first()

    for handoff, meeting in ((waiting, 999_999), (waiting, called.pk), (other, booked)):
        moved = caller.post(path_of(handoff, f"meetings/{meeting}/move"), {"by": omar.email, "place": "x"})
        cancelled = caller.post(path_of(handoff, f"meetings/{meeting}/cancel"), {"by": omar.email})
        file = caller.get(path_of(handoff, f"meetings/{meeting}/file.ics"))
        assert {problem_of(one) for one in (moved, cancelled, file)} == {(404, "not-found")}


def test_sent_twice_under_one_key_it_is_moved_once(caller, waiting, booked, omar):
    said = {"by": omar.email, "place": "Zoom"}
    path, mark = path_of(waiting, f"meetings/{booked}/move"), {"Idempotency-Key": "1"}
    first, second = (caller.post(path, said, **mark) for _ in range(2))

    assert first.json() == second.json() and second.headers["Idempotent-Replayed"] == "true"
    assert second.json()["meetings"][0]["sequence"] == 1


def test_what_follows_is_told_in_the_same_transaction(act, booked, monkeypatch):
    from leadline.web.api.resources import meetings

    heard = []
    monkeypatch.setattr(meetings, "handoffs_changed", heard.extend)
    act("meetings", at=NOON.isoformat())
    act(f"meetings/{booked}/move", place="Zoom")
    act(f"meetings/{booked}/cancel")

    assert [one.kind for one in heard] == ["met", "met", "cancelled"]
