"""The parts of benchmarks/README.md about time: what has bounds, cost against size with its picture, seconds."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.generate import FULL_EVENTS, FULL_LEADS
from benchmarks.growth_picture import draw_growth

Results = dict[str, Any]
PICTURE = "time-growth.svg"
TITLES = {
    "score": "one `score` run",
    "grid": "52 weekly assessments, written",
    "spells": "exact spells of two years with evidence, written",
    "year": "one replay of a year, spells only",
    "whatif": "`whatif`, two versions over that year",
    "cools": "`score` with `cools_on`",
}
RATIOS = (
    ("grid", "52 weekly assessments ÷ one `score` run", "≤ 6", "≤ 4"),
    ("spells", "exact spells of two years ÷ one `score` run", "≤ 10", "≤ 6"),
    ("whatif", "two versions compared over a year ÷ one replay of it", "≤ 2.2", ""),
    ("cools", "`score` with `cools_on` ÷ without", "≤ 2", ""),
)


def bounded_rows(found: Results) -> Iterator[str]:
    """Yield rows of the table of what has bounds."""
    for name, title, reach, aim in RATIOS:
        one = found["pairs"][name]
        value = f"**{one['ratio']:.2f}** (cpu {one['cpu_ratio']:.2f})"
        yield f"| {title} | {value} | {reach}{_missed(one['ratio'], reach)} | {aim} |"
    for reach, leads, peaks in (
        ("≤ 2 GB", found["part"], {name: _peak(found["pairs"][name]["runs"], name) for name in ("grid", "spells")}),
        ("≤ 6 GB", found["size"], {name: found["whole"][name]["peak_mb"] for name in ("grid", "spells")}),
    ):
        most = max(peaks.values()) / 1024
        value = f"**{peaks['grid']:,} MB / {peaks['spells']:,} MB**"
        missed = _missed(most, reach.removesuffix(" GB"))
        if leads == found["size"] and any(found["whole"][name]["outcome"] != "ok" for name in peaks):
            missed = ", **not finished**"
        yield f"| peak memory of {_leads(leads)} leads through time, weekly / spells | {value} | {reach}{missed} | |"
    growth = found["growth"]
    factors = growth["factors"]
    away = {name: off_the_line(factors, growth[f"{name}_cpu_s"]) for name in ("grid", "spells")}
    times = {name: growth[f"{name}_cpu_s"][-1] / growth[f"{name}_cpu_s"][0] for name in away}
    yield (
        f"| processor time at {factors[-1]} times the events ÷ once, weekly / spells"
        f" | **{times['grid']:.1f} / {times['spells']:.1f}** | ≤ {factors[-1]}{_missed(max(times.values()), f'≤ {factors[-1]}')} | |"
    )
    yield (
        "| the same against size: farthest from a straight line, weekly / spells"
        f" | **{away['grid']:.0%} / {away['spells']:.0%}** | straight | |"
    )


def growth_section(found: Results, folder: Path) -> Iterator[str]:
    """Write the picture of cost against size into a folder, and yield the section that shows it."""
    growth = found["growth"]
    factors, leads = growth["factors"], round(FULL_LEADS * growth["size"])
    events = [round(FULL_EVENTS * growth["size"]) * factor for factor in factors]
    seconds = {name: growth[f"{name}_cpu_s"] for name in ("spells", "grid", "score")}
    told = "; ".join(
        f"{title} from {seconds[name][0]:.1f} to {seconds[name][-1]:.1f} s"
        for name, title in (("spells", "spells"), ("grid", "weekly assessments"), ("score", "one score run"))
    )
    alternative = f"Processor seconds of {leads:,} leads against {events[0]:,} to {events[-1]:,} events: {told}."
    (folder / PICTURE).write_text(draw_growth(events, seconds, leads=leads, description=alternative), encoding="utf-8")
    yield "## Cost against size, through time"
    yield ""
    yield f"![{alternative}]({PICTURE})"
    yield ""
    some = ", ".join(str(one) for one in factors[:-1])
    yield f"The same {leads:,} leads with {some} and {factors[-1]} times the events. Processor seconds; in brackets those of the clock."
    yield ""
    yield "| events | " + " | ".join(f"{one:,}" for one in events) + " | farthest from a straight line |"
    yield "|---|" + "---|" * (len(events) + 1)
    for name in ("score", "grid", "spells"):
        walls = growth[f"{name}_wall_s"]
        cells = " | ".join(f"{cpu:.1f} ({wall:.1f})" for cpu, wall in zip(seconds[name], walls, strict=True))
        yield f"| {TITLES[name]} | {cells} | {off_the_line(factors, seconds[name]):.0%} |"
    yield ""


def second_rows(found: Results) -> Iterator[str]:
    """Yield rows of the table of seconds and memory."""
    part, whole = found["part"], found["size"]
    sides: dict[str, list[Results]] = {}
    for name, one in found["pairs"].items():
        for side in (one["beside"], name):
            sides.setdefault(side, []).extend(run[side] for run in one["runs"])
    for name, runs in sides.items():
        middle = {key: median(run[key] for run in runs) for key in ("wall_s", "cpu_s", "peak_mb")}
        yield row_of(f"Leadline, through time: {TITLES[name]}", part, middle, {run["outcome"] for run in runs})
    for name, run in found["whole"].items():
        yield row_of(f"Leadline, through time: {TITLES[name]}", whole, run, {run["outcome"]})
    if weekly := found.get("weekly"):
        run = weekly["run"]
        yield row_of("without a replay: 52 `score` runs", weekly["size"], run, {run["outcome"]})
    if naive := found.get("naive"):
        hours = naive["seconds"] / naive["leads"] * FULL_LEADS * part / 3600
        yield (
            f"| without a replay: the reference at every moment of two years, from {naive['leads']} leads in {naive['seconds']:.0f} s"
            f" | {round(FULL_LEADS * part):,} | {round(FULL_EVENTS * part):,} | {hours:,.0f} h, extrapolated | | |"
        )


def off_the_line(across: Sequence[float], up: Sequence[float]) -> float:
    """Return how far values are from the straight line between the first and the last, at most, as a share of the line there.

    >>> off_the_line([1, 2, 4], [10, 22, 40])
    0.1
    """
    slope = (up[-1] - up[0]) / (across[-1] - across[0])
    line = [up[0] + slope * (one - across[0]) for one in across]
    return max(abs(value - straight) / straight for value, straight in zip(up, line, strict=True))


def row_of(title: str, size: float, run: Results, outcomes: set[str]) -> str:
    """Return a row of the table of seconds and memory."""
    bad = sorted(outcomes - {"ok"})
    title = f"{title} ({', '.join(bad)})" if bad else title
    leads, events = round(FULL_LEADS * size), round(FULL_EVENTS * size)
    return f"| {title} | {leads:,} | {events:,} | {run['wall_s']:.1f} | {run['cpu_s']:.1f} | {run['peak_mb']:,.0f} |"


def _peak(runs: Sequence[Results], name: str) -> int:
    peaks: list[int] = [run[name]["peak_mb"] for run in runs]
    return max(peaks)


def _leads(size: float) -> str:
    return f"{round(FULL_LEADS * size):,}"


def _missed(value: float, reach: str) -> str:
    return "" if value <= float(reach.removeprefix("≤ ")) else ", **not reached**"
