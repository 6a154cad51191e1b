"""A playbook through time, as its users call it, and what one would do without a replay: each command is one run.

    python -m benchmarks.through_time score  SIZE FOLDER    all leads at one moment: what everything here is measured by
    python -m benchmarks.through_time grid   SIZE FOLDER    52 weekly assessments, written as Parquet
    python -m benchmarks.through_time spells SIZE FOLDER    exact spells of two years with their evidence, written as Parquet
    python -m benchmarks.through_time year   SIZE FOLDER    one replay of a year, as the comparison makes two
    python -m benchmarks.through_time whatif SIZE FOLDER    two versions of the playbook compared over that year
    python -m benchmarks.through_time cools  SIZE FOLDER    as `score`, and when each open qualification cools
    python -m benchmarks.through_time weekly SIZE FOLDER    without a replay: one `score` a week, 52 times
    python -m benchmarks.through_time naive  SIZE FOLDER    without a replay: some leads, moment by moment, with the reference

`--factor 8` takes eight times the events for the same leads, `--memory 4GB` bounds DuckDB. tests/test_benchmarks.py holds the results
of these ways to one another.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from benchmarks.generate import AS_OF, Dataset, generate
from benchmarks.ours import playbook_path
from leadline.engine.assess import score
from leadline.engine.backends.rows_of_leads import rows_of_leads
from leadline.engine.calendar import day_number, get_zone
from leadline.engine.comparison.model import WhatIf
from leadline.engine.comparison.whatif import whatif
from leadline.engine.lifecycle.history import History, history
from leadline.engine.reference.read import read_logs
from leadline.engine.replay.model import Replay
from leadline.engine.replay.run import moments_between, replay
from leadline.engine.replay.write import write_replay
from leadline.engine.run import Inputs, open_run

GRID_FROM = "2025-01-06"
"""51 Sundays from here to `AS_OF`, and `AS_OF` itself."""

YEAR_FROM = "2024-12-31"
ALL_FROM = "2024-01-01"
SAMPLE = 20
"""Leads that the naive way goes through: enough to see that it is hopeless."""

CHANGES = (
    ('enter = "fit >= 40 and engagement >= 30"', 'enter = "fit >= 40 and engagement >= 35"'),
    ('points = 10\ndecay = { half_life = "14d" }', 'points = 10\ndecay = { half_life = "21d" }'),
)
"""What the other version of the playbook says: a threshold higher by five, and prices that fade more slowly."""


def inputs_of(data: Dataset) -> Inputs:
    """Return the files as inputs."""
    return Inputs(leads=data.leads, events=data.events)


def changed_playbook(folder: Path) -> Path:
    """Write the other version of the playbook and say where it is."""
    text = playbook_path().read_text(encoding="utf-8")
    for before, after in CHANGES:
        assert text.count(before) == 1, f"the benchmark's playbook says '{before}' once"
        text = text.replace(before, after)
    changed = folder / "changed.toml"
    changed.write_text(text, encoding="utf-8")
    return changed


# -- with Leadline ---------------------------------------------------------------------------------------------------


def score_once(
    data: Dataset, folder: Path, *, as_of: str = AS_OF, cools_on: bool = False, memory: str | None = None
) -> Path:
    """Write the assessments of one moment: the columns of `grid`, without those of single criteria."""
    out = folder / f"{'cools' if cools_on else 'score'}-{as_of}.parquet"
    with score(
        playbook_path(), inputs_of(data), as_of=as_of, cools_on=cools_on, memory=memory, events_are_unique=True
    ) as scoring:
        scoring.write(out)
    return out


def grid(data: Dataset, folder: Path, *, memory: str | None = None) -> Replay:
    """Write 52 weekly assessments of all leads."""
    found = replay(
        playbook_path(),
        inputs_of(data),
        start=GRID_FROM,
        end=AS_OF,
        every="week",
        spells=False,
        memory=memory,
        events_are_unique=True,
    )
    write_replay(found, folder / "grid", ".parquet")
    return found


def spells(data: Dataset, folder: Path, *, memory: str | None = None) -> Replay:
    """Write the spells and stages of two years."""
    found = replay(playbook_path(), inputs_of(data), start=ALL_FROM, end=AS_OF, memory=memory, events_are_unique=True)
    write_replay(found, folder / "spells", ".parquet")
    return found


def year(data: Dataset, _folder: Path, *, memory: str | None = None) -> Replay:
    """Replay a year as `whatif` does: spells without evidence, nothing written."""
    return replay(
        playbook_path(),
        inputs_of(data),
        start=YEAR_FROM,
        end=AS_OF,
        evidence=False,
        memory=memory,
        events_are_unique=True,
    )


def compare(data: Dataset, folder: Path, *, memory: str | None = None) -> WhatIf:
    """Compare two versions of the playbook over a year, and write what differs."""
    found = whatif(
        playbook_path(),
        changed_playbook(folder),
        inputs_of(data),
        start=YEAR_FROM,
        end=AS_OF,
        capacity="120/week",
        memory=memory,
        events_are_unique=True,
    )
    (folder / "whatif.json").write_text(json.dumps(found.to_dict(), default=str), encoding="utf-8")
    return found


# -- without a replay ------------------------------------------------------------------------------------------------


def weekly(data: Dataset, folder: Path, *, memory: str | None = None) -> list[Path]:
    """Write the same assessments as `grid` by a run of `score` for each moment."""
    first, last = (day_number(date.fromisoformat(day)) for day in (GRID_FROM, AS_OF))
    zone = get_zone("Europe/Berlin")
    moments = moments_between(zone, zone.end_of_day(first), zone.end_of_day(last), "week")
    return [score_once(data, folder, as_of=moment.text, memory=memory) for moment in moments]


def naive(data: Dataset, picked: Sequence[str] = ()) -> tuple[list[History], float]:
    """Return the histories of some leads, found by the reference at every moment of two years, and the seconds this took.

    Where none are picked, `SAMPLE` leads that lie evenly among all. Reading their rows is not in the seconds.
    """
    run = open_run(playbook_path(), inputs_of(data), backend="duckdb", memory=None)
    with closing(run.backend):
        relation = run.sources["leads"].relation
        lead_ids = [str(one) for (one,) in run.backend.fetch(f"SELECT lead_id FROM {relation} ORDER BY lead_id")]
        picked = picked or lead_ids[:: max(1, len(lead_ids) // SAMPLE)][:SAMPLE]
        logs = read_logs(run.bound, rows_of_leads(run.backend, run.sources, picked)).logs
    until = run.zone.end_of_day(day_number(date.fromisoformat(AS_OF)))
    start = time.monotonic()
    found = [history(run.bound, log, until) for log in logs]
    return found, time.monotonic() - start


def tell_naive(data: Dataset) -> None:
    """Write how long the sample took, as JSON."""
    found, seconds = naive(data)
    print(json.dumps({"leads": len(found), "seconds": round(seconds, 2)}))


COMMANDS: dict[str, Callable[..., object]] = {
    "score": score_once,
    "grid": grid,
    "spells": spells,
    "year": year,
    "whatif": compare,
    "cools": lambda data, folder, *, memory=None: score_once(data, folder, cools_on=True, memory=memory),
    "weekly": weekly,
    "naive": lambda data, _folder, **_memory: tell_naive(data),
}


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("size", type=float)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--factor", type=int, default=1)
    parser.add_argument("--memory")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    data = generate(asked.size, events_factor=asked.factor)
    COMMANDS[asked.command](data, asked.folder, memory=asked.memory)


if __name__ == "__main__":
    main()
