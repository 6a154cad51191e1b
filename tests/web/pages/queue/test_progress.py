"""What is being worked says since when, when somebody last spoke with the lead, and since when it lies."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.pages.queue.conftest import hand_over

from leadline.web.handoff import actions
from leadline.web.handoff.clocks import Calendars
from leadline.web.handoff.models import DayOff, HandOff, WorkCalendar
from leadline.web.pages.queue.progress import progress_of

QUEUE = reverse("queue")
MONDAY = datetime(2026, 11, 2, 10, tzinfo=UTC)
"""A Monday; the usual hours are Monday to Friday."""


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def names(answer):
    return re.findall(r'<span class="tx"><b>([^<]+)</b>', answer.content.decode())


def progress(handoff, **ahead):
    handoff.refresh_from_db()
    return progress_of([handoff], Calendars(handoff.workspace), now=MONDAY + timedelta(**ahead)).get(handoff.pk)


@pytest.fixture
def claimed(maya, omar):
    return actions.claim(maya.pk, by=omar, now=MONDAY)


def test_what_waits_has_no_progress(maya):
    assert progress(maya) is None


def test_it_lies_once_five_full_working_days_are_over(claimed):
    assert progress(claimed, days=7).lies_since is None  # Tuesday to Friday are over
    assert progress(claimed, days=8).lies_since == MONDAY.date()


def test_days_off_are_no_working_days(claimed, northwind):
    hours = [[["09:00", "17:00"]]] * 5 + [[]] * 2
    calendar = WorkCalendar.objects.create(
        workspace=northwind, name="Ours", timezone="Europe/Berlin", hours=hours, is_default=True
    )
    DayOff.objects.create(calendar=calendar, day=MONDAY.date() + timedelta(days=1), name="Feast", workspace=northwind)

    assert progress(claimed, days=8).lies_since is None
    assert progress(claimed, days=9).lies_since == MONDAY.date()


def test_a_call_is_work_and_the_last_contact_and_is_neither_once_undone(claimed, omar):
    tuesday = MONDAY + timedelta(days=1)
    actions.log_call(claimed.pk, by=omar, result="voicemail", now=tuesday)
    got = progress(claimed, days=9)
    assert (got.lies_since, got.contact, got.contact_at) == (tuesday.date(), "left a message", tuesday)
    assert progress(claimed, days=8).lies_since is None
    actions.undo(claimed.pk, by=omar, now=tuesday)

    assert (progress(claimed, days=8).lies_since, progress(claimed, days=8).contact) == (MONDAY.date(), "")


def test_nothing_lies_before_its_meeting_and_not_until_five_days_after(claimed, omar):
    at = MONDAY + timedelta(days=15)
    actions.book_meeting(claimed.pk, by=omar, at=at, now=MONDAY)
    before, soon, after = progress(claimed, days=14), progress(claimed, days=16), progress(claimed, days=24)

    assert (before.lies_since, before.meets_at, before.contact) == (None, at, "")
    assert (soon.lies_since, soon.meets_at, soon.contact) == (None, None, "meeting")
    assert after.lies_since == at.date()


def test_what_was_put_off_does_not_lie_until_then(claimed, omar):
    until = MONDAY + timedelta(days=21)
    actions.snooze(claimed.pk, by=omar, until=until, now=MONDAY)

    assert progress(claimed, days=20).lies_since is None
    assert progress(claimed, days=29).lies_since == until.date()


@pytest.mark.parametrize("is_accepted", [False, True])
def test_who_is_called_again_does_not_lie_until_then_and_it_says_when(claimed, omar, is_accepted):
    if is_accepted:
        actions.decide(claimed.pk, "accepted", by=omar, now=MONDAY)
    until = MONDAY + timedelta(days=21)
    actions.log_call(claimed.pk, by=omar, result="call-back", again=until, now=MONDAY)

    before, after = progress(claimed, days=20), progress(claimed, days=22)
    assert (before.calls_at, before.lies_since) == (until, None)
    assert (before.is_call_due, after.is_call_due) == (False, True)
    assert (after.calls_at, after.lies_since) == (until, None)
    assert progress(claimed, days=29).lies_since == until.date()
    actions.log_call(claimed.pk, by=omar, result="reached", now=until)
    assert progress(claimed, days=20).calls_at is None


def test_the_call_form_offers_when_to_call_again(as_omar, maya):
    page = as_omar.get(f"{QUEUE}?box=for-me&at={maya.pk}").content.decode()
    offered = re.findall(r'<option value="([^"]+)"', page.partition('id="call_again"')[2].partition("</select>")[0])
    assert len(offered) >= 3

    done = words(
        as_omar.post(
            reverse("queue-act", args=[maya.pk, "call"]), {"result": "call-back", "again": offered[-1]}, follow=True
        )
    )
    handoff = HandOff.objects.get(pk=maya.pk)
    assert handoff.snoozed_until == datetime.fromisoformat(offered[-1])
    assert "The call was written down." in done and "comes back on" in done
    mine = words(as_omar.get(f"{QUEUE}?box=off&at={maya.pk}"))
    assert "call again on" in mine and "They asked for a call later again on" in re.sub(r"[,.:;] again", " again", mine)

    wrong = as_omar.post(
        reverse("queue-act", args=[maya.pk, "call"]), {"result": "reached", "again": "soon"}, follow=True
    )
    assert "Nothing was changed." in words(wrong)


def test_what_was_accepted_lies_too(claimed, omar):
    actions.decide(claimed.pk, "accepted", by=omar, now=MONDAY)

    assert progress(claimed, days=8).lies_since == MONDAY.date()


def test_the_queue_says_it_in_the_row_and_beside_it(as_omar, omar, maya, live):
    ago = timezone.now() - timedelta(days=20)
    fresh = hand_over(live, "Fresh")
    actions.claim(maya.pk, by=omar, now=ago)
    actions.log_call(maya.pk, by=omar, result="voicemail", now=ago)
    actions.claim(fresh.pk, by=omar)
    page = words(as_omar.get(f"{QUEUE}?box=mine&at={maya.pk}"))

    day = timezone.localdate(ago, timezone.get_fixed_timezone(60))
    assert f"claimed 20 d ago, left a message 20 d ago lies since {day.day} {day:%B}" in page
    assert "claimed now, not spoken to yet" in page
    assert "1 of these lies: nothing was done for five working days" in page
    assert f"Lies since {day.day} {day:%B}: nothing was done" in page
    assert "Lies since" in words(
        as_omar.get(reverse("queue-item", args=[maya.pk]) + "?box=mine", headers={"HX-Request": "true"})
    )


def test_being_worked_begins_with_whom_somebody_has_had_the_longest(as_omar, omar, live):
    now = timezone.now()
    for name, days in (("Third", 1), ("First", 30), ("Second", 9)):
        actions.claim(hand_over(live, name, is_hand_raise=name == "Third").pk, by=omar, now=now - timedelta(days=days))
    assert names(as_omar.get(f"{QUEUE}?box=claimed")) == ["First", "Second", "Third"]
    first = HandOff.objects.get(lead__name="First")
    answer = as_omar.post(
        reverse("queue-act", args=[first.pk, "decide"]), {"decision": "recycled:timing", "box": "claimed"}
    )

    assert f"at={HandOff.objects.get(lead__name='Second').pk}" in answer.url


def test_a_full_box_has_few_queries(as_omar, omar, ines, client, live, django_assert_max_num_queries):
    for number in range(20):
        actions.claim(hand_over(live, f"Lead {number}").pk, by=omar)
    with django_assert_max_num_queries(30):
        as_omar.get(f"{QUEUE}?box=mine")
    client.force_login(ines)
    with django_assert_max_num_queries(35):
        client.get(f"{QUEUE}?box=claimed")
