"""Judges a replayed playbook: looks at its leads at regular moments, and counts what became of them.

A pure function of a replay of the playbook with its twins; it reads no data. tests/engine/backtest/test_judge.py holds it to tables
that were counted by hand.
"""

from collections.abc import Mapping

from leadline.engine.backtest.landmarks import landmarks
from leadline.engine.backtest.model import BackTest, ThresholdRow
from leadline.engine.backtest.tables import grade_rows, part_of, score_table
from leadline.engine.backtest.thresholds import Moved, fill_of, in_time, threshold_row, without_twins, workload_with
from leadline.engine.comparison.compare import not_used_of, version_of
from leadline.engine.comparison.entries import entries_of
from leadline.engine.comparison.followup import HOPED_FOR, follow, hindsight
from leadline.engine.expressions.nodes import Grade, Score, terms_of
from leadline.engine.playbook.model import Qualification
from leadline.engine.playbook.model import Score as ScoreSpec
from leadline.engine.replay.model import Replay
from leadline.engine.statistics import Share

Twins = Mapping[int, str]
"""The id of the twin of each threshold."""


def judge(
    replayed: Replay,
    level: Qualification,
    moved: Moved | str,
    twins: Twins,
    *,
    outcome: str,
    horizon_days: int,
    capacity: int | None = None,
    seen_until: int | None = None,
) -> BackTest:
    """Return the back-test of a replay: a pure function.

    Args:
        replayed: a replay of the playbook with its twins, with regular assessments.
        level: the qualification.
        moved: its threshold, or why there is none. twins: the twin of each threshold that was tried.
        outcome, horizon_days, capacity: as for `backtest`.
        seen_until: the last day of which outcomes are known; left out, the last day of the period.

    Raises:
        ValueError: *horizon_days* is not above 0, or the replay has no regular assessments.
    """
    if horizon_days <= 0:
        raise ValueError("a horizon is at least one day")
    until = replayed.end.day if seen_until is None else seen_until
    known = hindsight(replayed, horizon_days=horizon_days, seen_until=until)
    grid, observed, moments = landmarks(replayed, outcome=outcome, horizon_days=horizon_days, seen_until=until)
    entries = entries_of(replayed)[level.id]
    rows: tuple[ThresholdRow, ...] = ()
    if isinstance(moved, Moved):
        rows = rows_of(
            replayed,
            level,
            moved,
            twins,
            outcome=outcome,
            horizon_days=horizon_days,
            capacity=capacity,
            seen_until=seen_until,
        )
    followed = HOPED_FOR if outcome in HOPED_FOR else (*HOPED_FOR, outcome)
    return BackTest(
        playbook=version_of(replayed),
        qualification=level.id,
        title=level.title,
        outcome=outcome,
        start=replayed.start.day,
        end=replayed.end.day,
        seen_until=until,
        horizon_days=horizon_days,
        leads=len(replayed.lead_ids),
        moments=moments,
        observations=Share(int(observed.hit.sum()), observed.count),
        observed_leads=observed.leads,
        left_out=observed.left_out,
        scores=tuple(
            score_table(one, grid.scores[one.id][observed.rows], observed.hit) for one in _scores_of(replayed, level)
        ),
        grades=grade_rows(grid.grades, grid.grade[observed.rows], observed.hit),
        enter=part_of(grid.enter[level.id][observed.rows], observed.hit),
        followed=follow(known, "new", entries, qualification=level.id, outcomes=followed),
        in_time=in_time(replayed, known, entries, level.id, outcome),
        workload=workload_with(replayed, level.id, level.id, capacity),
        score=moved.score if isinstance(moved, Moved) else None,
        no_threshold=None if isinstance(moved, Moved) else moved,
        thresholds=rows,
        fill=fill_of(rows, capacity) if rows and capacity is not None else None,
        warnings=tuple(without_twins(replayed.warnings, twins)),
        not_used=not_used_of(replayed),
    )


def rows_of(
    replayed: Replay,
    level: Qualification,
    moved: Moved,
    twins: Twins,
    *,
    outcome: str,
    horizon_days: int,
    capacity: int | None,
    seen_until: int | None,
) -> tuple[ThresholdRow, ...]:
    """Return what each twin of a replay did, from the lowest threshold to the highest."""
    until = replayed.end.day if seen_until is None else seen_until
    known = hindsight(replayed, horizon_days=horizon_days, seen_until=until)
    entries = entries_of(replayed)
    return tuple(
        threshold_row(
            replayed,
            known,
            level.id,
            twins[units],
            units,
            entries,
            is_present=units == moved.present,
            outcome=outcome,
            capacity=capacity,
        )
        for units in moved.tried
    )


def _scores_of(replayed: Replay, level: Qualification) -> list[ScoreSpec]:
    """Return the scores that a qualification reads; where it reads none, all."""
    read = {
        term.score
        for clause in (level.enter, level.stay)
        for term in terms_of(replayed.bound.test(clause))
        if isinstance(term, Score | Grade)
    }
    return [score for score in replayed.playbook.scores if score.id in read or not read]
