"""What changed: each thing that can be behind a difference, and that all of it adds up, for every lead, to the digit."""

import json
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.explanation.test_explain import BERLIN, BOUND, PLAYBOOK, TODAY, prices
from tests.parity.expected import ask_reference, describe
from tests.strategies import scenarios

from leadline.engine.calendar import day_number, get_zone
from leadline.engine.explanation.changes import what_changed
from leadline.engine.explanation.changes_text import render_difference
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.playbook.model import EventCriterion, FactCriterion
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import Event, Fact, LeadLog


def starter_playbook():
    """A playbook with choices of several entries."""
    return (resources.files("leadline.starter") / "playbook.toml").read_text(encoding="utf-8")


def moment(days_ago):
    return BERLIN.end_of_day(day_number(TODAY) - days_ago)


def since(days_ago, bound=BOUND, **log):
    """What is different today."""
    lead = LeadLog(lead_id="ann", **log)
    return what_changed(assess(bound, lead, moment(days_ago)), assess(bound, lead, moment(0)), bound=bound)


def against(old_text, new_text=PLAYBOOK, **log):
    """What is different under another playbook."""
    (old, _), (new, _) = (bind_playbook(read_playbook(text)[0]) for text in (old_text, new_text))
    lead = LeadLog(lead_id="ann", **log)
    return what_changed(assess(old, lead, moment(0)), assess(new, lead, moment(0)), bound=new, bound_before=old)


def lines_of(difference, score_id):
    return next(score for score in difference.scores if score.id == score_id).lines


def told(difference, score_id, criterion_id):
    (line,) = [one for one in lines_of(difference, score_id) if (one.id, one.kind) == (criterion_id, "criterion")]
    return line.points, [(one.kind, one.text, one.points) for one in line.behind]


def test_events_came_in_faded_and_were_forgotten():
    difference = since(14, events=tuple(prices(0) + prices(1) + prices(14) + prices(60)))

    points, parts = told(difference, "engagement", "prices")
    assert parts == [
        ("forgotten", "“page viewed” forgotten after 60 days (1 January 2026)", -10_254),
        ("faded", "“page viewed” faded (16 February 2026)", -50_000),
        ("came in", "2 “page viewed” came in (1 March 2026 to 2 March 2026)", 195_170),
    ]
    assert points == sum(part for _, _, part in parts)


def test_what_the_maximum_takes_more_is_a_line_of_its_own():
    difference = since(14, events=tuple(prices(0) + prices(1) + prices(14)))

    assert [(line.kind, line.points) for line in lines_of(difference, "engagement")] == [
        ("criterion", 145_170),
        ("criterion bounds", -125_170),
    ]


def test_an_event_over_the_limit_is_told_though_it_brings_nothing():
    points, parts = told(since(1, events=tuple(prices(0, count=3))), "engagement", "prices")

    assert (points, parts) == (
        100_000,
        [
            ("came in", "“page viewed” came in (2 March 2026)", 100_000),
            ("came in", "2 “page viewed” came in, over the limit (2 March 2026)", 0),
        ],
    )


def test_a_reset_says_what_it_wiped_and_when():
    wipe = Event(name="unsubscribed", at_us=prices(2)[0].at_us)

    _, parts = told(since(14, events=(*prices(14), wipe)), "engagement", "prices")

    assert parts == [
        ("wiped", "“page viewed” wiped on 28 February 2026 by “unsubscribed” (16 February 2026)", -100_000)
    ]


def test_a_fact_that_became_known_is_told_with_its_value_and_one_that_changed_with_both():
    def known(value, days_ago):
        return Fact(field="seniority", value=value, text=value, known_at_us=prices(days_ago)[0].at_us)

    assert told(since(14, facts=(known("vp", 3),)), "fit", "vp") == (
        350_000,
        [("fact", "the lead's seniority became known: vp", 350_000)],
    )
    assert told(since(14, facts=(known("vp", 30), known("intern", 3))), "fit", "vp") == (
        -350_000,
        [("fact", "the lead's seniority was vp, is intern", -350_000)],
    )


def test_silence_says_how_long_it_was_and_is():
    assert told(since(14, events=tuple(prices(35))), "engagement", "quiet") == (
        -20_000,
        [
            (
                "silence",
                "3 times 10 days without an event that earns points since 26 January 2026; before: "
                "2 times 10 days without an event that earns points since 26 January 2026",
                -20_000,
            )
        ],
    )


def test_a_changed_rule_says_what_it_was_and_is():
    old = PLAYBOOK.replace("points = 10\ndecay", "points = 15\ndecay").replace("max = 12", "max = 20")

    difference = against(old, events=tuple(prices(0)))

    line = lines_of(difference, "engagement")[0]
    assert line.rule == ("10 points instead of 15", "at most 12 points in all instead of 20")
    assert [(one.kind, one.text, one.points) for one in line.behind] == [
        ("rule", "“page viewed” worth otherwise (2 March 2026)", -50_000)
    ]


def test_a_criterion_that_is_new_gone_or_moved_is_one_thing_behind_its_line():
    moved = PLAYBOOK.replace('id = "vp"\nscore = "fit"', 'id = "vp"\nscore = "engagement"')
    renamed = PLAYBOOK.replace('id = "vp"', 'id = "boss"')
    log = {"lead": {"seniority": "vp"}}

    assert told(against(moved, **log), "fit", "vp")[1] == [("moved", "it added to “Engagement” before", 350_000)]
    assert told(against(moved, **log), "engagement", "vp")[1] == [("moved", "it adds to “Fit” now", -350_000)]
    assert told(against(renamed, **log), "fit", "vp")[1] == [("new", "the criterion is new", 350_000)]
    assert told(against(renamed, **log), "fit", "boss")[1] == [("removed", "the criterion is gone", -350_000)]


def test_over_time_no_rule_of_one_playbook_has_changed():
    starter = bind_playbook(read_playbook(starter_playbook())[0])[0]
    lead = LeadLog(lead_id="ann", lead={"seniority": "vp"})
    difference = what_changed(assess(starter, lead, moment(20)), assess(starter, lead, moment(0)), bound=starter)

    assert [line.rule for score in difference.scores for line in score.lines if line.rule] == []


def test_grades_answers_and_qualifications_that_turned_are_told():
    difference = since(14, lead={"seniority": "vp"}, events=tuple(prices(0)))

    assert [(turn.kind, turn.title, turn.before, turn.after) for turn in difference.turns] == [
        ("question", "Do they need it?", "unknown", "yes")
    ]
    assert [score.grade_after for score in difference.scores] == ["B", "2", None]
    difference = since(
        14, facts=(Fact(field="seniority", value="student", text="student", known_at_us=prices(1)[0].at_us),)
    )
    assert [(turn.kind, turn.before, turn.after) for turn in difference.turns] == [("excluded by", None, "student")]


def test_nothing_different_says_so_and_two_leads_are_refused():
    assert render_difference(since(1, lead={"seniority": "vp"}))[1:] == ["Nothing is different."]
    one, other = (assess(BOUND, LeadLog(lead_id=name), moment(0)) for name in ("ann", "bob"))
    with pytest.raises(ValueError, match="'ann' and 'bob' are two leads"):
        what_changed(one, other, bound=BOUND)


def test_who_had_not_agreed_to_scoring_has_all_points_as_new():
    text = PLAYBOOK.replace('name = "story"', 'name = "story"\nneeds_consent = true')
    bound, _ = bind_playbook(read_playbook(text)[0])
    agreed = Fact(field="consent.scoring", value="yes", text="yes", known_at_us=prices(3)[0].at_us)

    difference = since(14, bound, lead={"seniority": "vp"}, facts=(agreed,))

    fit = difference.scores[0]
    assert (fit.before, fit.after, fit.points) == (None, 350_000, 350_000)
    assert told(difference, "fit", "vp")[1] == [("new", "not assessed before", 350_000)]


def test_a_difference_as_text():
    difference = since(14, lead={"seniority": "vp"}, events=tuple(prices(0) + prices(1) + prices(14) + prices(60)))

    assert (
        "\n".join(render_difference(difference))
        == """\
ann, from 2026-02-16 to 2026-03-02

Engagement: 11.0254 → 12 (+0.9746)
  +13.4916  Looked at prices
               -1.0254  “page viewed” forgotten after 60 days (1 January 2026)
               -5       “page viewed” faded (16 February 2026)
              +19.517   2 “page viewed” came in (1 March 2026 to 2 March 2026)
  -12.517   Looked at prices: what its maximum takes away

Total: 46.0254 → 47 (+0.9746)
  +0.9746  Engagement

As before: Fit"""
    )


def test_a_difference_as_json_has_points_as_numbers():
    found = json.loads(json.dumps(since(14, events=tuple(prices(0))).to_dict()))

    line = found["scores"][1]["lines"][0]
    assert (line["points"], line["behind"][0]["points"], found["as_of_before"]) == (10, 10, "2026-02-16")


# -- it adds up -----------------------------------------------------------------------------------------------


def hold_to_the_sum(difference, before, after, shown):
    """Scores differ by their lines, and lines by what is behind them, to the digit."""
    for score in difference.scores:
        was, now = before.scores.get(score.id), after.scores.get(score.id)
        assert (score.before, score.after) == (was and was.units, now and now.units)
        assert score.points == (now.units if now else 0) - (was.units if was else 0), shown
        assert sum(line.points for line in score.lines) == score.points, shown
        for line in score.lines:
            assert line.points == line.after - line.before, shown
            assert not line.behind or sum(one.points for one in line.behind) == line.points, shown
            assert line.behind or line.kind != "criterion" or not line.points, shown
    assert {score.id for score in difference.scores} == {*before.scores, *after.scores}
    json.dumps(difference.to_dict())
    assert render_difference(difference)


@pytest.mark.parity
@given(scenarios(), st.sampled_from((-1, 0, 1, 2, 7, 30, 100)), st.booleans())
def test_over_two_moments_everything_adds_up(scenario, days, known_then):
    try:
        expected = ask_reference(scenario)
    except ProblemsError:
        return
    bound, as_of = expected.bound, expected.as_of
    earlier = get_zone(bound.playbook.timezone).end_of_day(as_of.day - days)
    for log in expected.logs:
        before = assess(bound, log, earlier, as_known=known_then)
        after = assess(bound, log, as_of, as_known=scenario.as_known)
        hold_to_the_sum(what_changed(before, after, bound=bound), before, after, describe(scenario))


@st.composite
def other_versions(draw, playbook):
    """A playbook with some criteria gone, moved, or with other numbers."""
    criteria = []
    own = [score.id for score in playbook.scores if not score.sum_of]
    for criterion in playbook.criteria:
        change = draw(st.sampled_from(("none", "gone", "moved", "points", "rule", "renamed", "kind")))
        if change == "gone":
            continue
        if change == "moved":
            criterion = replace(criterion, score=draw(st.sampled_from(own)))
        if change == "renamed":
            criterion = replace(criterion, id=f"{criterion.id}_new")
        if change == "kind" and draw(st.booleans()):
            others = [one for one in playbook.criteria if type(one) is not type(criterion)]
            criterion = replace(draw(st.sampled_from(others)), id=criterion.id) if others else criterion
        if isinstance(criterion, EventCriterion):
            if change == "points":
                criterion = replace(criterion, points=criterion.points + draw(st.sampled_from((1, -30))))
            if change == "rule":
                within, low = draw(st.sampled_from((None, 1, 14))), draw(st.sampled_from((None, -10_000)))
                criterion = replace(criterion, within_days=within, low=low, when=None, limit=None)
        elif isinstance(criterion, FactCriterion) and change == "points":
            choices = [replace(one, points=one.points + 10_000) for one in criterion.choices]
            criterion = replace(criterion, choices=tuple(choices[: draw(st.sampled_from((1, 5)))]))
        criteria.append(criterion)
    scores = [replace(one, high=draw(st.sampled_from((one.high, None)))) for one in playbook.scores]
    resets = playbook.resets if draw(st.booleans()) else ()
    return replace(playbook, criteria=tuple(criteria), scores=tuple(scores), resets=resets)


@pytest.mark.parity
@given(st.data(), scenarios(), st.sampled_from((0, 0, 5)))
def test_over_two_playbooks_everything_adds_up(data, scenario, days):
    try:
        expected = ask_reference(scenario)
        other, _ = bind_playbook(data.draw(other_versions(expected.bound.playbook)), expected.bound.catalog)
    except ProblemsError:
        return
    earlier = get_zone(other.playbook.timezone).end_of_day(expected.as_of.day - days)
    for log in expected.logs:
        one = assess(other, log, earlier, as_known=scenario.as_known)
        two = assess(expected.bound, log, expected.as_of, as_known=scenario.as_known)
        shown = describe(scenario)
        hold_to_the_sum(what_changed(one, two, bound=expected.bound, bound_before=other), one, two, shown)
        hold_to_the_sum(what_changed(two, one, bound=other, bound_before=expected.bound), two, one, shown)
