"""The page of a lead: what it says is what is stored, what it explains adds up, and what others sent cannot harm it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.world import assess_everybody, touch

from leadline.web.accounts.models import Membership
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Event, Fact, Lead
from leadline.web.pages.lead_page.explaining import explain_lead
from leadline.web.pages.lead_page.queries import spells_of
from leadline.web.pages.lead_page.waterfall import say_tenths
from leadline.web.pages.playbook_words import words_of
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

NAUGHTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }} {% now 'Y' %}",
    "Robert'); DROP TABLE leads;--",
    "‮gnirts a sdrawkcab",
    "名前 🦊 Ünïcode é",
    "a" * 250,
)


def page_of(client, lead, query=""):
    answer = client.get(reverse("lead", args=[lead.pk]) + query)
    assert answer.status_code == 200
    return answer


def texts_in(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def maya(northwind, website, playbook):
    """A lead with three page views and a demo request, of which a bot made one view; assessed."""
    now = timezone.now()
    lead = Lead.objects.create(
        workspace=northwind, name="Maya Mensah", is_known=True, first_seen_at=now - timedelta(days=30)
    )
    for at, (name, is_bot) in enumerate(
        [("page_viewed", False), ("page_viewed", True), ("page_viewed", False), ("demo_requested", False)]
    ):
        Event.objects.create(
            workspace=northwind,
            source=website,
            message_id=str(at),
            lead=lead,
            first_lead=lead,
            kind="page" if name == "page_viewed" else "track",
            name=name,
            occurred_at=now - timedelta(days=5 - at),
            received_at=now,
            properties={"path": "/pricing"} if name == "page_viewed" else {},
            touch={"source": "google", "medium": "cpc"},
            is_bot=is_bot,
            bot_rule="known-crawler" if is_bot else "",
        )
    touch(lead)
    assess_everybody()
    return Lead.objects.get(pk=lead.pk)


# -- why ------------------------------------------------------------------------------------------------------------


def test_every_explanation_adds_up_to_what_is_stored_and_its_lines_to_it(northwind, people):
    version = Version.objects.get()
    compiled, words = get_plan(version), words_of(version)

    for stored in Assessment.objects.all():
        explained = explain_lead(compiled, words, stored, spells_of(version, stored.lead))

        assert explained.adds_up, stored.lead
        for card in explained.cards:
            assert sum(line.points for line in card.score.lines) == card.score.points == stored.scores[card.score.id]
            assert sum(bar.tenths for bar in card.waterfall.bars) == card.waterfall.tenths
        open_now = {level.id for level in explained.levels if level.since is not None}
        assert open_now == set(stored.qualifications)
    assert Assessment.objects.count() == len(people)


def test_the_page_shows_each_line_with_its_points_and_the_sum(as_maria, maya):
    page = page_of(as_maria, maya).content.decode()

    explained = page_of(as_maria, maya).context["explained"]
    engagement = next(card for card in explained.cards if card.score.id == "engagement")
    table = re.search(r"What adds up to Engagement.*?</table>", page, re.DOTALL).group()
    shown = [one.replace("−", "-") for one in re.findall(r'<td class="num">([^<]+)</td>', table)]
    assert [float(one) for one in shown[:-1]] == [bar.tenths / 10 for bar in engagement.waterfall.bars]
    assert sum(round(10 * float(one)) for one in shown[:-1]) == round(10 * float(shown[-1]))
    assert "Asked for a demonstration" in table and "Looked at prices" in table


def test_it_says_since_when_it_is_qualified_when_that_cools_and_what_is_missing(as_maria, maya):
    page = texts_in(page_of(as_maria, maya).content.decode())

    spell = Spell.objects.get(lead=maya, ended_at=None)
    assert spell.qualification == "mql"
    assert re.search(r"Marketing qualified since \d+ \w+", page) and re.search(r"cools \d+ \w+", page)
    assert "Missing for “Product qualified”" in page
    assert "came by google / cpc" in page
    assert "asked: demo requested" in page


def test_a_lead_that_waits_says_so_and_shows_what_was_stored(as_maria, maya):
    touch(maya)

    page = page_of(as_maria, maya).content.decode()

    assert "Being reassessed" in page
    assert f'hx-get="{reverse("lead-assessed", args=[maya.pk])}?try=1"' in page


def test_while_the_log_is_ahead_no_explanation_is_shown_that_does_not_add_up(as_maria, maya):
    Event.objects.create(
        workspace=maya.workspace,
        source=Event.objects.first().source,
        message_id="late",
        lead=maya,
        first_lead=maya,
        kind="track",
        name="contact_requested",
        occurred_at=timezone.now() - timedelta(days=2),
        received_at=timezone.now(),
    )
    touch(maya)

    page = page_of(as_maria, maya).content.decode()

    assert "Why it is so follows with the new assessment" in page
    assert "What adds up to" not in page


def test_what_is_stored_and_does_not_add_up_is_said_aloud(as_maria, maya):
    Assessment.objects.update(scores={"fit": 990_000, "engagement": 0, "product": 0})

    assert "does not add up to what is stored" in page_of(as_maria, maya).content.decode()


def test_a_page_that_asks_by_itself_does_not_fade_each_time(as_maria, maya):
    address = reverse("lead-assessed", args=[maya.pk])
    still = as_maria.get(address).content.decode()
    touch(maya)
    waiting = as_maria.get(f"{address}?try=1").content.decode()

    assert 'id="assessed" class="stack fades"' in still
    assert 'id="assessed" class="stack"' in waiting


def test_a_page_that_waits_asks_again_until_the_answer_is_there_and_not_for_ever(as_maria, maya):
    touch(maya)
    address = reverse("lead-assessed", args=[maya.pk])

    first = as_maria.get(f"{address}?try=1").content.decode()
    last = as_maria.get(f"{address}?try=99").content.decode()
    nonsense = as_maria.get(f"{address}?try=x").content.decode()
    assess_everybody()
    done = as_maria.get(f"{address}?try=2").content.decode()

    assert "try=2" in first and "hx-trigger" in first
    assert "hx-trigger" not in last and "hx-trigger" not in nonsense and "Reload" in last
    assert "hx-trigger" not in done and "Being reassessed" not in done
    assert 'id="lead-stage" hx-swap-oob="true"' in done


def test_without_a_playbook_the_page_says_what_is_missing(as_maria, northwind):
    lead = Lead.objects.create(workspace=northwind, name="Ada", is_known=True, first_seen_at=timezone.now())

    page = page_of(as_maria, lead).content.decode()

    assert "No playbook is live" in page and "Being reassessed" not in page


def test_only_the_live_version_speaks(as_maria, maya):
    Version.objects.update(state=Version.State.RETIRED)

    page = page_of(as_maria, maya).content.decode()

    assert "No playbook is live" in page
    assert "Marketing qualified" not in page


# -- what happened ----------------------------------------------------------------------------------------------------


def test_what_bots_did_stands_apart_with_the_rule_that_said_so(as_maria, maya):
    everything = page_of(as_maria, maya).context["timeline"]
    bots = page_of(as_maria, maya, "?kind=bots")

    assert [one.event.message_id for one in everything.entries] == ["3", "2", "0"]
    assert [one.event.message_id for one in bots.context["timeline"].entries] == ["1"]
    assert "a bot: known crawler" in bots.content.decode()
    assert {kind.id: kind.count for kind in everything.kinds} == {"page": 2, "track": 1, "bots": 1}


def test_each_event_says_what_it_is_worth_now(as_maria, maya):
    timeline = page_of(as_maria, maya).context["timeline"]
    explained = page_of(as_maria, maya).context["explained"]

    engagement = next(card for card in explained.cards if card.score.id == "engagement")
    of_demo = next(bar for bar in engagement.waterfall.bars if bar.line.id == "demo-request")
    assert timeline.entries[0].title == "Demo requested"
    assert timeline.entries[0].worth == say_tenths(round(of_demo.line.points / 1000), signed=True)


def test_the_timeline_goes_on_where_the_page_ended_and_misses_nothing(as_maria, northwind, website, maya):
    at = timezone.now() - timedelta(days=60)
    Event.objects.bulk_create(
        Event(
            workspace=northwind,
            source=website,
            message_id=f"m{number}",
            lead=maya,
            first_lead=maya,
            kind="page",
            name="page_viewed",
            occurred_at=at - timedelta(minutes=number // 7),
            received_at=at,
        )
        for number in range(50)
    )
    seen, before = [], ""
    while True:
        timeline = as_maria.get(reverse("lead", args=[maya.pk]), {"kind": "page", "before": before}).context["timeline"]
        seen += [one.event.pk for one in timeline.entries]
        before = timeline.older
        if not before:
            break

    assert len(seen) == len(set(seen)) == 52
    for nonsense in ("x", "2026-01-01_5", "2026-01-01T00:00:00+00:00_x", "_", "0" * 400):
        page_of(as_maria, maya, f"?before={nonsense}")


def test_events_stand_under_the_day_of_the_workspace(as_maria, northwind, website, maya):
    Event.objects.filter(message_id="3").update(occurred_at="2026-03-01T23:30:00Z")

    page = page_of(as_maria, maya).content.decode()

    assert "Monday, 2 March 2026" in page and "00:30" in page  # in Berlin it is the next day


def test_the_timeline_comes_alone_when_asked_in_place(as_maria, maya):
    headers = {"HX-Request": "true", "HX-Target": "timeline"}
    answer = as_maria.get(reverse("lead", args=[maya.pk]) + "?kind=page", headers=headers)

    assert answer.content.decode().strip().startswith('<div id="timeline"')
    assert "Looked at prices" not in answer.content.decode()


# -- what is known ----------------------------------------------------------------------------------------------------


def test_of_a_field_with_two_values_it_says_which_holds_and_why(as_maria, northwind, maya):
    now = timezone.now()
    for value, source, days in (("CTO", "import", 1), ("Head of Sales", "crm", 9), ("VP Sales", "crm", 3)):
        Fact.objects.create(
            workspace=northwind,
            lead=maya,
            first_lead=maya,
            field="title",
            value=value,
            source=source,
            known_at=now - timedelta(days=days),
            recorded_at=now,
        )

    known = page_of(as_maria, maya).context["known"]
    page = texts_in(page_of(as_maria, maya).content.decode())

    title = next(one for one in known.lead if one.field == "title")
    assert title.value == "VP Sales"
    assert "wins over import: stronger source" in page
    assert "CTO import" in page and "Head of Sales crm" in page


def test_a_fact_noted_by_hand_has_its_author_and_makes_the_lead_wait(as_omar, maya):
    answer = as_omar.post(
        reverse("add-fact", args=[maya.pk]),
        {"field": "Budget amount", "value": "12000", "evidence": "Said so on the phone"},
    )

    fact = Fact.objects.get(field="budget_amount")
    assert (fact.value, fact.source, fact.by, fact.evidence) == (
        "12000",
        "person",
        "omar@northwind.example",
        "Said so on the phone",
    )
    assert answer.headers["Location"].endswith("#facts")
    assert Lead.objects.get(pk=maya.pk).due_at is not None


@pytest.mark.parametrize("field", ["", "_company", "1st", "a.b.c", "consent.contact", "x" * 200, "<b>"])
def test_what_is_no_field_is_refused_and_what_was_typed_is_kept(as_omar, maya, field):
    answer = as_omar.post(reverse("add-fact", args=[maya.pk]), {"field": field, "value": "kept & safe"})

    assert answer.status_code == 422
    assert "kept &amp; safe" in answer.content.decode()
    assert not Fact.objects.filter(source="person").exists()


def test_who_only_looks_cannot_note_anything(client, northwind, maya):
    client.force_login(member(northwind, "Vera", Membership.Role.VIEWER))

    assert client.post(reverse("add-fact", args=[maya.pk]), {"field": "title", "value": "CEO"}).status_code == 403
    assert reverse("add-fact", args=[maya.pk]) not in page_of(client, maya).content.decode()


# -- whose lead it is -------------------------------------------------------------------------------------------------


def test_nobody_sees_or_changes_a_lead_of_another_workspace(as_charlie, maya):
    for answer in (
        as_charlie.get(reverse("lead", args=[maya.pk])),
        as_charlie.get(reverse("lead-assessed", args=[maya.pk])),
        as_charlie.post(reverse("add-fact", args=[maya.pk]), {"field": "title", "value": "CEO"}),
        as_charlie.get(reverse("lead", args=[maya.pk + 999])),
    ):
        assert answer.status_code == 404
        assert "Maya" not in answer.content.decode()
    assert not Fact.objects.exists()


def test_a_lead_that_was_merged_leads_to_whom_it_was_merged_into(as_maria, northwind, maya):
    second = Lead.objects.create(workspace=northwind, name="M. M.", first_seen_at=timezone.now(), merged_into=maya)
    third = Lead.objects.create(workspace=northwind, name="M.", first_seen_at=timezone.now(), merged_into=second)

    answer = as_maria.get(reverse("lead", args=[third.pk]), follow=True)

    assert answer.redirect_chain == [(reverse("lead", args=[maya.pk]), 302)]
    assert "M. was merged into this lead" in answer.content.decode()


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client, maya):
    for address in (reverse("leads"), reverse("lead", args=[maya.pk]), reverse("lead-assessed", args=[maya.pk])):
        answer = client.get(address)

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("text", NAUGHTY)
def test_whatever_others_sent_is_shown_and_does_nothing(as_maria, northwind, website, maya, text):
    Lead.objects.filter(pk=maya.pk).update(name=text, title=text, email=text[:200], first_source=text[:60])
    Event.objects.filter(message_id="0").update(
        name=text, properties={text[:40]: text, "path": text}, touch={"campaign": text}
    )
    Fact.objects.create(
        workspace=northwind,
        lead=maya,
        first_lead=maya,
        field=text[:100],
        value=[text],
        source=text[:60],
        known_at=timezone.now(),
        recorded_at=timezone.now(),
        evidence=text,
    )

    for address in (reverse("lead", args=[maya.pk]), "/leads/?sort=newest&q="):
        page = as_maria.get(address, follow=True).content.decode()

        assert "<script>alert" not in page and "<img src=x" not in page
        assert (
            text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace('"', "&quot;")
            .replace("'", "&#x27;")
            in page
        )


def test_a_page_asks_the_database_a_bounded_number_of_times(as_maria, northwind, people, django_assert_max_num_queries):
    busiest = Spell.objects.filter(lead__company__isnull=False).first().lead

    with django_assert_max_num_queries(30):
        page_of(as_maria, busiest, "?sort=seen")


def test_every_invented_person_has_a_page(as_maria, people):
    for lead in people:
        page_of(as_maria, lead)
