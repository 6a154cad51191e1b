"""The next best question: stories in words, and everything held to trying out each answer with the reference."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.parity.expected import ask_reference, describe, ended_spells
from tests.strategies import scenarios

from leadline.engine.calendar import Zone, day_number
from leadline.engine.lifecycle.history import reads_spells
from leadline.engine.next_question import next_best_question, rank_questions
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome
from leadline.engine.reference.read import read_logs
from leadline.starter.generate import generate

BERLIN = Zone("Europe/Berlin")
TODAY = day_number(date(2026, 3, 2))
AS_OF = BERLIN.end_of_day(TODAY)
QUESTIONS = ("budget", "authority", "need", "timeline")
HEAD = """
[playbook]
name = "story"
timezone = "Europe/Berlin"
grade = ["fit"]
[sources]
rank = {rank}
[fields]
amount = {{ type = "number" }}
vp = {{ type = "boolean" }}
"questions.budget" = {{ type = "text" }}
"questions.need" = {{ type = "text" }}
[scores.fit]
title = "Fit"
grades = {{ A = 20, B = 10, C = 0 }}
[scores.total]
sum_of = ["fit"]
[[criteria]]
id = "vp"
score = "fit"
why = "Can sign"
when = "vp"
points = 20
[questions.budget]
ask = "Is there money?"
yes = "amount >= 100"
partly = "amount >= 50"
[questions.authority]
ask = "Can they decide?"
yes = "vp"
[questions.need]
ask = "Do they need it?"
[questions.timeline]
ask = "Soon?"
no = "amount < 5"
"""


def playbook(*parts, rank='["person", "crm"]'):
    bound, _ = bind_playbook(read_playbook(HEAD.format(rank=rank) + "".join(parts))[0])
    return bound


def level(enter, more="", name="sql", title="Sales qualified"):
    return f'[[qualifications]]\nid = "{name}"\ntitle = "{title}"\nenter = "{enter}"\n{more}\n'


def said(question, answer, *, days_ago=1, source="person"):
    at_us = BERLIN.first_instant(TODAY - days_ago)
    return Fact(field=f"questions.{question}", value=answer, text=answer or "", known_at_us=at_us, source=source)


def ann(*facts, **more):
    return LeadLog(lead_id="ann", facts=facts, **more)


ACCEPTED = (ReportedOutcome(outcome="accepted", at_us=BERLIN.first_instant(TODAY)),)
UNEVEN = "(budget = 'yes' and authority = 'yes' and need = 'yes') or (need = 'yes' and timeline = 'yes')"
MONEY_IN_FIT = """
[[criteria]]
id = "money"
score = "fit"
why = "Has money"
choose = [{ when = "lead.\\"questions.budget\\" = 'yes'", points = 15 }, { when = "lead.\\"questions.budget\\" = 'no'", points = -5 }]
"""


# -- stories -----------------------------------------------------------------------------------------------------


def test_the_third_yes_is_worth_asking_for():
    found = next_best_question(
        playbook(level("decision = 'accepted' and answered_yes >= 3")),
        ann(said("budget", "yes"), said("need", "yes"), outcomes=ACCEPTED),
        AS_OF,
    )

    assert (found.id, found.ask, found.answer) == ("authority", "Can they decide?", "unknown")
    assert found.why == "A yes would make them Sales qualified."
    assert [one.answer for one in found.effects] == ["yes", "partly", "no"]


def test_what_could_end_a_qualification_is_as_large_as_what_could_enter_one():
    bound = playbook(level("fit >= 0", "stay = \"need <> 'no'\"", title="Marketing qualified"))
    never = playbook(level("need in ('yes', 'unknown')", title="Marketing qualified"))

    assert rank_questions(bound, ann(), AS_OF, open_spells=["sql"])[0].why == ""
    assert next_best_question(never, ann(), AS_OF, open_spells=["sql"]).why == (
        "A “partly” would end Marketing qualified."
    )
    assert next_best_question(never, ann(), AS_OF) is None  # in no spell there is nothing to end


def test_who_raised_a_hand_stays_whatever_is_answered():
    raised = 'hand_raise = ["demo"]\nhand_raise_stay = "14d"'
    bound = playbook(level("need <> 'no'", raised))
    for days_ago, stays in ((13, True), (14, False)):
        demo = Event(name="demo", at_us=BERLIN.first_instant(TODAY - days_ago))
        found = next_best_question(bound, ann(events=(demo,)), AS_OF, open_spells=["sql"])
        assert (found is None) is stays
    machine = Event(name="demo", at_us=BERLIN.first_instant(TODAY), is_bot=True)
    assert next_best_question(bound, ann(events=(machine,)), AS_OF, open_spells=["sql"]) is not None


def test_a_qualification_counts_more_than_a_grade_and_a_grade_more_than_points():
    on_need = level("need = 'yes'")
    assert next_best_question(playbook(MONEY_IN_FIT), ann(), AS_OF).why == "A yes would change the grade from C to B."
    assert next_best_question(playbook(MONEY_IN_FIT, on_need), ann(), AS_OF).id == "need"
    points = next_best_question(playbook(MONEY_IN_FIT), ann(lead={"vp": True}), AS_OF)
    assert (points.id, points.effects[0].answer) == ("budget", "no")
    assert points.why == "A no would change the grade from A to B."


def test_points_are_said_where_nothing_else_moves():
    bound = playbook(MONEY_IN_FIT.replace("15", "2.5").replace("-5", "0"))

    found = next_best_question(bound, ann(lead={"vp": True}), AS_OF)

    assert found.why == "A yes would add 2.5 points to “Fit” and add 2.5 points to “total”."
    assert found.effects[0].points == {"fit": 25_000, "total": 25_000}


def test_only_what_is_unknown_or_partly_is_asked():
    bound = playbook(level("answered_yes >= 1"))
    log = ann(said("budget", "no"), said("need", "partly"), said("timeline", "yes"), said("timeline", None, days_ago=0))

    assert [(one.id, one.answer) for one in rank_questions(bound, log, AS_OF)] == [
        ("authority", "unknown"),
        ("need", "partly"),
        ("timeline", "unknown"),
    ]
    assert [one.answer for one in rank_questions(bound, log, AS_OF)[1].effects] == ["yes", "no"]


def test_where_one_yes_is_not_enough_the_others_are_named():
    bound = playbook(level("answered_yes >= 3"))

    assert next_best_question(bound, ann(said("need", "yes")), AS_OF).why == (
        "A yes together with a yes to “Can they decide?” would make them Sales qualified."
    )
    assert next_best_question(bound, ann(), AS_OF).why == (
        "A yes together with a yes to “Can they decide?” and “Do they need it?” would make them Sales qualified."
    )
    assert next_best_question(playbook(level("answered_yes >= 4")), ann(), AS_OF) is None


def test_the_fewer_others_a_yes_needs_the_earlier_it_is_asked():
    ranking = rank_questions(playbook(level(UNEVEN)), ann(), AS_OF)

    assert [(one.id, one.together.size) for one in ranking] == [
        ("need", 1),
        ("timeline", 1),
        ("budget", 2),
        ("authority", 2),
    ]


def test_what_needs_the_word_of_sales_says_so():
    bound = playbook(level("decision = 'accepted' and answered_yes >= 2"))

    found = next_best_question(bound, ann(said("need", "yes")), AS_OF)

    assert found.why == "Once accepted, a yes would make them Sales qualified."
    assert (found.together.also, found.together.is_once_accepted) == ((), True)


def test_an_answer_that_a_stronger_source_outranks_changes_nothing():
    log = ann(said("budget", "partly", source="crm"))
    on_budget = level("budget = 'yes'")

    assert next_best_question(playbook(on_budget), log, AS_OF).id == "budget"
    assert next_best_question(playbook(on_budget, rank='["crm", "person"]'), log, AS_OF) is None


def test_a_persons_word_of_this_very_moment_is_replaced():
    log = ann(replace(said("budget", "partly"), known_at_us=AS_OF.until_us))

    found = next_best_question(playbook(level("budget = 'no'")), log, AS_OF)

    assert found.why == "A no would make them Sales qualified."


def test_ties_are_in_the_order_of_the_playbook():
    ranking = rank_questions(playbook(level("answered_yes >= 1")), ann(), AS_OF)

    assert [one.id for one in ranking] == list(QUESTIONS)


def test_nothing_is_asked_about_who_must_not_be_scored_or_is_excluded():
    consent = HEAD.replace('name = "story"', 'name = "story"\nneeds_consent = true').format(rank="[]")
    bound, _ = bind_playbook(read_playbook(consent + level("answered_yes >= 1"))[0])
    excluded = playbook('[[exclusions]]\nid = "x"\nwhy = "Never"\nwhen = "vp"\n', level("answered_yes >= 1"))

    assert rank_questions(bound, ann(), AS_OF) == ()
    assert next_best_question(excluded, ann(lead={"vp": True}), AS_OF) is None
    assert next_best_question(excluded, ann(lead={"vp": False}), AS_OF) is not None


# -- against trying out every answer ------------------------------------------------------------------------------


def naive_ranking(bound, log, as_of, *, open_spells, as_known=False, ended=None):
    """Every question with every answer, by the reference, written as plainly as can be."""

    def ask(answers, accepted=False):
        facts = [
            one
            for one in log.facts
            if not (one.source == "person" and one.field.removeprefix("questions.") in answers and "." in one.field)
        ]
        facts += [
            Fact(field=f"questions.{name}", value=answer, text=answer, known_at_us=as_of.until_us, source="person")
            for name, answer in answers.items()
        ]
        outcomes = list(log.outcomes)
        if accepted:
            outcomes.append(ReportedOutcome(outcome="accepted", at_us=as_of.until_us))
        supposed = replace(log, facts=tuple(facts), outcomes=tuple(outcomes))
        return assess(bound, supposed, as_of, as_known=as_known, ended_spells=ended)

    def held(one):
        zone = Zone(bound.playbook.timezone)
        days = [
            zone.day_of(event.at_us)
            for event in log.events
            if event.name in one.hand_raise and event.at_us <= as_of.until_us and not event.is_bot
        ]
        return bool(days) and one.hand_raise_stay_days is not None and as_of.day - max(days) < one.hand_raise_stay_days

    now = ask({})
    if now.excluded_by == "consent":
        return []
    levels = bound.playbook.qualifications
    unclear = [one.id for one in bound.playbook.questions if now.answers[one.id] in ("unknown", "partly")]
    rows = {}
    for name in unclear:
        for answer in ("yes", "partly", "no"):
            if answer == now.answers[name]:
                continue
            then = ask({name: answer})
            enters = tuple(
                one.id
                for one in levels
                if one.id not in open_spells and then.qualifications[one.id] and not now.qualifications[one.id]
            )
            leaves = tuple(
                one.id
                for one in levels
                if one.id in open_spells and now.stays[one.id] and not then.stays[one.id] and not held(one)
            )
            points = {
                key: then.scores[key].units - now.scores[key].units
                for key in now.scores
                if then.scores[key].units != now.scores[key].units
            }
            rows[name, answer] = (enters, leaves, then.grade != now.grade, points)

    def weight(row):
        enters, leaves, moves_grade, points = row
        return (len(enters) + len(leaves), moves_grade, sum(abs(units) for units in points.values()))

    best = {name: max(weight(row) for (asked, _), row in rows.items() if asked == name) for name in unclear}
    together = {}
    if not any(one[0] for one in best.values()):
        for accepted in (False, True):
            if together:
                break
            for name in unclear:
                for size in (0, 1, 2):
                    for also in combinations([one for one in unclear if one != name], size):
                        without = ask(dict.fromkeys(also, "yes"), accepted)
                        then = ask(dict.fromkeys((*also, name), "yes"), accepted)
                        enters = tuple(
                            one.id
                            for one in levels
                            if one.id not in open_spells
                            and then.qualifications[one.id]
                            and not without.qualifications[one.id]
                        )
                        if enters and name not in together:
                            together[name] = (enters, also, accepted)
    order = sorted(
        unclear,
        key=lambda name: (
            *(-int(part) for part in best[name]),
            len(together[name][1]) + together[name][2] if name in together else 99,
        ),
    )
    return [
        (name, {answer: row for (asked, answer), row in rows.items() if asked == name}, together.get(name))
        for name in order
    ]


def hold_to_naive(bound, log, as_of, *, open_spells=(), as_known=False, ended=None, shown=""):
    found = rank_questions(bound, log, as_of, open_spells=open_spells, as_known=as_known, ended_spells=ended)
    told = [
        (
            one.id,
            {
                each.answer: (each.enters, each.leaves, each.grade is not None or each.loses_grade, each.points)
                for each in one.effects
            },
            None if one.together is None else (one.together.enters, one.together.also, one.together.is_once_accepted),
        )
        for one in found
    ]
    assert told == naive_ranking(bound, log, as_of, open_spells=open_spells, as_known=as_known, ended=ended), shown
    for one in found:
        assert [each.size for each in one.effects] == sorted((each.size for each in one.effects), reverse=True)
        assert bool(one.why) is (one.effects[0].size != (0, False, 0) or one.together is not None), shown
    return found


LEVELS = (
    "budget = 'yes'", "answered_yes >= 2", "decision = 'accepted' and answered_yes >= 3", "need <> 'no' and fit >= 10",
    "authority in ('yes', 'partly')", "budget = 'no' or answered_yes = 1", "fit.grade = 'A' and answered_yes >= 1",
    "fit >= 20", "timeline = 'unknown' and need = 'partly'", "answered_yes < 3", UNEVEN, "reason is null and budget <> 'unknown'",
)  # fmt: skip
READS = (
    "",
    MONEY_IN_FIT,
    '[[exclusions]]\nid = "x"\nwhy = "w"\nwhen = "lead.\\"questions.need\\" = \'no\'"\n',
    '[[exclusions]]\nid = "x"\nwhy = "w"\nwhen = "amount = 3"\n',
)


@st.composite
def asking_playbooks(draw):
    """A playbook whose qualifications turn on answers; at times a criterion or an exclusion reads them too."""
    names = ("sal", "sql", "own")[: draw(st.integers(1, 3))]
    parts = [draw(st.sampled_from(READS))]
    for name in names:
        stay = draw(st.sampled_from((None, *LEVELS)))
        more = "" if stay is None else f'stay = "{stay}"\n'
        more += draw(st.sampled_from(("", 'hand_raise = ["demo"]\nhand_raise_stay = "14d"')))
        parts.append(level(draw(st.sampled_from(LEVELS)), more, name, name.upper()))
    rank = draw(st.sampled_from(('["person", "crm"]', '["crm", "person"]', "[]")))
    return playbook(*parts, rank=rank), draw(st.sets(st.sampled_from(names)))


@st.composite
def asked_leads(draw):
    """A lead of whom some answers are known."""
    word = st.builds(
        lambda question, answer, days, source: said(question, answer, days_ago=days, source=source),
        st.sampled_from(QUESTIONS),
        st.sampled_from(("yes", "partly", "no", None)),
        st.sampled_from((0, 1, 5, -1)),
        st.sampled_from(("person", "person", "crm", "")),
    )
    known = {
        "amount": draw(st.sampled_from((None, 3.0, 60.0, 200.0))),
        "vp": draw(st.sampled_from((None, True, False))),
    }
    days_ago = draw(st.sampled_from((0, 13, 14, 40)))
    demo = Event(name="demo", at_us=BERLIN.first_instant(TODAY - days_ago), is_bot=draw(st.booleans()))
    return ann(
        *draw(st.lists(word, max_size=4)),
        lead={name: value for name, value in known.items() if value is not None},
        events=draw(st.sampled_from(((), (demo,)))),
        outcomes=draw(st.sampled_from(((), ACCEPTED))),
    )


@pytest.mark.parity
@given(asking_playbooks(), asked_leads())
def test_every_answer_changes_what_the_reference_says(asking, log):
    bound, open_spells = asking
    hold_to_naive(bound, log, AS_OF, open_spells=open_spells, shown=f"{bound.playbook}\n{log}\n{open_spells}")


@pytest.mark.parity
@given(scenarios(spells=True), st.data())
def test_it_is_so_for_whole_playbooks_and_any_data(scenario, data):
    try:
        expected = ask_reference(scenario)
    except ProblemsError:
        return
    bound = expected.bound
    open_spells = data.draw(st.sets(st.sampled_from([one.id for one in bound.playbook.qualifications] or [""])))
    for log in expected.logs:
        ended = ended_spells(bound, log, expected.as_of) if reads_spells(bound) else None
        hold_to_naive(
            bound,
            log,
            expected.as_of,
            open_spells=open_spells,
            as_known=scenario.as_known,
            ended=ended,
            shown=describe(scenario),
        )


def test_it_is_so_for_the_starters_people():
    text = (files("leadline.starter") / "playbook.toml").read_text(encoding="utf-8")
    bound, _ = bind_playbook(read_playbook(text)[0])
    asked = 0
    for log in read_logs(bound, generate(date(2026, 3, 2), seed=7, leads=40)).logs:
        asked += any(one.why for one in hold_to_naive(bound, log, AS_OF))

    assert asked > 10
