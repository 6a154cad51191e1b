"""The page of the morning: whom it puts first, what it calls a signal, what it counts, and what it says before there is anything."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.conftest import member
from tests.web.leads.says import says, take
from tests.web.pages.rows import NOW, happened, make_lead, move, qualify
from tests.web.pages.world import assess_everybody, touch

from leadline.web.assessments.models import Spell, StageMove
from leadline.web.leads.models import Event, Lead
from leadline.web.pages.playbook_words import PlaybookWords, words_of
from leadline.web.pages.today.first import first_to_call, qualifications_for_sales
from leadline.web.pages.today.signals import find_signals
from leadline.web.pages.today.week import Week, changes_of
from leadline.web.playbooks.queries import get_plan


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def week():
    return Week.until(timezone.now(), timezone.get_default_timezone())


def called(version, week):
    return [one.lead.name for one in first_to_call(version, words_of(version), week)]


# -- whom to call first -----------------------------------------------------------------------------------------------


def test_the_best_of_the_qualified_come_first(northwind, playbook, week):
    for name, rank in (("Ada", 10), ("Ben", 30), ("Cleo", 20)):
        qualify(make_lead(northwind, name), playbook, rank=rank)

    assert called(playbook, week) == ["Ben", "Cleo", "Ada"]


def test_who_asked_by_hand_comes_before_the_best_and_the_latest_of_them_at_the_top(northwind, playbook, week):
    ada, ben, cleo, dora = (make_lead(northwind, name) for name in ("Ada", "Ben", "Cleo", "Dora"))
    for lead, rank in ((ada, 1), (ben, 2), (cleo, 90), (dora, 80)):
        qualify(lead, playbook, rank=rank)
    happened(ada, "demo_requested", ago=timedelta(days=3))
    happened(ada, "contact_requested", ago=timedelta(hours=2))
    happened(ben, "quote_requested", ago=timedelta(hours=5))
    happened(dora, "demo_requested", ago=timedelta(days=8))

    found = first_to_call(playbook, words_of(playbook), week)

    assert [one.lead.name for one in found] == ["Ada", "Ben", "Cleo", "Dora"]
    assert [one.asked for one in found] == ["Contact requested", "Quote requested", "", ""]


def test_what_a_bot_asked_for_is_no_raised_hand(northwind, playbook, week):
    ada, ben = make_lead(northwind, "Ada"), make_lead(northwind, "Ben")
    qualify(ada, playbook, rank=1)
    qualify(ben, playbook, rank=2)
    happened(ada, "demo_requested", ago=timedelta(hours=1), is_bot=True, bot_rule="person")

    assert called(playbook, week) == ["Ben", "Ada"]


def test_who_is_with_sales_already_excluded_or_merged_away_waits_for_nobody(northwind, playbook, week):
    ada = make_lead(northwind, "Ada")
    qualify(ada, playbook)
    qualify(make_lead(northwind, "Opportunity"), playbook, stage="opportunity", rank=99)
    qualify(make_lead(northwind, "Competitor"), playbook, excluded_by="competitor", rank=99)
    qualify(make_lead(northwind, "Twin", merged_into=ada), playbook, rank=99)

    assert called(playbook, week) == ["Ada"]


def test_a_raised_hand_of_somebody_far_down_the_list_is_found(northwind, playbook, week, monkeypatch):
    monkeypatch.setattr("leadline.web.pages.today.first._LOOKED_AT", 3)
    for number in range(5):
        qualify(make_lead(northwind, f"Good {number}"), playbook, rank=100 + number)
    poor = make_lead(northwind, "Poor")
    qualify(poor, playbook, rank=1)
    happened(poor, "demo_requested", ago=timedelta(minutes=5))

    assert called(playbook, week)[0] == "Poor"


def test_reasons_are_those_that_gave_points(northwind, playbook, week):
    qualify(
        make_lead(northwind, "Ada"),
        playbook,
        reasons="demo-request:40 free-mail:-10 pricing-page:9.5",
    )
    words = words_of(playbook)

    (found,) = first_to_call(playbook, words, week)

    assert found.reasons == [words.criterion("demo-request"), words.criterion("pricing-page")]


def test_the_hand_off_says_what_goes_to_sales_and_without_one_everything_does(playbook):
    words = words_of(playbook)

    assert qualifications_for_sales(words) == ("mql", "pql")
    assert qualifications_for_sales(PlaybookWords(replace(words.playbook, handoff=None))) == ("mql", "pql", "sql")


# -- signals ----------------------------------------------------------------------------------------------------------


def test_a_signal_fits_a_criterion_that_adds_points(northwind, playbook, week):
    ada = make_lead(northwind, "Ada")
    happened(ada, "page_viewed", ago=timedelta(hours=2), kind="page", properties={"path": "/pricing"})
    happened(ada, "page_viewed", ago=timedelta(hours=1), kind="page", properties={"path": "/careers"})
    happened(ada, "page_viewed", ago=timedelta(hours=1), kind="page", properties={"path": "/imprint"})
    happened(ada, "mail_bounced", ago=timedelta(hours=1), kind="mail")

    found = find_signals(northwind, get_plan(playbook), week)

    assert [one.why for one in found] == ["Looked at prices"]


def test_one_signal_a_person_and_criterion_the_latest_first(northwind, playbook, week):
    ada, ben = make_lead(northwind, "Ada"), make_lead(northwind, "Ben")
    for hours in (3, 2, 9):
        happened(ada, "page_viewed", ago=timedelta(hours=hours), kind="page", properties={"path": "/pricing"})
    happened(ben, "demo_requested", ago=timedelta(hours=1))
    happened(ben, "demo_requested", ago=timedelta(days=9))

    found = find_signals(northwind, get_plan(playbook), week)

    assert [(one.lead.name, one.is_raised) for one in found] == [("Ben", True), ("Ada", False)]
    assert timedelta(hours=1) < timezone.now() - found[1].at < timedelta(hours=2, minutes=5)


def test_bots_visitors_and_other_workspaces_give_no_signal(northwind, elsewhere, playbook, week):
    happened(make_lead(northwind, "Ada"), "demo_requested", ago=timedelta(hours=1), is_bot=True, bot_rule="person")
    visitor = Lead.objects.create(workspace=northwind, first_seen_at=NOW, last_seen_at=NOW)
    happened(visitor, "demo_requested", ago=timedelta(hours=1))
    happened(make_lead(elsewhere, "Charlie"), "demo_requested", ago=timedelta(hours=1))

    assert find_signals(northwind, get_plan(playbook), week) == []


# -- what changed -----------------------------------------------------------------------------------------------------


def test_moves_of_the_week_are_counted_by_kind_and_a_first_contact_is_none(northwind, playbook, week):
    ada, ben = make_lead(northwind, "Ada"), make_lead(northwind, "Ben")
    move(ada, playbook, "", "lead", ago=timedelta(days=2))
    move(ada, playbook, "lead", "mql", ago=timedelta(days=1))
    move(ben, playbook, "lead", "mql", ago=timedelta(days=3))
    move(ben, playbook, "mql", "lead", ago=timedelta(hours=3), is_forward=False, because="mql ended")
    move(ben, playbook, "lead", "mql", ago=timedelta(days=8))

    found = changes_of(playbook, words_of(playbook), week)

    assert [(one.before.id, one.after.id, one.count) for one in found.kinds] == [("lead", "mql", 2), ("mql", "lead", 1)]
    assert [one.lead.name for one in found.latest] == ["Ben", "Ada", "Ben"]
    assert found.latest[0].said == "no longer Marketing qualified"
    assert found.others == 0


def test_moves_that_are_not_named_are_counted_so_that_the_numbers_add_up(as_maria, northwind, playbook):
    ways = [("lead", "mql"), ("lead", "pql"), ("mql", "sql"), ("pql", "sql"), ("sql", "accepted")]
    ways += [("mql", "accepted"), ("accepted", "opportunity"), ("opportunity", "customer")]
    for hours, (before, after) in enumerate(ways, start=1):
        at = timezone.now() - timedelta(hours=hours)
        StageMove.objects.create(
            workspace=northwind,
            version=playbook,
            lead=make_lead(northwind, f"Lead {hours}"),
            at=at,
            before=before,
            after=after,
            because=f"outcome {after}",
            is_forward=True,
        )

    answer = as_maria.get("/today/")
    changes, page = answer.context["changes"], re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))

    assert (len(changes.kinds), changes.count, changes.others) == (6, 8, 2)
    assert "in other ways 2" in page
    assert "Opportunity was Accepted Lead" not in page
    assert "was Accepted; Opportunity" not in page
    assert "was Lead; Mql" in page


def test_the_reasons_of_moves_are_said_in_the_playbooks_words(playbook):
    words = words_of(playbook)

    assert words.say_because("outcome won") == "Won"
    assert words.say_because("mql began") == "Marketing qualified began"
    assert words.say_because("first contact") == "First contact"


# -- the page ---------------------------------------------------------------------------------------------------------


def test_home_leads_to_the_page_of_the_morning(as_maria):
    assert as_maria.get("/").headers["Location"] == "/today/"


def test_the_page_counts_what_the_tables_hold(as_maria, northwind, people, playbook):
    context = as_maria.get("/today/").context
    open_spells = Spell.objects.filter(version=playbook, ended_at=None, qualification__in=("mql", "pql"))

    assert context["counts"].qualified == len(set(open_spells.values_list("lead", flat=True)))
    assert [one.lead.pk for one in context["first"]]
    assert context["setup"] == []


def test_an_empty_workspace_is_told_what_to_do(as_maria, northwind):
    text = as_maria.get("/today/").content.decode()

    assert "Connect a website or a product" in text
    assert "Publish a playbook" in text
    assert "No playbook is live" in text


def test_the_first_step_is_done_by_the_first_event_and_not_by_a_source_that_nobody_uses(as_maria, website):
    def steps():
        return {one.title: one.is_done for one in as_maria.get("/today/").context["setup"]}

    assert steps()["Connect a website or a product"] is False
    take(website, says("page", anonymous_id="a1"))

    assert steps()["Connect a website or a product"] is True and steps()["Publish a playbook"] is False


def test_who_may_not_connect_is_not_asked_to_once_there_are_people_and_a_playbook(client, northwind, people, playbook):
    Event.objects.all().delete()
    open_to = {}
    for role in ("admin", "rep"):
        client.force_login(member(northwind, role, role))
        open_to[role] = [one.title for one in client.get("/today/").context["setup"] if not one.is_done]

    assert open_to == {"admin": ["Connect a website or a product"], "rep": []}


def test_a_viewer_is_not_sent_where_they_may_not_go(client, northwind):
    client.force_login(member(northwind, "Vera", "viewer"))

    text = client.get("/today/").content.decode()

    assert 'href="/settings/sources/"' not in text
    assert 'href="/playbook/publish/"' not in text


def test_few_queries_are_enough(as_maria, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        answer = as_maria.get("/today/")
    assert len(answer.content) < 60_000


def test_nobody_sees_another_workspace(as_charlie, people):
    assert not as_charlie.get("/today/").context.get("first")


@pytest.mark.browser
def test_the_page_in_every_look_and_by_keyboard(visit, maria, people, playbook):
    waiting = Spell.objects.filter(version=playbook, ended_at=None, qualification="mql").first().lead
    happened(waiting, "demo_requested", ago=timedelta(hours=1))
    touch(waiting)
    assess_everybody()
    seen = visit(maria)
    seen.go("/today/")
    seen.check_accessibility()
    seen.shoot_every_look("today", full=True)
    seen.go("/today/")
    seen.page.keyboard.press("j")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/leads/*/**")
