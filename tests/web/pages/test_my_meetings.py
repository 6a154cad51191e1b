"""What a rep has accepted, and whom they meet, stays where they work: on Today, in the queue, on the lead's page, step by step."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.conftest import nadia
from tests.web.pages.queue.conftest import hand_over, live, maya

from leadline.web.handoff import actions
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.records import NewOutcome, record_outcomes

pytestmark = pytest.mark.django_db
__all__ = ["live", "maya", "nadia"]  # fixtures
QUEUE = reverse("queue")


def words(answer):
    html = answer.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def book(handoff, by, *, hours, **more):
    at = timezone.now() + timedelta(hours=hours)
    actions.book_meeting(handoff.pk, by=by, at=at, **more)
    return at.astimezone(ZoneInfo(handoff.workspace.timezone))


def deed(handoff, what):
    return reverse("queue-act", args=[handoff.pk, what])


def accepted(handoff, by):
    return actions.decide(handoff.pk, "accepted", by=by)


def file_of(handoff):
    return f"{reverse('queue-meeting', args=[handoff.pk])}?meeting={Step.objects.filter(kind='met').first().pk}"


def names(answer):
    return re.findall(r'<span class="tx"><b>([^<]+)</b>', answer.content.decode())


def test_today_has_the_meetings_of_today_and_to_come_the_first_first(as_omar, omar, nadia, live):
    later, sooner, of_nadia, over = (hand_over(live, name) for name in ("Later", "Sooner", "Of Nadia", "Over"))
    book(later, omar, hours=80)
    at = book(sooner, omar, hours=30, minutes=45, place="Room 1")
    book(of_nadia, nadia, hours=20)
    book(over, omar, hours=1)
    last_week = (timezone.now() - timedelta(days=7)).isoformat()
    Step.objects.filter(handoff=over).update(said={"at": last_week, "minutes": 30, "place": ""})
    accepted(sooner, omar)
    answer = as_omar.get("/today/")

    assert [one.handoff.lead.name for one in answer.context["meetings"].rows] == ["Sooner", "Later"]
    page = words(answer)
    assert "My meetings" in page and f"{at:%A}, {at.day} {at:%B, %H:%M} 45 minutes, Room 1" in page
    assert answer.content.decode().count("Move or cancel it") == 2


def test_who_has_no_meeting_has_no_such_card(as_omar, maya):
    assert "My meetings" not in words(as_omar.get("/today/"))


def test_a_meeting_is_moved_and_cancelled_on_today_and_stays_there(as_omar, omar, maya):
    book(maya, omar, hours=30)
    accepted(maya, omar)
    pk = Step.objects.get(kind="met").pk
    moved = {"at": "2030-03-03T09:00", "minutes": 30, "meeting": pk, "back": "today"}
    assert as_omar.post(deed(maya, "move"), moved).url == "/today/#meetings"
    assert "Sunday, 3 March, 09:00" in words(as_omar.get("/today/"))

    assert as_omar.post(deed(maya, "cancel"), {"meeting": pk, "back": "today"}).url == "/today/#meetings"
    assert "3 March, 09:00" not in words(as_omar.get("/today/"))


def test_a_meeting_that_went_along_with_the_lead_is_on_the_day_of_who_has_it_now(as_omar, omar, nadia, client, maya):
    book(maya, omar, hours=30)
    actions.assign(maya.pk, to=nadia, by=omar, is_manager=False)
    assert "My meetings" not in words(as_omar.get("/today/"))
    client.force_login(nadia)

    assert "My meetings" in words(client.get("/today/"))


def test_the_page_of_the_lead_and_step_by_step_have_the_file_and_move_it(as_omar, omar, maya):
    at = book(maya, omar, hours=30)
    accepted(maya, omar)
    lead, story = (reverse(name, args=[maya.lead_id]) for name in ("lead", "lead-handoffs"))
    for address, back in ((lead, "lead"), (story, "story")):
        page = as_omar.get(address).content.decode()
        assert file_of(maya) in page and "Move or cancel it" in page
        assert f'name="back" value="{back}"' in page
    assert f"Meeting on {at:%A}, {at.day} {at:%B, %H:%M}" in words(as_omar.get(lead))

    pk = Step.objects.get(kind="met").pk
    assert as_omar.post(deed(maya, "cancel"), {"meeting": pk, "back": "story"}).url == story
    assert "out of your calendar" in words(as_omar.get(story))
    assert "Meeting on" not in words(as_omar.get(lead))


def test_who_may_not_move_it_reads_when_it_is(client, northwind, omar, nadia, maya):
    book(maya, omar, hours=30)
    vera = member(northwind, "Vera", "viewer")
    for user, has_file in ((nadia, True), (vera, False)):
        client.force_login(user)
        for address in (reverse("lead", args=[maya.lead_id]), f"{QUEUE}?at={maya.pk}"):
            page = client.get(address).content.decode()
            assert "Meeting on" in page and "Move or cancel it" not in page
            assert (file_of(maya) in page) is has_file


def test_what_one_accepted_is_in_a_box_until_something_became_of_it(as_omar, omar, nadia, live):
    mine, of_nadia, went_on, other = (hand_over(live, name) for name in ("Mine", "Of Nadia", "Went on", "Other"))
    for one, by in ((mine, omar), (of_nadia, nadia), (went_on, omar), (other, omar)):
        accepted(one, by)
    now = timezone.now()

    def report(handoff, outcome, **more):
        outcomes = [NewOutcome(lead_id=handoff.lead_id, outcome=outcome, at=now, source="crm", **more)]
        record_outcomes(handoff.workspace, outcomes, now=now)

    report(went_on, "opportunity")
    report(other, "rejected", reason="no-interest", qualification="pql")
    answer = as_omar.get(f"{QUEUE}?box=accepted")

    assert names(answer) == ["Other", "Mine"]
    assert "2 accepted" in words(answer) and "Whom you accepted last comes first" in words(answer)
    assert 'href="?box=accepted" aria-current="page">Accepted <span class="count">2<' in answer.content.decode()


def test_work_goes_on_with_what_one_accepted(as_omar, omar, nadia, client, maya):
    accepted(maya, omar)
    page = as_omar.get(f"{QUEUE}?box=accepted&at={maya.pk}").content.decode()
    assert "Log a call" in page and "Book a meeting" in page and reverse("lead-report", args=[maya.lead_id]) in page
    as_omar.post(deed(maya, "call"), {"result": "reached", "text": "sends the offer"})
    as_omar.post(deed(maya, "meet"), {"at": "2030-03-03T09:00", "minutes": 30})
    client.force_login(nadia)
    client.post(deed(maya, "call"), {"result": "reached"})

    assert list(Step.objects.filter(by=omar).values_list("kind", flat=True).order_by("pk")) == [
        "decided",
        "called",
        "met",
    ]
    assert not Step.objects.filter(by=nadia).exists()
    assert HandOff.objects.get().state == "accepted" and HandOff.objects.get().touched_at is not None


def test_from_the_page_of_the_lead_one_goes_on_with_what_one_accepted(as_omar, omar, nadia, client, maya):
    accepted(maya, omar)
    link = f'href="{QUEUE}?box=accepted&amp;at={maya.pk}"'
    assert link in as_omar.get(reverse("lead", args=[maya.lead_id])).content.decode()
    client.force_login(nadia)

    assert link not in client.get(reverse("lead", args=[maya.lead_id])).content.decode()


def test_who_only_looks_has_no_such_box(client, northwind, live):
    client.force_login(member(northwind, "Vera", "viewer"))

    assert client.get(f"{QUEUE}?box=accepted").status_code == 404


def test_the_pages_stay_cheap(as_omar, omar, live, django_assert_max_num_queries):
    for number in range(12):
        one = hand_over(live, f"Lead {number}")
        book(one, omar, hours=30 + number)
        accepted(one, omar)
    for address in ("/today/", f"{QUEUE}?box=accepted", reverse("lead", args=[one.lead_id])):
        with django_assert_max_num_queries(30):
            answer = as_omar.get(address)
        assert "Meeting on" in words(answer) or "My meetings and 4 later" in words(answer)
