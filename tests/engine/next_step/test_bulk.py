"""The next steps of many leads are those of each lead alone, to the word."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.next_step.test_search import AS_OF, playbooks_of_points, small_logs
from tests.parity.expected import ask_reference, describe
from tests.strategies import scenarios

from leadline.engine.compiler.plan import make_plan
from leadline.engine.next_step.bulk import find_next_steps
from leadline.engine.next_step.find import find_next_step
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.timeline.from_logs import known_from_logs


@pytest.mark.parity
@given(scenarios(parts=2))
def test_many_leads_get_the_step_that_each_gets_alone(scenario):
    try:
        expected = ask_reference(scenario)
    except ProblemsError:
        return
    assume(expected.bound.playbook.qualifications)
    plan, as_known = make_plan(expected.bound), scenario.as_known

    found = find_next_steps(plan, known_from_logs(plan, expected.logs, as_known=as_known), expected.as_of)

    alone = [find_next_step(expected.bound, log, expected.as_of, as_known=as_known) for log in expected.logs]
    assert found == alone, describe(scenario)


@pytest.mark.parity
@given(playbooks_of_points(), st.lists(small_logs(), min_size=1, max_size=30))
def test_and_so_do_leads_for_whom_points_must_add_up(text, drawn):
    bound, _ = bind_playbook(read_playbook(text)[0])
    plan = make_plan(bound)
    logs = [replace(log, lead_id=f"{place:03}") for place, log in enumerate(drawn)]

    found = find_next_steps(plan, known_from_logs(plan, logs), AS_OF)

    assert found == [find_next_step(bound, log, AS_OF) for log in logs], f"{text}\n{logs}"
