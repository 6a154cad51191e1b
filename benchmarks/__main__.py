"""Measure everything side by side and write benchmarks/README.md.

    python -m benchmarks                     all groups, at full size: the better part of an hour on two cores
    python -m benchmarks pairs rollup        only these; what was measured before stays in the table
    python -m benchmarks time --size 0.1 --page /tmp     to try: the page, its numbers and its picture go there

Groups: pairs, rollup, single, growth, duplicates, alternatives, engines, time, ingest, live. No time is asserted anywhere.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.generate import DATA
from benchmarks.measure import Measured, measure
from benchmarks.report import sign, write_report
from benchmarks.time_group import measure_time

PAIRS = 3
LIMIT_S = 600
OUT = DATA / "out"
Results = dict[str, Any]


def pair(results: Results, name: str, size: float, ours: list[object], theirs: list[object]) -> None:
    """Measure hand-written SQL and ours back to back, three times."""
    runs = []
    for number in range(PAIRS):
        hand = measure("benchmarks.hand_written", size, OUT / "hand.parquet", *theirs)
        own = measure("benchmarks.ours", size, OUT / "ours.parquet", *ours)
        say(f"{name} {number + 1}/{PAIRS}: hand-written {hand.wall_s} s, ours {own.wall_s} s {own.outcome}")
        runs.append({"hand": hand.plain(), "ours": own.plain()})
    ratios = [run["ours"]["wall_s"] / run["hand"]["wall_s"] for run in runs]
    cpu_ratios = [run["ours"]["cpu_s"] / run["hand"]["cpu_s"] for run in runs]
    peak_mb = max(run["ours"]["peak_mb"] for run in runs)
    found = {"ratio": median(ratios), "cpu_ratio": median(cpu_ratios), "peak_mb": peak_mb}
    results[name] = {"size": size, "runs": runs} | found


def measure_pairs(results: Results, size: float) -> None:
    """Full scoring from raw events against hand-written SQL, with and without events that can be passed over."""
    pair(results, "raw", size, [], [])
    pair(results, "raw, nothing to prune", size, ["--no-horizon"], ["--no-horizon"])
    results["raw, --memory 1GB"] = single(measure("benchmarks.ours", size, OUT / "o.parquet", "--memory", "1GB"), size)
    lean = measure("benchmarks.ours", size, OUT / "o.parquet", "--no-horizon", "--memory", "1GB")
    results["raw, nothing to prune, --memory 1GB"] = single(lean, size)


def measure_rollup(results: Results, size: float) -> None:
    """From the daily roll-up."""
    rollup = OUT / f"rollup-{size:g}.parquet"
    results["build the roll-up"] = single(measure("benchmarks.ours", size, rollup, "--build"), size)
    pair(results, "from the roll-up", size, ["--rollup", rollup], [])
    folder = OUT / f"rows-{size:g}"
    measure("benchmarks.plain_python", "export", size, folder, rollup)
    batch = measure("benchmarks.plain_python", "batch", size, folder, OUT / "python.csv")
    results["plain Python from the roll-up"] = single(batch, size)


def measure_single(results: Results, size: float) -> None:
    """One lead at a time, in plain Python."""
    folder = OUT / f"rows-{size:g}"
    found = measure("benchmarks.plain_python", "one", size, folder)
    say(f"one lead: {found.output}")
    if found.outcome == "ok":
        results["one lead"] = json.loads(found.output.splitlines()[-1]) | {"size": size}


def measure_growth(results: Results, size: float) -> None:
    """The same leads with eight times the events, at a size of which eight times is still the full one."""
    part = size / 8
    measure("benchmarks.generate", part, f"{part}x8", limit_s=3600)
    once, eight = [], []
    for _ in range(PAIRS):
        once.append(measure("benchmarks.ours", part, OUT / "o.parquet").plain())
        eight.append(measure("benchmarks.ours", part, OUT / "o.parquet", "--factor", 8).plain())
    ratio = median(more["wall_s"] / less["wall_s"] for less, more in zip(once, eight, strict=True))
    results["8 times the events"] = {"size": part, "once": once, "eight": eight, "ratio": ratio}
    say(f"8 times the events: {ratio:.2f}")


def measure_duplicates(results: Results, size: float) -> None:
    """What finding repeated event ids adds."""
    found = measure("benchmarks.ours", size, OUT / "o.parquet", "--duplicates")
    results["with finding duplicates"] = single(found, size)


def measure_alternatives(results: Results, size: float) -> None:
    """What else one could use, each at the largest size that fits memory and ten minutes."""
    results["bare group by lead, sum"] = single(measure("benchmarks.group_by", size), size)
    for name, module in (
        ("Polars", "benchmarks.polars_script"),
        ("pandas, as people write it", "benchmarks.pandas_script"),
        ("Python loop over leads", "benchmarks.lead_loop"),
    ):
        results[name] = largest(name, size, lambda part, module=module: measure(module, part, limit_s=LIMIT_S))


def measure_engines(results: Results, size: float) -> None:
    """The same playbook on PostgreSQL (files are loaded first) and on Spark."""
    for name, backend in (("PostgreSQL", "postgresql://postgres@127.0.0.1:5432/test"), ("Spark local[2]", "spark")):
        results[name] = largest(
            name,
            size,
            lambda part, backend=backend: measure(
                "benchmarks.ours", part, OUT / "o.parquet", "--backend", backend, limit_s=LIMIT_S
            ),
            start=0.1,
        )


def measure_through_time(results: Results, size: float) -> None:
    """Replays, comparisons and forecasts beside one `score` run."""
    results["time"] = measure_time(OUT / "time", size, pairs=PAIRS, largest=largest, say=say)


def measure_taking_in(results: Results, size: float) -> None:
    """Events taken in over HTTP, durable when acknowledged, beside a server that only parses. The size does not matter."""
    from benchmarks.ingest import measure_ingest  # here, so that whoever measures stays small

    results["ingest"] = [measure_ingest(one, 1, seconds=4, connections=16) for one in ("sqlite", "postgresql")]
    say("\n".join(f"{one['database']}: {one['ours']['events_a_second']} events/s" for one in results["ingest"]))


def measure_to_visible(results: Results, size: float) -> None:
    """From an event to a visible score: a backlog of 100,000, and 50 events a second. The size does not matter."""
    from benchmarks.ingest import measure_live_on

    results["live"] = [measure_live_on(one) for one in ("sqlite", "postgresql")]
    for one in results["live"]:
        say(f"{one['database']}: {one['backlog']['a second']} events/s, p50 {one['latency']['p50 seconds']} s")


def largest(name: str, size: float, run: Callable[[float], Measured], *, start: float = 1.0) -> Results:
    """Measure at the largest of size, size/10, size/100 that works."""
    last: Results = {}
    for part in (size, size / 10, size / 100):
        if part > size * start:
            continue
        found = run(part)
        say(f"{name} at {part:g}: {found.wall_s} s, {found.peak_mb} MB, {found.outcome}")
        last = single(found, part)
        if found.outcome == "ok":
            break
    return last


def single(found: Measured, size: float) -> Results:
    """Return one measurement for the results."""
    return {"size": size, "run": found.plain()}


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, flush=True)


GROUPS: dict[str, Callable[[Results, float], None]] = {
    "pairs": measure_pairs,
    "rollup": measure_rollup,
    "single": measure_single,
    "growth": measure_growth,
    "duplicates": measure_duplicates,
    "alternatives": measure_alternatives,
    "engines": measure_engines,
    "time": measure_through_time,
    "ingest": measure_taking_in,
    "live": measure_to_visible,
}


def main() -> None:
    """Measure what was asked for, keep it, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--page", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    asked = parser.parse_args()
    if unknown := set(asked.groups) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    OUT.mkdir(parents=True, exist_ok=True)
    measure("benchmarks.generate", asked.size, limit_s=3600)
    kept = asked.page / "results.json"
    results: Results = json.loads(kept.read_text()) if kept.exists() and asked.groups else {}
    for name in asked.groups or GROUPS:
        GROUPS[name](results, asked.size)
        sign(results, name)
        kept.write_text(json.dumps(results, indent=1) + "\n")
        write_report(results, asked.page)


if __name__ == "__main__":
    main()
