"""Measures what goes through time beside one `score` run on the same files: pairs back to back, a million leads, and growth.

Sizes follow the one asked for: pairs at a tenth of it (100,000 leads, 5 million events), memory at all of it, growth at an eightieth
of its leads with one, two, four and eight times their events.
"""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Measured, measure

Results = dict[str, Any]
Largest = Callable[..., Results]
FACTORS = (1, 2, 4, 8)
GROWING = ("score", "grid", "spells")
PAIRED = {"grid": "score", "spells": "score", "cools": "score", "whatif": "year"}
"""What is measured, and what it is held against."""

MODULE = "benchmarks.through_time"
LONG_S = 3600


def measure_time(out: Path, size: float, *, pairs: int, largest: Largest, say: Callable[[str], None]) -> Results:
    """Return all that is measured about time.

    Args:
        out: where results are written.
        size: the full size.
        pairs: how often each pair runs.
        largest: measures at the largest size that works (of `__main__`).
        say: told how far it is.
    """
    part, few = size / 10, size / 80
    growing = [f"{few:g}x{factor}" for factor in FACTORS]
    made = measure("benchmarks.generate", size, part, part / 10, *growing, limit_s=LONG_S)
    if made.outcome != "ok":
        raise RuntimeError(made.output)

    def run(command: str, at: float, *more: object, may_fail: bool = False) -> Measured:
        found = measure(MODULE, command, at, out, *more, limit_s=LONG_S)
        say(f"{command} at {at:g} {' '.join(map(str, more))}: {found.wall_s} s, {found.peak_mb} MB, {found.outcome}")
        if found.outcome != "ok" and not may_fail:
            raise RuntimeError(f"{command} at {at:g}: {found.outcome}\n{found.output}")
        return found

    results: Results = {"size": size, "part": part, "pairs": {}, "whole": {}}
    for name, beside in PAIRED.items():
        runs = [{beside: run(beside, part).plain(), name: run(name, part).plain()} for _ in range(pairs)]
        results["pairs"][name] = {"beside": beside, "runs": runs} | {
            key: median(one[name][what] / one[beside][what] for one in runs)
            for key, what in (("ratio", "wall_s"), ("cpu_ratio", "cpu_s"))
        }
    for name in ("score", "grid", "spells"):
        results["whole"][name] = run(name, size, may_fail=True).plain()
    results["growth"] = _measure_growth(few, pairs, run)
    results["weekly"] = largest("52 × score", part, lambda at: measure(MODULE, "weekly", at, out, limit_s=600))
    results["naive"] = json.loads(run("naive", part).output.splitlines()[-1])
    return results


def _measure_growth(few: float, pairs: int, run: Callable[..., Measured]) -> Results:
    """Return seconds by factor of events, in the middle of several runs; the sizes take turns, so that a busy hour meets all."""
    runs: dict[str, dict[int, list[Measured]]] = {name: {factor: [] for factor in FACTORS} for name in GROWING}
    for _ in range(pairs):
        for factor in FACTORS:
            for name in GROWING:
                runs[name][factor].append(run(name, few, "--factor", factor))
    found: Results = {"size": few, "factors": list(FACTORS)}
    for name, of_factor in runs.items():
        for key in ("wall_s", "cpu_s", "peak_mb"):
            found[f"{name}_{key}"] = [
                round(median(getattr(one, key) for one in of_factor[factor]), 2) for factor in FACTORS
            ]
    return found
