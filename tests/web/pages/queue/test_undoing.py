"""Undo in the queue: of what is shown, on the lead that is shown, and it says what it was."""

import re

import pytest
from django.urls import reverse
from tests.web.pages.queue.conftest import hand_over

from leadline.web.handoff.actions import claim, log_call, undo, write_note
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.models import Note

QUEUE = reverse("queue")


def deed(handoff, what):
    return reverse("queue-act", args=[handoff.pk, what])


def text_of(answer):
    return answer.content.decode()


def bar_of(page):
    """Return what the line offers, the step that its form names, and whether the key is on it."""
    found = re.search(r'<div id="undo"[^>]*>(.*?)</div>', page, re.DOTALL)[1]
    step = re.search(r'name="step" value="(\d+)"', found)
    return re.sub(r"<[^>]+>", "", found).strip(), int(step[1]) if step else None, 'data-key="u"' in found


@pytest.fixture
def noor(live):
    return hand_over(live, "Noor Vermeer", rank=10)


def test_a_note_is_what_is_undone_after_a_note_and_nothing_elsewhere(as_omar, omar, maya, noor):
    claim(noor.pk, by=omar)  # in a terminal, say
    answer = as_omar.post(deed(maya, "note"), {"text": "likes tea", "box": "all"}, follow=True)
    said, step, has_key = bar_of(text_of(answer))
    assert said.startswith("Maya Mensah: note written, now.")
    assert has_key
    page = text_of(as_omar.post(deed(maya, "undo"), {"step": step, "box": "all"}, follow=True))

    assert "Undone: Maya Mensah, note written. As before, it waits." in page
    assert not Note.objects.exists()
    assert HandOff.objects.get(pk=noor.pk).owner == omar
    assert bar_of(page) == ("", None, False)
    assert "There is nothing of yours to undo at Maya Mensah." in page


def test_acts_on_other_leads_are_not_offered(as_omar, omar, maya, noor):
    claim(noor.pk, by=omar)

    assert bar_of(text_of(as_omar.get(f"{QUEUE}?at={maya.pk}"))) == ("", None, False)
    assert bar_of(text_of(as_omar.get(f"{QUEUE}?at={noor.pk}")))[0].startswith("Noor Vermeer: claimed, now.")


def test_who_went_on_has_to_press_for_the_lead_before(as_omar, omar, maya, noor):
    answer = as_omar.post(deed(maya, "decide"), {"decision": "recycled:timing", "box": "all"}, follow=True)
    said, step, has_key = bar_of(text_of(answer))
    assert said.startswith("Maya Mensah: recycled for “Not now”") and has_key
    where = f"{reverse('queue-item', args=[noor.pk])}?box=all&done={step}"
    said, again, has_key = bar_of(text_of(as_omar.get(where, headers={"HX-Request": "true"})))
    assert (again, has_key) == (step, False)
    assert "Undo at Maya Mensah" in said

    claim(noor.pk, by=omar)
    said, own, has_key = bar_of(text_of(as_omar.get(where, headers={"HX-Request": "true"})))
    assert said.startswith("Noor Vermeer: claimed") and own != step and has_key


def test_what_was_seen_is_undone_or_nothing(as_omar, omar, maya):
    claim(maya.pk, by=omar)
    seen = Step.objects.get(kind="claimed")
    log_call(maya.pk, by=omar, result="reached")
    page = text_of(as_omar.post(deed(maya, "undo"), {"step": seen.pk}, follow=True))

    assert "There is nothing of yours to undo at Maya Mensah" in page
    assert not Step.objects.exclude(undone_at=None).exists()
    assert "something happened since" in text_of(as_omar.post(deed(maya, "undo"), {"step": "1"}, follow=True))


def test_notes_of_others_take_nothing_from_it(omar, nadia, maya):
    claim(maya.pk, by=omar)
    write_note(maya.pk, by=nadia, text="seen at the fair")

    assert undo(maya.pk, by=omar).kind == "claimed"
    assert undo(maya.pk, by=nadia).kind == "noted"
    assert HandOff.objects.get().state == "waiting"


def test_somebody_else_is_offered_nothing(as_omar, nadia, maya):
    claim(maya.pk, by=nadia)
    step = Step.objects.get(kind="claimed")

    assert bar_of(text_of(as_omar.get(f"{QUEUE}?at={maya.pk}&done={step.pk}"))) == ("", None, False)


def test_what_was_given_is_said_with_the_name(as_omar, omar, nadia, maya):
    page = text_of(as_omar.post(deed(maya, "assign"), {"to": nadia.pk}, follow=True))

    assert bar_of(page)[0].startswith("Maya Mensah: given to Nadia, now.")


def test_a_note_stands_once_in_the_story(as_omar, maya):
    as_omar.post(deed(maya, "note"), {"text": "likes tea"})
    page = text_of(as_omar.get(reverse("lead-handoffs", args=[maya.lead_id])))

    assert page.count("likes tea") == 1
    assert "Note written" not in page
