"""The queue: what is in which box and in which order, and what one does there."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.queue.conftest import hand_over

from leadline.web.handoff.actions import claim, decide
from leadline.web.handoff.models import HandOff, Seat, Step, Team, TeamSeat
from leadline.web.handoff.urgency import find_following, with_urgency
from leadline.web.leads.models import Fact, Note, Outcome

QUEUE = reverse("queue")


def deed(handoff, what):
    return reverse("queue-act", args=[handoff.pk, what])


def text_of(answer):
    return answer.content.decode()


def names(answer):
    return re.findall(r'<span class="tx"><b>([^<]+)</b>', text_of(answer))


def counts(answer):
    found = re.findall(r'href="\?box=([a-z-]+)"[^>]*>[^<]*<span class="count">(\d+)', text_of(answer))
    return {name: int(count) for name, count in found}


# -- what is where, in which order ------------------------------------------------------------------------------------------


def test_the_most_urgent_comes_first(as_omar, live):
    now = timezone.now()
    hours = lambda number: now + timedelta(hours=number)  # noqa: E731
    hand_over(live, "Late riser", respond_by=hours(9), rank=99)
    hand_over(live, "Cools soon", respond_by=hours(8), cools_day=20_000)
    hand_over(live, "Cools later", respond_by=hours(8), cools_day=20_500)
    hand_over(live, "Better", respond_by=hours(7), cools_day=None, rank=50)
    hand_over(live, "Worse", respond_by=hours(7), cools_day=None, rank=40)
    hand_over(live, "Asked", respond_by=hours(30), is_hand_raise=True, because="demo_requested")
    hand_over(live, "No promise", respond_by=None, rank=100)

    answer = as_omar.get(QUEUE)
    assert names(answer) == ["Asked", "Better", "Worse", "Cools soon", "Cools later", "Late riser", "No promise"]
    assert "Demo requested" in text_of(answer)
    assert "In a country where we have people" in text_of(answer)


@pytest.mark.parametrize(("box", "said"), [("all", "2 waiting"), ("for-me", "2 for me"), ("late", "1 late")])
def test_the_list_says_how_many_in_words_that_follow_a_number(as_omar, live, box, said):
    hand_over(live, "Late", respond_by=timezone.now() - timedelta(hours=1))
    hand_over(live, "In time", respond_by=timezone.now() + timedelta(hours=1))

    assert f'<h2 id="h-list">{said}</h2>' in text_of(as_omar.get(QUEUE, {"box": box}))


def test_what_comes_next_is_what_stands_below(live, northwind, django_assert_num_queries):
    """With every part of the order the same for some; whoever is not in the box, and the last one, has nothing behind them."""
    now = timezone.now()
    for number in range(12):
        due = None if number % 4 == 0 else now + timedelta(hours=number % 3)
        more = {"cools_day": (None, 20_000)[number % 2], "is_hand_raise": number == 7}
        hand_over(live, f"Lead {number}", respond_by=due, rank=number // 3, **more)
    hand_over(live, "Later", snoozed_until=now + timedelta(days=1))
    rows = with_urgency(HandOff.objects.filter(workspace=northwind), now)
    ordered = [one.pk for one in rows]

    assert [find_following(rows, pk) for pk in ordered] == [*ordered[1:], None]
    assert find_following(rows.exclude(pk=ordered[3]), ordered[3]) is None
    with django_assert_num_queries(2):
        find_following(rows, ordered[0])


def test_each_sees_what_waits_for_them(as_omar, omar, nadia, live, northwind):
    inbound, enterprise = (
        Team.objects.create(workspace=northwind, slug=one, name=one.title()) for one in ("inbound", "enterprise")
    )
    seat = Seat.objects.create(workspace=northwind, user=omar)
    TeamSeat.objects.create(workspace=northwind, team=inbound, seat=seat, position=1)
    hand_over(live, "To my team", team=inbound)
    hand_over(live, "To the other team", team=enterprise)
    hand_over(live, "To me", team=enterprise, owner=omar)
    hand_over(live, "To Nadia", team=inbound, owner=nadia)
    hand_over(live, "To nobody")
    hand_over(live, "Mine", state="claimed", owner=omar)
    hand_over(live, "Put off", snoozed_until=timezone.now() + timedelta(days=1))
    hand_over(live, "Too late", breached_at=timezone.now(), team=enterprise)

    assert set(names(as_omar.get(QUEUE))) == {"To my team", "To me", "To nobody"}
    assert names(as_omar.get(f"{QUEUE}?box=mine")) == ["Mine"]
    assert names(as_omar.get(f"{QUEUE}?box=late")) == ["Too late"]
    assert names(as_omar.get(f"{QUEUE}?box=off")) == ["Put off"]
    assert counts(as_omar.get(QUEUE)) == {
        "for-me": 3,
        "mine": 1,
        "accepted": 0,
        "all": 6,
        "late": 1,
        "off": 1,
        "claimed": 1,
    }


def test_managers_begin_with_what_is_late(client, ines, live):
    hand_over(live, "Too late", breached_at=timezone.now())
    hand_over(live, "In time")
    client.force_login(ines)

    assert names(client.get(QUEUE)) == ["Too late"]


def test_who_sells_nothing_sees_all_that_waits(as_maria, live, omar):
    hand_over(live, "For Omar", owner=omar)

    assert names(as_maria.get(QUEUE)) == ["For Omar"]


def test_what_was_put_off_comes_back(as_omar, live):
    hand_over(live, "Back again", snoozed_until=timezone.now() - timedelta(minutes=1))

    assert names(as_omar.get(QUEUE)) == ["Back again"]


def test_without_a_hand_off_in_the_playbook_the_page_says_so(as_omar, northwind):
    assert "No playbook is live" in text_of(as_omar.get(QUEUE))


def test_a_long_queue_has_pages_and_few_queries(as_omar, live, django_assert_max_num_queries):
    for number in range(52):
        hand_over(live, f"Lead {number}")
    with django_assert_max_num_queries(30):
        answer = as_omar.get(QUEUE)

    assert len(names(answer)) == 50
    assert len(names(as_omar.get(f"{QUEUE}?page=2"))) == 2


# -- the pane ----------------------------------------------------------------------------------------------------------------


def test_the_pane_says_why_until_when_and_what_was_before(as_omar, maya, live, omar):
    decide(maya.pk, "recycled", by=omar, reason="timing")
    again = HandOff.objects.create(
        workspace=maya.workspace, lead=maya.lead, qualification="mql", began_at=timezone.now(), number=2,
        version_number=1, opened_at=timezone.now(), respond_by=timezone.now() + timedelta(hours=3, minutes=1),
    )  # fmt: skip
    page = text_of(as_omar.get(f"{QUEUE}?at={again.pk}"))

    assert "Second time, last recycled for “Not now” on" in page
    assert "Answer in 3 h" in page
    assert "In a country where we have people" in page
    assert "+30" in page


def test_a_row_is_shown_in_place(as_omar, maya):
    answer = as_omar.get(reverse("queue-item", args=[maya.pk]) + "?box=all", headers={"HX-Request": "true"})

    assert "<html" not in text_of(answer)
    assert "Maya Mensah" in text_of(answer)
    assert as_omar.get(reverse("queue-item", args=[maya.pk])).url == f"{QUEUE}?box=all&at={maya.pk}"


def test_who_may_not_work_sees_no_way_to(client, maya, northwind):
    client.force_login(member(northwind, "Vera", "viewer"))
    page = text_of(client.get(QUEUE))

    assert "Maya Mensah" in page
    assert "Accept" not in page
    assert client.post(deed(maya, "claim")).status_code == 403


def test_another_workspace_has_no_such_hand_off(as_charlie, maya):
    assert as_charlie.get(f"{QUEUE}?at={maya.pk}").status_code == 200
    assert "Maya" not in text_of(as_charlie.get(f"{QUEUE}?at={maya.pk}"))
    assert as_charlie.get(reverse("queue-item", args=[maya.pk])).status_code == 404
    assert as_charlie.post(deed(maya, "claim")).status_code == 404


def test_calling_meeting_and_noting_stand_beside_claiming(as_omar, maya):
    page = text_of(as_omar.get(QUEUE))
    clock = page[page.index('<div class="clock') : page.index('id="h-why"')]

    for said in ("Claim", "Accept", "Log a call", "Book a meeting", "Write a note"):
        assert said in clock
    assert page.count("Log a call") == 1


def test_who_was_claimed_stays_in_their_place_and_is_marked(as_omar, live):
    hours = lambda number: timezone.now() + timedelta(hours=number)  # noqa: E731
    rows = [hand_over(live, name, respond_by=hours(place)) for place, name in enumerate(("First", "Second", "Third"))]
    answer = as_omar.post(deed(rows[1], "claim"), {"box": "for-me"}, follow=True)

    assert names(answer) == ["First", "Second", "Third"]
    marked = re.findall(r"<li data-row( data-current data-outside)?>", text_of(answer))
    assert [bool(one) for one in marked] == [False, True, False]
    assert "Yours now, not in this list" in text_of(answer) and '<h2 id="h-list">2 for me</h2>' in text_of(answer)
    assert names(as_omar.get(QUEUE)) == ["First", "Third"]
    as_omar.post(deed(rows[1], "decide"), {"decision": "accepted"})
    answer = as_omar.get(f"{QUEUE}?box=mine&at={rows[1].pk}")
    assert names(answer) == ["Second"] and "Accepted, not in this list" in text_of(answer)


# -- what one does -----------------------------------------------------------------------------------------------------------


def test_one_claims_calls_meets_and_accepts(as_omar, maya, omar):
    as_omar.post(deed(maya, "claim"))
    as_omar.post(deed(maya, "call"), {"result": "reached", "text": "wants a demo"})
    as_omar.post(deed(maya, "meet"), {"at": "2030-03-02T14:30", "minutes": 45, "place": "Room 1, Berlin; 2nd floor"})
    as_omar.post(deed(maya, "note"), {"text": "Likes tea"})
    page = text_of(as_omar.get(f"{QUEUE}?box=mine"))
    for said in ("Reached them: wants a demo", "Room 1, Berlin", "Likes tea", "Yours"):
        assert said in page
    as_omar.post(deed(maya, "decide"), {"decision": "accepted"})

    handoff = HandOff.objects.get()
    assert (handoff.state, handoff.owner) == ("accepted", omar)
    assert Outcome.objects.get().outcome == "accepted"
    assert Note.objects.get().by == omar.email


def test_sending_back_needs_a_reason_and_shows_the_next(as_omar, maya, live):
    other = hand_over(live, "Noor Vermeer", rank=10)
    assert "Choose what you decide" in text_of(as_omar.post(deed(maya, "decide"), {"box": "for-me"}, follow=True))
    assert "Say why" in text_of(as_omar.post(deed(maya, "decide"), {"decision": "recycled"}, follow=True))
    answer = as_omar.post(deed(maya, "decide"), {"decision": "recycled:timing", "text": "in spring", "box": "for-me"})

    step = Step.objects.get(kind="decided")
    assert answer.url == f"{QUEUE}?box=for-me&at={other.pk}&done={step.pk}"
    maya.refresh_from_db()
    assert (maya.state, maya.reason) == ("recycled", "timing")
    page = text_of(as_omar.get(answer.url))
    assert "<b>Maya Mensah</b>: recycled for “Not now”, now." in page
    as_omar.post(deed(maya, "undo"))
    maya.refresh_from_db()
    assert maya.state == "waiting"
    assert not Outcome.objects.exists()


def test_who_was_slower_is_told_who_has_it(as_omar, maya, nadia):
    claim(maya.pk, by=nadia)
    page = text_of(as_omar.post(deed(maya, "claim"), follow=True))

    assert "Maya Mensah was already taken by Nadia." in page
    assert HandOff.objects.get().owner == nadia


def test_managers_decide_for_others_and_give_them_leads(client, maya, nadia, ines, omar):
    claim(maya.pk, by=nadia)
    client.force_login(ines)
    client.post(deed(maya, "assign"), {"to": omar.pk})
    assert (HandOff.objects.get().owner, HandOff.objects.get().state) == (omar, "waiting")
    assert "no such person" in text_of(client.post(deed(maya, "assign"), {"to": 999}, follow=True))


@pytest.mark.parametrize("until", ["", "soon", "2001-01-01T00:00"])
def test_what_is_no_moment_ahead_puts_nothing_off(as_omar, maya, until):
    as_omar.post(deed(maya, "snooze"), {"until": until})

    assert HandOff.objects.get().snoozed_until is None


def test_the_offered_moments_put_it_off(as_omar, maya):
    moments = re.findall(r'name="until" value="([^"]+)"', text_of(as_omar.get(QUEUE)))
    assert len(moments) == 4
    for moment in moments:
        as_omar.post(deed(maya, "snooze"), {"until": moment})

    assert Step.objects.filter(kind="snoozed").count() == 4


def test_what_is_not_there_to_do_is_missing(as_omar, maya):
    assert as_omar.post(deed(maya, "dance")).status_code == 404


def test_questions_are_answered_where_the_lead_is_called(as_omar, maya):
    page = text_of(as_omar.get(QUEUE))
    assert "Is there money for this?" in page
    as_omar.post(
        reverse("answer-question", args=[maya.lead_id]),
        {"question": "budget", "answer": "yes", "evidence": "said so", "back": f"{QUEUE}?at={maya.pk}"},
    )

    assert Fact.objects.get().field == "questions.budget"
