"""Back-tests a playbook: replays it with its twins, looks at the leads at regular moments, and counts.

One replay gives everything; only to find to the point which threshold fills a capacity, a second one looks between two thresholds.
What is counted, and how, stands in judge.py.
tests/engine/backtest/test_backtest.py guards it.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from leadline.engine.backtest.judge import Twins, judge, rows_of
from leadline.engine.backtest.model import BackTest
from leadline.engine.backtest.thresholds import Moved, fill_of, find_threshold, whole_points_between, with_twins
from leadline.engine.comparison.model import Version
from leadline.engine.comparison.period import find_period, known_until, read_hindsight
from leadline.engine.comparison.workload import handed_over, read_capacity
from leadline.engine.compiler.plan import make_plan
from leadline.engine.expressions.bind import BUILT_IN_OUTCOMES
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Playbook, Qualification
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.replay.model import Replay
from leadline.engine.replay.run import replay
from leadline.engine.run import Inputs, Progress


def backtest(  # noqa: PLR0913 - a run has that many settings, and each has a default but the first four
    playbook: str | Path | Playbook,
    inputs: Inputs,
    *,
    start: str | date | None = None,
    end: str | date,
    outcome: str = "won",
    horizon_days: int = 90,
    qualification: str | None = None,
    score: str | None = None,
    capacity: str | None = None,
    outcomes_to: str | date | None = None,
    backend: str = "duckdb",
    memory: str | None = None,
    events_are_unique: bool = False,
    as_known: bool = False,
    progress: Progress | None = None,
) -> BackTest:
    """Say how well a qualification finds the leads that reach an outcome, and what another threshold would do.

    Args:
        playbook: a file, or a playbook that was loaded.
        inputs: where the data is.
        start, end: the first and the last day, both included; without *start*, the day of the first dated row, and days after the
            last dated row are left out.
        outcome: what is hoped for.
        horizon_days: local days in which a lead may reach it, above 0.
        qualification: which one; left out, the first that is handed over.
        score: whose threshold in its `enter` to move; left out, the first that is held against a number there.
        capacity: how many hand-offs can be worked in a week, such as ``120/week``.
        outcomes_to: the last day of which outcomes are known; left out, the day of the last one in the data, and at most *end*.
        backend, memory, events_are_unique, as_known: as for `replay`.
        progress: told what is being done.

    Raises:
        ProblemsError: the playbook, an input or an argument cannot be used.
    """
    warnings: list[Problem] = []
    if not isinstance(playbook, Playbook):
        playbook, warnings = load_playbook(playbook)
    room, known_to = read_capacity(capacity), read_hindsight(horizon_days, outcomes_to)
    level = get_level(playbook, qualification)
    refuse_unknown_outcome(playbook, outcome)
    moved = find_threshold(playbook, level, score)
    begins, ends = (
        (start, end) if start is not None else find_period(playbook, inputs, end=end, backend=backend, memory=memory)
    )

    def replayed(moved: Moved | str, name: str, *, is_first: bool) -> tuple[Replay, Twins]:
        twins: Twins = {}
        asked = playbook
        if isinstance(moved, Moved):
            asked, twins = with_twins(playbook, level, moved.score, moved.tried)
        found = replay(
            asked,
            inputs,
            start=begins,
            end=ends,
            every="week" if is_first else None,
            evidence=False,
            backend=backend,
            memory=memory,
            events_are_unique=events_are_unique,
            as_known=as_known,
            progress=None if progress is None else lambda what, share: progress(f"{name}: {what}", share),
        )
        return found, twins

    first, twins = replayed(moved, "Replaying", is_first=True)
    until = known_until(first, known_to)
    found = judge(
        first, level, moved, twins, outcome=outcome, horizon_days=horizon_days, capacity=room, seen_until=until
    )
    if room is not None and isinstance(moved, Moved):
        between = whole_points_between(found.thresholds, room)
        if between:
            finer = replace(moved, tried=between)
            second, twins = replayed(finer, "Looking for the threshold that fills the capacity", is_first=False)
            more = rows_of(
                second, level, finer, twins, outcome=outcome, horizon_days=horizon_days, capacity=room, seen_until=until
            )
            rows = tuple(sorted((*found.thresholds, *more), key=lambda row: row.threshold))
            found = replace(found, thresholds=rows, fill=fill_of(rows, room))
    version = Version(name=playbook.name, version=_version_of(playbook, first), file=playbook.file)
    return replace(found, playbook=version, warnings=(*warnings, *found.warnings))


def _version_of(playbook: Playbook, replayed: Replay) -> str:
    """Return the version of the playbook without its twins."""
    own = {clause.where for clause in playbook.clauses()}
    tests = {where: test for where, test in replayed.bound.tests.items() if where in own}
    return make_plan(replace(replayed.bound, playbook=playbook, tests=tests)).hash[:12]


def get_level(playbook: Playbook, qualification: str | None) -> Qualification:
    """Return the qualification to test: the one that is named, else the first that is handed over.

    Raises:
        ProblemsError: there is none of this name, or none at all.
    """
    levels = {level.id: level for level in playbook.qualifications}
    if qualification is None:
        names, _ = handed_over(playbook)
        if names:
            return levels[names[0]]
        message = "There is no [[qualifications]], so there is nothing to test: write one."
        raise ProblemsError([Problem(code="missing-key", message=message, where="qualifications", file=playbook.file)])
    if qualification not in levels:
        message = f"There is no qualification '{qualification}'.{suggest(qualification, levels)}"
        raise ProblemsError([Problem(code="unknown-qualification", message=message, where="--qualification")])
    return levels[qualification]


def refuse_unknown_outcome(playbook: Playbook, outcome: str) -> None:
    """Refuse an outcome that is neither built in nor the playbook's own.

    Raises:
        ProblemsError: it is neither.
    """
    there = [*BUILT_IN_OUTCOMES, *(one.id for one in playbook.outcomes)]
    if outcome not in there:
        message = f"There is no outcome '{outcome}'.{suggest(outcome, there)}"
        raise ProblemsError([Problem(code="unknown-outcome", message=message, where="--outcome")])
