"""Writes benchmarks/README.md from what was measured."""

import os
import platform
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.generate import FULL_EVENTS, FULL_LEADS
from benchmarks.report_time import bounded_rows, growth_section, second_rows

Results = dict[str, Any]

INTRODUCTION = """# Benchmarks

Written by `make bench` (`python -m benchmarks`); single groups again with `python -m benchmarks pairs rollup`. No test asserts
a time. What tests do assert: hand-written SQL and Leadline give equal integers in every column, and a replay what single runs give
(`tests/test_benchmarks.py`). The numbers of this page are in `results.json`, so that a group can be measured again alone.

- **Data**: `generate.py`, seeded; size 1 is a million leads with fifteen facts and fifty million events over two years, in visits
  of three events, skewed, in the order of time, {size_text}.
- **Playbook**: `playbook.toml`, 30 criteria on events, 20 on facts, four questions, grades, qualifications; 78 columns with all
  contributions are written to Parquet. `playbook-no-horizon.toml` is the same, but no event ever becomes worthless.
- **Hand-written**: `hand_written.py`, SQL for DuckDB as a good analyst would write it. It reads nothing but the data, checks nothing
  and writes its rows in any order; Leadline also reads and checks the playbook, looks for unreadable rows, bots, late events and unknown
  leads, tells of them, and writes its rows in the order of `lead_id`.
- **Pairs**: the two run back to back three times; the ratio is the median of the three. Finding repeated `event_id`s is left out on
  both sides and shown apart.
- **Through time**: `through_time.py`, the same playbook, against one `score` run on the same files without the columns of single
  criteria, the cheapest there is. Both write Parquet. What one would do without a replay stands beside it.
"""


def write_report(results: Results, folder: Path) -> None:
    """Write README.md and its picture into a folder."""
    (folder / "README.md").write_text("\n".join(_lines(results, folder)) + "\n", encoding="utf-8")


def sign(results: Results, group: str) -> None:
    """Note when and on what a group was measured."""
    results.setdefault("measured", {})[group] = {
        "machine": _machine(),
        "on": date.today().isoformat(),  # noqa: DTZ011 - the day where the machine stands
        "load": round(os.getloadavg()[1], 1),
    }


def _lines(results: Results, folder: Path) -> Iterator[str]:
    yield INTRODUCTION.format(size_text="Parquet, 850 MB").rstrip()
    yield from _measured(results.get("measured", {}))
    yield ""
    yield "## What has bounds"
    yield ""
    yield "| | measured | to reach | to aim at |"
    yield "|---|---|---|---|"
    yield from _bounded(results)
    yield ""
    if "time" in results:
        yield from growth_section(results["time"], folder)
    yield "## Seconds and memory"
    yield ""
    yield "| | leads | events | wall s | cpu s | peak MB |"
    yield "|---|---|---|---|---|---|"
    yield from _seconds(results)
    yield ""
    yield "Polars, pandas and the loop compute the event criteria and their score only: no facts, questions or qualifications, and they"
    yield "write nothing. Their sums are equal to Leadline's. PostgreSQL and Spark include loading the files."


def _measured(measured: Results) -> Iterator[str]:
    """Say on which machine and when; groups that were measured together stand together."""
    together: dict[tuple[str, str, float], list[str]] = {}
    for group, one in measured.items():
        together.setdefault((one["machine"], one["on"], one["load"]), []).append(group)
    machines: dict[str, list[str]] = {}
    for (machine, day, load), groups in together.items():
        machines.setdefault(machine, []).append(f"{', '.join(groups)} {day}, load average {load:.1f} at the end")
    for machine, said in machines.items():
        yield f"- **Machine**: {machine};"
        yield f"  measured: {'; '.join(said)}."
    yield "  Where the load is above the number of cores, other work ran beside it, seconds are high, and ratios of processor time say"
    yield "  more than those of the clock."


def _machine() -> str:
    cores, memory = os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cores} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}, {_versions()}"


def _bounded(results: Results) -> Iterator[str]:
    for name, title, reach, aim in (
        ("raw", "scoring from raw events ÷ hand-written", "≤ 0.65", "≤ 0.45"),
        ("raw, nothing to prune", "the same where no event can be passed over", "≤ 0.75", ""),
        ("from the roll-up", "from the roll-up ÷ hand-written from raw", "≤ 0.3", "≤ 0.2"),
    ):
        if name in results:
            found = results[name]
            missed = "" if found["ratio"] <= float(reach.removeprefix("≤ ")) else ", **not reached**"
            yield f"| {title} | **{found['ratio']:.2f}** (cpu {found['cpu_ratio']:.2f}) | {reach}{missed} | {aim} |"
    for name, title, reach in (
        ("raw", "peak memory from raw events", "≤ 2 GB"),
        ("raw, nothing to prune", "the same where no event can be passed over", "≤ 2 GB"),
        ("raw, --memory 1GB", "peak memory with `--memory 1GB`", "≤ 1 GB"),
        ("raw, nothing to prune, --memory 1GB", "the same where no event can be passed over", "≤ 1 GB"),
        ("plain Python from the roll-up", "plain Python from the roll-up, a million leads, peak memory", "≤ 200 MB"),
    ):
        if name in results:
            found = results[name]
            peak = found["peak_mb"] if "runs" in found else found["run"]["peak_mb"]
            yield f"| {title} | **{peak:,} MB** | {reach} | |"
    if "one lead" in results:
        found = results["one lead"]
        yield (
            f"| one lead in plain Python, from its roll-up rows: p50 / p99 / heaviest ({found['rows']:,} rows)"
            f" | **{found['p50']:.0f} µs / {found['p99']:.0f} µs / {found['heaviest'] / 1000:.2f} ms**"
            " | ≤ 50 µs / ≤ 5 ms (heaviest) | |"
        )
    if "8 times the events" in results:
        yield f"| cost at 8 times the events ÷ cost | **{results['8 times the events']['ratio']:.1f}** | ≤ 9 | |"
    if "time" in results:
        yield from bounded_rows(results["time"])
    for one in results.get("ingest", []):
        ours, bare = one["ours"], one["bare"]
        to_reach = {"sqlite": "≥ 10,000", "postgresql": "≥ 5,000"}[one["database"]]
        yield (
            f"| events a second taken in over HTTP, {one['database']}, batches of 20, committed; p99 "
            f"(a server that only parses: {bare['events_a_second']:,}, {bare['p99_ms']} ms) "
            f"| **{ours['events_a_second']:,}; {ours['p99_ms']} ms** | {to_reach}; < 150 ms | |"
        )
    for one in results.get("live", []):
        alone = one["one at a time"]
        yield (
            f"| a backlog of {one['events']:,} events taken apart and assessed, {one['database']}, events a second "
            f"(leads assessed anew by a new version: {one['republish']['a second']:,} a second; alone {alone['singly']['a second']}, "
            f"by the naive reference {alone['naive']['a second']}) | **{one['backlog']['a second']:,}** | ≥ 1,000 | |"
        )
        took = one["latency"]
        yield (
            f"| from an acknowledged event to the visible score, {one['database']}, 50 events a second: p50 / p99 "
            f"| **{took['p50 seconds']} s / {took['p99 seconds']} s** | < 2 s / < 15 s | |"
        )


def _seconds(results: Results) -> Iterator[str]:
    for name, found in results.items():
        if "runs" in found:
            for side, title in (("hand", f"hand-written ({name})"), ("ours", f"Leadline, {name}")):
                runs = [run[side] for run in found["runs"]]
                middle = {key: median(run[key] for run in runs) for key in ("wall_s", "cpu_s", "peak_mb")}
                yield _row(title, found["size"], middle)
        elif "once" in found:
            for side, factor in (("once", 1), ("eight", 8)):
                middle = {key: median(run[key] for run in found[side]) for key in ("wall_s", "cpu_s", "peak_mb")}
                yield _row(f"Leadline, raw, {factor} × the events", found["size"], middle, factor)
        elif "run" in found:
            is_ours = name.startswith(("raw", "with", "build", "plain"))
            title = f"Leadline, {name}" if is_ours else name
            outcome = found["run"]["outcome"]
            yield _row(title if outcome == "ok" else f"{title} ({outcome})", found["size"], found["run"])
    if "time" in results:
        yield from second_rows(results["time"])


def _row(title: str, size: float, run: dict[str, Any], factor: int = 1) -> str:
    leads, events = round(FULL_LEADS * size), round(FULL_EVENTS * size) * factor
    return f"| {title} | {leads:,} | {events:,} | {run['wall_s']:.1f} | {run['cpu_s']:.1f} | {run['peak_mb']:,.0f} |"


def _versions() -> str:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for package in ("duckdb", "polars", "pandas", "pyspark"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
