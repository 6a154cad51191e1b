"""The next steps of many leads are those of each lead alone, to the word."""

from contextlib import closing
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.next_step.test_search import AS_OF, playbooks_of_points, small_logs
from tests.parity.expected import ask_reference, describe
from tests.strategies import scenarios

from leadline.engine.backends.history_feed import STRETCH
from leadline.engine.backends.rows_of_leads import rows_of_leads
from leadline.engine.calendar import DAY_US
from leadline.engine.compiler.plan import make_plan
from leadline.engine.next_step.bulk import find_next_steps
from leadline.engine.next_step.find import find_next_step
from leadline.engine.next_step.joined import Stretch, find_next_steps_of_all
from leadline.engine.past import open_past
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.log import Event, LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.run import Inputs, open_run, read_as_of
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.starter import PLAYBOOK
from leadline.starter.generate import write


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


DAILY = """
[playbook]
name = "daily"
[scores.heat]
[[criteria]]
id = "v"
score = "heat"
why = "w"
event = "v"
points = 10
limit = { count = %s, per = "%s" }
[[qualifications]]
id = "mql"
enter = "heat >= 15"
"""


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("per", ["day", "week", "month", "quarter", "year", "ever"])
def test_what_happened_already_leaves_less_room_under_a_limit(count, per):
    """Today is 4 October 2024, a Friday."""
    bound, _ = bind_playbook(read_playbook(DAILY % (count, per))[0])
    plan = make_plan(bound)
    ages = [(), (0,), (1,), (0, 0), (0, 1), (2, 3), (3, 4), (4, 5), (20, 40), (300,)]
    logs = [
        LeadLog(
            lead_id=f"{place:03}",
            events=tuple(Event(name="v", at_us=(AS_OF.day - age) * DAY_US + at) for at, age in enumerate(of_lead)),
        )
        for place, of_lead in enumerate(ages)
    ]

    found = find_next_steps(plan, known_from_logs(plan, logs), AS_OF)

    assert found == [find_next_step(bound, log, AS_OF) for log in logs]
    assert (found[0] is None) == (count == 1)


RESET = (
    DAILY
    + """
[[resets]]
event = "u"
scores = ["heat"]
[[qualifications]]
id = "often"
enter = "active_days('v', '7d') >= 2"
"""
)


def test_a_reset_makes_room_again_and_a_day_counts_once():
    bound, _ = bind_playbook(read_playbook(RESET % (2, "day"))[0])
    plan = make_plan(bound)
    noon = AS_OF.day * DAY_US + DAY_US // 2
    happened = [("vv", "u"), ("u", "vv"), ("vu", ""), ("vv", ""), ("v", "v"), ("", "u")]
    logs = [
        LeadLog(
            lead_id=f"{place:03}",
            events=tuple(Event(name=name, at_us=noon + at) for at, names in enumerate(of_lead) for name in names),
        )
        for place, of_lead in enumerate(happened)
    ]

    for is_in in (np.zeros(len(logs), dtype=np.bool_), np.ones(len(logs), dtype=np.bool_)):
        found = find_next_steps(plan, known_from_logs(plan, logs), AS_OF, open_spells={"mql": is_in})
        spells = ["mql"] if is_in.any() else []
        assert found == [find_next_step(bound, log, AS_OF, open_spells=spells) for log in logs]
    beyond = find_next_steps(
        plan, known_from_logs(plan, logs), AS_OF, open_spells={"often": np.ones(len(logs), np.bool_)}
    )
    assert beyond == [find_next_step(bound, log, AS_OF, open_spells=["often"]) for log in logs] == [None] * len(logs)
    assert [step and step.size for step in found] == [None, None, None, None, None, None]


def test_leads_of_several_stretches_get_the_step_that_each_gets_alone(tmp_path):
    write(tmp_path, date(2026, 3, 2), leads=STRETCH + 150)
    names = ("leads", "companies", "events", "facts", "outcomes")
    run = open_run(PLAYBOOK, Inputs(**{name: tmp_path / f"{name}.csv" for name in names}))
    plan, as_of = make_plan(run.bound), read_as_of("2026-03-01", run.zone)
    with closing(run.backend):
        feed = open_past(run, plan, as_known=False, events_are_unique=False)
        stretches = [
            Stretch(known=known, open_spells={"pql": np.arange(len(known)) % 3 == 0}) for known in feed.stretches()
        ]
        (found,) = find_next_steps_of_all(plan, stretches, as_of)
        picked = found[0][::13]
        tables = rows_of_leads(run.backend, run.sources, picked)
    logs = {log.lead_id: log for log in read_logs(run.bound, tables).logs}

    places = {lead_id: place % STRETCH for place, lead_id in enumerate(found[0])}
    steps = dict(zip(*found, strict=True))
    assert len(stretches) == 2
    assert {lead_id: steps[lead_id] for lead_id in picked} == {
        lead_id: find_next_step(
            run.bound, logs[lead_id], as_of, open_spells=["pql"] if places[lead_id] % 3 == 0 else []
        )
        for lead_id in picked
    }
    assert {steps[lead_id].size for lead_id in picked if steps[lead_id]} == {1, 2, 3}


def test_an_outcome_is_supposed_with_the_reason_that_wipes_in_bulk_as_alone():
    text = """
    [playbook]
    name = "p"
    [scores.heat]
    [[criteria]]
    id = "views"
    score = "heat"
    why = "w"
    event = "v"
    points = 20
    [[outcomes.accepted.reasons]]
    id = "Kept"
    [[outcomes.accepted.reasons]]
    id = "Told-Us"
    reset = ["heat"]
    [[qualifications]]
    id = "mql"
    enter = "reason is not null and heat < 5"
    """
    bound, _ = bind_playbook(read_playbook(text)[0])
    plan = make_plan(bound)
    log = LeadLog(lead_id="ann", events=(Event(name="v", at_us=AS_OF.until_us - DAY_US),))

    (found,) = find_next_steps(plan, known_from_logs(plan, [log]), AS_OF)

    assert [one.reason for one in found.changes] == ["Told-Us"]
    assert found == find_next_step(bound, log, AS_OF)
