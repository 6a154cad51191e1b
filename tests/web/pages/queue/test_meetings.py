"""Meetings: booked ahead, each with a file of its own for calendars, moved and cancelled there, too."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from leadline.web.handoff.actions import AlreadyTakenError, claim, decide
from leadline.web.handoff.models import HandOff, Step
from leadline.web.pages.phones import dialled

QUEUE = reverse("queue")
AT = {"at": "2030-03-02T14:30", "minutes": 45, "place": "Room 1, Berlin; 2nd\r\nATTENDEE:x"}


def deed(handoff, what):
    return reverse("queue-act", args=[handoff.pk, what])


def text_of(answer):
    return answer.content.decode()


def links(client, handoff):
    """Return what the links to files say, each with the id of its meeting."""
    page = text_of(client.get(f"{QUEUE}?at={handoff.pk}"))
    return [(text, int(pk)) for pk, text in re.findall(r'meeting\.ics\?meeting=(\d+)">([^<]+)<', page)]


def file_of(client, handoff, meeting):
    """Return the lines of a file, unfolded, as a mapping of names to values."""
    answer = client.get(reverse("queue-meeting", args=[handoff.pk]), {"meeting": meeting})
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = text_of(answer).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2] == "END:VCALENDAR"
    assert all(len(one.encode()) <= 75 for one in lines)
    unfolded = text_of(answer).replace("\r\n ", "").split("\r\n")
    return dict(re.split("[:;]", one, maxsplit=1) for one in unfolded if one)


def test_each_meeting_is_a_file_that_invites_the_lead(as_omar, maya, omar):
    assert as_omar.get(reverse("queue-meeting", args=[maya.pk])).status_code == 404
    maya.lead.name, maya.lead.email = 'Maya "M" Mensah', "maya@acme.example"
    maya.lead.save()
    as_omar.post(deed(maya, "meet"), AT)
    as_omar.post(deed(maya, "meet"), {"at": "2030-03-09T10:00", "minutes": 30})
    (first_text, first), (_, second) = links(as_omar, maya)
    file = file_of(as_omar, maya, first)

    assert first_text == "for your calendar" and first != second
    assert (file["METHOD"], file["SEQUENCE"], file["STATUS"]) == ("REQUEST", "0", "CONFIRMED")
    assert file["DTSTART"] == "20300302T133000Z"  # 14:30 in Berlin
    assert file["DTEND"] == "20300302T141500Z"
    assert file["LOCATION"] == r"Room 1\, Berlin\; 2nd\nATTENDEE:x"
    assert file["ORGANIZER"] == f'CN="Omar":mailto:{omar.email}'
    assert file["ATTENDEE"].startswith("CN=\"Maya 'M' Mensah\";") and file["ATTENDEE"].endswith(
        f":mailto:{maya.lead.email}"
    )
    assert file["SUMMARY"] == rf'Meeting: Maya "M" Mensah\, with Omar\, {maya.workspace}' and "URL" not in file
    other = file_of(as_omar, maya, second)
    assert (other["DTSTART"], other["UID"] == file["UID"]) == ("20300309T090000Z", False)
    assert as_omar.get(reverse("queue-meeting", args=[maya.pk]), {"meeting": "999999"}).status_code == 404


def test_a_meeting_is_moved_cancelled_and_undone_in_the_calendar_too(as_omar, maya, omar):
    as_omar.post(deed(maya, "meet"), AT)
    ((_, pk),) = links(as_omar, maya)
    before = file_of(as_omar, maya, pk)
    assert (
        before["METHOD"] == "PUBLISH" and "ATTENDEE" not in before and before["SUMMARY"] == "Meeting with Maya Mensah"
    )
    assert before["URL"].endswith(reverse("lead", args=[maya.lead_id]))  # the lead has no address to invite
    as_omar.post(deed(maya, "move"), {"at": "2030-03-03T09:00", "minutes": 30, "place": "Zoom", "meeting": pk})
    moved = file_of(as_omar, maya, pk)
    assert (moved["UID"], moved["SEQUENCE"], moved["DTSTART"]) == (before["UID"], "1", "20300303T080000Z")
    assert links(as_omar, maya) == [("for your calendar", pk)]

    page = text_of(as_omar.post(deed(maya, "cancel"), {"meeting": pk}, follow=True))
    gone = file_of(as_omar, maya, pk)
    assert (gone["METHOD"], gone["STATUS"], gone["SEQUENCE"], gone["UID"]) == (
        "CANCEL",
        "CANCELLED",
        "2",
        before["UID"],
    )
    assert links(as_omar, maya) == [("out of your calendar", pk)]
    assert "meeting cancelled, of 3 March 2030, 09:00" in page
    assert "no such meeting" in text_of(as_omar.post(deed(maya, "cancel"), {"meeting": pk}, follow=True))

    as_omar.post(deed(maya, "undo"))
    again = file_of(as_omar, maya, pk)
    assert (again["METHOD"], again["SEQUENCE"], again["DTSTART"]) == ("PUBLISH", "3", moved["DTSTART"])
    as_omar.post(deed(maya, "undo"))
    as_omar.post(deed(maya, "undo"))
    never = file_of(as_omar, maya, pk)
    assert (never["METHOD"], never["SEQUENCE"], never["DTSTART"]) == ("CANCEL", "5", before["DTSTART"])


def test_it_is_moved_after_the_lead_was_accepted_and_by_nobody_else(as_omar, maya, omar, nadia, client):
    as_omar.post(deed(maya, "meet"), AT)
    pk = Step.objects.get(kind="met").pk
    decide(maya.pk, "accepted", by=omar)
    as_omar.post(deed(maya, "move"), AT | {"at": "2030-03-04T09:00", "meeting": pk})
    assert Step.objects.filter(kind="met").count() == 2
    client.force_login(nadia)
    client.post(deed(maya, "cancel"), {"meeting": pk})

    assert not Step.objects.filter(kind="cancelled").exists()


def test_nobody_books_in_the_past(as_omar, maya):
    at = timezone.localtime() - timedelta(hours=1)
    page = text_of(as_omar.post(deed(maya, "meet"), {"at": f"{at:%Y-%m-%dT%H:%M}", "minutes": 30}, follow=True))

    assert "a meeting is booked ahead" in page
    assert HandOff.objects.get().state == "waiting"


def test_how_a_call_went_has_to_be_chosen(as_omar, maya):
    page = text_of(as_omar.get(QUEUE))
    assert '<option value="" selected>Choose</option>' in page
    assert "Choose how the call went." in text_of(as_omar.post(deed(maya, "call"), {"result": ""}, follow=True))

    assert HandOff.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("phone", "href"), [("+49 30 123-456", "tel:+4930123456"), ("ask <b>", ""), ("030 / 99 88 77", "tel:030998877")]
)
def test_where_to_call_stands_in_the_queue_and_on_the_lead(as_omar, maya, phone, href):
    now = timezone.now()
    maya.lead.facts.create(
        workspace=maya.workspace,
        first_lead=maya.lead,
        field="phone",
        value=phone,
        known_at=now,
        recorded_at=now,
        source="crm",
    )
    for page in (as_omar.get(QUEUE), as_omar.get(reverse("lead", args=[maya.lead_id]))):
        assert text_of(page).count(f'href="{href}"') == (1 if href else 0)
        assert phone.replace("<", "&lt;").replace(">", "&gt;") in text_of(page)
    assert dialled(phone) == href


def test_a_claim_goes_with_moving_what_waits(as_omar, maya, omar, nadia):
    as_omar.post(deed(maya, "meet"), AT)
    pk = Step.objects.get(kind="met").pk
    as_omar.post(deed(maya, "assign"), {"to": nadia.pk})
    as_omar.post(deed(maya, "cancel"), {"meeting": pk})

    assert (HandOff.objects.get().state, HandOff.objects.get().owner) == ("claimed", omar)
    with pytest.raises(AlreadyTakenError, match="already taken by Omar"):
        claim(maya.pk, by=nadia)
