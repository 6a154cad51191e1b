"""Hand-offs by week, and what waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.comparison.by_hand import MQL, PLAYBOOK, SQL, ZERO, a_replay

from leadline.engine.comparison.workload import read_capacity, workload_of
from leadline.engine.problems import ProblemsError

HANDOFF = '[handoff]\nqualifications = ["mql", "sql"]\n'


def test_spells_that_begin_are_counted_by_week_and_what_is_too_much_waits() -> None:
    stays = [(f"lead{number}", day, None) for number, day in enumerate([0, 1, 6, 6, 7, 14, 15, 27])]

    found = workload_of(a_replay(stays, last=27), capacity=2)

    assert [(week.monday - ZERO, week.days, week.handoffs) for week in found.weeks] == [
        (0, 7, 4), (7, 7, 1), (14, 7, 2), (21, 7, 1),
    ]  # fmt: skip
    assert found.waiting == (2, 1, 1, 0)
    assert (found.total, found.a_week, found.most, found.weeks_over, found.most_waiting) == (8, 2.0, 4, 1, 2)


def test_weeks_at_the_edges_say_how_many_days_they_have() -> None:
    found = workload_of(a_replay([("ann", 5, None)], first=5, last=15), capacity=None)

    assert [(week.days, week.handoffs) for week in found.weeks] == [(2, 1), (7, 0), (2, 0)]
    assert found.a_week == pytest.approx(7 / 11)
    assert (found.weeks_over, found.waiting, found.most_waiting) == (None, None, None)


def test_a_lead_comes_back_as_another_hand_off_but_not_twice_at_one_moment() -> None:
    stays = {"mql": [("ann", 1, 3), ("ann", 9, None)], "sql": [("ann", 1, None), ("bob", 1, None)]}

    found = workload_of(a_replay(stays, last=13, toml=PLAYBOOK + MQL + SQL + HANDOFF), capacity=None)

    assert [week.handoffs for week in found.weeks] == [2, 1]
    assert (found.qualifications, found.is_declared) == (("mql", "sql"), True)


def test_without_a_hand_off_table_the_first_qualification_is_taken() -> None:
    stays = {"mql": [("ann", 1, None)], "sql": [("ann", 2, None), ("bob", 2, None)]}

    found = workload_of(a_replay(stays, last=6, toml=PLAYBOOK + MQL + SQL), capacity=None)

    assert (found.total, found.qualifications, found.is_declared) == (1, ("mql",), False)


def test_a_spell_that_began_before_the_period_is_no_hand_off_in_it() -> None:
    assert workload_of(a_replay([("ann", -1, None)]), capacity=1).total == 0


def test_a_playbook_without_qualifications_hands_nothing_over() -> None:
    found = workload_of(a_replay({}, leads=["ann"], last=6, toml=PLAYBOOK), capacity=1)

    assert (found.total, found.qualifications, found.waiting) == (0, (), (0,))


@given(st.lists(st.integers(0, 34), max_size=30), st.integers(1, 8))
def test_what_came_was_worked_or_waits(days: list[int], capacity: int) -> None:
    stays = [(f"lead{number:02}", day, None) for number, day in enumerate(days)]

    found = workload_of(a_replay(stays, last=34), capacity=capacity)

    assert sum(week.handoffs for week in found.weeks) == found.total == len(days)
    assert found.waiting is not None
    waited = 0
    for week, waiting in zip(found.weeks, found.waiting, strict=True):
        assert waited + week.handoffs - waiting <= capacity
        assert waiting == 0 or waited + week.handoffs - waiting == capacity
        waited = waiting


@pytest.mark.parametrize("text", ["120/week", "120", " 120 / WEEK ", "120/w"])
def test_a_capacity_is_a_number_a_week(text: str) -> None:
    assert read_capacity(text) == 120


@pytest.mark.parametrize("text", ["", "0/week", "-3/week", "many", "5/day", "1.5/week", "٣/week", "9999999999/week"])
def test_what_is_no_capacity_is_told(text: str) -> None:
    with pytest.raises(ProblemsError) as error:
        read_capacity(text)

    (problem,) = error.value.problems
    assert (problem.code, problem.where) == ("bad-value", "--capacity")
