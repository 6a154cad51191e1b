"""A whole back-test on a replay by the reference: counted by hand where it is small, and what must hold of it."""

import json
from datetime import date

import pytest
from tests.engine.comparison.by_reference import replay_naively

from leadline.engine.backtest.judge import judge
from leadline.engine.backtest.model import BackTest
from leadline.engine.backtest.thresholds import Moved, find_threshold, with_twins
from leadline.engine.calendar import DAY_US, day_number
from leadline.engine.comparison.compare import compare
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import Event, LeadLog, ReportedOutcome
from leadline.engine.replay.model import Replay

TOML = """
[playbook]
name = "visits"
grade = ["engagement"]
[scores.engagement]
title = "Engagement"
min = 0
max = 40
grades = { 1 = 20, 2 = 10, 3 = 0 }
[[criteria]]
id = "visit"
score = "engagement"
why = "Came by"
event = "visit"
points = 5
within = "30d"
[events.visit]
[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "engagement >= 10"
"""
START, END = date(2026, 1, 5), date(2026, 4, 14)
ZERO = day_number(START)
HORIZON = 30


def a_log(lead_id: str, visits: list[int], won: int | None = None) -> LeadLog:
    """Return a lead that came by at noon of these days, and was won on another."""
    at = [(ZERO + day) * DAY_US + DAY_US // 2 for day in visits]
    outcomes = () if won is None else (ReportedOutcome(outcome="won", at_us=(ZERO + won) * DAY_US + DAY_US // 2),)
    return LeadLog(lead_id=lead_id, events=tuple(Event(name="visit", at_us=one) for one in at), outcomes=outcomes)


LOGS = [
    a_log("ann", [0, 2, 4], won=20),       # mql from day 2, won in 18 days
    a_log("bob", [0, 1]),                  # mql from day 1, nothing
    a_log("cem", [0], won=50),             # never mql at 10; at 5 from day 0, won too late for that entry
    a_log("dan", [10, 40, 41, 42, 43]),    # mql from day 41, nothing
    a_log("eva", [60, 61, 62], won=80),    # mql from day 61, won in 19 days
    a_log("fay", [95, 96]),                # mql from day 96: not mature
]  # fmt: skip


def a_replay(toml: str = TOML, logs: list[LeadLog] = LOGS) -> tuple[Replay, BoundPlaybook, Moved, dict[int, str]]:
    playbook = read_playbook(toml)[0]
    moved = find_threshold(playbook, playbook.qualifications[0], None)
    assert isinstance(moved, Moved)
    made, names = with_twins(playbook, playbook.qualifications[0], moved.score, moved.tried)
    bound, _ = bind_playbook(made)
    return replay_naively(bound, logs, start=START, end=END, every_days=7), bound, moved, dict(names)


@pytest.fixture(scope="module")
def found() -> BackTest:
    replay, bound, moved, names = a_replay()
    level = bound.playbook.qualifications[0]
    return judge(replay, level, moved, names, outcome="won", horizon_days=HORIZON, capacity=1)


def test_the_moments_lie_a_horizon_apart(found: BackTest) -> None:
    assert [day - ZERO for day in found.moments] == [29, 64]


def test_only_open_leads_are_observed_and_only_with_their_whole_horizon(found: BackTest) -> None:
    # day 29: bob, cem (won within), dan. Day 64: bob, dan, eva (won within). ann is won already, then cem too; fay is not there yet.
    assert (found.observations.count, found.observations.n, found.observed_leads) == (2, 6, 4)
    assert [(one.reason, one.observations) for one in found.left_out] == [("reached", 3)]


def test_bands_and_grades_are_counted_by_hand(found: BackTest) -> None:
    # day 29: bob 10, cem 5, dan 5. Day 64, when all of more than 30 days ago is forgotten: bob 0, dan 20, eva 15.
    (table,) = found.scores
    by_score = {band.most // 10_000: (band.part.reached.count, band.part.reached.n) for band in table.bands}
    assert by_score == {20: (0, 1), 15: (1, 1), 10: (0, 1), 5: (1, 2), 0: (0, 1)}
    assert [(row.grade, row.part.reached.count, row.part.reached.n) for row in found.grades] == [
        ("1", 0, 1), ("2", 1, 2), ("3", 1, 3),
    ]  # fmt: skip
    assert (found.enter.reached.count, found.enter.reached.n) == (1, 3)
    # cem (5) is above bob at 0 and level with dan at 5; eva (15) is above all but dan at 20
    assert table.auc == pytest.approx((1 + 0.5 + 3) / 8)


def test_entries_are_followed_and_those_won_are_looked_for_before(found: BackTest) -> None:
    won = found.followed.get("won").share
    assert (found.followed.leads, found.followed.mature, found.followed.unmatured) == (5, 4, 1)
    assert (won.count, won.n) == (2, 4)
    assert (found.in_time.share.count, found.in_time.share.n) == (2, 3)
    assert found.in_time.days == (18, 18.25, 18.5, 18.75, 19)


def test_every_threshold_is_replayed(found: BackTest) -> None:
    rows = {row.threshold // 10_000: row for row in found.thresholds}

    assert list(rows) == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    assert {number: row.leads for number, row in rows.items()} == {
        0: 6, 5: 6, 10: 5, 15: 3, 20: 1, 25: 0, 30: 0, 35: 0, 40: 0,
    }  # fmt: skip
    assert [row.is_present for row in found.thresholds] == [number == 10 for number in rows]
    assert found.present is rows[10]
    lower, higher = found.moved(-5), found.moved(5)
    assert lower is rows[5] and higher is rows[15]
    assert (lower.added, lower.removed, lower.earlier, lower.later, lower.same) == (1, 0, 5, 0, 0)
    assert (higher.added, higher.removed) == (0, 2)
    assert (higher.precision.count, higher.precision.n) == (2, 3)
    assert (lower.reach.count, lower.reach.n) == (3, 3)
    assert (higher.removed_reached.count, higher.removed_reached.n) == (0, 1)


def test_the_row_of_the_present_threshold_is_the_qualification_itself(found: BackTest) -> None:
    row = found.present

    assert row is not None
    assert (row.added, row.removed, row.earlier, row.later) == (0, 0, 0, 0)
    assert row.precision == found.followed.get("won").share
    assert row.reach == found.in_time.share
    assert row.a_week == found.workload.a_week


def test_a_capacity_is_filled_by_the_lowest_threshold_that_is_not_too_much(found: BackTest) -> None:
    assert found.fill is not None
    assert found.fill.a_week is not None
    assert found.fill.a_week <= 1


def test_a_row_says_what_a_comparison_of_two_playbooks_says(found: BackTest) -> None:
    old, new = (
        replay_naively(bind_playbook(read_playbook(text)[0])[0], LOGS, start=START, end=END)
        for text in (TOML, TOML.replace("engagement >= 10", "engagement >= 15"))
    )

    change = compare(old, new, horizon_days=HORIZON).get("mql")

    row = found.moved(5)
    assert row is not None
    assert (row.leads, row.spells, row.added, row.removed, row.earlier, row.later, row.same) == (
        change.new_leads, change.new_spells, change.added, change.removed, change.earlier, change.later, change.same,
    )  # fmt: skip
    assert row.precision == change.of("new").get("won").share
    assert row.removed_reached == change.of("removed").get("won").share
    assert row.reach == change.winners.new


def test_it_becomes_json(found: BackTest) -> None:
    said = json.loads(json.dumps(found.to_dict()))

    assert said["moments"] == ["2026-02-03", "2026-03-10"]
    assert said["thresholds"][1]["threshold"] == 5
    assert said["scores"][0]["bands"][0]["part"]["reached"]["of"] == 1


def test_no_leads_and_nothing_mature_give_empty_tables() -> None:
    for logs in ([], [a_log("ann", [90, 91])]):
        replay, bound, moved, names = a_replay(logs=logs)

        found = judge(replay, bound.playbook.qualifications[0], moved, names, outcome="won", horizon_days=HORIZON)

        assert (found.observations.n, found.scores[0].bands, found.grades) == (0, (), ())
        assert found.enter.lift is None
        assert found.followed.mature == 0
        assert (found.in_time.share.n, found.in_time.days, found.fill) == (0, None, None)
        json.dumps(found.to_dict())


def test_a_period_shorter_than_the_horizon_has_no_moment_and_no_table() -> None:
    replay, bound, moved, names = a_replay()

    found = judge(replay, bound.playbook.qualifications[0], moved, names, outcome="won", horizon_days=400)

    assert (found.moments, found.observations.n, found.scores[0].bands) == ((), 0, ())
    assert (found.followed.mature, found.followed.unmatured) == (0, 5)


def test_a_horizon_of_no_days_is_refused() -> None:
    replay, bound, moved, names = a_replay()

    with pytest.raises(ValueError, match="at least one day"):
        judge(replay, bound.playbook.qualifications[0], moved, names, outcome="won", horizon_days=0)


def test_what_is_known_later_changes_nothing_that_was_judged_before() -> None:
    """The scores at a moment and whether the outcome came within the horizon know nothing of what lies after it."""
    later = [
        LeadLog(
            lead_id=log.lead_id,
            events=(*log.events, *(Event(name="visit", at_us=(ZERO + 67 + hour) * DAY_US) for hour in range(20))),
            outcomes=(*log.outcomes, ReportedOutcome(outcome="won", at_us=(ZERO + 96) * DAY_US)),
        )
        for log in LOGS
    ]
    judged = []
    for logs in (LOGS, later):
        replay, bound, moved, names = a_replay(logs=logs)
        judged.append(
            judge(replay, bound.playbook.qualifications[0], moved, names, outcome="won", horizon_days=HORIZON)
        )

    plain, informed = judged
    assert (plain.observations, plain.scores, plain.grades, plain.enter) == (
        informed.observations, informed.scores, informed.grades, informed.enter,
    )  # fmt: skip
    assert informed.in_time != plain.in_time
