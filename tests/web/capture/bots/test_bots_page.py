"""The page about bots: rules with what they marked, a trial before saving, errors in the engine's words, each workspace's own."""

from datetime import timedelta

import pytest
from tests.web.assessments.conftest import settle
from tests.web.capture.bots.conftest import work

from leadline.web.capture.bots.actions import add_rule
from leadline.web.capture.models import BotRule
from leadline.web.leads.models import Event

RULE = {"rule_id": "office", "why": "Our own scanner", "events": "", "condition": "network = 'office'"}


@pytest.fixture
def visits(tell, website):
    return [tell(website, network=network, ago=timedelta(days=1)) for network in ("office", "office", "home")]


def test_a_rule_is_tried_before_it_is_added_and_changes_nothing(as_maria, visits):
    response = as_maria.post("/bots/", {**RULE, "try": "1"})

    trial = response.context["trial"]
    assert (response.status_code, trial.looked_at, trial.matching, trial.leads) == (200, 3, 2, 1)
    assert "Of the last 3 events it would mark 2, of 1 lead" in response.content.decode()
    assert not BotRule.objects.exists()
    assert not Event.objects.filter(is_bot=True).exists()


def test_a_rule_is_added_by_somebody_and_its_work_is_seen(as_maria, maria, visits, now):
    assert as_maria.post("/bots/", RULE).status_code == 302
    rule = BotRule.objects.get()
    assert (rule.created_by, rule.state) == (maria, "applying")
    assert b"<progress" in as_maria.get("/bots/").content

    work(now)

    (own,) = as_maria.get("/bots/").context["overview"].own
    assert (own.count, own.progress) == (2, None)


def test_what_is_wrong_with_a_condition_is_said_in_the_engine_s_words_and_nothing_is_lost(as_maria, visits):
    response = as_maria.post("/bots/", {**RULE, "rule_id": "crawler", "condition": "count('x') > 3"})

    said = response.content.decode()
    assert response.status_code == 422
    assert "a condition about an event reads that event&#x27;s properties and nothing else" in said
    assert "(not-readable-here)" in said
    assert "is a built-in rule" in said
    assert "Our own scanner" in said


def test_an_event_that_was_never_seen_is_told_with_the_nearest_name(as_maria, visits):
    response = as_maria.post("/bots/", {**RULE, "events": "Page Vieved", "try": "1"})

    assert "Did you mean &#x27;page_viewed&#x27;?" in response.content.decode()


def test_a_rule_is_withdrawn_and_a_second_time_says_so(as_maria, northwind, visits, now):
    rule = add_rule(northwind, **{**RULE, "events": []})
    work(now)
    as_maria.post(f"/bots/{rule.pk}/withdraw/")
    work(now)

    assert not Event.objects.filter(is_bot=True).exists()
    assert b"was withdrawn already" in as_maria.post(f"/bots/{rule.pk}/withdraw/", follow=True).content


def test_a_person_says_of_an_event_that_a_person_made_it(as_maria, northwind, visits, now):
    add_rule(northwind, **{**RULE, "events": []})
    work(now)
    page = as_maria.get("/bots/marked/office/")
    assert len(page.context["events"]) == 2

    as_maria.post(f"/bots/events/{visits[0].pk}/", {"who": "person"})

    visits[0].refresh_from_db()
    assert (visits[0].is_bot, visits[0].bot_rule) == (False, "person")
    assert as_maria.get("/bots/").context["overview"].by_people == 1

    as_maria.post(f"/bots/events/{visits[0].pk}/", {"who": "rules"})
    visits[0].refresh_from_db()
    assert (visits[0].is_bot, visits[0].bot_rule) == (True, "office")


def test_what_no_longer_stands_is_shown_with_the_rule(as_maria, live, northwind, tell, website, now):
    event = tell(website, "demo_requested", kind="track", network="office", ago=timedelta(days=2))
    settle(now)
    add_rule(northwind, **{**RULE, "events": []})
    work(now)

    text = as_maria.get("/bots/").content.decode()

    assert "never began" in text
    assert str(event.lead) in text


@pytest.mark.parametrize("page", ["/bots/", "/bots/marked/crawler/"])
def test_rules_are_for_editors(as_omar, page):
    assert as_omar.get(page).status_code == 403


def test_another_workspace_s_rules_and_events_are_not_there(as_charlie, northwind, visits, now):
    rule = add_rule(northwind, **{**RULE, "events": []})
    work(now)

    assert as_charlie.post(f"/bots/{rule.pk}/withdraw/").status_code == 404
    assert as_charlie.post(f"/bots/events/{visits[0].pk}/", {"who": "person"}).status_code == 404
    assert as_charlie.get("/bots/marked/office/").context["events"] == []
    assert as_charlie.post("/bots/", {**RULE, "try": "1"}).context["trial"].looked_at == 0
    assert as_charlie.get("/bots/").context["overview"].own == []
    rule.refresh_from_db()
    assert rule.state == "active"


@pytest.mark.browser
@pytest.mark.one_database
def test_the_pages_of_bots_are_readable_by_everybody(visit, maria, live, northwind, tell, website, now):
    tell(website, "demo_requested", kind="track", network="office", ago=timedelta(days=2))
    settle(now)
    add_rule(northwind, **{**RULE, "events": []})
    work(now)
    seen = visit(maria)
    for name, page in (("bots", "/bots/"), ("bots-marked", "/bots/marked/office/")):
        seen.go(page)
        seen.shoot_every_look(name)
        seen.check_accessibility()
    seen.go("/bots/")
    seen.page.fill("[name=condition]", "network = ")
    seen.page.fill("[name=rule_id]", "x")
    seen.page.fill("[name=why]", "x")
    seen.page.click("text=Try it")
    seen.page.wait_for_selector(".err")
    seen.check_accessibility()
