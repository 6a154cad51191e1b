"""What if a playbook had been another: two versions replayed over the same data, compared, and the most telling leads explained.

Two replays are nearly all of the cost; the rest is one pass over their spells and the rows of twenty leads.
tests/engine/comparison/test_whatif.py holds it to the reference.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.explained import explain_telling
from leadline.engine.comparison.model import Side, WhatIf
from leadline.engine.comparison.period import check_zones, find_period, known_until, read_hindsight
from leadline.engine.comparison.workload import read_capacity
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem
from leadline.engine.replay.model import Replay
from leadline.engine.replay.run import replay
from leadline.engine.run import Inputs, Progress


def whatif(  # noqa: PLR0913 - a run has that many settings, and each has a default but the first five
    old: str | Path | Playbook,
    new: str | Path | Playbook,
    inputs: Inputs,
    *,
    start: str | date | None = None,
    end: str | date,
    capacity: str | None = None,
    horizon_days: int = 90,
    outcomes: Sequence[str] | None = None,
    outcomes_to: str | date | None = None,
    backend: str = "duckdb",
    memory: str | None = None,
    events_are_unique: bool = False,
    as_known: bool = False,
    progress: Progress | None = None,
) -> WhatIf:
    """Say what another version of a playbook would have done over a stretch of time.

    Args:
        old, new: two versions: files, or playbooks that were loaded.
        inputs: where the data is.
        start, end: the first and the last day, both included; without *start*, the day of the first dated row, and days after the
            last dated row are left out.
        capacity: how many hand-offs can be worked in a week, such as ``120/week``.
        horizon_days: local days after its entry in which a lead may reach an outcome, above 0.
        outcomes: which ones to follow, the furthest last; left out, accepted, opportunity, won and the playbooks' own.
        outcomes_to: the last day of which outcomes are known; left out, the day of the last one in the data, and at most *end*.
        backend, memory, events_are_unique, as_known: as for `replay`.
        progress: told what is being done.

    Raises:
        ProblemsError: a playbook, an input or an argument cannot be used.

    Returns:
        What differs; `to_dict` gives it as values that JSON knows, `leadline.report` as a page.
    """
    tell = progress or (lambda _what, _share: None)
    room, known_to = read_capacity(capacity), read_hindsight(horizon_days, outcomes_to)
    warnings: list[Problem] = []
    versions: list[Playbook] = []
    for one in (old, new):
        loaded, told = (one, []) if isinstance(one, Playbook) else load_playbook(one)
        versions.append(loaded)
        warnings += told
    check_zones(*versions)
    begins, ends = (
        (start, end) if start is not None else find_period(versions[1], inputs, end=end, backend=backend, memory=memory)
    )

    def replayed(playbook: Playbook, name: str, done: float) -> Replay:
        return replay(
            playbook,
            inputs,
            start=begins,
            end=ends,
            evidence=False,
            backend=backend,
            memory=memory,
            events_are_unique=events_are_unique,
            as_known=as_known,
            progress=lambda what, share: tell(f"{name}: {what}", None if share is None else done + share * 0.45),
        )

    before = replayed(versions[0], "Old version", 0.0)
    after = replayed(versions[1], "New version", 0.45)
    tell("Comparing", 0.9)
    found = compare(
        before,
        after,
        capacity=room,
        horizon_days=horizon_days,
        outcomes=outcomes,
        seen_until=known_until(after, known_to),
    )
    tell("Explaining the most telling leads", 0.95)
    bounds: dict[Side, BoundPlaybook] = {"old": before.bound, "new": after.bound}
    found = replace(found, warnings=tuple(dict.fromkeys([*warnings, *found.warnings])))
    return explain_telling(found, bounds, inputs, backend=backend, memory=memory, as_known=as_known)
