"""Explanations: each kind of line, what is missing, and that the lines add up to the score for every lead."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from tests.parity.expected import ask_reference
from tests.strategies import scenarios

from leadline.engine.calendar import Zone, day_number, instant_of
from leadline.engine.explanation.explain import explain
from leadline.engine.explanation.model import Missing
from leadline.engine.explanation.parts import Found, parts_in
from leadline.engine.explanation.text import render_qualification, render_text
from leadline.engine.expressions import nodes as n
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.model import Change, NextStep
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome

BERLIN = Zone("Europe/Berlin")
TODAY = date(2026, 3, 2)

PLAYBOOK = """
[playbook]
name = "story"
timezone = "Europe/Berlin"
grade = ["fit", "engagement"]

[scores.fit]
title = "Fit"
max = 50
grades = { A = 40, B = 20, C = 0 }

[scores.engagement]
title = "Engagement"
min = 0
grades = { 1 = 30, 2 = 10 }

[scores.total]
title = "Total"
sum_of = ["fit", "engagement"]
max = 70

[[criteria]]
id = "size"
score = "fit"
why = "Company size"
choose = [{ when = "company.employees >= 50", points = 25 }, { when = "company.employees < 5", points = -10 }]

[[criteria]]
id = "vp"
score = "fit"
why = "Can decide"
when = "seniority in ('vp', 'c_level')"
points = 35

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "14d" }
within = "60d"
limit = { count = 1, per = "day" }
max = 12

[[criteria]]
id = "quiet"
score = "engagement"
why = "Nothing heard"
inactive_for = "10d"
points = -2

[[resets]]
event = "unsubscribed"
scores = ["engagement"]

[questions.budget]
ask = "Is there money?"
yes = "budget_amount >= 1000"

[questions.need]
ask = "Do they need it?"
yes = "count('page_viewed') >= 1"

[[personas]]
id = "boss"
when = "seniority = 'vp'"

[[exclusions]]
id = "student"
when = "seniority = 'student'"

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "fit >= 20 and engagement >= 40"
stay = "fit.grade = 'A' or decision = 'accepted'"
"""
BOUND = bind_playbook(read_playbook(PLAYBOOK)[0])[0]


def prices(days_ago: int, count: int = 1) -> list[Event]:
    """*count* looks at prices at noon, a second apart."""
    noon = datetime.combine(TODAY - timedelta(days=days_ago), datetime.min.time(), UTC) + timedelta(hours=11)
    moments = [instant_of(noon + timedelta(seconds=second)) for second in range(count)]
    return [Event(name="page_viewed", at_us=at, properties={"path": "/pricing"}) for at in moments]


def explain_lead(**log):
    log = LeadLog(lead_id="ann", **log)
    return explain(BOUND, assess(BOUND, log, BERLIN.end_of_day(day_number(TODAY))))


def score_of(explanation, score_id):
    return next(score for score in explanation.scores if score.id == score_id)


def line_of(explanation, score_id, criterion_id, kind="criterion"):
    return next(line for line in score_of(explanation, score_id).lines if line.id == criterion_id and line.kind == kind)


def test_a_fact_criterion_shows_its_condition_and_what_was_found():
    line = line_of(explain_lead(company={"employees": 320.0}), "fit", "size")

    assert (line.points, line.text) == (250_000, "Company size")
    assert (line.holds.text, line.holds.truth, line.holds.found) == (
        "the company's employees is at least 50",
        "true",
        "it is 320",
    )


def test_events_are_grouped_by_day_and_say_what_they_were_worth_and_are():
    line = line_of(explain_lead(events=tuple(prices(0) + prices(14, count=3) + prices(70))), "engagement", "prices")

    assert [(group.day - day_number(TODAY), group.count, group.fate) for group in line.events] == [
        (0, 1, "counted"),
        (-14, 1, "counted"),
        (-14, 2, "over limit"),
        (-70, 1, "forgotten"),
    ]
    assert [(group.worth_then, group.worth_now) for group in line.events] == [
        (100_000, 100_000),
        (100_000, 50_000),
        (100_000, 0),
        (100_000, 0),
    ]
    assert line.points == sum(group.points for group in line.events) == 150_000


def test_what_the_maximum_of_a_criterion_cuts_is_a_line_of_its_own():
    cut = line_of(explain_lead(events=tuple(prices(0) + prices(14))), "engagement", "prices", "criterion bounds")

    assert (cut.points, cut.text) == (-30_000, "Looked at prices: at most 12 in all")


def test_what_the_bounds_of_a_score_take_is_a_line_of_its_own():
    explanation = explain_lead(
        lead={"seniority": "vp"}, company={"employees": 90.0}, events=tuple(prices(0) + prices(14))
    )

    fit, total = score_of(explanation, "fit"), score_of(explanation, "total")
    assert [(line.kind, line.points) for line in fit.lines][-1] == ("score bounds", -100_000)
    assert [(line.kind, line.id, line.points) for line in total.lines] == [
        ("score", "fit", 500_000),
        ("score", "engagement", 120_000),
    ]
    assert (total.points, explanation.grade) == (620_000, "A2")


def test_a_score_that_is_held_from_below_gets_points_back():
    explanation = explain_lead(events=tuple(prices(70)))

    assert [(line.kind, line.points) for line in score_of(explanation, "engagement").lines] == [
        ("criterion", -140_000),
        ("score bounds", 140_000),
    ]
    assert line_of(explanation, "engagement", "quiet").remark == (
        "since 22 December 2025 without an event that earns points: 7 times 10 days"
    )


def test_the_unknown_says_what_is_missing_and_what_it_would_earn():
    fit = score_of(explain_lead(lead={"seniority": "vp"}), "fit")

    (unknown,) = fit.unknown
    assert (unknown.id, unknown.missing) == ("size", ("the company's employees",))
    assert [(one.points, one.when) for one in unknown.would_earn] == [
        (250_000, "the company's employees is at least 50"),
        (-100_000, "the company's employees is less than 5"),
    ]
    assert (fit.low, fit.points, fit.high, fit.coverage) == (250_000, 350_000, 500_000, 5833)


def test_a_criterion_that_earned_nothing_says_why_in_a_few_words():
    explanation = explain_lead(lead={"seniority": "intern"}, company={"employees": 20.0})

    silent = [(one.id, one.because) for score in explanation.scores for one in score.silent]
    assert silent == [
        ("size", "the company's employees is 20"),
        ("vp", "the lead's seniority is intern"),
        ("prices", "no such event"),
    ]


def test_the_next_grade_says_how_much_is_missing():
    explanation = explain_lead(company={"employees": 90.0})

    fit, engagement = score_of(explanation, "fit"), score_of(explanation, "engagement")
    assert (fit.grade, fit.next_grade.grade, fit.next_grade.missing) == ("B", "A", 150_000)
    assert (engagement.grade, engagement.next_grade.grade, engagement.next_grade.missing) == ("2", "1", 300_000)


def test_an_answer_says_whether_a_person_or_the_criteria_gave_it():
    said = Fact(field="questions.budget", value="partly", text="partly", known_at_us=0, source="person")

    budget, need = explain_lead(facts=(said,), events=tuple(prices(3))).questions
    assert (budget.answer, budget.said_by) == ("partly", "person")
    assert (need.answer, need.said_by, need.because.found) == ("yes", "criteria", "it is 1")

    budget, need = explain_lead().questions
    assert (budget.answer, budget.said_by, budget.missing) == ("unknown", "nobody", ("the lead's budget amount",))


def test_a_qualification_is_walked_part_by_part():
    (mql,) = explain_lead(company={"employees": 90.0}, events=tuple(prices(14))).qualifications

    assert (mql.holds, mql.stays) == (False, False)
    assert [(part.text, part.truth, part.found) for part in mql.enter.parts] == [
        ("the score fit is at least 20", "true", "it is 25"),
        ("the score engagement is at least 40", "false", "it is 3"),
    ]
    assert [(part.truth, part.found) for part in mql.stay.parts] == [
        ("false", "it is B"),
        ("unknown", "it is not known"),
    ]


def test_scores_are_said_to_a_tenth_unless_that_would_belie_what_holds():
    def said(points):
        condition = n.Compare(n.Score("fit"), ">=", n.Literal(40.0, "number", "40"))
        part = parts_in(condition, Found({n.Score("fit"): points}, {}))
        return part.truth, part.found, part.brief

    assert said(96.7058) == ("true", "it is 96.7058", "it is 96.7")
    assert said(39.96) == ("false", "it is 39.96", "it is 39.96")
    assert said(25.0) == ("false", "it is 25", "it is 25")


def test_a_lead_that_would_stay_shows_by_what():
    accepted = ReportedOutcome(outcome="accepted", at_us=0)

    (mql,) = explain_lead(outcomes=(accepted,)).qualifications

    assert (mql.holds, mql.stays, mql.stay.truth) == (False, True, "true")


def test_personas_exclusions_and_resets_are_told():
    explanation = explain_lead(lead={"seniority": "student"})
    assert (explanation.excluded_by.id, explanation.excluded_by.because.found) == ("student", "it is student")
    assert [level.enter for level in explanation.qualifications] == [None]

    wipe = Event(name="unsubscribed", at_us=prices(5)[0].at_us)
    explanation = explain_lead(lead={"seniority": "vp"}, events=(wipe, *prices(7)))
    assert explanation.persona.id == "boss"
    assert score_of(explanation, "engagement").wiped_on == day_number(TODAY) - 5


def test_a_reset_is_told_with_what_wiped_and_why():
    reasons = '[outcomes.rejected]\nreset = ["engagement"]\n[[outcomes.recycled.reasons]]\nid = "Not-Now"\ntitle = "Not now"\n'
    bound, _ = bind_playbook(read_playbook(f'{PLAYBOOK}{reasons}reset = ["engagement"]\n')[0])

    def told(*outcomes, events=()):
        log = LeadLog(lead_id="ann", events=(*prices(9), *events), outcomes=outcomes)
        explanation = explain(bound, assess(bound, log, BERLIN.end_of_day(day_number(TODAY))))
        score = score_of(explanation, "engagement")
        assert explanation.to_dict()["scores"][1]["wiped_by"] == score.wiped_by
        return score.wiped_by, [line.strip() for line in render_text(explanation) if "Wiped" in line]

    at_us = prices(5)[0].at_us
    recycled = ReportedOutcome(outcome="recycled", reason="not-now", at_us=at_us)
    assert told(recycled) == (
        "the outcome recycled, reason “Not now”",
        ["Wiped on 25 February 2026 by the outcome recycled, reason “Not now”: what came before no longer counts."],
    )
    assert told(ReportedOutcome(outcome="recycled", reason="else", at_us=at_us)) == (None, [])
    of_old = ReportedOutcome(outcome="rejected", reason="gone", at_us=at_us)
    assert told(of_old)[0] == "the outcome rejected, reason gone"
    assert told(ReportedOutcome(outcome="rejected", at_us=at_us), recycled)[0] == "the outcome rejected"
    assert told(recycled, events=(Event(name="unsubscribed", at_us=at_us + 1),))[0] == "“unsubscribed”"


def test_without_consent_there_is_only_that():
    text = PLAYBOOK.replace('name = "story"', 'name = "story"\nneeds_consent = true')
    bound, _ = bind_playbook(read_playbook(text)[0])

    explanation = explain(bound, assess(bound, LeadLog(lead_id="ann"), BERLIN.end_of_day(day_number(TODAY))))

    assert (explanation.excluded_by.id, explanation.scores, explanation.questions) == ("consent", (), ())
    assert render_text(explanation)


def test_what_is_missing_is_said_at_the_end():
    def end(step, raised=(), kept=None):
        missing = Missing(qualification="mql", title="Marketing qualified", step=step, hand_raise=raised, kept_out=kept)
        bound_lead = assess(BOUND, LeadLog(lead_id="ann"), BERLIN.end_of_day(day_number(TODAY)))
        explanation = explain(BOUND, bound_lead, missing=missing)
        json.dumps(explanation.to_dict())
        return render_text(explanation)[render_text(explanation).index("Qualifications") :][-4:]

    title = Change(kind="fact", name="seniority", value="vp", text="the lead's seniority is vp", because="Can decide")
    look = Change(kind="event", name="page_viewed", text="one “page viewed”")
    both = NextStep(qualification="mql", title="Marketing qualified", changes=(title, look))
    either = NextStep(qualification="mql", title="Marketing qualified", changes=(title,), instead=((look,),))

    assert end(both, ("demo_requested",)) == [
        "What is missing for “Marketing qualified”: all of these",
        "  the lead's seniority is vp (Can decide)",
        "  one “page viewed”",
        "  Or a hand raise, which enters at once: “demo requested”",
    ]
    assert end(either)[1:] == [
        "What is missing for “Marketing qualified”: any one of these",
        "  the lead's seniority is vp (Can decide)",
        "  one “page viewed”",
    ]
    quiet = KeptOut(
        qualification="mql", until_day=20_544, back_by="hand_raise", outcome="recycled", reason="no-budget", since_day=20_514
    )  # fmt: skip
    assert end(either, ("demo_requested",), quiet)[1:] == [
        "  one “page viewed”",
        "  But not before 1 April 2026: kept out by recycled (no-budget) on 2 March 2026",
        "  Or a hand raise, which enters at once: “demo requested”",
    ]
    only = KeptOut(qualification="mql", back_by="hand_raise", outcome="rejected", since_day=20_514)
    assert end(either, ("demo_requested",), only)[1:] == [
        "What is missing for “Marketing qualified”",
        "  Kept out by rejected on 2 March 2026",
        "  It begins again only when the lead raises a hand: “demo requested”",
    ]
    barred = KeptOut(qualification="mql", back_by="reinstated", outcome="disqualified", since_day=20_514)
    assert end(either, ("demo_requested",), barred)[3:] == [
        "  It begins again only when the lead is reported as reinstated"
    ]
    assert end(None)[2:] == [
        "What is missing for “Marketing qualified”",
        "  No 3 changes of what the playbook asks for are enough.",
    ]


def test_an_open_spell_says_since_when_and_until_when():
    today = day_number(TODAY)
    assessment = assess(BOUND, LeadLog(lead_id="ann"), BERLIN.end_of_day(today))

    cools, never = (
        explain(BOUND, assessment, spells={"mql": (today - 3, day)}).qualifications[0] for day in (today + 12, None)
    )

    assert (
        render_qualification(cools)[1]
        == "  in it since 27 February 2026; if nothing more happens it cools on 14 March 2026"
    )
    assert (
        render_qualification(never)[1]
        == "  in it since 27 February 2026; if nothing more happens it never cools by itself"
    )


def test_ten_thousand_events_stay_readable():
    explanation = explain_lead(events=tuple(event for day in range(50) for event in prices(day, count=200)))

    text = render_text(explanation)
    assert len(line_of(explanation, "engagement", "prices").events) == 100
    assert len(text) < 60
    assert any("12 January 2026 to" in line and "over the limit" in line for line in text)


def test_an_explanation_as_text():
    explanation = explain_lead(
        lead={"seniority": "vp"}, events=tuple(prices(0) + prices(14, count=3)), company={"employees": 90.0}
    )

    assert "\n".join(render_text(explanation)).startswith(
        """\
ann, as of 2026-03-02: A2
Persona: boss
  the lead's seniority is vp: yes, it is vp

Fit: 50 (grade A)
   25  Company size
         the company's employees is at least 50: yes, it is 90
   35  Can decide
         the lead's seniority is vp or c_level: yes, it is vp
  -10  never above 50

Engagement: 12 (grade 2)
  15  Looked at prices
        10 points for each “page viewed” when its path starts with “/pricing”; at most once a day; worth half after \
every 14 days; forgotten after 60 days; at most 12 points in all.
        2 March 2026: “page viewed”, 10
        16 February 2026: “page viewed”, 10 then, 5 now
        16 February 2026: 2 “page viewed”, over the limit
  -3  Looked at prices: at most 12 in all
  Earned nothing
    Nothing heard: since 2 March 2026 without an event that earns points: not yet 10 days
  Grade 1 begins at 30: 18 more.
"""
    )


def test_an_explanation_as_json_has_points_as_numbers_and_days_as_dates():
    explanation = explain_lead(events=tuple(prices(5)))

    found = json.loads(json.dumps(explanation.to_dict()))
    line = found["scores"][1]["lines"][0]
    assert (line["points"], line["events"][0]["day"], line["events"][0]["worth_then"]) == (7.8071, "2026-02-25", 10)


@pytest.mark.parity
@given(scenarios())
def test_the_lines_add_up_to_the_score_for_every_lead(scenario):
    try:
        expected = ask_reference(scenario)
    except ProblemsError:
        return
    for log in expected.logs:
        assessment = assess(expected.bound, log, expected.as_of)
        explanation = explain(expected.bound, assessment)

        assert {score.id: score.points for score in explanation.scores} == {
            name: result.units for name, result in assessment.scores.items()
        }
        for score in explanation.scores:
            assert sum(line.points for line in score.lines) == score.points
            told = {line.id for line in score.lines} | {one.id for one in (*score.silent, *score.unknown)}
            assert told >= {criterion.id for criterion in expected.bound.playbook.criteria_of(score.id)}
            for line in score.lines:
                assert not line.events or sum(group.points for group in line.events) == line.points
        for level in explanation.qualifications:
            assert level.enter is None or (level.enter.truth == "true") == level.holds
        json.dumps(explanation.to_dict())
        assert render_text(explanation)
