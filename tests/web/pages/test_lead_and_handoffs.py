"""What the page of a lead says of its hand-offs: the one that is open, what one can do, what was before, and all of it step by step."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.conftest import TOML, ines, nadia
from tests.web.pages.queue.conftest import hand_over
from tests.web.pages.rows import make_lead
from tests.web.pages.world import make_live

from leadline.web.assessments.models import Spell
from leadline.web.handoff import actions
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import reconcile, sweep
from leadline.web.leads.models import Company
from leadline.web.leads.notes import add_note
from leadline.web.playbooks.queries import find_live

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
__all__ = ["ines", "nadia"]  # fixtures
REASON = '[[outcomes.recycled.reasons]]\nid = "timing"\ntitle = "Not now"\nquiet = "60d"\nowner = "new"\n'


@pytest.fixture
def live(northwind):
    return make_live(
        northwind, TOML.partition("[[outcomes.recycled.reasons]]")[0] + REASON + TOML.partition('"Not now"\n')[2]
    )


@pytest.fixture
def maya(live):
    now = timezone.now()
    return hand_over(
        live, "Maya Mensah", respond_by=now + timedelta(hours=3, minutes=5), opened_at=now - timedelta(days=100)
    )


@pytest.fixture
def as_vera(client, northwind):
    """A client of somebody who only looks."""
    client.force_login(member(northwind, "Vera", "viewer"))
    return client


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace(" .", ".")


def page_of(client, handoff):
    answer = client.get(reverse("lead", args=[handoff.lead_id]))
    assert answer.status_code == 200
    return answer


def card_of(client, handoff):
    html = page_of(client, handoff).content.decode()
    return re.search(r'<section class="card" id="handoff".*?</section>', html, re.DOTALL)[0]


def qualify_again(handoff, *, ago):
    """Let the lead qualify anew after what was decided, and hand it over."""
    now = timezone.now() - ago
    Spell.objects.filter(lead=handoff.lead_id).update(ended_at=now - timedelta(days=1))
    spell = Spell.objects.filter(lead=handoff.lead_id).latest("number")
    spell.pk, spell.number, spell.began_at, spell.ended_at = None, spell.number + 1, now, None
    spell.save()
    with transaction.atomic():
        reconcile(find_live(handoff.workspace_id), [handoff.lead_id], now=now)
    return HandOff.objects.get(lead=handoff.lead_id, state="waiting")


def test_it_says_until_when_to_whom_and_why(as_omar, omar, maya):
    HandOff.objects.update(owner=omar)
    card = card_of(as_omar, maya)

    assert "Answer in 3 h" in card and "to Omar" in card and "Marketing qualified" in card
    assert "Routed: The playbook names no team for this lead" in card
    assert "Claim" in card and "Accept" in card and reverse("queue-item", args=[maya.pk]) in card


def test_what_is_late_says_how_late(as_omar, maya):
    moment = timezone.now() - timedelta(hours=26)
    HandOff.objects.update(respond_by=moment, breached_at=moment)

    assert "26 h late" in card_of(as_omar, maya) and 'class="clock late"' in card_of(as_omar, maya)


def test_one_claims_and_accepts_there_and_stays_there(as_omar, omar, maya):
    there = reverse("lead", args=[maya.lead_id]) + "#handoff"
    answer = as_omar.post(reverse("queue-act", args=[maya.pk, "claim"]), {"back": "lead"})
    assert answer.url == there
    card = card_of(as_omar, maya)
    assert "Yours" in card and "not spoken to yet" in card and ">Claim<" not in card

    accepted = {"back": "lead", "decision": "accepted"}
    assert as_omar.post(reverse("queue-act", args=[maya.pk, "decide"]), accepted).url == there
    card = card_of(as_omar, maya)
    assert "not in the queue now" in card and "Accepted by Omar on" in card and "Accept<" not in card


def test_who_may_not_act_has_a_link_and_no_buttons(as_vera, client, maya, nadia, omar):
    assert "<button" not in card_of(as_vera, maya) and "Show it in the queue" in card_of(as_vera, maya)

    actions.claim(maya.pk, by=omar)
    client.force_login(nadia)
    card = card_of(client, maya)
    assert "Omar works on it" in card and "<button" not in card


def test_who_comes_again_says_how_often_and_how_it_ended_and_what_followed(as_omar, omar, maya):
    actions.decide(maya.pk, "recycled", reason="timing", by=omar, now=timezone.now() - timedelta(days=90))
    day = timezone.localtime(HandOff.objects.get(pk=maya.pk).decided_at, BERLIN)
    said = f"ecycled for “Not now” by Omar on {day.day} {day:%B %Y}: quiet for 60 days; goes to a new owner."
    assert f"R{said}" in card_of(as_omar, maya)
    assert "The hand-off, step by step" in card_of(as_omar, maya)

    again = qualify_again(maya, ago=timedelta(hours=1))
    assert f"Second time, last r{said}" in card_of(as_omar, again)
    assert "All 2 hand-offs, step by step" in card_of(as_omar, again)


def test_the_story_has_calls_meetings_notes_and_what_was_undone(as_omar, omar, maya):
    HandOff.objects.update(opened_at=timezone.now() - timedelta(hours=1))
    actions.claim(maya.pk, by=omar)
    actions.log_call(maya.pk, by=omar, result="reached", text="Wants prices")
    actions.book_meeting(maya.pk, by=omar, at=timezone.now() + timedelta(days=2), minutes=30, place="Room 4")
    actions.undo(maya.pk, by=omar)
    add_note(maya.lead, "Met at the fair", by="omar@leadline.example")
    add_note(maya.lead, "Long before", by="omar@leadline.example", now=timezone.now() - timedelta(days=9))
    address = reverse("lead-handoffs", args=[maya.lead_id])

    whole, part = (
        as_omar.get(address),
        as_omar.get(address, headers={"hx-request": "true", "hx-target": "handoff-story"}),
    )

    for answer in (whole, part):
        text = words(answer)
        assert "Claimed" in text and "Wants prices" in text and "Room 4 undone" in text and "Met at the fair" in text
        assert "Long before" not in text
        assert text.index("Claimed") < text.index("Wants prices") < text.index("Met at the fair")
    assert "<html" in whole.content.decode() and "<html" not in part.content.decode()
    assert "HX-Target" in part.headers["Vary"]


def test_the_story_of_a_survivor_has_what_was_before_the_merge(as_omar, omar, live, maya, northwind):
    actions.decide(maya.pk, "recycled", reason="timing", by=omar)
    survivor = make_lead(northwind, "Maya M.")
    maya.lead.merged_into = survivor
    maya.lead.save()

    assert "Recycled for “Not now” by Omar" in words(as_omar.get(reverse("lead-handoffs", args=[survivor.pk])))


def test_who_was_never_handed_over_has_no_such_card(as_omar, live, northwind):
    lead = make_lead(northwind, "Nobody")

    assert 'id="handoff"' not in as_omar.get(reverse("lead", args=[lead.pk])).content.decode()
    assert "It was never handed over." in words(as_omar.get(reverse("lead-handoffs", args=[lead.pk])))


def test_the_day_of_a_decision_is_that_of_the_workspace(as_omar, omar, maya, northwind):
    northwind.timezone = "Europe/Berlin"
    northwind.save()
    late = (timezone.now() - timedelta(days=3)).replace(hour=23, minute=30)
    actions.decide(maya.pk, "recycled", reason="timing", by=omar, now=late)

    day = late + timedelta(days=1)
    assert f"by Omar on {day:%-d %B %Y}" in words(page_of(as_omar, maya))


def test_a_lead_with_all_there_is_asks_the_database_thirty_times_at_most(
    as_omar, omar, maya, northwind, django_assert_max_num_queries
):
    company = Company.objects.create(workspace=northwind, key="domain:alder.example", name="Alder")
    maya.lead.company = company
    maya.lead.save()
    for name in ("Ann", "Bob"):
        make_lead(northwind, name, company=company)
    for days in (90, 60, 30):
        actions.decide(maya.pk, "recycled", reason="timing", by=omar, now=timezone.now() - timedelta(days=days))
        maya = qualify_again(maya, ago=timedelta(days=days - 5))
    actions.claim(maya.pk, by=omar)
    assert Step.objects.count() >= 7

    page_of(as_omar, maya)
    with django_assert_max_num_queries(30):
        page = page_of(as_omar, maya)
    assert "Fourth time, last recycled for “Not now” by Omar" in words(page)
    assert "All 4 hand-offs" in words(page)
    with django_assert_max_num_queries(15):
        as_omar.get(reverse("lead-handoffs", args=[maya.lead_id]))


# -- a version that took it away ----------------------------------------------------------------------------------------


def test_what_a_version_withdrew_says_so_on_the_page_and_step_by_step(as_omar, northwind, live, maya):
    sweep(make_live(northwind, TOML + "\n# 2\n", number=2))
    day = f"{timezone.localtime(None, BERLIN):%-d %B %Y}"
    assert f"Withdrawn by version 2 on {day}." in words(page_of(as_omar, maya))
    story = words(as_omar.get(reverse("lead-handoffs", args=[maya.lead_id])))
    assert f"Withdrawn by version 2 on {day}." in story
    assert "No longer qualified" not in story
    assert "Withdrawn by version 2" in words(as_omar.get(reverse("queue") + f"?box=all&at={maya.pk}"))


def test_who_is_worked_and_no_longer_qualified_is_said_to_be_so_everywhere(as_omar, omar, northwind, live, maya):
    actions.claim(maya.pk, by=omar)
    HandOff.objects.update(cools_day=20_800)
    sweep(make_live(northwind, TOML + "\n# 2\n", number=2))
    day = f"{timezone.localtime(None, BERLIN):%-d %B}"
    assert f"No longer “Marketing qualified” since {day}" in words(page_of(as_omar, maya))
    assert "by version 2 of the playbook" in words(page_of(as_omar, maya))
    queue = words(as_omar.get(reverse("queue") + f"?box=mine&at={maya.pk}"))
    assert f"no longer Marketing qualified since {day} ·" in queue, "the row"
    assert f"No longer “Marketing qualified” since {day}" in queue, "the pane"
    assert "by version 2 of the playbook" in queue
    assert "if nothing more happens" not in queue
    assert "No longer qualified by version 2" in queue, "step by step"
