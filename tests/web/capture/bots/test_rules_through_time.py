"""A rule is added, and the past is gone through; it is withdrawn, and all is as before. What no longer stands is listed."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.assessments.conftest import settle
from tests.web.capture.bots.conftest import marks, work

from leadline.engine.problems import ProblemsError
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.capture.bots import apply
from leadline.web.capture.bots.actions import add_rule, leave_to_rules, say_who, withdraw_rule
from leadline.web.capture.models import BotChange, BotReview, BotRule
from leadline.web.leads.models import Event, Lead

pytestmark = pytest.mark.django_db


def heat(lead):
    return Assessment.objects.get(lead=lead).scores["heat"]


def changes():
    return [(one.qualification, one.how) for one in BotChange.objects.order_by("pk")]


@pytest.fixture
def ada(live, tell, website, now):
    """Ada asked for a demo from the office network, and read prices at home."""
    event = tell(website, "demo_requested", kind="track", network="office", ago=timedelta(days=2))
    tell(website, path="/pricing", network="home", ago=timedelta(days=1))
    settle(now)
    return Lead.objects.get(pk=event.lead_id)


@pytest.fixture
def office_rule(northwind, maria):
    def office_rule():
        return add_rule(northwind, rule_id="office", why="Our own scanner", condition="network = 'office'", by=maria)

    return office_rule


def test_a_new_rule_marks_the_past_and_the_future(ada, office_rule, tell, website, now):
    rule = office_rule()
    new = tell(website, network="office")
    work(now)

    rule.refresh_from_db()
    assert new.bot_rule == "office"
    assert sorted(marks().values()) == [(False, ""), (True, "office"), (True, "office")]
    assert (rule.state, rule.marked) == ("active", 1)


def test_scores_follow_and_the_qualification_that_no_longer_stands_is_listed(ada, office_rule, now):
    before = heat(ada)
    spell = Spell.objects.get(lead=ada)
    rule = office_rule()
    work(now)

    assert heat(ada) < before
    assert not Spell.objects.filter(lead=ada).exists()
    (change,) = BotChange.objects.all()
    assert (change.lead, change.rule, change.qualification, change.how) == (ada, rule, "mql", "gone")
    assert change.began_at == spell.began_at
    assert not BotReview.objects.exists()


def test_a_withdrawn_rule_leaves_all_as_it_was_and_says_what_stands_again(ada, office_rule, now):
    before = marks(), heat(ada), list(Spell.objects.values_list("began_at", "qualification"))
    rule = office_rule()
    work(now)
    assert withdraw_rule(rule)
    work(now)

    rule.refresh_from_db()
    assert rule.state == "withdrawn"
    assert (marks(), heat(ada), list(Spell.objects.values_list("began_at", "qualification"))) == before
    assert changes() == [("mql", "gone"), ("mql", "again")]
    assert not withdraw_rule(rule)


def test_leads_that_a_rule_does_not_touch_are_not_assessed_again(ada, office_rule, tell, website, now):
    other = tell(website, network="home", who="bob@other.example").lead
    settle(now)
    other.refresh_from_db()
    version = other.log_version
    office_rule()
    work(now)

    other.refresh_from_db()
    assert other.log_version == version


def test_the_card_of_a_lead_forgets_what_bots_did(ada, northwind, now):
    add_rule(northwind, rule_id="home", why="A kiosk", condition="network = 'home'")
    work(now)

    ada.refresh_from_db()
    assert ada.last_seen_at == now - timedelta(days=2)


def test_a_rule_about_some_events_leaves_others_alone(ada, northwind, now):
    add_rule(northwind, rule_id="views", why="Test", events=["page_viewed"], condition="network is not null")
    work(now)

    assert {event.name: event.bot_rule for event in Event.objects.all()} == {
        "demo_requested": "",
        "page_viewed": "views",
    }


def test_what_is_not_known_marks_nothing(ada, northwind, now):
    add_rule(northwind, rule_id="fast", why="Test", condition="seconds < 1")
    add_rule(northwind, rule_id="elsewhere", why="Test", condition="not network = 'office' and city = 'x'")
    work(now)

    assert not Event.objects.filter(is_bot=True).exists()


def test_an_event_that_two_rules_mark_stays_marked_when_one_is_withdrawn(ada, northwind, office_rule, now):
    first = office_rule()
    work(now)
    add_rule(northwind, rule_id="second", why="Test", events=["demo_requested"])
    work(now)
    assert Event.objects.get(name="demo_requested").bot_rule == "office"

    withdraw_rule(first)
    work(now)

    assert Event.objects.get(name="demo_requested").bot_rule == "second"
    assert changes() == [("mql", "gone")]


def test_what_a_person_says_of_an_event_no_rule_changes(ada, office_rule, now):
    event = Event.objects.get(name="demo_requested")
    rule = office_rule()
    work(now)
    event.refresh_from_db()
    say_who(event, is_bot=False, now=now)
    work(now)
    event.refresh_from_db()
    assert (event.is_bot, event.bot_rule) == (False, "person")
    assert changes() == [("mql", "gone"), ("mql", "again")]

    withdraw_rule(rule)
    work(now)
    event.refresh_from_db()
    assert (event.is_bot, event.bot_rule) == (False, "person")


def test_a_rule_that_comes_after_a_person_s_word_leaves_it_alone(ada, office_rule, now):
    event = Event.objects.get(name="demo_requested")
    say_who(event, is_bot=False, now=now)
    office_rule()
    work(now)

    event.refresh_from_db()
    assert (event.is_bot, event.bot_rule) == (False, "person")
    assert changes() == []


def test_a_person_can_say_that_a_bot_made_it_and_leave_it_to_the_rules_again(ada, now):
    event = Event.objects.get(name="demo_requested")
    say_who(event, is_bot=True, now=now)
    work(now)
    assert not Spell.objects.exists()

    leave_to_rules(event, now=now)
    work(now)

    event.refresh_from_db()
    assert (event.is_bot, event.bot_rule) == (False, "")
    assert changes() == [("mql", "gone"), ("mql", "again")]


def test_what_ends_later_by_itself_is_no_consequence_of_a_rule(ada, northwind, now):
    add_rule(northwind, rule_id="home", why="A kiosk", condition="network = 'home'")
    apply.work_on_rules(now)
    later = now + timedelta(days=60)
    settle(later)
    work(later)

    assert Spell.objects.get().ended_at is not None
    assert ("mql", "ended") not in changes()


@pytest.mark.usefixtures("ada")
def test_the_past_is_gone_through_in_parts_that_can_be_interrupted(northwind, tell, website, now, monkeypatch):
    for number in range(7):
        tell(website, network="office", who=f"p{number}@acme.example")
    monkeypatch.setattr(apply, "PART", 3)
    rule = add_rule(northwind, rule_id="office", why="Test", condition="network = 'office'")

    steps = 0
    while True:
        apply.work_on_rules(now)
        rule.refresh_from_db()
        steps += 1
        if rule.state == "active":
            break

    assert steps == 4
    assert Event.objects.filter(bot_rule="office").count() == rule.marked == 8


def test_events_of_another_workspace_are_not_looked_at(ada, elsewhere, now):
    add_rule(elsewhere, rule_id="everything", why="Test", condition="network is not null")
    work(now)

    assert not Event.objects.filter(is_bot=True).exists()


@pytest.mark.parametrize(
    ("events", "condition", "code"),
    [
        ((), "network = ", "condition-syntax"),
        ((), "count('page_viewed') > 3", "not-readable-here"),
        ((), "company.size > 3", "not-readable-here"),
        ((), "network > 'a'", "type-mismatch"),
        ((), "network in list('free_mail')", "unknown-list"),
        ((), "a = 1 or " * 300 + "a = 1", "too-large"),
        ((), " ", "missing-key"),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_with_the_reason(northwind, events, condition, code):
    with pytest.raises(ProblemsError) as refused:
        add_rule(northwind, rule_id="bad", why="Test", events=events, condition=condition)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert not BotRule.objects.exists()


@pytest.mark.parametrize(("rule_id", "code"), [("crawler", "bad-id"), ("person", "bad-id"), ("office", "duplicate-id")])
def test_an_id_that_marks_speak_of_is_not_given_twice(northwind, office_rule, rule_id, code):
    office_rule()

    with pytest.raises(ProblemsError) as refused:
        add_rule(northwind, rule_id=rule_id, why="Test", condition="a = 1")

    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_rule_that_can_no_longer_be_read_marks_nothing_and_loses_no_event(ada, northwind, tell, website):
    BotRule.objects.create(
        workspace=northwind, rule_id="old", why="Test", condition="words(of) an older language", state="active"
    )

    assert tell(website, network="office").bot_rule == ""


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["page_viewed", "demo_requested"]),
        st.sampled_from(["office", "home", "train"]),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=6,
)
STEPS = st.lists(st.sampled_from(["office", "home", "train", "person", "bot", "rules"]), max_size=5)


def what_stands():
    """Marks, scores and spells."""
    spells = Spell.objects.order_by("began_at").values_list("began_at", "ended_at", "began_by")
    return marks(), [one.scores for one in Assessment.objects.all()], list(spells)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, steps=STEPS)
def test_withdrawing_every_rule_brings_back_every_mark_and_every_score(
    live, northwind, website, tell, now, events, steps
):
    for model in (BotChange, BotReview, Event, Lead, BotRule):
        model.objects.all().delete()
    for name, network, days in events:
        tell(website, name, kind="track", network=network, ago=timedelta(days=days))
    settle(now)
    before = what_stands()

    for number, step in enumerate(steps):
        event = Event.objects.order_by("pk")[number % len(events)]
        if step in ("person", "bot"):
            say_who(event, is_bot=step == "bot", now=now)
        elif step == "rules":
            leave_to_rules(event, now=now)
        else:
            add_rule(northwind, rule_id=f"r{number}", why="Test", condition=f"network = '{step}'")
        apply.work_on_rules(now)
    for rule in BotRule.objects.all():
        withdraw_rule(rule)
    for event in Event.objects.filter(bot_rule="person"):
        leave_to_rules(event, now=now)
    work(now)

    assert what_stands() == before
