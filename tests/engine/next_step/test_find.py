"""What is missing, story by story: which change is offered, which is not, and in which words."""

import json
from datetime import date

import pytest

from leadline.engine.calendar import Zone, day_number
from leadline.engine.next_step.find import find_next_step
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome

BERLIN = Zone("Europe/Berlin")
TODAY = day_number(date(2026, 3, 2))
AS_OF = BERLIN.end_of_day(TODAY)

HEAD = """
[playbook]
name = "story"
timezone = "Europe/Berlin"
[fields]
seniority = { type = "text" }
employees = { type = "number" }
renewal = { type = "date" }
tags = { type = "list" }
[scores.fit]
grades = { A = 40, B = 20, C = 0 }
[scores.engagement]
min = 0
"""
SENIORITY = """
[[criteria]]
id = "vp"
score = "fit"
why = "Decides about budgets"
choose = [{ when = "seniority in ('vp', 'c_level')", points = 30 }, { when = "seniority = 'director'", points = 20 }]
"""
SIZE = """
[[criteria]]
id = "size"
score = "fit"
why = "A company of the size we serve"
choose = [{ when = "employees between 50 and 2000", points = 20 }, { when = "employees > 2000", points = 10 }]
"""
PRICES = """
[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "14d" }
"""
ONCE_A_DAY = PRICES + 'limit = { count = 1, per = "day" }\n'
WEBINAR = """
[[criteria]]
id = "webinar"
score = "engagement"
why = "Came to a webinar"
event = "webinar_attended"
points = 20
"""
BUDGET = """
[questions.budget]
ask = "Is there money?"
yes = "amount >= 10000"
partly = "amount >= 5000"
[questions.timeline]
ask = "Do they want to decide soon?"
"""


def level(enter, more="", name="mql"):
    return f'[[qualifications]]\nid = "{name}"\ntitle = "Title of {name}"\nenter = "{enter}"\n{more}'


def missing(*parts, **log):
    """What is missing for Ann."""
    bound, _ = bind_playbook(read_playbook(HEAD + "".join(parts))[0])
    return find_next_step(bound, LeadLog(lead_id="ann", **log), AS_OF)


def said(step):
    """The ways to take a step, each the texts of its changes."""
    return [[change.text for change in way] for way in (step.changes, *step.instead)]


def event(name="page_viewed", days_ago=0, **properties):
    return Event(name=name, at_us=BERLIN.first_instant(TODAY - days_ago), properties=properties)


# -- facts ------------------------------------------------------------------------------------------------------


def test_a_title_or_one_look_at_prices():
    step = missing(SENIORITY, PRICES, level("fit >= 30 or engagement >= 5"))

    assert step.text == (
        "mql: the lead's seniority is vp or c_level (Decides about budgets); or "
        "one “page viewed” when its path starts with “/pricing” (Looked at prices)"
    )
    assert (step.qualification, step.title, step.size) == ("mql", "Title of mql", 1)


def test_all_values_that_are_enough_are_said_as_one():
    assert said(missing(SENIORITY, level("fit >= 20"))) == [["the lead's seniority is vp, c_level or director"]]
    assert said(missing(SENIORITY, level("fit >= 25"))) == [["the lead's seniority is vp or c_level"]]
    assert said(missing(SIZE, level("fit >= 10"))) == [["the lead's employees is at least 50"]]
    assert said(missing(SIZE, level("fit >= 20"))) == [["the lead's employees is from 50 to 2000"]]


def test_what_is_said_of_one_change_is_true_whatever_is_chosen_for_the_other():
    step = missing(SENIORITY, SIZE, level("fit >= 30 and employees is not null"), lead={"seniority": "director"})
    assert said(step) == [["the lead's employees is at least 50"]]

    assert said(missing(SENIORITY, SIZE, level("fit >= 40"))) == [
        ["the lead's seniority is vp, c_level or director", "the lead's employees is from 50 to 2000"]
    ]


def test_what_is_known_is_never_changed():
    assert missing(SENIORITY, level("fit >= 30"), lead={"seniority": "intern"}) is None
    said_once = Fact(field="seniority", value="intern", text="intern", known_at_us=0)
    assert missing(SENIORITY, level("fit >= 30"), facts=(said_once,)) is None
    assert missing(SENIORITY, level("fit >= 30"), facts=(said_once, withdrawn(said_once))) is not None


def withdrawn(fact):
    return Fact(field=fact.field, value=None, text="", known_at_us=fact.known_at_us + 1)


def test_a_value_that_would_exclude_the_lead_is_not_offered():
    student = "[[exclusions]]\nid = 'student'\nwhy = 'Student'\nwhen = \"seniority = 'c_level'\"\n"

    assert said(missing(SENIORITY, student, level("fit >= 30"))) == [["the lead's seniority is vp"]]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("industry is not null", "the lead's industry is known"),
        ("industry <> 'retail'", "the lead's industry is not retail"),
        ("industry not in ('retail', 'music')", "the lead's industry is not retail or music"),
        ("starts_with(industry, 'soft') and ends_with(industry, 'ware')",
         "the lead's industry starts with soft and the lead's industry ends with ware"),
        ("industry like '%bank%'", "the lead's industry contains bank"),
        ("has(tags, 'gold') and has(tags, 'red')", "the lead's tags has gold and red"),
        ("is_big", "the lead's is big is true"),
        ("not is_big", "the lead's is big is false"),
        ("employees > 10 and employees < 20", "the lead's employees is more than 10 and less than 20"),
        ("employees not between 10 and 20", "the lead's employees is not from 10 to 20"),
        ("employees in (3, 7)", "the lead's employees is 3 or 7"),
        ("renewal >= date '2026-05-01'", "the lead's renewal is on or after 1 May 2026"),
        ("days_since(renewal) between -30 and 0", "the days since the lead's renewal are from -30 to 0"),
        ("company.domain = 'a.example'", "the company's domain is a.example"),
    ],
)  # fmt: skip
def test_a_fact_is_said_in_the_words_of_the_playbook(condition, text):
    assert said(missing(level(condition))) == [[text]]


def test_two_fields_that_are_compared_give_no_value():
    assert missing(level("employees > lead.amount")) is None


# -- answers, outcomes ----------------------------------------------------------------------------------------------


def test_a_fact_comes_before_an_answer_and_an_answer_before_an_event():
    step = missing(BUDGET, PRICES, level("answered_yes >= 1 or engagement >= 10"))

    assert [way[0].kind for way in (step.changes, *step.instead)] == ["fact", "answer", "answer"]
    assert said(step)[:2] == [["the lead's amount is at least 10,000"], ["the answer to “Is there money?” is yes"]]
    assert step.changes[0].because == "Is there money?"


def test_what_nobody_was_asked_can_be_answered_and_what_a_person_said_stays():
    answered = {"lead": {"amount": 100.0, "questions.timeline": "no"}}
    assert said(missing(BUDGET, level("answered_yes >= 1"), **answered)) == [["the answer to “Is there money?” is yes"]]
    assert missing(BUDGET, level("timeline = 'yes'"), **answered) is None


def test_an_outcome_is_offered_with_the_reason_that_wipes_what_stands_in_the_way():
    reasons = "[[outcomes.accepted.reasons]]\nid = 'Kept'\n[[outcomes.accepted.reasons]]\nid = 'Told-Us'\nreset = ['engagement']\n"
    asks = level("reason is not null and engagement < 5")

    step = missing(PRICES, reasons, asks, events=(event(days_ago=1, path="/pricing"),))

    assert said(step) == [["the outcome accepted with the reason Told-Us"]]


def test_an_outcome_is_offered_only_where_entering_asks_for_it_and_never_one_that_ends_spells():
    step = missing(BUDGET, level("decision = 'accepted' and timeline in ('yes', 'partly')"))
    assert said(step) == [["the answer to “Do they want to decide soon?” is yes or partly", "the outcome accepted"]]
    assert missing(level("decision = 'rejected'")) is None
    assert said(missing(level("days_since_outcome('opportunity') <= 3"))) == [["the outcome opportunity"]]
    only_points = "[[criteria]]\nid = 'c'\nscore = 'fit'\nwhy = 'w'\nwhen = \"decision = 'accepted'\"\npoints = 9\n"
    assert missing(only_points, level("fit >= 5")) is None


# -- events -----------------------------------------------------------------------------------------------------


def test_an_event_that_is_needed_twice_is_two_changes():
    step = missing(PRICES, level("engagement >= 20"))

    assert (step.size, len(step.changes), step.changes[0].times) == (2, 1, 2)
    assert said(step) == [["two “page viewed” when its path starts with “/pricing”"]]
    assert missing(PRICES, level("engagement >= 31")) is None


def test_a_limit_is_kept_also_with_what_happened_today():
    assert said(missing(ONCE_A_DAY, WEBINAR, level("engagement >= 15"))) == [["one “webinar attended”"]]
    seen = event(path="/pricing")
    assert missing(ONCE_A_DAY, level("engagement >= 15"), events=(seen,)) is None


def test_counts_and_silence_are_met_by_events_too():
    assert said(missing(level("count('demo_requested', '7d') >= 3"))) == [["three “demo requested”"]]
    assert said(missing(level("active_days('*', '7d') >= 1"))) == [["any event"]]
    quiet = "[[criteria]]\nid = 'q'\nscore = 'fit'\nwhy = 'Gone quiet'\ninactive_for = '10d'\npoints = -5\nactivity = ['login']\n"
    step = missing(SENIORITY, quiet, level("fit >= 30"), lead={"seniority": "vp"}, events=(event("login", 25),))
    assert said(step) == [["one “login”"]]


def test_facts_come_before_events_of_as_many_changes():
    step = missing(SENIORITY, SIZE, PRICES, level("fit >= 40 and engagement >= 0"))

    assert [change.kind for change in step.changes] == ["fact", "fact"]


def test_a_hand_raise_is_no_change_since_it_enters_whatever_is_known():
    raised = level("engagement >= 20", "hand_raise = ['webinar_attended']\n")

    assert said(missing(PRICES, WEBINAR, raised)) == [["two “page viewed” when its path starts with “/pricing”"]]


# -- which qualification is next --------------------------------------------------------------------------------------


def test_next_is_the_one_behind_the_furthest_that_is_entered_or_in_which_the_lead_is():
    parts = [SENIORITY, PRICES, level("fit >= 30"), level("engagement >= 10", name="sql")]
    bound, _ = bind_playbook(read_playbook(HEAD + "".join(parts))[0])

    def step_of(open_spells=(), **log):
        return find_next_step(bound, LeadLog(lead_id="ann", **log), AS_OF, open_spells=open_spells)

    assert step_of().qualification == "mql"
    assert step_of(["mql"]).qualification == "sql"
    assert step_of(lead={"seniority": "vp"}).qualification == "sql"
    assert step_of(["mql", "sql"]) is None
    assert step_of(["sql"]) is None  # marketing's conditions hold no more; nobody asks for them now
    assert step_of(events=(event(path="/pricing"),)) is None
    assert step_of(lead={"seniority": "vp"}, events=(event(path="/pricing"),)) is None


def test_who_is_excluded_has_no_next_step():
    won = "[[exclusions]]\nid = 'customer'\nwhy = 'Customer'\nwhen = \"deal = 'won'\"\n"

    assert missing(SENIORITY, won, level("fit >= 30")) is not None
    assert missing(SENIORITY, won, level("fit >= 30"), outcomes=(ReportedOutcome(outcome="won", at_us=0),)) is None


def test_a_step_as_json():
    text = HEAD + "".join([SENIORITY, PRICES, level("fit >= 30 and engagement >= 20 and renewal >= date '2026-05-01'")])
    bound, _ = bind_playbook(read_playbook(text)[0])
    ann = LeadLog(lead_id="ann", events=(event(path="/pricing"),))

    found = json.loads(json.dumps(find_next_step(bound, ann, AS_OF).to_dict()))

    assert found["changes"] == [
        {
            "kind": "fact",
            "name": "seniority",
            "text": "the lead's seniority is vp or c_level",
            "because": "Decides about budgets",
            "value": "vp",
        },
        {
            "kind": "fact",
            "name": "renewal",
            "text": "the lead's renewal is on or after 1 May 2026",
            "because": None,
            "value": "2026-05-01",
        },
        {
            "kind": "event",
            "name": "page_viewed",
            "text": "one “page viewed” when its path starts with “/pricing”",
            "because": "Looked at prices",
            "times": 1,
            "properties": {"path": "/pricing"},
        },
    ]
