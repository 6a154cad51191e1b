"""Other thresholds: which to try, the twins that try them, and what fills a capacity."""

from collections.abc import Sequence

import pytest

from leadline.engine.backtest.model import ThresholdRow
from leadline.engine.backtest.thresholds import (
    Moved,
    fill_of,
    find_threshold,
    whole_points_between,
    with_twins,
    without_twins,
)
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.statistics import Share

TOML = """
[playbook]
name = "two scores"
[scores.fit]
title = "Fit"
min = 0
max = 60
grades = { A = 40, B = 0 }
[scores.engagement]
title = "Engagement"
[[criteria]]
id = "size"
score = "fit"
why = "A good size"
when = "employees >= 50"
points = 60
[[criteria]]
id = "visits"
score = "engagement"
why = "Came by"
when = "visits >= 3"
points = 30
[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "ENTER"
"""


def a_playbook(enter: str, more: str = "") -> Playbook:
    return read_playbook(TOML.replace("ENTER", enter) + more)[0]


def found_in(enter: str, score: str | None = None) -> Moved | str:
    playbook = a_playbook(enter)
    return find_threshold(playbook, playbook.qualifications[0], score)


def points(units: Sequence[int]) -> list[float]:
    return [one / 10_000 for one in units]


def test_the_first_score_that_is_compared_is_moved_in_steps_of_five_within_its_range() -> None:
    found = found_in("fit >= 45 and engagement >= 10")

    assert isinstance(found, Moved)
    assert (found.score, found.present) == ("fit", 450_000)
    assert points(found.tried) == [15, 20, 25, 30, 35, 40, 45, 50, 55, 60]


def test_another_score_can_be_named() -> None:
    found = found_in("fit >= 45 and engagement > 7.5", "engagement")

    assert isinstance(found, Moved)
    assert (found.score, found.present) == ("engagement", 75_000)
    assert 75_000 in found.tried


def test_a_score_that_is_not_compared_is_refused_with_those_that_are() -> None:
    with pytest.raises(ProblemsError) as error:
        found_in("fit >= 45", "engagement")

    (problem,) = error.value.problems
    assert (problem.code, problem.where) == ("unknown-score", "--score")
    assert "'fit'" in problem.message


@pytest.mark.parametrize("enter", ["fit.grade = 'A'", "employees >= 50", "not fit >= 45"])
def test_without_a_threshold_it_is_said_that_there_is_none(enter: str) -> None:
    assert "no threshold to move" in str(found_in(enter))


def test_two_numbers_for_one_score_are_not_guessed_between() -> None:
    found = found_in("fit >= 45 or (fit >= 30 and engagement >= 10)")

    assert "against 30 and 45" in str(found)


def test_a_threshold_outside_the_range_is_tried_all_the_same() -> None:
    found = found_in("fit >= 90")

    assert isinstance(found, Moved)
    assert points(found.tried) == [60, 90]


def test_twins_differ_in_their_number_only_and_bind() -> None:
    playbook = a_playbook(
        "fit >= 45 and engagement >= 10", 'hand_raise = ["demo_requested"]\n[events.demo_requested]\n'
    )

    made, names = with_twins(playbook, playbook.qualifications[0], "fit", [400_000, 450_000])
    bound, _ = bind_playbook(made)

    first, second = bound.playbook.qualifications[1:]
    assert list(names) == [400_000, 450_000]
    assert (first.enter.text, second.enter.text) == (
        "fit >= 40 and engagement >= 10", "fit >= 45 and engagement >= 10",
    )  # fmt: skip
    assert first.stay.text == first.enter.text
    assert first.hand_raise == ("demo_requested",)
    assert bound.test(second.enter) == bound.test(playbook.qualifications[0].enter)


def test_a_stay_of_its_own_is_kept() -> None:
    playbook = a_playbook("fit >= 45", 'stay = "fit >= 30"\n')

    made, _ = with_twins(playbook, playbook.qualifications[0], "fit", [400_000])

    assert made.qualifications[1].stay.text == "fit >= 30"


def test_a_twin_takes_no_name_that_is_taken() -> None:
    playbook = a_playbook("fit >= 45", '[[qualifications]]\nid = "mql-moved-0"\ntitle = "x"\nenter = "fit >= 1"\n')

    made, names = with_twins(playbook, playbook.qualifications[0], "fit", [400_000])

    assert len({level.id for level in made.qualifications}) == 3
    assert names[400_000] != "mql-moved-0"


def test_warnings_of_twins_are_not_told() -> None:
    warning = Problem(code="unreachable-threshold", message="m", where="qualifications.mql.enter", severity="warning")
    twin = Problem(code="unreachable-threshold", message="m", where="qualifications.t.enter", severity="warning")

    assert without_twins([warning, twin], {1: "t"}) == [warning]


# -- capacity -------------------------------------------------------------------------------------------------


def a_row(threshold: int, a_week: float) -> ThresholdRow:
    none = Share(0, 0)
    return ThresholdRow(
        threshold=threshold * 10_000, is_present=False, leads=0, spells=0, precision=none, unmatured=0, before=0,
        reach=none, a_week=a_week, most=0, weeks_over=0, most_waiting=0, added=0, removed=0, earlier=0, later=0, same=0,
        added_reached=none, removed_reached=none,
    )  # fmt: skip


ROWS = [a_row(30, 20.0), a_row(35, 12.0), a_row(40, 9.0), a_row(45, 3.0)]


def test_the_lowest_threshold_that_is_not_too_much_fills_the_capacity() -> None:
    found = fill_of(ROWS, 10)

    assert (found.threshold, found.a_week, found.is_lowest_tried) == (400_000, 9.0, False)
    assert points(whole_points_between(ROWS, 10)) == [36, 37, 38, 39]


def test_when_all_are_few_enough_the_lowest_is_named_as_the_lowest_tried() -> None:
    found = fill_of(ROWS, 20)

    assert (found.threshold, found.is_lowest_tried) == (300_000, True)
    assert whole_points_between(ROWS, 20) == ()


def test_when_even_the_highest_is_too_much_none_fills() -> None:
    found = fill_of(ROWS, 2)

    assert (found.threshold, found.a_week, found.is_lowest_tried) == (None, None, False)
    assert whole_points_between(ROWS, 2) == ()
