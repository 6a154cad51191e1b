"""To whom a hand-off goes: in words of examples, fair over many, the same when replayed, and by which route."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.calendar import get_zone, instant_of
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.read import read_logs
from leadline.engine.routing import (
    Asked,
    Candidate,
    RoutingInputs,
    decide,
    find_route,
    from_json,
    replay,
    say_routing,
    to_json,
)

ANA, BO, CY = (
    Candidate(person=number, name=name, open_handoffs=0) for number, name in ((1, "Ana"), (2, "Bo"), (3, "Cy"))
)
DEE = Candidate(person=4, name="Dee")
SALES = (Asked(to="sales"),)


def inputs(*turns, **more):
    return RoutingInputs(**{"asked": SALES, "turns": turns, **more})


def owners(given):
    found = decide(given)
    return found.how, found.owner, [(one.person, one.why) for one in found.passed_over]


# -- turns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "owner", "passed"),
    [
        (None, 1, [(2, "later"), (3, "later")]),
        (1, 2, [(3, "later"), (1, "later")]),
        (3, 1, [(2, "later"), (3, "later")]),
        (99, 1, [(2, "later"), (3, "later")]),
    ],
)
def test_the_next_behind_the_last_one_gets_it(last, owner, passed):
    assert owners(inputs(ANA, BO, CY, last=last)) == ("turn", owner, passed)


def test_who_is_away_or_closed_or_full_or_gone_is_passed_over_and_each_is_told_why():
    away = replace(ANA, away_until="2026-03-05")
    closed, full = replace(BO, is_open=False), replace(CY, open_handoffs=5, capacity=5)
    gone = Candidate(person=5, name="Eve", is_here=False)
    given = inputs(away, closed, full, gone, DEE)

    assert owners(given) == ("turn", 4, [(1, "away"), (2, "closed"), (3, "full"), (5, "gone")])
    assert say_routing(given, decide(given)).others == (
        ("Ana", "is away until 2026-03-05"),
        ("Bo", "takes no new hand-offs now"),
        ("Cy", "has 5 open and works 5 at once"),
        ("Eve", "works no hand-offs now"),
    )


def test_a_hand_that_is_free_is_filled_and_one_too_many_is_not():
    one_left = replace(ANA, open_handoffs=4, capacity=5)

    assert decide(inputs(one_left)).owner == 1
    assert decide(inputs(replace(one_left, open_handoffs=5))).how == "queue"
    assert decide(inputs(replace(ANA, capacity=0))).how == "queue"


def test_it_waits_in_the_queue_when_nobody_is_free_or_the_team_is_empty():
    busy = inputs(replace(ANA, capacity=0), replace(BO, is_open=False))

    found = decide(busy)
    assert (found.team, found.owner, found.how) == ("sales", None, "queue")
    assert "nobody of the team is free" in say_routing(busy, found).owner
    assert "no people yet" in say_routing(inputs(), decide(inputs())).owner


# -- who knows the lead ---------------------------------------------------------------------------------------------


def test_who_had_the_lead_gets_it_with_full_hands_and_from_another_team():
    full = replace(DEE, open_handoffs=9, capacity=3)
    given = inputs(ANA, replace(BO, is_open=False), sticky=full, knows="lead")

    assert owners(given) == ("sticky", 4, [(1, "not-asked"), (2, "closed")])
    said = say_routing(given, decide(given))
    assert said.owner == "To Dee, who had this lead before, though with full hands."
    assert said.others[0] == ("Ana", "was not asked: somebody knows the lead already")


@pytest.mark.parametrize("busy", [{"away_until": "2026-03-05"}, {"is_open": False}, {"is_here": False}])
def test_who_had_the_lead_and_is_not_there_is_passed_over_for_the_turns(busy):
    had = replace(BO, **busy)

    how, owner, passed = owners(inputs(ANA, had, CY, sticky=had, knows="lead"))
    assert (how, owner) == ("turn", 1)
    assert [person for person, _ in passed] == [2, 3], "each is named once"


def test_who_has_others_of_the_company_gets_it_and_it_says_so():
    given = inputs(ANA, BO, sticky=BO, knows="company")

    assert say_routing(given, decide(given)).owner == "To Bo, who has others of this company."


def test_a_reason_that_asks_for_a_new_owner_is_kept_also_by_the_turns():
    given = inputs(ANA, BO, sticky=ANA, knows="lead", before=1, new_owner="Wrong person asked")

    assert owners(given) == ("turn", 2, [(1, "had-it")])
    assert owners(replace(given, turns=(ANA,))) == ("queue", None, [(1, "had-it")])
    assert "“Wrong person asked” asks for a new owner" in say_routing(given, decide(given)).others[0][1]


def test_with_a_new_owner_wanted_the_company_is_not_asked_but_its_owner_has_a_turn_as_everybody():
    given = inputs(ANA, BO, CY, sticky=BO, knows="company", before=1, new_owner="Price")

    assert owners(given) == ("turn", 2, [(1, "had-it"), (3, "later")])
    assert owners(replace(given, last=2)) == ("turn", 3, [(2, "not-asked"), (1, "had-it")])


# -- the team -------------------------------------------------------------------------------------------------------


def test_a_route_whose_team_does_not_exist_falls_to_otherwise_and_says_so():
    route = Asked(to="enterprise", is_there=False, when="employees >= 1000", place=0)
    given = inputs(ANA, asked=(route, Asked(to="inbound")))

    assert (decide(given).team, decide(given).owner) == ("inbound", 1)
    assert say_routing(given, decide(given)).team == (
        "To enterprise, because employees >= 1000. There is no such team. Otherwise to inbound."
    )


def test_without_any_team_nobody_gets_it_but_who_knows_the_lead():
    nowhere = RoutingInputs(asked=(Asked(to="inbound", is_there=False),), turns=(ANA,))

    found = decide(nowhere)
    assert (found.team, found.owner, found.how) == (None, None, "nobody")
    assert say_routing(nowhere, found).team == (
        "To inbound, since no route holds. There is no such team. It goes to no team."
    )
    assert decide(replace(nowhere, sticky=BO, knows="lead")).owner == 2
    assert "names no team" in say_routing(RoutingInputs(), decide(RoutingInputs())).team


def test_the_rule_that_holds_is_said_once_and_what_comes_after_it_is_not():
    given = inputs(ANA, asked=(Asked(to="enterprise", when="employees >= 1000", place=0), Asked(to="inbound")))

    assert say_routing(given, decide(given)).team == "To enterprise, because employees >= 1000."


# -- for all inputs -------------------------------------------------------------------------------------------------

people = st.builds(
    Candidate,
    person=st.integers(1, 8),
    name=st.sampled_from(["Ana", "Bo", "Cy", "Ünal"]),
    open_handoffs=st.integers(0, 4),
    capacity=st.none() | st.integers(0, 4),
    is_here=st.booleans(),
    is_open=st.booleans(),
    away_until=st.none() | st.just("2026-03-05"),
)
teams = st.builds(
    Asked,
    to=st.sampled_from(["sales", "enterprise"]),
    is_there=st.booleans(),
    when=st.none() | st.just("employees >= 10"),
    place=st.none() | st.integers(0, 3),
)


@st.composite
def any_inputs(draw):
    sticky = draw(st.none() | people)
    return RoutingInputs(
        asked=tuple(draw(st.lists(teams, max_size=2))),
        turns=tuple(draw(st.lists(people, max_size=6, unique_by=lambda one: one.person))),
        last=draw(st.none() | st.integers(1, 8)),
        sticky=sticky,
        knows=None if sticky is None else draw(st.sampled_from(["lead", "company"])),
        new_owner=draw(st.none() | st.just("Timing")),
        before=draw(st.none() | st.integers(1, 8)),
    )


@given(any_inputs())
def test_a_stored_decision_is_replayed_the_same_and_can_be_said(given):
    decision = decide(given)
    stored = json.loads(json.dumps(to_json(given, decision)))

    assert from_json(stored) == (given, decision)
    assert replay(stored) == decision == decide(given)
    said = say_routing(given, decision)
    assert said.team and said.owner and len(said.others) == len(decision.passed_over)


@given(any_inputs())
def test_nobody_gets_it_who_may_not_and_everybody_of_the_team_is_accounted_for(given):
    found = decide(given)
    of = {one.person: one for one in given.turns}
    passed = [one.person for one in found.passed_over]

    assert len(passed) == len(set(passed))
    assert found.owner not in passed
    if found.how == "turn":
        owner = of[found.owner]
        assert owner.is_here and owner.is_open and owner.away_until is None and not owner.is_full
        assert given.new_owner is None or owner.person != given.before
    if found.how == "queue":
        assert all(one.why != "later" for one in found.passed_over)
    if found.team is not None:
        everybody = set(of) | ({given.sticky.person} if given.sticky else set())
        assert {*passed, found.owner} - {None} == everybody
    assert (found.owner is None) == (found.how in ("queue", "nobody"))


@given(k=st.integers(1, 7), n=st.integers(0, 60), first=st.none() | st.integers(0, 6))
def test_turns_are_fair_over_many_equal_handoffs(k, n, first):
    turns = tuple(Candidate(person=number, name=f"P{number}") for number in range(k))
    last, got = first, Counter()
    for _ in range(n):
        last = decide(inputs(*turns, last=last)).owner
        got[last] += 1

    assert all(n // k <= got[number] <= -(-n // k) for number in range(k))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 40))
def test_capacity_is_kept_over_many_handoffs_and_no_hand_stays_free_while_one_waits(capacities, n):
    open_now, last, waiting = Counter(), None, 0
    for _ in range(n):
        turns = [
            Candidate(person=place, name="P", capacity=most, open_handoffs=open_now[place])
            for place, most in enumerate(capacities)
        ]
        found = decide(inputs(*turns, last=last))
        if found.owner is None:
            waiting += 1
        else:
            last = found.owner
            open_now[last] += 1

    assert all(open_now[place] <= most for place, most in enumerate(capacities))
    assert sum(open_now.values()) == min(n, sum(capacities)) == n - waiting


@pytest.mark.parametrize(
    "stored", [{}, {"format": 2}, {"format": 1}, {"format": 1, "inputs": {"asked": [], "turns": []}, "decision": {}}]
)
def test_what_is_no_stored_routing_is_refused(stored):
    with pytest.raises(ValueError, match="no stored routing"):
        from_json(stored)


# -- which route holds ----------------------------------------------------------------------------------------------

PLAYBOOK = """
[playbook]
name = "Northwind"
timezone = "Europe/Berlin"

[fields.company]
employees = { type = "number" }

[scores.fit]
title = "Fit"

[[criteria]]
id = "demo"
score = "fit"
event = "demo_requested"
points = 10

[[exclusions]]
id = "competitor"
when = "email_domain = 'rival.example'"

[[qualifications]]
id = "mql"
enter = "fit >= 10"

[handoff]
qualifications = ["mql"]
otherwise = "inbound"

[[handoff.routes]]
when = "company.employees >= 1000"
to = "enterprise"

[[handoff.routes]]
when = "country = 'DE' and days_since('demo_requested') <= 1"
to = "regional"

[[handoff.routes]]
when = "spells('mql') >= 1"
to = "again"
"""

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def route_of(*, at=NOON, **tables):
    playbook, _ = read_playbook(PLAYBOOK)
    bound, _ = bind_playbook(playbook)
    leads = [{"lead_id": "1", "company_id": "9", **tables.pop("lead", {})}]
    (log,) = read_logs(bound, {"leads": leads, **tables}).logs
    return find_route(bound, log, get_zone("Europe/Berlin").moment(instant_of(at)))


def test_the_first_route_that_holds_is_taken_whatever_holds_after_it():
    big = [{"company_id": "9", "employees": "1200"}]
    demo = [{"lead_id": "1", "event": "demo_requested", "occurred_at": "2026-03-02T08:00:00Z"}]

    assert route_of(lead={"country": "DE"}, companies=big, events=demo) == 0
    assert route_of(lead={"country": "DE"}, events=demo) == 1
    assert route_of(lead={"country": "FR"}, events=demo) is None


def test_what_is_missing_makes_no_route_hold_and_what_lies_ahead_is_not_known():
    ahead = [{"lead_id": "1", "event": "demo_requested", "occurred_at": "2026-03-02T12:00:01Z"}]

    assert route_of() is None
    assert route_of(lead={"country": "DE"}, events=ahead) is None


def test_a_route_may_ask_how_many_spells_there_were():
    demo = [{"lead_id": "1", "event": "demo_requested", "occurred_at": "2026-02-02T08:00:00Z"}]
    back = [{"lead_id": "1", "outcome": "recycled", "at": "2026-02-03T08:00:00Z"}]

    assert route_of(events=demo) is None
    assert route_of(events=demo, outcomes=back) == 2


def test_without_routes_there_is_none_to_hold():
    playbook, _ = read_playbook(PLAYBOOK.partition("[[handoff.routes]]")[0])
    bound, _ = bind_playbook(playbook)
    (log,) = read_logs(bound, {"leads": [{"lead_id": "1"}]}).logs

    assert find_route(bound, log, get_zone("UTC").moment(instant_of(NOON))) is None


def test_the_condition_is_said_in_words_where_they_were_kept():
    given = inputs(ANA, asked=(Asked(to="big", when="employees >= 1000", said="it has 1000 people", place=0),))

    assert say_routing(given, decide(given)).team == "To big, because it has 1000 people."
    assert say_routing(*from_json(to_json(given, decide(given)))).team == "To big, because it has 1000 people."


def test_what_is_given_on_within_its_team_asked_no_route():
    given = inputs(ANA, BO, asked=(Asked(to="sales", stays=True),), before=1, new_owner="The answer was late")

    assert say_routing(given, decide(given)).team == "It stays with sales: it was given on within the team."
    assert from_json(to_json(given, decide(given)))[0] == given
