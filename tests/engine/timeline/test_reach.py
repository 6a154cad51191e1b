"""What could ever hold of a lead is never bounded too narrowly: every truth and every score of every moment lies inside."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from tests.strategies import Scenario
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import DAY_US, get_zone
from leadline.engine.compiler.plan import make_plan
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.lifecycle.history import moments_of
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import Event, LeadLog
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.reach import Reach

knowing = pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])


def check(past: Past, *, as_known: bool) -> None:
    """Fail with every condition and score that once was what it could not be."""
    reach = Reach(past.plan, known_from_logs(past.plan, past.logs, as_known=as_known))
    zone = get_zone(past.bound.playbook.timezone)
    tests = [part for clause in past.plan.clauses for part in parts_of(past.bound.test(clause))]
    lines = []
    for lead, log in enumerate(past.logs):
        for at_us in moments_of(past.bound, log, past.until, as_known=as_known):
            found = assess(past.bound, log, zone.moment(at_us), as_known=as_known, ended_spells={})
            for test in tests:
                if all(term in found.values for term in n.terms_of(test)):
                    truth, could = evaluate(test, found.values.get), reach.possible(test)
                    allowed = could.unknown if truth is None else could.true if truth else could.false
                    if not allowed[lead]:
                        lines.append(f"{log.lead_id!r} at {at_us}: {test} is {truth}")
            for score, result in found.scores.items():
                between = reach.score(score)
                if not between.low[lead] <= result.units <= between.high[lead]:
                    lines.append(
                        f"{log.lead_id!r} at {at_us}: {score} is {result.units},"
                        f" not from {between.low[lead]} to {between.high[lead]}"
                    )
    assert not lines, "\n".join(lines) + f"\n{past.scenario.playbook}\n" + "\n".join(map(repr, past.logs))


def parts_of(test: n.Condition) -> Iterator[n.Condition]:
    """Yield a condition and all conditions in it."""
    yield test
    for part in n.parts_of(test):
        if isinstance(part, n.Condition):
            yield from parts_of(part)


@pytest.mark.parity
@knowing
@settings(max_examples=max(5, settings().max_examples // 2))
@given(past=pasts())
def test_no_truth_and_no_score_of_whatever_is_drawn_lies_outside(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)


@pytest.mark.parity
@knowing
@settings(max_examples=max(5, settings().max_examples // 4))
@given(past=busy_pasts())
def test_no_truth_and_no_score_of_eventful_weeks_lies_outside(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 4))
@given(past=busy_pasts())
def test_a_lead_that_never_did_anything_is_known_to_stay_cold(past: Past) -> None:
    known = known_from_logs(past.plan, past.logs)
    between = Reach(past.plan, known).score("heat")

    never = np.array([not log.events for log in past.logs])
    assert (between.high[never] <= 20_000).all()  # the most that silence can give


@pytest.mark.parametrize("sign", ["=", "<>", "<", "<=", ">", ">="])
@pytest.mark.parametrize("wanted", [0, 1, 2, 3])
def test_every_comparison_of_a_number_is_bounded_by_what_it_can_be(sign: str, wanted: int) -> None:
    text = f"""
[playbook]
name = "compared"
[scores.heat]
[[criteria]]
id = "v"
score = "heat"
why = "w"
event = "viewed"
points = 1
[[qualifications]]
id = "mql"
enter = "count('viewed') {sign} {wanted}"
stay = "heat {sign} {wanted}"
"""
    check_logs(
        text,
        [
            LeadLog(lead_id=str(times), events=tuple(Event(name="viewed", at_us=at * DAY_US) for at in range(times)))
            for times in range(4)
        ],
    )


def check_logs(text: str, logs: list[LeadLog]) -> None:
    """Check a playbook and logs written by hand, of the first days of 1970."""
    bound, _ = bind_playbook(read_playbook(text)[0])
    until = get_zone("UTC").end_of_day(5)
    check(Past(bound, make_plan(bound), logs, until, Scenario(text, {}, "1970-01-06")), as_known=False)


@pytest.mark.parametrize("grades", [("A",), ("B",), ("A", "B"), ("A", "C"), ("B", "C"), ("A", "B", "C")])
def test_every_list_of_grades_is_bounded_by_those_that_can_be(grades: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{grade}'" for grade in grades)
    text = f"""
[playbook]
name = "graded"
[scores.fit]
grades = {{ A = 50, B = 20, C = 0 }}
[[criteria]]
id = "size"
score = "fit"
why = "w"
choose = [{{ when = "employees > 100", points = 60 }}, {{ when = "employees > 10", points = 30 }}]
[[qualifications]]
id = "mql"
enter = "fit.grade in ({listed})"
"""
    check_logs(text, [LeadLog(lead_id=str(size), lead={"employees": float(size)}) for size in (5, 50, 500)])
